"""Acceptance of many leads: one robocall or one rule at a time, and what the policy accepts within its caps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, a_campaign
from office import JOB, LENIENT, NEED, PLUMBER, Office, calls
from servers import ON_BOTH

from insights.adapters.store import SqlStore
from insights.domain.billing import Answer, LeadState
from insights.domain.campaigns import Pause
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.reasons import Reason
from insights.errors import MoveRefused
from insights.pipeline.accept import AUTO, accept_together, alike_leads, auto_accept, switch_off
from insights.pipeline.decide import (
    agreement,
    ask_client,
    record_decision,
    record_second_look,
    reopen_lead,
    second_looks,
    start_review,
)
from insights.pipeline.request import give_information, submit_request, withdraw_request

ROBOCALL = (
    "caller: hello this is a message for the owner i can get your google listing to the top of the page today press one"
)
CUT = "caller: message for the owner i can get your google listing to the top of the page"
ANOTHER = "caller: your google listing was suspended this morning call back at once or lose every review you ever had"
L1, L2, L3, L4, L5 = (LeadId(f"L{n}") for n in range(1, 6))

pytestmark = ON_BOTH


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """After a night: one robocall twice, another robocall, a customer and a job seeker."""
    office = Office(tmp_path, store, calls(L1=ROBOCALL, L2=CUT, L3=ANOTHER, L4=NEED, L5=JOB))
    office.night()
    return office


def test_the_leads_of_one_robocall_are_accepted_together(office: Office) -> None:
    assert alike_leads(office.deps, L1, NOW) == [L1, L2]
    done = accept_together(office.deps, [L1, L2, L1], "ann", NOW)
    assert (done.accepted, done.refused) == ((L1, L2), ())
    assert {entry.lead_id for entry in office.entries(EntryKind.CREDIT)} == {L1, L2}


@pytest.mark.parametrize(
    ("leads", "why"),
    [([L1, L3], "not the same robocall"), ([L1, L4], "its proposal is another one"), ([L5, L5], "")],
)
def test_leads_that_are_not_alike_are_not_accepted_together(office: Office, leads: list[LeadId], why: str) -> None:
    if not why:
        assert accept_together(office.deps, leads, "ann", NOW).accepted == (L5,)
        return
    with pytest.raises(MoveRefused, match=why):
        accept_together(office.deps, leads, "ann", NOW)
    assert office.entries(EntryKind.DECISION) == []


def test_two_people_who_look_for_work_are_two_people(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=JOB, L2=JOB))
    office.night()
    with pytest.raises(MoveRefused, match="only the calls of one robocall"):
        accept_together(office.deps, [L1, L2], "ann", NOW)


def test_leads_of_a_paused_campaign_are_accepted_together(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=NEED, L2=JOB)
    source.campaigns = [replace(PLUMBER, pauses=(Pause(NOW - timedelta(days=1)),))]
    office = Office(tmp_path, store, source)
    office.night()
    assert accept_together(office.deps, [L1, L2], "ann", NOW).accepted == (L1, L2)


def test_a_lead_that_somebody_decided_meanwhile_is_told_and_left(office: Office) -> None:
    record_decision(office.deps, L2, "bo", Verdicted(Answer.ACCEPT), NOW)
    done = accept_together(office.deps, [L1, L2], "ann", NOW)
    assert (done.accepted, [left.code for left in done.refused]) == ((L1,), ["already_decided"])


def test_a_lead_whose_client_waits_for_a_letter_is_left_to_be_decided_alone(office: Office) -> None:
    submit_request(office.deps, L2, Reason.SOLICITOR, "A robot.", {}, NOW)
    assert alike_leads(office.deps, L1, NOW) == [L1]
    done = accept_together(office.deps, [L1, L2], "ann", NOW)
    assert (done.accepted, [(left.lead_id, left.code) for left in done.refused]) == ((L1,), [(L2, "requested")])
    assert [entry.lead_id for entry in office.entries(EntryKind.DECISION)] == [L1]
    withdraw_request(office.deps, L2, "", NOW)
    assert accept_together(office.deps, [L2], "ann", NOW).accepted == (L2,)


def test_a_lead_that_somebody_left_in_hand_for_too_long_may_be_accepted_with_others_again(office: Office) -> None:
    hold = office.deps.policies.at(NOW, None).review.hold
    start_review(office.deps, L2, "bo", NOW)
    assert alike_leads(office.deps, L1, NOW + hold - timedelta(seconds=1)) == [L1]
    assert alike_leads(office.deps, L1, NOW + hold) == [L1, L2]
    assert accept_together(office.deps, [L1, L2], "ann", NOW + hold).accepted == (L1, L2)


def test_a_lead_that_was_more_than_looked_at_is_not_offered_with_others_however_long_it_lies(office: Office) -> None:
    later = NOW + timedelta(days=1)
    ask_client(office.deps, L2, "bo", "Who was it?", NOW)
    give_information(office.deps, L2, "A robot.", {}, NOW)
    start_review(office.deps, L2, "bo", NOW)
    assert alike_leads(office.deps, L1, later) == [L1], "its client answered"
    record_decision(office.deps, L2, "bo", Verdicted(Answer.ACCEPT), NOW)
    reopen_lead(office.deps, L2, "bo", "Look again.", NOW)
    start_review(office.deps, L2, "bo", NOW)
    assert alike_leads(office.deps, L1, later) == [L1], "it was reopened"


def with_policy(tmp_path: Path, store: SqlStore, **told: Any) -> Office:
    source = calls(L1=ROBOCALL, L2=CUT, L3=ANOTHER, L4=NEED)
    source.campaigns = [a_campaign(policy={**LENIENT, **told})]
    return Office(tmp_path, store, source)


def test_no_more_leads_are_accepted_together_than_the_policy_allows(tmp_path: Path, store: SqlStore) -> None:
    office = with_policy(tmp_path, store, review={"bulk_leads": 1})
    office.night()
    with pytest.raises(MoveRefused, match="2 leads are too many"):
        accept_together(office.deps, [L1, L2], "ann", NOW)


SOLICITORS: dict[str, Any] = {"reasons": ["solicitor"], "floor": 0.9, "daily_leads": 10, "daily_amount": 1000.0}


def test_nothing_is_accepted_without_a_person_by_default(office: Office) -> None:
    assert office.entries(EntryKind.DECISION) == []


@pytest.mark.parametrize(
    ("changed", "accepted"),
    [
        ({}, [L1, L2, L3]),
        ({"daily_leads": 2}, [L1, L2]),
        ({"daily_amount": 100.0}, [L1, L2]),
        ({"floor": 0.99}, []),
        ({"reasons": ["job_seeker"]}, []),
        ({"daily_leads": 0}, []),
    ],
    ids=["all", "leads capped", "money capped", "not sure enough", "another reason", "off"],
)
def test_the_policy_accepts_its_reasons_within_its_caps(
    tmp_path: Path, store: SqlStore, changed: dict[str, Any], accepted: list[str]
) -> None:
    office = with_policy(tmp_path, store, auto_accept={**SOLICITORS, **changed})
    summary = office.night()
    assert summary.auto_accepted == accepted
    assert {entry.actor for entry in office.entries(EntryKind.DECISION)} <= {AUTO}
    assert office.night().auto_accepted == [], "the caps are the day's, not the run's"


def test_a_new_day_has_new_caps(tmp_path: Path, store: SqlStore) -> None:
    office = with_policy(tmp_path, store, auto_accept={**SOLICITORS, "daily_leads": 1})
    nights = [office.night(NOW + timedelta(days=day)).auto_accepted for day in range(3)]
    assert nights == [[L1], [L2], [L3]]


def test_the_kill_switch_stops_it_at_once_and_can_be_turned_back(tmp_path: Path, store: SqlStore) -> None:
    office = with_policy(tmp_path, store, auto_accept=SOLICITORS)
    switch_off(office.deps, True, "ann", NOW)
    assert office.night().auto_accepted == []
    switch_off(office.deps, False, "ann", NOW)
    assert auto_accept(office.deps, [L1], NOW).accepted == (L1,)


def test_the_policy_accepts_what_somebody_left_in_hand_only_after_the_hold(tmp_path: Path, store: SqlStore) -> None:
    office = with_policy(tmp_path, store, auto_accept=SOLICITORS)
    switch_off(office.deps, True, "ann", NOW)
    office.night()
    start_review(office.deps, L1, "bo", NOW)
    switch_off(office.deps, False, "ann", NOW)
    assert auto_accept(office.deps, [L1], NOW + timedelta(minutes=1)).accepted == ()
    assert auto_accept(office.deps, [L1], NOW + timedelta(days=1)).accepted == (L1,)


def test_a_second_look_is_blind_moves_no_money_and_shows_where_people_differ(tmp_path: Path, store: SqlStore) -> None:
    office = with_policy(tmp_path, store, review={"second_look": 1.0})
    office.night()
    for lead_id in (L1, L2):
        record_decision(office.deps, lead_id, "ann", Verdicted(Answer.ACCEPT), NOW)
    assert second_looks(office.deps, "ann", NOW + timedelta(hours=1)) == []
    assert second_looks(office.deps, "bo", NOW + timedelta(hours=1)) == [L1, L2]

    agreed = record_second_look(office.deps, L1, "bo", Reason.WRONG_NUMBER, NOW)
    assert agreed.second_look is not None and agreed.second_look.agrees, "another reason, the same charge"
    apart = record_second_look(office.deps, L2, "bo", Reason.NEW_CUSTOMER, NOW)
    assert apart.second_look is not None and not apart.second_look.agrees
    assert (apart.state, apart.balance.amount) == (LeadState.DECIDED, 0)
    assert second_looks(office.deps, "bo", NOW + timedelta(hours=1)) == []
    report = agreement(office.deps, None, None)
    assert (report["all"]["pairs"], report["all"]["apart"]) == (2, [L1, L2])


@pytest.mark.parametrize(
    ("lead_id", "reviewer", "code"),
    [(L4, "bo", "not_decided"), (L1, "ann", "own_decision"), (L2, "cy", "looked_already")],
)
def test_a_second_look_that_would_tell_nothing_is_refused(
    office: Office, lead_id: LeadId, reviewer: str, code: str
) -> None:
    for decided in (L1, L2):
        record_decision(office.deps, decided, "ann", Verdicted(Answer.ACCEPT), NOW)
    record_second_look(office.deps, L2, "bo", Reason.SOLICITOR, NOW)
    with pytest.raises(MoveRefused) as refused:
        record_second_look(office.deps, lead_id, reviewer, Reason.SOLICITOR, NOW)
    assert refused.value.code == code


def test_leads_past_their_window_are_refused_one_by_one(office: Office) -> None:
    done = accept_together(office.deps, [L1, L2], "ann", NOW + timedelta(days=8))
    assert (done.accepted, [left.code for left in done.refused]) == ((), ["too_old", "too_old"])
