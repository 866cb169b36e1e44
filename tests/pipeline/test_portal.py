"""What a client sees: its own leads, what each costs, what may be asked, and nothing of anybody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import JOB, NEED, PITCH, PLUMBER, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import CampaignId, LeadId
from insights.domain.reasons import Reason
from insights.errors import MoveRefused, UnknownLead
from insights.pipeline.decide import ask_client, record_decision, reopen_lead, undo_decision
from insights.pipeline.portal import own_lead, own_leads
from insights.pipeline.request import give_information, submit_request, withdraw_request

L1, L2, L3 = LeadId("L1"), LeadId("L2"), LeadId("L3")
OURS = PLUMBER.client_id


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """A night with a pitch and a need of one client, and a job seeker of another."""
    office = Office(tmp_path, store, calls(L1=PITCH, L2=NEED, L3=JOB))
    office.source.campaigns.append(replace(PLUMBER, campaign_id=CampaignId("C-2"), client_id="K-2"))
    office.change("L3", replace(office.source.leads[2], campaign_id=CampaignId("C-2")))
    office.night()
    return office


def asked(office: Office, lead_id: LeadId = L1) -> None:
    submit_request(office.deps, lead_id, Reason.SOLICITOR, "He sells listings.", {}, NOW)


def steps(office: Office, lead_id: LeadId = L1) -> list[tuple[str, str]]:
    return [(step.what, step.text) for step in own_lead(office.deps, OURS, lead_id, NOW).timeline]


def test_a_client_sees_its_own_leads_and_what_each_costs(office: Office) -> None:
    lines = own_leads(office.deps, OURS, NOW)
    assert sorted((line.lead_id, str(line.charged), line.status, line.may_ask) for line in lines) == [
        ("L1", "$45.00", "charged", True),
        ("L2", "$45.00", "charged", True),
    ]
    assert [line.lead_id for line in own_leads(office.deps, "K-2", NOW)] == ["L3"]
    assert own_leads(office.deps, "K-99", NOW) == own_leads(office.deps, "", NOW) == []
    assert own_leads(office.deps, OURS, NOW + timedelta(days=100)) == []


@pytest.mark.parametrize("client_id", ["K-2", "", "C-1", "K-1 ", "k-1", "%"])
def test_somebody_elses_lead_is_as_unknown_as_one_that_never_was(office: Office, client_id: str) -> None:
    said = set()
    for lead_id in (L1, LeadId("L999")):
        with pytest.raises(UnknownLead) as unknown:
            own_lead(office.deps, client_id, lead_id, NOW)
        said.add(str(unknown.value).replace("L999", "L1"))
    assert len(said) == 1


def test_that_a_reviewer_looks_at_a_lead_unasked_is_not_told(office: Office) -> None:
    ask_client(office.deps, L2, "ann", "Which street?", NOW)
    assert steps(office, L2) == [("charged", "$45.00")]


def test_a_request_can_be_followed_from_its_first_word_to_the_money(office: Office) -> None:
    asked(office)
    page = own_lead(office.deps, OURS, L1, NOW)
    assert page.request_open and page.due_at and not page.clock_stands and page.line.status == "review asked for"
    ask_client(office.deps, L1, "ann", "What did he sell?", NOW)
    page = own_lead(office.deps, OURS, L1, NOW)
    assert page.asked == "What did he sell?" and page.clock_stands and page.line.answer_needed
    give_information(office.deps, L1, "Listings.", {}, NOW)
    said = Verdicted(Answer.ACCEPT, note="A rude man.", letter="You are right.")
    record_decision(office.deps, L1, "ann", said, NOW)
    page = own_lead(office.deps, OURS, L1, NOW)
    assert page.letter == "You are right." and page.line.status == "reviewed: solicitor"
    assert not page.request_open and str(page.line.credited) == "$45.00"
    assert steps(office) == [
        ("charged", "$45.00"),
        ("review asked for", "He sells listings."),
        ("we asked", "What did he sell?"),
        ("you answered", "Listings."),
        ("decided", "not billable"),
        ("given back", "$45.00"),
    ]
    reopen_lead(office.deps, L1, "ann", "He was a customer after all.", NOW)
    page = own_lead(office.deps, OURS, L1, NOW)
    assert page.letter == "" and page.line.status == "being reviewed again"
    assert "customer after all" not in str(page) and "rude man" not in str(page)


@pytest.mark.parametrize("requested", [True, False], ids=["requested", "unasked"])
def test_a_decision_that_was_taken_back_is_not_told_nor_its_money(office: Office, requested: bool) -> None:
    if requested:
        asked(office)
    before = own_lead(office.deps, OURS, L1, NOW)
    record_decision(office.deps, L1, "ann", Verdicted(Answer.ACCEPT, letter="You are right."), NOW)
    undo_decision(office.deps, L1, "ann", NOW)
    page = own_lead(office.deps, OURS, L1, NOW)
    assert (page.timeline, page.letter) == (before.timeline, "")
    record_decision(office.deps, L1, "ann", Verdicted(Answer.OVERRIDE, Reason.WRONG_NUMBER), NOW)
    decided = [("decided", "not billable")] if requested else []
    told = [(step.what, step.text) for step in before.timeline]
    assert steps(office) == [*told, *decided, ("given back", "$45.00")], "the one that stands is told"
    reopen_lead(office.deps, L1, "ann", "Again.", NOW)
    record_decision(office.deps, L1, "ann", Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER), NOW)
    now = steps(office)
    assert now[-1] == ("charged again", "$45.00")
    undo_decision(office.deps, L1, "ann", NOW)
    assert steps(office) == [step for step in now[:-1] if step != ("decided", "stays charged")]


def test_a_client_takes_its_request_back_and_may_ask_again(office: Office) -> None:
    asked(office)
    withdraw_request(office.deps, L1, "", NOW)
    page = own_lead(office.deps, OURS, L1, NOW)
    assert (page.line.status, page.request_open, page.refusal) == ("request taken back", False, "")
    asked(office)
    assert own_lead(office.deps, OURS, L1, NOW).request_open


def test_why_nothing_can_be_asked_is_told_before_anybody_types(office: Office) -> None:
    assert own_lead(office.deps, OURS, L1, NOW).refusal == ""
    assert "window has passed" in own_lead(office.deps, OURS, L1, NOW + timedelta(days=8)).refusal
    asked(office)
    assert "already" in own_lead(office.deps, OURS, L1, NOW).refusal


def test_only_reasons_that_would_give_money_back_can_be_chosen(office: Office) -> None:
    reasons = own_lead(office.deps, OURS, L1, NOW).reasons
    assert Reason.SOLICITOR in reasons and Reason.NEW_CUSTOMER not in reasons
    with pytest.raises(MoveRefused):
        submit_request(office.deps, L1, Reason.NEW_CUSTOMER, "He is one.", {}, NOW)
