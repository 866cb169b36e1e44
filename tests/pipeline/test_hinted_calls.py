"""Hints of webhooks against the listing of the night: what it should have told is named once, and no lead is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, a_lead
from office import NEED, Office, calls
from servers import ON_BOTH
from sqlalchemy import select

from insights.adapters import tables
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.hints import KEPT
from insights.domain.leads import LeadId
from insights.pipeline.alerts import notice
from insights.pipeline.hints import note_hint
from insights.pipeline.night import open_night
from insights.pipeline.purge import Order, purge_lead

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = "memory://leads"


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.source.complete_to = NOW
    return office


def hint(office: Office, call_id: str, at: datetime = NOW - 2 * HOUR, began: datetime | None = None) -> None:
    office.clock.instant = at
    note_hint(office.deps, SOURCE, LeadId(call_id), began)
    office.clock.instant = NOW


def kept(office: Office) -> list[tuple[str, bool]]:
    table = tables.hints
    with office.store.engine.connect() as connection:
        query = select(table.c.call_id, table.c.settled).order_by(table.c.call_id)
        return [(call_id, settled) for call_id, settled in connection.execute(query)]


@ON_BOTH
def test_a_hinted_call_that_the_listing_does_not_hold_is_named_and_is_no_lead(office: Office) -> None:
    for call_id in ("L1", "L9"):
        hint(office, call_id)
    summary = office.night()
    assert (summary.not_listed, summary.leads_seen) == (["L9"], 1)
    assert list(office.proposals()) == ["L1"]
    assert kept(office) == [("L1", True), ("L9", True)]
    with office.store() as unit:
        assert unit.lead(LeadId("L9")) is None
        assert unit.nights(1)[0].body["not_listed"] == ["L9"]


@ON_BOTH
def test_it_is_named_in_one_night_and_told_once(office: Office) -> None:
    hint(office, "L9")
    assert office.night().not_listed == ["L9"]
    (alert,) = notice(office.deps, feeds=False)
    assert (alert.kind, alert.leads) == ("source_drift", ("L9",))
    assert alert.headline == "1 calls that the webhook of memory://leads told of are not on its listing."
    office.source.complete_to = NOW + HOUR
    assert office.night(NOW + HOUR).not_listed == []
    assert notice(office.deps, feeds=False) == []


@ON_BOTH
def test_a_hint_that_comes_again_changes_nothing(office: Office) -> None:
    hint(office, "L1", NOW - 3 * HOUR)
    hint(office, "L1", NOW - 2 * HOUR)
    with office.store() as unit:
        assert [one.at for one in unit.open_hints(SOURCE)] == [NOW - 3 * HOUR]
    office.night()
    hint(office, "L1", NOW + HOUR)
    assert kept(office) == [("L1", True)]


def test_a_webhook_about_a_call_of_last_week_is_no_hint(office: Office) -> None:
    hint(office, "L9", began=NOW - 7 * DAY)
    assert kept(office) == []


@pytest.mark.parametrize("complete", [None, "stopped"])
def test_a_listing_that_is_not_complete_proves_nothing(office: Office, complete: str | None) -> None:
    office.source.complete_to, office.source.stopped = (None, "") if complete is None else (NOW, "503")
    hint(office, "L9")
    assert office.night().not_listed == []
    assert kept(office) == [("L9", False)]


def test_a_young_hint_waits_for_the_next_listing(office: Office) -> None:
    hint(office, "L9", NOW - HOUR / 2)
    assert office.night().not_listed == []
    office.source.complete_to = NOW + DAY
    assert office.night(NOW + DAY).not_listed == ["L9"]


def test_a_night_that_died_before_its_summary_names_it_the_next_time(office: Office) -> None:
    hint(office, "L9")
    assert open_night(office.deps, SOURCE, NOW).not_listed == ("L9",)
    assert office.night().not_listed == ["L9"]


def test_a_call_on_the_record_is_none_that_the_source_lost(office: Office) -> None:
    """CallRail takes calls off its listing that somebody marked as spam."""
    office.night()
    office.source.leads = []
    hint(office, "L1")
    assert office.night().not_listed == []


def test_a_hint_for_a_deleted_lead_brings_nothing_of_it_back(office: Office) -> None:
    office.night()
    purge_lead(office.deps, Order("operator", this_process()), LeadId("L1"), NOW)
    hint(office, "L1")
    summary = office.night()
    assert (summary.not_listed, summary.leads_seen) == ([], 0)
    office.source.leads = []
    hint(office, "L1", NOW + HOUR)
    assert office.night().not_listed == []
    with office.store() as unit:
        lead = unit.lead(LeadId("L1"))
    assert lead is not None and (lead.caller_number, lead.recording) == ("", "")


@ON_BOTH
def test_settled_hints_are_forgotten(office: Office) -> None:
    hint(office, "L1")
    office.night()
    later = NOW + KEPT
    hint(office, "L2", later - 2 * HOUR)
    office.source.leads = [a_lead(lead_id=LeadId("L2"), recording="L1.wav", received_at=later - 3 * HOUR)]
    office.source.recordings["L2"] = NEED.encode()
    office.source.complete_to = later
    office.night(later)
    assert kept(office) == [("L2", True)]


def test_hints_of_another_source_are_left_alone(office: Office) -> None:
    note_hint(office.deps, "callrail://ACC1", LeadId("CAL1"), None)
    assert office.night().not_listed == []
    assert kept(office) == [("CAL1", False)]
