"""An exported record is read as it was written; a line that is no entry is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import a_charge, a_proposal, a_record

from insights.adapters.record_lines import read_entries
from insights.domain.ledger import entry_row
from insights.errors import InputError

RECORD = a_record(a_charge(), a_proposal())


def test_what_was_exported_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text("\n".join([*(json.dumps(entry_row(entry)) for entry in RECORD), "", ""]))
    assert list(read_entries(path)) == RECORD


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"sequence": "1"}, "sequence is '1'"),
        ({"body": []}, "body is"),
        ({"kind": "gift"}, "'gift' is not a valid EntryKind"),
        ({"at": "yesterday"}, "yesterday"),
        ({"at": "2026-01-01T00:00:00"}, "no UTC offset"),
        ({"lead_id": "../etc"}, "lead_id"),
        ({"more": 1}, "an entry has the fields"),
    ],
)
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text(json.dumps(entry_row(RECORD[0])) + "\n" + json.dumps(entry_row(RECORD[1]) | change))
    with pytest.raises(InputError, match="line 2") as error:
        list(read_entries(path))
    assert what in str(error.value)


@pytest.mark.parametrize("content", [b"[1]", b"no json", b"\xff\xfe"])
def test_a_file_that_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "record.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"record\.jsonl"):
        list(read_entries(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        list(read_entries(tmp_path / "gone.jsonl"))
