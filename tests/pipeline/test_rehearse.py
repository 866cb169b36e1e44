"""A dry run of the night: what it would do, by the same rules as the night itself, and nothing written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, a_lead
from fakes import ListedSource
from office import JOB, NEED, PITCH, PLUMBER, Office, calls
from servers import ON_BOTH
from sqlalchemy import select

from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.adapters.tables import metadata
from insights.domain.billing import Answer
from insights.domain.campaigns import Pause
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.pipeline.decide import record_decision
from insights.pipeline.night import LOOK_BACK
from insights.pipeline.purge import Order, purge_lead
from insights.pipeline.rehearse import Rehearsal, rehearse
from insights.ports import Quarantined

HOUR = timedelta(hours=1)


def rehearsed(office: Office, *, retry_failed: bool = False) -> Rehearsal:
    source = office.source
    return rehearse(source, source.uri, office.store, office.deps.policies, office.clock.instant, retry_failed)


def everything(store: SqlStore) -> dict[str, list[Any]]:
    with store.engine.connect() as connection:
        return {name: list(connection.execute(select(table))) for name, table in metadata.tables.items()}


def a_mixed_source() -> ListedSource:
    source = calls(L1=NEED, L2=PITCH, L3="broken")
    source.leads += [
        a_lead(lead_id=LeadId("L4"), answered=False),
        a_lead(lead_id=LeadId("L5"), received_at=NOW - timedelta(days=9)),
    ]
    source.leads[0] = replace(source.leads[0], duration_s=10.5)
    source.leads[1] = replace(source.leads[1], duration_s=None)
    source.leads[2] = replace(source.leads[2], duration_s=30)
    source.quarantined = (Quarantined("leads.csv line 7", "answered is missing", "L9"),)
    return source


@ON_BOTH
def test_before_the_first_night_all_ready_calls_are_to_be_fetched_and_heard(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, a_mixed_source())
    before = everything(store)
    told = rehearsed(office)
    assert everything(store) == before and not list(tmp_path.glob("recordings/*")) and not office.source.fetched
    assert (told.leads_seen, told.by_screening) == (5, {"missed": 1, "ready": 3, "too_old": 1})
    assert (told.to_fetch, told.to_hear, told.audio_s, told.unknown_length) == (3, 3, 40.5, 1)
    assert (told.proposed, told.decided, told.failed_before, told.deleted, told.work_s) == (0, 0, 0, 0, None)
    assert told.quarantined == [{"where": "leads.csv line 7", "lead_id": "L9", "reason": "answered is missing"}]
    summary = office.night()
    assert (summary.leads_seen, summary.by_screening) == (told.leads_seen, told.by_screening)
    assert summary.quarantined == told.quarantined and len(office.source.fetched) == told.to_fetch


@ON_BOTH
def test_after_a_night_only_what_is_new_is_to_be_heard(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, a_mixed_source())
    office.night()
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), NOW)
    office.source.leads.append(a_lead(lead_id=LeadId("L6"), recording="L6.wav", duration_s=20))
    before = everything(store)
    told = rehearsed(office)
    assert everything(store) == before
    assert (told.to_fetch, told.to_hear, told.audio_s) == (1, 1, 20)
    assert (told.proposed, told.decided, told.failed_before) == (2, 1, 1)


def test_a_call_that_failed_for_good_is_left_alone_until_its_row_changes(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()
    told = rehearsed(office)
    assert (told.failed_before, told.to_hear, told.to_fetch) == (1, 0, 0)
    told = rehearsed(office, retry_failed=True)
    assert (told.failed_before, told.to_hear, told.to_fetch) == (0, 1, 0), "its recording lies here"
    office.source.leads[0] = replace(office.source.leads[0], duration_s=99)
    assert rehearsed(office).to_hear == 1


def test_another_hash_of_the_caller_is_no_other_row(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()
    office.source.leads[0] = replace(office.source.leads[0], caller_number="+1 614 555 0100")
    assert rehearsed(office).failed_before == 1


def test_deleted_leads_are_passed_over(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED, L2=JOB))
    office.night()
    purge_lead(office.deps, Order("operator", this_process()), LeadId("L1"), NOW)
    told = rehearsed(office)
    assert (told.leads_seen, told.deleted, told.proposed) == (1, 1, 1)


def test_a_pause_that_the_source_tells_only_now_counts(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.night()
    paused = replace(PLUMBER, pauses=(Pause(NOW - 9 * HOUR, None),))
    office.source.campaigns = [paused]
    told = rehearsed(office)
    assert told.by_screening == {"campaign_paused": 1}
    office.clock.instant += HOUR
    assert office.night(NOW + HOUR).by_screening == told.by_screening


def test_the_work_is_told_at_the_speed_of_earlier_nights(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.source.leads[0] = replace(office.source.leads[0], duration_s=120)
    with store() as unit:
        for audio_s, seconds in ((100.0, 30.0), (0.0, 500.0), (200.0, 20.0)):
            stages = {"transcribe": {"seconds": seconds}, "classify": {"seconds": seconds / 5}}
            unit.put_night(NOW, {"audio_s": audio_s, "stages": stages}, NOW)
        unit.commit()
    assert rehearsed(office).work_s == 24, "300 seconds of audio took 60: five a second"


def test_a_source_is_asked_from_where_the_night_would_ask(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    assert rehearsed(office).asked_since == ""
    office.source.complete_to = NOW - timedelta(days=20)
    office.night()
    assert rehearsed(office).asked_since == (NOW - timedelta(days=20)).isoformat()
    office.source.complete_to = NOW
    office.night()
    assert rehearsed(office).asked_since == (NOW - LOOK_BACK).isoformat()
    assert office.source.asked[-1] == NOW - LOOK_BACK


@pytest.mark.parametrize("stopped", ["", "the source does not answer"])
def test_a_source_that_stopped_half_way_is_told(tmp_path: Path, store: SqlStore, stopped: str) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.source.stopped = stopped
    assert rehearsed(office).source_stopped == stopped
