"""The present state of a lead: the last word stands, a proposal moves no money, a credit never exceeds its charge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW, a_charge, a_decision, a_proposal, a_record, an_entry
from histories import DRAFTS
from hypothesis import given

from insights.domain.billing import Answer, Decided, LeadState, fold_ledger
from insights.domain.intents import Outcome
from insights.domain.leads import LeadId
from insights.domain.ledger import Draft, EntryKind
from insights.domain.money import Money
from insights.domain.reasons import Reason

LEAD = LeadId("L-1")
LATER = NOW + timedelta(hours=1)
ASKED = {"reason": "previous_customer", "explanation": "We did her roof in 2024."}


def state_after(*drafts: Draft) -> LeadState:
    return fold_ledger(LEAD, a_record(*drafts)).state


def test_a_lead_of_which_nothing_was_posted_is_not_reviewed_and_costs_nothing() -> None:
    record = fold_ledger(LEAD, a_record(a_charge("L-2")))
    assert (record.state, record.balance, record.last) == (LeadState.NOT_REVIEWED, Money.parse("0"), 0)


def test_a_proposal_moves_no_money_and_reviews_nothing() -> None:
    record = fold_ledger(LEAD, a_record(a_charge(), a_proposal(decision="non_billable")))
    assert (record.state, record.balance) == (LeadState.NOT_REVIEWED, Money.parse("45.00"))
    assert record.proposal_key == "proposal:L-1:1"


def test_a_charge_keeps_its_currency_and_a_proposal_that_stood_before_it() -> None:
    record = fold_ledger(LEAD, a_record(a_proposal(), a_charge(amount="50.00", currency="CAD")))
    assert record.balance == Money.parse("50.00", "CAD")
    assert record.proposal is not None


def test_a_decided_lead_stays_decided_whatever_is_proposed_after_it() -> None:
    """The decision names the proposal that stood before the reviewer; a later one does not change what was decided."""
    entries = a_record(
        a_charge(), a_proposal(key="1"), a_decision(answer="override", reason="solicitor"), a_proposal(key="2")
    )
    record = fold_ledger(LEAD, entries)

    assert (record.state, record.counts[EntryKind.PROPOSAL]) == (LeadState.DECIDED, 2)
    assert record.decided == Decided(
        Answer.OVERRIDE, Reason.SOLICITOR, None, NOW, "reviewer:ann", entries[1].body, key="decision:L-1:1"
    )


def test_the_last_decision_holds() -> None:
    decided = fold_ledger(
        LEAD,
        a_record(
            a_proposal(),
            a_decision(answer="override", reason="job_seeker"),
            a_decision(reason="new_customer", outcome="price_shopper", at=LATER, key="2"),
        ),
    ).decided
    assert decided is not None
    assert (decided.reason, decided.outcome, decided.at) == (Reason.NEW_CUSTOMER, Outcome.PRICE_SHOPPER, LATER)


def test_a_lead_can_be_decided_before_anything_was_proposed() -> None:
    decided = fold_ledger(LEAD, a_record(a_charge(), a_decision(answer="override", reason="solicitor"))).decided
    assert decided is not None and decided.proposal is None


def test_what_the_client_asked_stays_open_until_it_is_answered_or_taken_back() -> None:
    asked = an_entry(EntryKind.REQUEST, ASKED, actor="client:K-1")
    record = fold_ledger(LEAD, a_record(a_charge(), asked))
    assert (record.state, record.request_open) == (LeadState.SUBMITTED, True)
    assert record.request is not None and record.request.explanation == ASKED["explanation"]
    for closing in (a_decision(), an_entry(EntryKind.WITHDRAWAL, {"request": asked.key, "note": ""})):
        assert not fold_ledger(LEAD, a_record(a_charge(), asked, closing)).request_open


FILE = {"sha256": "0" * 64, "name": "invoice.pdf", "bytes": 5}


def test_a_question_waits_until_the_client_gives_the_fact_and_the_review_goes_on() -> None:
    asked = an_entry(EntryKind.INFORMATION_ASKED, {"fact": "Which invoice?"})
    given = an_entry(EntryKind.INFORMATION_GIVEN, {"text": "4471", "files": [FILE]}, at=LATER, actor="client:K-1")
    request = an_entry(EntryKind.REQUEST, ASKED)
    waiting = fold_ledger(LEAD, a_record(a_charge(), request, asked))
    assert (waiting.state, waiting.waits[0].given_at) == (LeadState.INFORMATION_NEEDED, None)
    told = fold_ledger(LEAD, a_record(a_charge(), request, asked, given))
    assert told.state is LeadState.IN_REVIEW
    assert (told.waits[0].given, told.waits[0].given_at, told.waits[0].files) == ("4471", LATER, (FILE,))


def test_facts_that_were_given_keep_their_time_when_another_is_given() -> None:
    asked = [an_entry(EntryKind.INFORMATION_ASKED, {"fact": f"fact {n}"}, key=str(n)) for n in (1, 2)]
    given = [
        an_entry(EntryKind.INFORMATION_GIVEN, {"text": f"told {n}"}, at=NOW + timedelta(hours=n), key=str(n))
        for n in (1, 2)
    ]
    record = fold_ledger(LEAD, a_record(a_charge(), asked[0], given[0], asked[1], given[1]))
    assert [wait.given for wait in record.waits] == ["told 1", "told 2"]


def test_a_reviewer_has_the_lead_in_hand_until_the_decision() -> None:
    taken = an_entry(EntryKind.REVIEW_STARTED, {}, actor="reviewer:bo")
    assert fold_ledger(LEAD, a_record(a_charge(), taken)).reviewer == "reviewer:bo"
    assert fold_ledger(LEAD, a_record(a_charge(), taken, a_decision())).reviewer == ""


def test_an_expired_and_a_reopened_lead_say_so() -> None:
    expired = an_entry(EntryKind.EXPIRY, {"unreviewed": True})
    reopened = an_entry(EntryKind.REOPENING, {"note": "invoice found", "was": "expired"}, at=LATER)
    assert state_after(a_charge(), expired) is LeadState.EXPIRED
    assert fold_ledger(LEAD, a_record(a_charge(), expired)).expired_at == NOW
    assert state_after(a_charge(), expired, reopened) is LeadState.REOPENED


def test_a_client_waits_from_the_request_on_and_again_from_its_reopening() -> None:
    request = an_entry(EntryKind.REQUEST, ASKED)
    reopened = an_entry(EntryKind.REOPENING, {"note": "again", "was": "decided"}, at=LATER)
    assert fold_ledger(LEAD, a_record(a_charge())).clock_started_at is None
    assert fold_ledger(LEAD, a_record(a_charge(), request)).clock_started_at == NOW
    assert fold_ledger(LEAD, a_record(a_charge(), request, a_decision())).clock_started_at == NOW
    withdrawn = an_entry(EntryKind.WITHDRAWAL, {"request": request.key, "note": ""})
    assert fold_ledger(LEAD, a_record(a_charge(), request, withdrawn)).clock_started_at is None
    assert fold_ledger(LEAD, a_record(a_charge(), request, a_decision(), reopened)).clock_started_at == LATER


@pytest.mark.parametrize(
    ("credited", "taken", "balance"),
    [((), (), "45.00"), (("45.00",), (), "0"), (("20.00",), (), "25.00"), (("45.00",), ("45.00",), "45.00")],
)
def test_credits_lower_the_balance_and_reversals_raise_it_again(
    credited: tuple[str, ...], taken: tuple[str, ...], balance: str
) -> None:
    credits = [
        an_entry(EntryKind.CREDIT, {"amount": amount, "currency": "USD", "corrects": "charge:L-1"}, key=str(n))
        for n, amount in enumerate(credited)
    ]
    back = [
        an_entry(EntryKind.REVERSAL, {"amount": amount, "currency": "USD", "corrects": credits[n].key}, key=str(n))
        for n, amount in enumerate(taken)
    ]
    assert fold_ledger(LEAD, a_record(a_charge(), *credits, *back)).balance == Money.parse(balance)


@given(DRAFTS)
def test_the_fold_of_a_lead_looks_only_at_its_own_entries_and_the_last_word_stands(drafts: list[Draft]) -> None:
    entries = a_record(*drafts)
    own = [entry for entry in entries if entry.lead_id == LEAD]
    charges = [entry.body["amount"] for entry in own if entry.kind is EntryKind.CHARGE]
    proposals = [entry.body for entry in own if entry.kind is EntryKind.PROPOSAL]
    record = fold_ledger(LEAD, entries)
    assert record == fold_ledger(LEAD, own)
    assert record.charged == Money.parse(charges[-1] if charges else "0")
    assert record.proposal == (proposals[-1] if proposals else None)
    assert record.last == (own[-1].sequence if own else 0)
