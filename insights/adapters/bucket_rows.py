"""Rows of ``leads`` and ``manifest`` files, and the other names under which telephony systems tell the same columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from insights.adapters.source_settings import SourceSettings

ALIASES = {
    "external_call_id": "lead_id",
    "audio_uri": "recording",
    "audio_sha256": "recording_sha256",
    "start_time": "received_at",
    "cost_per_lead": "price",
    "lead_type": "kind",
}
"""Columns of a manifest, and what they are called here. A row that has both tells by the name used here."""

_KINDS = {"call": "phone_call", "phone": "phone_call"}

Rows = Iterator[tuple[int | str, dict[str, Any] | str]]


def json_lines(text: str) -> Rows:
    """A row a line; a line that is none is told as a text that says why."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, json_row(line)


def json_row(text: str) -> dict[str, Any] | str:
    """One JSON object; a text that says why where it is none."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return row if isinstance(row, dict) else "not a JSON object"


def csv_rows(text: str) -> Rows:
    """A row a line, by its header."""
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"not CSV: {error}"
            continue
        yield reader.line_num, {key.strip(): value for key, value in row.items() if key}


TABLES = {
    "leads.jsonl": json_lines,
    "leads.csv": csv_rows,
    "manifest.jsonl": json_lines,
    "manifest.csv": csv_rows,
}
"""Files that tell all leads of a folder, the first that is there, and how each is read."""


def in_our_words(row: Mapping[str, Any], settings: SourceSettings) -> dict[str, Any]:
    """The row with the columns' names of this project, its time with an offset where a time zone tells it, and the
    campaign of ``source.toml`` where it names none."""
    told = dict(row)
    for theirs, ours in ALIASES.items():
        if theirs in told and _is_blank(told.get(ours)):
            told[ours] = told.pop(theirs)
    kind = told.get("kind")
    if isinstance(kind, str):
        kind = kind.strip().lower()
        told["kind"] = _KINDS.get(kind, kind)
    if settings.campaign_id and _is_blank(told.get("campaign_id")):
        told["campaign_id"] = settings.campaign_id
    told["received_at"] = with_offset(told.get("received_at"), _zone(told.get("time_zone")) or settings.zone)
    return told


def with_offset(value: Any, zone: ZoneInfo | None) -> Any:
    """A date-time without an offset, in this zone; anything else as it is. Of an hour that the clocks show twice it is
    the first; one that they leave out stays as it is, and is quarantined with the other times of no instant."""
    if zone is None or not isinstance(value, str) or len(value.strip()) <= len("2026-11-19"):
        return value
    try:
        naive = datetime.fromisoformat(value.strip())
        if naive.tzinfo is not None:
            return value
        local = naive.replace(tzinfo=zone)
        told = datetime.fromisoformat(local.isoformat())  # with the offset as a number
        return told.isoformat() if told.astimezone(zone).replace(tzinfo=None) == naive else value
    except (ValueError, OverflowError):
        return value


def _zone(name: Any) -> ZoneInfo | None:
    if not isinstance(name, str) or not name.strip():
        return None
    try:
        return ZoneInfo(name.strip())
    except (ValueError, OSError, KeyError):
        return None


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
