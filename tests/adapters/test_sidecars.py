"""Side-cars and manifests: each call is told by the file beside its recording, or by a table of other names."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from buckets import CAMPAIGN, a_row, lay

from insights.adapters import bucket_files
from insights.adapters.folder_source import FolderSource
from insights.adapters.policy_files import load_policies
from insights.domain.leads import LeadKind
from insights.errors import InputError, RecordingUnavailable, SourceUnavailable

POLICIES = load_policies()
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def source(folder: Path, files: Mapping[str, Any]) -> FolderSource:
    return FolderSource(str(lay(folder, files)), POLICIES, now=lambda: NOW)


def recordings(found: FolderSource) -> dict[str, str]:
    """The leads listed, and the recording of each."""
    return {lead.lead_id: lead.recording for lead in found.listing().leads}


def test_a_side_car_tells_of_the_recording_beside_it_in_whatever_folder(tmp_path: Path) -> None:
    found = source(
        tmp_path,
        {
            "one.json": a_row("L-1"), "one.wav": b"a call",
            "2026/11/two.json": a_row("L-2", recording="C:/pbx/two.MP3"), "2026/11/two.MP3": b"another call",
            "2026/three.wav.json": a_row("L-3"), "2026/three.wav": b"a third",
            "2026/four.json": a_row("L-4", audio_uri="https://pbx/4.wav"), "2026/four.ogg": b"", "2026/four.wav": b"4",
        },
    )  # fmt: skip
    listing = found.listing()

    assert recordings(found) == {
        "L-1": "one.wav", "L-2": "2026/11/two.MP3", "L-3": "2026/three.wav", "L-4": "2026/four.wav"
    }  # fmt: skip
    assert listing.quarantined == () and listing.stopped == ""
    assert listing.complete_to == NOW
    assert [found.fetch(lead) for lead in listing.leads if lead.lead_id == "L-2"] == [b"another call"]


def test_a_missed_call_needs_no_recording(tmp_path: Path) -> None:
    (lead,) = source(tmp_path, {"missed.json": a_row(answered=False)}).listing().leads
    assert (lead.answered, lead.recording) == (False, "")


def test_a_bad_side_car_is_set_aside_with_its_name_and_the_others_go_on(tmp_path: Path) -> None:
    bad = {
        "a.json": b"",
        "b.json": '{"lead_id": "L-2", "ans',
        "c.json": [1],
        "d.json": b"\xff\xfe",
        "e.json": a_row("L-5", answered="perhaps"),
        "f.json": a_row("L-good"),
        "g.json": b" " * 1_000_001,
        "h.wav": b"a call that nobody tells of",
        "i.json": a_row("L-9", campaign_id="C-9"),
        ".j.json": b"half of a cop",
        "0.json": a_row("L-good"),
    }
    listing = source(tmp_path, bad).listing()

    assert [lead.lead_id for lead in listing.leads] == ["L-good"]
    told = {row.where: row.fault for row in listing.quarantined}
    assert told.pop("b.json").startswith("not JSON")
    assert told.pop("e.json").startswith("answered")
    assert told == {
        "a.json": "empty",
        "c.json": "not a JSON object",
        "d.json": "not UTF-8 text",
        "f.json": "the same lead_id stands in an earlier file",
        "g.json": "larger than 1,000,000 bytes",
        "h.wav": "a recording without a side-car, and no pattern to read its name by",
        "i.json": "its campaign is not in campaigns.json",
    }


def test_of_a_bad_side_car_the_name_that_is_kept_holds_no_number(tmp_path: Path) -> None:
    listing = source(tmp_path, {"calls/614-555-0114.json": [], "ok.json": a_row()}).listing()
    (bad,) = listing.quarantined
    assert bad.where == "calls/###-###-####.json"
    assert "0114" not in bad.fault
    assert bad.reason == "calls/614-555-0114.json: not a JSON object"  # for whoever mends it


def test_a_callers_number_in_a_recordings_name_is_not_told_and_the_recording_is_found_all_the_same(
    tmp_path: Path,
) -> None:
    files = {
        "calls/16145550114_1.json": a_row("L-1", caller_number="+16145550114"),
        "calls/16145550114_1.wav": b"a call",
        "calls/16145550115_1.wav.json": a_row("L-2", caller_number="(614) 555-0115"),
        "calls/16145550115_1.wav": b"one that looks the same without its number",
        "calls/614-555-0116_2.json": a_row("L-3", caller_number="+16145550116"),
        "calls/614-555-0116_2.wav": b"a third call",
    }
    found = source(tmp_path, files)
    first, second, third = found.listing().leads

    assert (third.recording, found.fetch(third)) == ("calls/{caller}_2.wav", b"a third call")
    for lead in (first, second):  # no guess which of the two it is
        assert lead.recording == "calls/1{caller}_1.wav"
        with pytest.raises(RecordingUnavailable):
            found.fetch(lead)
    (tmp_path / "calls/16145550115_1.wav").unlink()
    assert found.fetch(first) == b"a call"


def test_a_row_cannot_ask_for_endless_guesses(tmp_path: Path) -> None:
    found = source(tmp_path, {"leads.jsonl": a_row(recording="{caller}" * 30 + "x.wav"), "1" * 240 + ".wav": b"a call"})
    (lead,) = found.listing().leads
    with pytest.raises(RecordingUnavailable) as caught:
        found.fetch(lead)
    assert caught.value.code == "recording_missing"


def test_only_what_was_written_since_is_read_again_with_a_day_to_spare(tmp_path: Path) -> None:
    found = source(
        tmp_path, {name: a_row(name[0]) for name in ("a.json", "b.json", "c.json", "d.json")} | {"d.wav": b"late"}
    )
    ages = {"a.json": 50, "b.json": 30, "c.json": 1, "d.json": 50, "d.wav": 1, "campaigns.json": 500}
    for name, hours in ages.items():
        at = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(tmp_path / name, (at, at))

    assert [lead.lead_id for lead in found.listing().leads] == ["a", "b", "c", "d"]
    assert [lead.lead_id for lead in found.listing(NOW - timedelta(hours=10)).leads] == ["b", "c", "d"]
    os.utime(tmp_path / "campaigns.json", (NOW.timestamp(), NOW.timestamp()))  # what it had kept out may be good now
    assert [lead.lead_id for lead in found.listing(NOW - timedelta(hours=10)).leads] == ["a", "b", "c", "d"]


def test_a_link_out_of_the_folder_is_no_side_car(tmp_path: Path) -> None:
    (tmp_path / "theirs.json").write_text(json.dumps(a_row("L-secret")))
    found = source(tmp_path / "ours", {"a.json": a_row("L-1")})
    (tmp_path / "ours/b.json").symlink_to(tmp_path / "theirs.json")
    (tmp_path / "ours/all").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "ours/c.json")
    listing = found.listing()

    assert [lead.lead_id for lead in listing.leads] == ["L-1"]
    assert sorted(row.where for row in listing.quarantined) == ["b.json", "c.json"]


def test_a_folder_of_too_many_files_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_files, "MAX_OBJECTS", 3)
    with pytest.raises(InputError, match="holds more than 3 files"):
        source(tmp_path, {f"{n}.json": a_row(f"L-{n}") for n in range(4)}).listing()


def test_a_folder_that_may_not_be_listed_is_no_empty_one(tmp_path: Path) -> None:
    found = source(tmp_path, {"a.json": a_row(), "locked/b.json": a_row("L-2")})
    (tmp_path / "locked").chmod(0)
    try:
        if os.access(tmp_path / "locked", os.R_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(SourceUnavailable, match="turns us away"):
            found.listing()
    finally:
        (tmp_path / "locked").chmod(0o700)


MANIFEST = {
    "external_call_id": "L-1", "campaign_id": "C-1", "start_time": "2026-11-19 08:12:40",
    "time_zone": "America/Chicago", "answered": "true", "recording_enabled": "yes", "audio_uri": "a.wav",
    "audio_sha256": "a" * 64, "cost_per_lead": "70.50", "lead_type": "CALL", "affiliate_id": "A-7",
    "recording_duration_s": "41",
}  # fmt: skip


@pytest.mark.parametrize("name", ["manifest.jsonl", "manifest.csv", "leads.jsonl", "leads.csv"])
def test_a_manifest_tells_a_lead_by_other_names(tmp_path: Path, name: str) -> None:
    table = ",".join(MANIFEST) + "\n" + ",".join(MANIFEST.values())
    found = source(tmp_path, {name: MANIFEST if name.endswith("jsonl") else table, "ignored.json": a_row("L-9")})
    listing = found.listing()
    (lead,) = listing.leads

    assert listing.quarantined == () and listing.complete_to is None  # it is told whole, every night
    assert (lead.lead_id, lead.kind, lead.recording, lead.recording_sha256) == (
        "L-1", LeadKind.PHONE_CALL, "a.wav", "a" * 64
    )  # fmt: skip
    assert lead.received_at.isoformat() == "2026-11-19T08:12:40-06:00"
    assert str(lead.price) == "$70.50"
    assert lead.extra == {"time_zone": "America/Chicago", "affiliate_id": "A-7", "recording_duration_s": "41"}


@pytest.mark.parametrize(
    ("start", "zone", "told"),
    [
        ("2026-11-19T08:12:40", "America/Chicago", "2026-11-19T08:12:40-06:00"),
        ("2026-07-01T08:12:40", "America/Chicago", "2026-07-01T08:12:40-05:00"),
        ("2026-07-01T08:12:40Z", "America/Chicago", "2026-07-01T08:12:40+00:00"),
        ("2026-11-01T01:30:00", "America/Chicago", "2026-11-01T01:30:00-05:00"),  # an hour shown twice: the first
        ("2026-03-08T02:30:00", "America/Chicago", None),  # an hour that no clock shows
        ("2026-11-19T08:12:40", "", None),
        ("2026-11-19T08:12:40", "Central", None),
        ("2026-11-19", "America/Chicago", None),
    ],
)
def test_a_time_without_offset_is_of_the_zone_told_with_it(
    tmp_path: Path, start: str, zone: str, told: str | None
) -> None:
    row = {**a_row(), "received_at": "", "start_time": start, "time_zone": zone}
    listing = source(tmp_path, {"manifest.jsonl": row}).listing()
    assert [lead.received_at.isoformat() for lead in listing.leads] == ([told] if told else [])
    assert len(listing.quarantined) == (told is None)


def test_what_rows_do_not_tell_stands_in_source_toml_but_never_whether_a_call_was_answered(tmp_path: Path) -> None:
    rows = [a_row("L-1", campaign_id="", received_at="2026-11-19T08:12:40"), a_row("L-2", answered="")]
    settings = 'time_zone = "America/New_York"\ncampaign_id = "C-1"\nanswered = true\nrecording_enabled = true\n'
    found = source(tmp_path, {"leads.jsonl": "\n".join(map(json.dumps, rows)), "source.toml": settings})
    listing = found.listing()

    assert [(lead.campaign_id, lead.received_at.isoformat()) for lead in listing.leads] == [
        ("C-1", "2026-11-19T08:12:40-05:00")
    ]
    assert [row.fault for row in listing.quarantined] == ["answered is missing"]


def test_a_cell_that_no_reader_takes_is_one_bad_row(tmp_path: Path) -> None:
    names = list(a_row())
    table = [",".join(names), "x" * 200_000, ",".join(map(str, a_row().values()))]
    listing = source(tmp_path, {"manifest.csv": "\n".join(table)}).listing()
    assert [lead.lead_id for lead in listing.leads] == ["L-1"]
    assert listing.quarantined[0].fault.startswith("not CSV")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("time_zone = 'Central'", "Central"),
        ("patern = ''", "patern"),
        ("answered = 'yes'", "answered"),
        ("half a line", "source.toml cannot be used"),
        (b"\xff", "source.toml cannot be used"),
        ("pattern = '(?P<lead_id>'", "a ( without its )"),
    ],
)
def test_settings_that_are_wrong_stop_the_night(tmp_path: Path, settings: str | bytes, says: str) -> None:
    with pytest.raises(InputError) as caught:
        source(tmp_path, {"leads.jsonl": a_row(), "source.toml": settings}).listing()
    assert says in str(caught.value) and CAMPAIGN["client"] not in str(caught.value)
