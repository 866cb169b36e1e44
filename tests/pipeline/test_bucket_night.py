"""A night over a bucket: what its side-cars tell is registered, and its recordings are fetched and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from buckets import a_row, an_s3_server, at, fill
from builders import NOW
from office import Office, calls

from insights.adapters.folder_source import FolderSource
from insights.adapters.policy_files import load_policies
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.pipeline.night import one_night, open_night, run_stage


@pytest.fixture
def s3() -> Iterator[None]:
    with an_s3_server() as server, at(server.address):
        yield


def test_a_night_fetches_the_recordings_of_a_bucket(s3: None, tmp_path: Path, store: SqlStore) -> None:
    received = {"received_at": (NOW - timedelta(hours=2)).isoformat()}
    fill(
        "calls",
        {
            "16145550114_a.json": a_row("L1", caller_number="+16145550114", **received),
            "16145550114_a.wav": b"caller: I need my drain cleaned.",
            "b.json": a_row("L2", answered=False, **received),
            "c.json": a_row("L3", recording="c.wav", **received),
            "614-555-0199.json": b"half a side-c",
        },
    )
    office = Office(tmp_path, store, calls())
    source = FolderSource("s3://calls", load_policies(), now=office.clock.now)
    deps = replace(office.deps, source=lambda uri: source)
    with one_night(deps, this_process()):
        night = open_night(deps, source.uri, NOW)
        report = run_stage(deps, "fetch", night.source, night.ready, NOW)

    assert sorted(night.seen) == ["L1", "L2", "L3"]
    assert sorted(night.ready) == ["L1", "L3"]
    assert [row.where for row in night.quarantined] == ["###-###-####.json"]
    assert (report.done, report.failed, report.transient) == (1, 1, 1)
    missing = office.failure("L3")
    assert missing is not None and missing.code == "recording_missing"
    with store() as unit:
        kept, lead = unit.recording(LeadId("L1")), unit.lead(LeadId("L1"))
        assert unit.source_cursor(source.uri) == NOW
    assert kept is not None and deps.recordings.holds(kept)
    assert lead is not None and "0114" not in lead.recording
