"""A folder or bucket as a source of leads: ``leads.csv`` or ``leads.jsonl``, ``campaigns.json`` and recordings."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from insights.adapters.lead_rows import read_campaigns, read_leads
from insights.domain.leads import Lead
from insights.domain.policy import PolicyBook
from insights.errors import InputError, RecordingRejected, RecordingUnavailable
from insights.ports import SourceListing

MAX_LISTING_BYTES = 500_000_000
MAX_RECORDING_BYTES = 200_000_000


class FolderSource:
    """Reads through fsspec, so ``uri`` may be a path, ``file://``, ``s3://``, ``gs://`` or ``az://``.

    A recording's name in a row never leaves the folder: absolute names, ``..`` and other hosts are refused.
    """

    def __init__(self, uri: str, policies: PolicyBook) -> None:
        import fsspec

        self._uri, self._policies = uri, policies
        try:
            self._fs, root = fsspec.core.url_to_fs(uri)
        except (ImportError, ValueError) as error:
            raise InputError(f"cannot open the source {uri!r}: {error}.") from None
        self._root = str(root).rstrip("/")

    @property
    def uri(self) -> str:
        return self._uri

    def listing(self) -> SourceListing:
        """All rows; raises InputError when the folder or one of its two files is missing or unreadable."""
        if not self._fs.isdir(self._root):
            raise InputError(
                f"there is no folder at {self._uri!r}.",
                next_step="Give --source a folder that holds leads.csv or leads.jsonl.",
            )
        where = f"{self._uri.rstrip('/')}/campaigns.json"
        try:
            rows = json.loads(self._read("campaigns.json", MAX_LISTING_BYTES))
        except FileNotFoundError:
            raise InputError(f"{where} is missing.", next_step="See INTERFACES in the README for its form.") from None
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where} is not JSON: {error}.") from None
        campaigns = read_campaigns(rows, self._policies, where)
        name, lines = self._rows()
        leads, quarantined = read_leads(lines, campaigns, name)
        return SourceListing(tuple(leads), campaigns, tuple(quarantined))

    def fetch(self, lead: Lead) -> bytes:
        """The recording's bytes; raises RecordingUnavailable (missing, refused) or RecordingRejected (wrong hash)."""
        name = lead.recording
        if not name:
            raise RecordingUnavailable(
                "the call was answered and recorded, but the source names no recording.",
                code="recording_missing",
                lead_id=lead.lead_id,
                next_step="Ask the telephony provider; the next night tries again.",
            )
        try:
            data = self._read(self._inside(lead), MAX_RECORDING_BYTES)
        except FileNotFoundError:
            raise RecordingUnavailable(
                "its recording is not at the source.",
                code="recording_missing",
                lead_id=lead.lead_id,
                next_step="Put the file where the row says; the next night tries again.",
            ) from None
        except OSError as error:
            raise RecordingUnavailable(
                f"its recording could not be read ({type(error).__name__}).",
                code="recording_unreadable",
                lead_id=lead.lead_id,
                next_step="The next night tries again.",
            ) from error
        if lead.recording_sha256 and hashlib.sha256(data).hexdigest() != lead.recording_sha256.lower():
            raise RecordingRejected(
                "the recording's SHA-256 is not the one the source told.",
                code="hash_mismatch",
                lead_id=lead.lead_id,
                next_step="Ask the source for the file again.",
            )
        return data

    def _inside(self, lead: Lead) -> str:
        name = lead.recording.removeprefix(self._uri.rstrip("/") + "/")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "://" in name or "::" in name or "\\" in name or "\0" in name:
            raise RecordingUnavailable(
                "the row names a recording outside the source.",
                code="recording_outside_source",
                lead_id=lead.lead_id,
                next_step="Name the file relative to the source's folder.",
            )
        return name

    def _rows(self) -> tuple[str, Iterator[tuple[int, dict[str, Any] | str]]]:
        for name, reader in (("leads.jsonl", _json_lines), ("leads.csv", _csv_rows)):
            if self._fs.exists(f"{self._root}/{name}"):
                data = self._read(name, MAX_LISTING_BYTES)
                try:
                    return name, reader(data.decode("utf-8-sig"))
                except UnicodeDecodeError as error:
                    raise InputError(f"{self._uri}/{name} is not UTF-8 text: {error}.") from None
        raise InputError(
            f"{self._uri!r} holds neither leads.csv nor leads.jsonl.", next_step="Export the leads into one of them."
        )

    def _read(self, name: str, limit: int) -> bytes:
        """One file, whole. A local name must lead to a regular file under the root: no links out, no pipes."""
        path = f"{self._root}/{name}"
        if "file" in (self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,)):
            from pathlib import Path

            real = Path(path).resolve()
            if not real.is_relative_to(Path(self._root).resolve()) or (real.exists() and not real.is_file()):
                raise OSError(f"{name} is no regular file inside the source")
        with self._fs.open(path, "rb") as file:
            data = bytes(file.read(limit + 1))
        if len(data) > limit:
            raise OSError(f"{name} is larger than {limit:,} bytes")
        return data


def _json_lines(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, f"not JSON: {error}"
            continue
        yield number, row if isinstance(row, dict) else "not a JSON object"


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    for row in reader:
        yield reader.line_num, {key.strip(): value for key, value in row.items() if key}
