"""Touches the files of a folder or bucket through fsspec: their names, when they were written, their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.errors import ConfigurationError, InputError, SourceUnavailable

MAX_OBJECTS = 1_000_000
_TOGETHER = 64  # objects of a bucket read at once; with a limit of 1 MB each that is what memory must hold
_PASSWORD = re.compile(r"(?!file:)[a-z0-9+.-]+://[^@]*:[^@]*@", re.IGNORECASE)
_INSTALL = {
    "s3": "'call-insights[s3]'", "s3a": "'call-insights[s3]'", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs",
    "abfs": "adlfs", "sftp": "paramiko", "ssh": "paramiko",
}  # fmt: skip
_CREDENTIALS = {
    "s3": "AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role; AWS_ENDPOINT_URL_S3 for "
    "a store that is not Amazon's",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or the machine's account",
    "az": "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN",
    "sftp": "the keys of ~/.ssh or of the agent",
}
_KINDS = {"s3a": "s3", "gcs": "gs", "abfs": "az", "ssh": "sftp"}
_CHANGED = ("mtime", "LastModified", "last_modified", "updated")
"""Under which name the file systems tell when a file was last written."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file by its name below the root. ``changed``: when it was last written, None where nobody says."""

    name: str
    size: int | None
    changed: datetime | None


class BucketFiles:
    """The files below one folder, or below one prefix of a bucket.

    A bucket's credentials come from where its provider's library looks for them; an address that holds a password is
    refused (ConfigurationError) and not repeated. What cannot be opened at all is an InputError.
    """

    def __init__(self, uri: str) -> None:
        if _PASSWORD.match(uri):
            raise ConfigurationError(
                "the address of the source holds a password or a secret key.",
                next_step="Take it out: credentials come from the environment, as the provider describes it.",
            )
        import fsspec

        self.uri = uri.rstrip("/")
        scheme = uri.partition("://")[0].lower() if "://" in uri else "file"
        self._kind = _KINDS.get(scheme, scheme)
        try:
            self._fs, root = fsspec.core.url_to_fs(uri)
        except ImportError as error:
            raise ConfigurationError(
                f"a program library for {scheme}:// is missing ({error}).",
                next_step=f"Install it: pip install {_INSTALL.get(scheme, 'the one that is named')}",
            ) from None
        except ValueError as error:
            raise InputError(f"cannot open the source {uri!r}: {error}.") from None
        except Exception as error:  # sftp connects here, and each library has errors of its own
            raise self._unavailable(error) from error
        self._root = str(root).rstrip("/")

    @property
    def in_a_bucket(self) -> bool:
        """Whether files lie in an object store: one flat list, asked for over the network."""
        return bool(self._fs.async_impl)

    def check(self) -> None:
        """Raises InputError where there is no such folder, SourceUnavailable where nobody can say."""
        self._fs.invalidate_cache()  # a process that lives for weeks must not see the bucket of last night
        with self._asked():
            try:
                found = self._fs.info(self._root)["type"] == "directory"
            except FileNotFoundError:
                found = False
        if not found:
            raise InputError(
                f"there is no folder at {self.uri!r}.",
                next_step="Give --source a folder or bucket that holds leads.csv, leads.jsonl, or recordings.",
            )

    def read(self, name: str, limit: int) -> bytes:
        """One file, whole; raises FileNotFoundError, InputError for what is no file of ``limit`` bytes or fewer inside
        the source, or SourceUnavailable. A local name must lead to a regular file under the root: no links out, no
        pipes."""
        path = f"{self._root}/{name}"
        with self._asked():
            if self._kind == "file":
                real = Path(path).resolve()
                if not real.is_relative_to(Path(self._root).resolve()) or (real.exists() and not real.is_file()):
                    raise InputError(f"{name} is no regular file inside the source.")
            with self._fs.open(path, "rb") as file:
                data = bytes(file.read(limit + 1))
        if len(data) > limit:
            raise InputError(f"{name} is larger than {limit:,} bytes.")
        return data

    def read_many(self, names: Sequence[str], limit: int) -> Iterator[tuple[str, bytes | Exception]]:
        """Each file's bytes, or why it cannot be read, as ``read`` raises it; those of a bucket many at a time."""
        for start in range(0, len(names), _TOGETHER):
            batch = list(names[start : start + _TOGETHER])
            yield from zip(batch, self._batch(batch, limit), strict=True)

    def listed(self) -> list[ListedFile]:
        """All files, by name, or none: raises SourceUnavailable, or InputError for more than MAX_OBJECTS."""
        found: list[ListedFile] = []
        with self._asked():
            for info in self._infos():
                name = str(info["name"])[len(self._root) + 1 :]
                if name and not name.endswith("/"):  # some tools mark folders of a bucket by such an object
                    found.append(ListedFile(name, info.get("size"), _changed(info)))
                if len(found) > MAX_OBJECTS:
                    raise InputError(
                        f"{self.uri!r} holds more than {MAX_OBJECTS:,} files.",
                        next_step="Give --source one folder of it, or move the files of closed months away.",
                    )
        return sorted(found, key=lambda file: file.name)

    def named(self, beginning: str) -> list[str]:
        """The names that begin so, of one folder and those below it; raises SourceUnavailable."""
        folder = beginning.rpartition("/")[0]
        with self._asked():
            if self.in_a_bucket:
                found = self._fs.find(f"{self._root}/{folder}".rstrip("/"), prefix=beginning.rpartition("/")[2])
            else:
                found = self._fs.find(f"{self._root}/{folder}".rstrip("/"))
        return [name for path in found if (name := str(path)[len(self._root) + 1 :]).startswith(beginning)]

    def _infos(self) -> Iterator[dict[str, Any]]:
        if self.in_a_bucket:
            yield from self._fs.find(self._root, detail=True).values()
            return
        for _, _, files in self._fs.walk(self._root, detail=True, on_error="raise"):  # find would pass errors over
            yield from files.values()

    def _batch(self, names: Sequence[str], limit: int) -> list[bytes | Exception]:
        if not self.in_a_bucket:
            return [self._read_or_told(name, limit) for name in names]
        answers: list[bytes | Exception] = []
        for name, answer in zip(names, self._ranges(names, limit), strict=True):
            if isinstance(answer, bytes) and len(answer) > limit:
                answers.append(InputError(f"{name} is larger than {limit:,} bytes."))
            elif isinstance(answer, bytes | FileNotFoundError):
                answers.append(answer)
            else:
                answers.append(self._unavailable(answer))
        return answers

    def _ranges(self, names: Sequence[str], limit: int) -> list[bytes | Exception]:
        paths = [f"{self._root}/{name}" for name in names]
        try:
            return list(self._fs.cat_ranges(paths, 0, limit + 1, on_error="return"))
        except Exception as error:
            return [error] * len(paths)

    def _read_or_told(self, name: str, limit: int) -> bytes | Exception:
        try:
            return self.read(name, limit)
        except (FileNotFoundError, InputError, SourceUnavailable) as error:
            return error

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, InputError):
            raise
        except Exception as error:  # each provider's library has errors of its own
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> SourceUnavailable:
        """Of the error its kind alone is told: its words may hold an address with a signature."""
        kind = type(error).__name__
        if isinstance(error, PermissionError) or "Credentials" in kind or "Authentication" in kind:
            said, code = f"the source turns us away ({kind}).", "refused"
        else:
            said = f"the source does not answer as it should ({kind})."
            code = "unreadable" if self._kind == "file" else "not_answering"
        if self._kind == "file":
            step = "Check that the folder is there and may be read."
        else:
            told = _CREDENTIALS.get(self._kind, "as the provider describes it")
            step = f"Check the address, the right to list and to read, the network, and the credentials ({told})."
        return SourceUnavailable(said, code=code, next_step=step)


def _changed(info: dict[str, Any]) -> datetime | None:
    for name in _CHANGED:
        value = info.get(name)
        try:
            if isinstance(value, str) and value:
                value = datetime.fromisoformat(value)
            elif isinstance(value, int | float):
                value = datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            continue
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None
