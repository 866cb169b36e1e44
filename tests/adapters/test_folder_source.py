"""A folder of leads: good rows are read, bad rows are set aside with their reason, and no name leads out of it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from insights.adapters.folder_source import FolderSource
from insights.adapters.policy_files import load_policies
from insights.domain.leads import LeadKind
from insights.errors import InputError, LeadFailure, RecordingRejected, RecordingUnavailable
from insights.ports import SourceListing

Row = dict[str, Any]
POLICIES = load_policies()
CAMPAIGN: Row = {
    "campaign_id": "C-1",
    "client_id": "K-1",
    "client": "Copperline Plumbing",
    "trade": "plumbing",
    "services": ["drain cleaning"],
    "not_offered": ["septic tanks"],
    "service_area": {"cities": ["Aurora"], "zips": [60505], "state": "il"},
    "price": "65.00",
    "time_zone": "America/Chicago",
    "pauses": [{"from": "2026-11-01T00:00:00-05:00", "to": "2026-11-02T00:00:00-05:00"}],
    "known_customers": ["+16305550114"],
}


def row(lead_id: str = "L-1", **changes: Any) -> Row:
    base = {
        "lead_id": lead_id,
        "campaign_id": "C-1",
        "received_at": "2026-11-19T08:12:40-06:00",
        "answered": True,
        "recording_enabled": True,
        "recording": f"recordings/{lead_id}.wav",
    }
    return {**base, **changes}


def without(column: str) -> Row:
    return {key: value for key, value in row("L-bad").items() if key != column}


def write(folder: Path, rows: list[Row | str], campaigns: object = None) -> FolderSource:
    """A source whose leads.jsonl holds these rows (texts: lines as they stand)."""
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    (folder / "leads.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "campaigns.json").write_text(json.dumps([CAMPAIGN] if campaigns is None else campaigns), encoding="utf-8")
    return FolderSource(str(folder), POLICIES)


def write_csv(folder: Path, rows: list[Row]) -> FolderSource:
    write(folder, [])
    (folder / "leads.jsonl").unlink()
    with (folder / "leads.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, fieldnames=sorted({key for r in rows for key in r}))
        writer.writeheader()
        writer.writerows(rows)
    return FolderSource(str(folder), POLICIES)


def ids(listing: SourceListing) -> list[str]:
    return [lead.lead_id for lead in listing.leads]


def test_a_row_is_read_as_the_source_wrote_it(tmp_path: Path) -> None:
    told = row(caller_zip=60505, duration_s=51, agent_channel=2, price="70.5", currency="USD", gclid="abc", ring_s=0)
    (lead,) = write(tmp_path, [told]).listing().leads

    assert (lead.lead_id, lead.kind, lead.answered) == ("L-1", LeadKind.PHONE_CALL, True)
    assert lead.received_at.isoformat() == "2026-11-19T08:12:40-06:00"
    assert (lead.caller_zip, lead.duration_s, lead.ring_s, lead.agent_channel) == ("60505", 51.0, 0.0, 2)
    assert lead.price is not None and lead.price.amount == Decimal("70.5")
    assert lead.extra == {"gclid": "abc"}


def test_a_value_may_hold_the_line_ends_of_other_alphabets(tmp_path: Path) -> None:
    told = row(source="pipes\u2028and\x85drains")
    source = write(tmp_path, [])
    (tmp_path / "leads.jsonl").write_text(json.dumps(told, ensure_ascii=False) + "\r\n", encoding="utf-8")
    (lead,) = source.listing().leads
    assert lead.source == "pipes\u2028and\x85drains"


def test_a_campaign_is_read_with_its_area_pauses_and_customers(tmp_path: Path) -> None:
    (campaign,) = write(tmp_path, [row()]).listing().campaigns.values()

    assert (campaign.service_area.zips, campaign.service_area.state) == (("60505",), "IL")
    assert campaign.knows("+16305550114")
    assert campaign.pauses[0].end is not None
    assert str(campaign.price) == "$65.00"


def test_csv_says_the_same_as_json_lines(tmp_path: Path) -> None:
    """Empty cells are no values, words like yes and 0 are flags, and a byte order mark is no part of a name."""
    (tmp_path / "csv").mkdir()
    (tmp_path / "jsonl").mkdir()
    cells = row(answered="yes", recording_enabled="1", voicemail="", duration_s="", agent_channel="", price="", kind="")
    from_csv = write_csv(tmp_path / "csv", [cells, row("L-2", answered="No")]).listing()
    from_json = write(tmp_path / "jsonl", [row(), row("L-2", answered=False)]).listing()

    assert from_csv == from_json
    assert from_csv.quarantined == ()


BAD_ROWS: dict[str, tuple[Row | str, str]] = {
    "no lead id": (without("lead_id"), "lead_id is missing"),
    "an empty lead id": (row("  "), "lead_id is missing"),
    "no campaign": (without("campaign_id"), "campaign_id is missing"),
    "no instant": (without("received_at"), "received_at is missing"),
    "no answered field": (without("answered"), "answered is missing"),
    "no recording field": (without("recording_enabled"), "recording_enabled is missing"),
    "an instant without offset": (row("L-bad", received_at="2026-11-19T08:12:40"), "no UTC offset"),
    "a year one": (row("L-bad", received_at="0001-01-01T00:00:00Z"), "no time of a call"),
    "a year 9999": (row("L-bad", received_at="9999-12-31T23:59:59Z"), "no time of a call"),
    "an instant that is none": (row("L-bad", received_at="yesterday"), "received_at"),
    "answered perhaps": (row("L-bad", answered="perhaps"), "answered"),
    "an id that is a path": (row("../../etc"), "lead_id"),
    "an id with a line break": (row("L-1\nL-2"), "lead_id"),
    "an id of 101 letters": (row("L" * 101), "lead_id"),
    "a kind nobody knows": (row("L-bad", kind="fax"), "kind"),
    "a third channel": (row("L-bad", agent_channel=3), "agent_channel"),
    "a call of less than no time": (row("L-bad", duration_s=-1), "duration_s"),
    "an endless call": (row("L-bad", duration_s="inf"), "duration_s"),
    "a price in words": (row("L-bad", price="forty"), "'forty' is not a decimal number"),
    "a price that is no number": (row("L-bad", price="NaN"), "not a finite number"),
    "a currency that is none": (row("L-bad", price="1", currency="dollars"), "ISO 4217"),
    "a hash that is none": (row("L-bad", recording_sha256="abc"), "recording_sha256"),
    "a campaign nobody knows": (row("L-bad", campaign_id="C-9"), "campaign 'C-9' is not in campaigns.json"),
    "the same lead again": (row("L-good"), "the same lead_id stands on an earlier line"),
    "half a character": (row("L-bad", source="a\ud800"), "characters that are no text"),
    "a character that no database keeps": (row("L-bad", memo="a\x00"), "characters that are no text"),
    "half a line": ('{"lead_id": "L-bad", "campa', "not JSON"),
    "a list": ("[1, 2]", "not a JSON object"),
    "a message of a book's length": (row("L-bad", kind="form", message="x" * 3000), "message"),
}


@pytest.mark.parametrize(("bad", "reason"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_set_aside_with_its_line_and_reason_and_the_others_go_on(
    tmp_path: Path, bad: Row | str, reason: str
) -> None:
    listing = write(tmp_path, [row("L-good"), bad, row("L-after")]).listing()

    assert ids(listing) == ["L-good", "L-after"]
    (found,) = listing.quarantined
    assert found.where == "leads.jsonl line 2"
    assert reason in found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    "bad",
    [
        row("L-bad", price="614-555-0114"),
        row("L-bad", received_at="614-555-0114"),
        row("L-bad", answered="614-555-0114"),
        row("L-bad", kind="614-555-0114"),
        row("L-bad", recording_sha256="614-555-0114"),
        row("L-bad", duration_s="614-555-0114", currency="614-555-0114"),
        row("L-bad", price="1", currency="614-555-0114"),
        row("L-bad", campaign_id="614-555-0114"),
        row("L-bad", caller_number="614-555-0114" * 200),
        row("L-bad", caller_number={"614-555-0114": "614-555-0114"}),
        '{"caller_number": "614-555-0114',
        '["614-555-0114"]',
    ],
)
def test_of_a_row_set_aside_the_fault_can_be_kept_because_it_tells_no_value(tmp_path: Path, bad: Row | str) -> None:
    (found,) = write(tmp_path, [bad]).listing().quarantined
    assert found.fault and "0114" not in found.fault


def test_a_bad_csv_row_is_set_aside_and_a_row_with_too_many_cells_is_read(tmp_path: Path) -> None:
    source = write_csv(tmp_path, [row("L-1"), row("L-2", received_at="")])
    with (tmp_path / "leads.csv").open("a", encoding="utf-8") as file:
        file.write("TRUE,C-1,L-3,2026-11-19T08:12:40-06:00,,yes,one,more\n")
    header = (tmp_path / "leads.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header == "answered,campaign_id,lead_id,received_at,recording,recording_enabled"
    listing = source.listing()

    assert ids(listing) == ["L-1", "L-3"]
    assert [(bad.lead_id, bad.reason) for bad in listing.quarantined] == [("L-2", "received_at is missing")]


CAMPAIGN_FAULTS: dict[str, tuple[object, str]] = {
    "no list": ({"C-1": CAMPAIGN}, "must hold a list of campaigns"),
    "no id": ([{"client": "Copperline"}], "campaign 1: campaign_id is missing"),
    "the same id twice": ([CAMPAIGN, CAMPAIGN], "campaign 2: campaign_id 'C-1' stands twice"),
    "a zone that is none": ([{**CAMPAIGN, "time_zone": "Chicago"}], "'Chicago' is not an IANA time zone"),
    "a pause that ends before it begins": (
        [{**CAMPAIGN, "pauses": [{"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"}]}],
        "not after its start",
    ),
    "a pause without offset": ([{**CAMPAIGN, "pauses": [{"from": "2026-11-02T00:00:00"}]}], "UTC offset"),
    "an override nobody reads": ([{**CAMPAIGN, "policy": {"flor": 1}}], "policy.flor is not a policy setting"),
    "a calendar nobody keeps": (
        [{**CAMPAIGN, "policy": {"review": {"holidays": "Utopia"}}}],
        "no holiday calendar is called 'Utopia'",
    ),
    "a price in words": ([{**CAMPAIGN, "price": "cheap"}], "'cheap' is not a decimal number"),
    "half a character": ([{**CAMPAIGN, "client": "Blue \ud800"}], "characters that are no text"),
    "a text": (["C-1"], "campaign 1: "),
}


@pytest.mark.parametrize(("campaigns", "says"), CAMPAIGN_FAULTS.values(), ids=CAMPAIGN_FAULTS.keys())
def test_a_wrong_campaign_stops_the_night_because_every_verdict_on_it_would_be_wrong(
    tmp_path: Path, campaigns: object, says: str
) -> None:
    with pytest.raises(InputError, match=r"campaigns\.json") as caught:
        write(tmp_path, [row()], campaigns).listing()
    assert says in str(caught.value)


@pytest.mark.parametrize("missing", ["leads.jsonl", "campaigns.json"])
def test_a_folder_without_one_of_its_two_files_is_no_source(tmp_path: Path, missing: str) -> None:
    source = write(tmp_path, [row()])
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=r"campaigns\.json is missing|neither leads\.csv nor leads\.jsonl"):
        source.listing()


def test_files_that_are_not_text_and_folders_that_are_none_are_named(tmp_path: Path) -> None:
    source = write(tmp_path, [row()])
    (tmp_path / "leads.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        source.listing()
    (tmp_path / "campaigns.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="not JSON"):
        source.listing()
    with pytest.raises(InputError, match="there is no folder"):
        FolderSource(str(tmp_path / "nowhere"), POLICIES).listing()
    with pytest.raises(InputError, match="cannot open the source"):
        FolderSource("nosuch://bucket", POLICIES)


def fetch(folder: Path, recording: str, sha256: str = "") -> bytes:
    source = write(folder, [row(recording=recording, recording_sha256=sha256)])
    (lead,) = source.listing().leads
    return source.fetch(lead)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source folder with one recording, beside a file that is none of its business."""
    (tmp_path / "secret.wav").write_bytes(b"another client's call")
    (tmp_path / "source" / "recordings").mkdir(parents=True)
    (tmp_path / "source" / "recordings" / "L-1.wav").write_bytes(b"a call")
    return tmp_path / "source"


def test_a_recording_is_found_by_name_or_by_the_address_of_the_source(folder: Path) -> None:
    assert fetch(folder, "recordings/L-1.wav") == b"a call"
    assert fetch(folder, f"{folder}/recordings/L-1.wav") == b"a call"
    assert fetch(folder, "recordings/L-1.wav", hashlib.sha256(b"a call").hexdigest().upper()) == b"a call"


def test_the_same_folder_is_a_source_by_its_file_address(folder: Path) -> None:
    write(folder, [row()])
    source = FolderSource(f"file://{folder}", POLICIES)
    (lead,) = source.listing().leads
    assert source.fetch(lead) == b"a call"
    assert source.uri == f"file://{folder}"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../secret.wav",
        "recordings/../../secret.wav",
        "file:///etc/passwd",
        "http://example.com/call.wav",
        "zip://call.wav::secret.zip",
        "recordings\\..\\..\\secret.wav",
    ],
)
def test_a_name_that_leads_out_of_the_source_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(RecordingRejected) as caught:
        fetch(folder, name)
    assert caught.value.code == "recording_outside_source"


def test_a_link_out_of_the_source_is_not_followed(folder: Path) -> None:
    (folder / "recordings" / "L-2.wav").symlink_to(folder.parent / "secret.wav")
    (folder / "calls").symlink_to(folder.parent)
    for name in ("recordings/L-2.wav", "calls/secret.wav"):
        with pytest.raises(RecordingUnavailable) as caught:
            fetch(folder, name)
        assert caught.value.code == "recording_unreadable"


def test_a_pipe_or_a_folder_in_a_recordings_place_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "recordings" / "pipe.wav")
    for name in ("recordings/pipe.wav", "recordings"):
        with pytest.raises(RecordingUnavailable) as caught:
            fetch(folder, name)
        assert caught.value.code == "recording_unreadable"


@pytest.mark.parametrize("name", ["", "recordings/L-9.wav", "recordings/" + "x" * 300])
def test_a_recording_that_is_not_there_is_worth_another_night(folder: Path, name: str) -> None:
    with pytest.raises(RecordingUnavailable) as caught:
        fetch(folder, name)
    assert caught.value.transient
    assert caught.value.lead_id == "L-1"


def test_a_recording_that_is_not_the_one_the_source_told_of_is_rejected_for_good(folder: Path) -> None:
    with pytest.raises(RecordingRejected) as caught:
        fetch(folder, "recordings/L-1.wav", "0" * 64)
    assert caught.value.code == "hash_mismatch"
    assert not caught.value.transient
    assert isinstance(caught.value, LeadFailure)


def test_a_bucket_is_a_source_like_a_folder() -> None:
    import fsspec

    bucket = fsspec.filesystem("memory")
    bucket.pipe("/calls/campaigns.json", json.dumps([CAMPAIGN]).encode())
    bucket.pipe("/calls/leads.jsonl", json.dumps(row()).encode())
    bucket.pipe("/calls/recordings/L-1.wav", b"a call in a bucket")
    source = FolderSource("memory://calls", POLICIES)
    (lead,) = source.listing().leads

    assert source.fetch(lead) == b"a call in a bucket"
