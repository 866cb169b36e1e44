"""The triage queue: what a person should listen to, and in which order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_campaign, a_lead
from office import JOB, NEED, PITCH, PLUMBER, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.domain.money import Money
from insights.pipeline.moves import write_summaries
from insights.pipeline.review import open_queue, queue_line
from insights.ports import Deps


def waiting(deps: Deps, hours_later: float = 0) -> list[str]:
    items, in_all = open_queue(deps, NOW + timedelta(hours=hours_later))
    assert len(items) == in_all
    return [item.ticket.lead_id for item in items]


def test_only_leads_whose_bill_a_person_might_change_are_waiting(tmp_path: Path, store: SqlStore) -> None:
    """The pitch and the broken recording; not the customer, the missed call, nor the call nobody recorded."""
    source = calls(L1=NEED, L2=PITCH, L3="broken")
    source.leads.append(a_lead(lead_id=LeadId("L4"), answered=False))
    source.leads.append(a_lead(lead_id=LeadId("L5"), recording_enabled=False))
    office = Office(tmp_path, store, source)
    office.night()

    assert sorted(waiting(office.deps)) == ["L2", "L3"]


def test_a_doubtful_call_waits_for_a_person(tmp_path: Path, store: SqlStore) -> None:
    """A policy that no probability satisfies asks about every call."""
    source = calls(L1=NEED)
    source.campaigns = [a_campaign(policy={"reasons": {"new_customer": {"floor": 1.0}}})]
    office = Office(tmp_path, store, source)
    office.night()

    assert office.proposals() == {"L1": ("needs_review", "new_customer")}
    (item,), _ = open_queue(office.deps, NOW)
    assert item.decision == "needs_review"
    assert item.chance == pytest.approx(1 - item.probability)


def test_the_dearer_of_two_like_calls_comes_first(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=PITCH, L2=PITCH)
    source.leads[1] = replace(source.leads[1], price=Money.parse("300"))
    office = Office(tmp_path, store, source)
    office.night()
    assert waiting(office.deps) == ["L2", "L1"]


def test_of_two_like_calls_the_one_that_expires_sooner_comes_first(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=PITCH, L2=PITCH)
    source.leads[1] = replace(source.leads[1], received_at=NOW - timedelta(days=7) + timedelta(minutes=30))
    office = Office(tmp_path, store, source)
    office.night()
    assert waiting(office.deps) == ["L2", "L1"]


def test_a_lead_leaves_the_queue_at_the_very_instant_its_review_window_ends(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=PITCH)
    source.leads[0] = replace(source.leads[0], received_at=NOW)
    office = Office(tmp_path, store, source)
    office.night()

    assert waiting(office.deps, hours_later=7 * 24 - 0.001) == ["L1"]
    assert waiting(office.deps, hours_later=7 * 24) == []


def test_a_call_decided_by_a_pause_waits_like_one_that_was_heard(tmp_path: Path, store: SqlStore) -> None:
    from insights.domain.campaigns import Pause

    source = calls(L1=NEED)
    source.campaigns = [replace(PLUMBER, pauses=(Pause(NOW - timedelta(days=1)),))]
    office = Office(tmp_path, store, source)
    office.night()
    (item,), _ = open_queue(office.deps, NOW)
    assert (item.decision, item.reason) == ("non_billable", "campaign_paused")


def test_a_line_of_the_queue_is_plain_json_with_the_words_that_decided(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=JOB, L3="broken"))
    office.night()
    lines = {line["lead_id"]: line for line in (queue_line(item, NOW) for item in open_queue(office.deps, NOW)[0])}
    json.dumps(lines)

    assert lines["L1"]["note"] == "I can get your google listing to the top."
    assert (lines["L1"]["verdict"], lines["L1"]["reason"]) == ("non_billable", "solicitor")
    assert (lines["L1"]["price"], lines["L1"]["currency"]) == ("45.00", "USD")
    assert 0 < lines["L1"]["hours_left"] <= 24, "the daily balance check is the nearer clock"
    assert (lines["L3"]["verdict"], lines["L3"]["reason"]) == ("failed", "not_audio")
    assert all(0 <= line["chance_of_change"] <= 1 for line in lines.values())


def test_an_empty_record_has_an_empty_queue(tmp_path: Path, store: SqlStore) -> None:
    assert waiting(Office(tmp_path, store, calls()).deps) == []


def test_a_page_of_the_queue_holds_the_first_and_says_how_many_there_are(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=JOB, L3=PITCH))
    office.night()
    items, in_all = open_queue(office.deps, NOW, limit=2)
    assert ([item.ticket.lead_id for item in items], in_all) == (waiting(office.deps)[:2], 3)


def test_rows_made_anew_are_the_rows_that_stood(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3="broken"))
    office.night()
    with store() as unit:
        stood = list(unit.summaries(None, None))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("delete from lead_summaries")
    assert write_summaries(office.deps) == 3
    with store() as unit:
        assert list(unit.summaries(None, None)) == stood
