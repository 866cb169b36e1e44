"""Keeps recordings on disk once each, under their SHA-256, with what is made of them; written whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from insights.adapters.disk_space import room_at
from insights.domain.recordings import Derived, StoredRecording
from insights.errors import InputError, RecordingUnavailable

_SHA256 = re.compile(r"[0-9a-f]{64}")


class DiskRecordingStore:
    """Files at ``root/ab/abcdef...``, what is made of one beside it (``abcdef....listening.wav``).

    Our own names only, readable by the owner alone (mode 0600).

    Those who write or delete in one folder take turns, so that a deletion leaves nothing that somebody still writes,
    and nothing comes back after it. Whoever writes may raise DiskFull.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, data: bytes) -> StoredRecording:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not self.holds(sha256):
            with room_at(self._root):
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with _turn(path.parent):
                    _write(path, sha256, lambda file: file.write(data))
        return StoredRecording(sha256, len(data), str(path))

    def read(self, sha256: str) -> bytes:
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise _gone() from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise RecordingUnavailable("its stored recording was changed on disk.", code="recording_changed")
        return data

    def holds(self, sha256: str) -> bool:
        """Whether the recording lies there unchanged; one that was changed is fetched and kept anew."""
        path = self._path(sha256)
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256

    def drop(self, sha256: str) -> None:
        path = self._path(sha256)
        with suppress(FileNotFoundError), _turn(path.parent):
            # The recording goes last: as long as anything of it is there, a deletion that was killed can be seen.
            made = (f"{sha256}.", f"{_PART}{sha256}")
            for file in [*(file for file in path.parent.iterdir() if file.name.startswith(made)), path]:
                file.unlink(missing_ok=True)

    def derived(self, sha256: str, kind: Derived) -> Path | None:
        path = self._path(sha256)
        made = _beside(path, kind)
        return made if path.is_file() and made.is_file() else None

    def keep_derived(self, sha256: str, kind: Derived, write: Callable[[BinaryIO], object]) -> Path:
        path = self._path(sha256)
        try:
            with room_at(self._root), _turn(path.parent):
                if not path.is_file():
                    raise _gone()
                made = _beside(path, kind)
                _write(made, sha256, write)
                return made
        except FileNotFoundError:
            raise _gone() from None

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise InputError(
                f"{sha256[:100]!r} names no recording.",
                code="no_sha256",
                next_step="Recordings are named by their SHA-256: 64 digits 0-9, a-f.",
            )
        return self._root / sha256[:2] / sha256


_PART = ".part-"


def _beside(path: Path, kind: Derived) -> Path:
    return path.with_name(f"{path.name}.{kind.value}")


def _write(path: Path, sha256: str, write: Callable[[BinaryIO], object]) -> None:
    """The whole file or none, by whoever has the folder's turn. What a kill leaves half written bears the recording's
    name, so that it goes with it, and goes when somebody writes there again: nobody else is writing now."""
    for left in path.parent.glob(f"{_PART}*"):
        left.unlink()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{_PART}{sha256}-")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Wait for all others in the folder; the system ends the turn of a process that dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _gone() -> RecordingUnavailable:
    return RecordingUnavailable("its stored recording is gone.", code="recording_gone")
