"""A folder or bucket as a source of leads: ``campaigns.json`` with a table, side-cars or names of recordings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from insights.adapters import recording_names
from insights.adapters.bucket_files import BucketFiles, ListedFile
from insights.adapters.bucket_rows import TABLES, Rows, in_our_words
from insights.adapters.lead_rows import read_campaigns, read_leads
from insights.adapters.name_patterns import masked
from insights.adapters.sidecars import MAX_SIDECAR_BYTES, Pairs, sidecar_row, size_fault
from insights.adapters.source_settings import SETTINGS_FILE, SourceSettings
from insights.domain.campaigns import Campaign
from insights.domain.leads import CampaignId, Lead
from insights.domain.policy import PolicyBook
from insights.errors import InputError, RecordingRejected, RecordingUnavailable, SourceUnavailable
from insights.ports import Quarantined, SourceListing

MAX_LISTING_BYTES = 500_000_000
MAX_RECORDING_BYTES = 200_000_000
MARGIN = timedelta(days=1)
"""Files written so long before the instant asked for are read again: clocks differ, and some lists are late."""
GIVE_UP = 64
"""After so many side-cars in a row that the source did not give, no more are asked for tonight."""


def _now() -> datetime:
    return datetime.now(UTC)


class FolderSource:
    """Reads through fsspec, so ``uri`` may be a path, ``file://``, ``s3://``, ``gs://``, ``az://`` or ``sftp://``.

    The leads stand in one table (``leads`` or ``manifest``, ``.jsonl`` or ``.csv``), or in a side-car beside each
    recording, or in the recordings' names. A recording's name in a row never leaves the folder: absolute names, ``..``
    and other hosts are refused. A caller's number in it is taken out before the lead is told.

    Raises ConfigurationError or InputError for an address that cannot be opened.
    """

    def __init__(self, uri: str, policies: PolicyBook, now: Callable[[], datetime] = _now) -> None:
        self._uri, self._policies, self._now = uri, policies, now
        self._files = BucketFiles(uri)
        self._names: dict[str, list[str]] = {}

    @property
    def uri(self) -> str:
        return self._uri

    def listing(self, since: datetime | None = None) -> SourceListing:
        """The leads. A table is told whole; of side-cars and names those written since ``since`` less a day, or all
        where ``campaigns.json`` or ``source.toml`` was: rows that they had quarantined may be good now.

        Raises InputError when the folder or what must be in it is missing or unreadable, SourceUnavailable when the
        source does not answer before it told anything.
        """
        began = self._now()
        self._names.clear()
        self._files.check()
        settings = self._settings()
        campaigns = self._campaigns()
        table = self._table()
        if table is not None:
            name, rows = table
            leads, quarantined = read_leads(_in_our_words(rows, settings), campaigns, name)
            return SourceListing(tuple(map(_without_caller, leads)), campaigns, tuple(quarantined))
        return replace(self._from_files(settings, campaigns, since), complete_to=began)

    def _from_files(
        self, settings: SourceSettings, campaigns: dict[CampaignId, Campaign], since: datetime | None
    ) -> SourceListing:
        files = self._files.listed()
        pairs = Pairs(files)
        if not pairs.sidecars and settings.pattern is None:
            raise InputError(
                f"{self._uri!r} holds neither leads.csv nor leads.jsonl, no manifest, no side-cars and no pattern in"
                f" {SETTINGS_FILE}.",
                next_step="Export the leads into one of them; see the README for their forms.",
            )
        if since is not None and any(
            _is_new(file, since) for file in files if file.name in ("campaigns.json", SETTINGS_FILE)
        ):
            since = None
        new = [name for name in pairs.sidecars if since is None or any(_is_new(f, since) for f in pairs.files(name))]
        rows, stopped = self._sidecar_rows(new, pairs)
        leads, quarantined = read_leads(
            _in_our_words([*rows, *_name_rows(pairs, settings, since)], settings), campaigns, self._uri
        )
        return SourceListing(
            tuple(map(_without_caller, leads)), campaigns, tuple(map(_masked, quarantined)), stopped=stopped
        )

    def _sidecar_rows(self, names: list[str], pairs: Pairs) -> tuple[list[tuple[str, dict[str, Any] | str]], str]:
        """The side-cars' rows, and what kept others from being read; raises SourceUnavailable where none could be."""
        rows: list[tuple[str, dict[str, Any] | str]] = []
        told, silent, last = 0, 0, None
        fit: list[str] = []
        for name in names:
            fault = size_fault(pairs.sidecars[name].size)
            if fault:
                rows.append((name, fault))
            else:
                fit.append(name)
        for name, answer in self._files.read_many(fit, MAX_SIDECAR_BYTES):
            if isinstance(answer, SourceUnavailable):
                silent, last = silent + 1, answer
                if silent == GIVE_UP:
                    break
                continue
            told, silent = told + 1, 0
            if isinstance(answer, bytes):
                rows.append((name, sidecar_row(answer, pairs.recording(name))))
            elif isinstance(answer, InputError):
                rows.append((name, "no regular file inside the source, or larger than it may be"))
            else:
                rows.append((name, "gone while the source was read"))
        if last is None:
            return rows, ""
        if not told:
            raise last
        return rows, f"{len(fit) - told:,} of {len(names):,} side-cars could not be read: {last}"

    def fetch(self, lead: Lead) -> bytes:
        """The recording's bytes; raises RecordingUnavailable (missing, refused) or RecordingRejected (wrong hash, or a
        name that leads out of the source)."""
        name = lead.recording
        if not name:
            raise RecordingUnavailable(
                "the call was answered and recorded, but the source names no recording.",
                code="recording_missing",
                lead_id=lead.lead_id,
                next_step="Ask the telephony provider; the next night tries again.",
            )
        try:
            data = self._files.read(self._found(self._inside(lead)), MAX_RECORDING_BYTES)
        except FileNotFoundError:
            raise RecordingUnavailable(
                "its recording is not at the source.",
                code="recording_missing",
                lead_id=lead.lead_id,
                next_step="Put the file where the row says; the next night tries again.",
            ) from None
        except (InputError, SourceUnavailable) as error:
            why = "it is no regular file inside the source, or too large." if isinstance(error, InputError) else error
            raise RecordingUnavailable(
                f"its recording could not be read: {why}",
                code=error.code if error.code == "not_answering" else "recording_unreadable",
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
            raise RecordingRejected(  # no other try makes it better, as long as the row stays
                "the row names a recording outside the source.",
                code="recording_outside_source",
                lead_id=lead.lead_id,
                next_step="Name the file relative to the source's folder.",
            )
        return name

    def _found(self, name: str) -> str:
        """The file's own name, where the lead's lacks the caller's number; raises FileNotFoundError unless it is one.
        A list once asked for is kept, and asked for again when it lacks the name."""
        if recording_names.CALLER not in name:
            return name
        beginning = recording_names.beginning(name)
        for ask in (False, True):
            if ask or beginning not in self._names:
                self._names[beginning] = self._files.named(beginning)
            found = [real for real in self._names[beginning] if recording_names.is_same(name, real)]
            if len(found) == 1:
                return found[0]
        raise FileNotFoundError

    def _settings(self) -> SourceSettings:
        try:
            data = self._files.read(SETTINGS_FILE, MAX_SIDECAR_BYTES)
        except FileNotFoundError:
            return SourceSettings()
        return SourceSettings.of(data, f"{self._files.uri}/{SETTINGS_FILE}")

    def _campaigns(self) -> dict[CampaignId, Campaign]:
        where = f"{self._files.uri}/campaigns.json"
        try:
            rows = json.loads(self._files.read("campaigns.json", MAX_LISTING_BYTES))
        except FileNotFoundError:
            raise InputError(f"{where} is missing.", next_step="See INTERFACES in the README for its form.") from None
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where} is not JSON: {error}.") from None
        return read_campaigns(rows, self._policies, where)

    def _table(self) -> tuple[str, Rows] | None:
        for name, reader in TABLES.items():
            try:
                return name, reader(self._files.read(name, MAX_LISTING_BYTES).decode("utf-8-sig"))
            except FileNotFoundError:
                continue
            except UnicodeDecodeError as error:
                raise InputError(f"{self._uri}/{name} is not UTF-8 text: {error}.") from None
        return None


def _name_rows(
    pairs: Pairs, settings: SourceSettings, since: datetime | None
) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """What the names of recordings without a side-car tell."""
    for name in pairs.alone():
        if since is not None and not _is_new(pairs.recordings[name], since):
            continue
        if settings.pattern is None:
            yield masked(name), "a recording without a side-car, and no pattern to read its name by"
            continue
        row = settings.pattern.row(name)
        yield masked(name), row if isinstance(row, str) else {**dict(settings.of_names), **row}


def _in_our_words(rows: Iterable[tuple[int | str, dict[str, Any] | str]], settings: SourceSettings) -> Rows:
    for place, row in rows:
        yield place, row if isinstance(row, str) else in_our_words(row, settings)


def _is_new(file: ListedFile, since: datetime) -> bool:
    """Whether it may have been written since; of a file whose source tells no date nobody knows."""
    return file.changed is None or file.changed >= since - MARGIN


def _masked(row: Quarantined) -> Quarantined:
    """The row with its file's name only where whoever mends it looks: a name may hold a caller's number."""
    where = masked(row.where)
    return row if where == row.where else replace(row, where=where, reason=f"{row.where}: {row.reason}")


def _without_caller(lead: Lead) -> Lead:
    name = recording_names.without_caller(lead.recording, lead.caller_number)
    return lead if name == lead.recording else replace(lead, recording=name)
