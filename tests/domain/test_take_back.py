"""A decision taken back was never made; a lead put back is as it was before somebody took it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from builders import NOW, a_charge, a_decision, a_policy, an_entry
from hypothesis import given
from hypothesis import strategies as st
from lives import ACCEPT, ANN, BO, BOOKED, CLIENT, OVERRIDE, PITCH, POLICY, STEPS, Lead, Step, charged, code, eligible

from insights.domain import lead_life
from insights.domain.billing import Answer, BillingRecord, LeadState
from insights.domain.lead_life import LONGEST_TEXT, Mover, Verdicted
from insights.domain.lead_money import owed, result_of
from insights.domain.ledger import PRIVATE, Draft, EntryKind, check_chain
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.domain.sealing import seals

BILLABLE = Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER)


def after(seconds: float, by: Mover = ANN) -> Mover:
    return replace(by, at=NOW + timedelta(seconds=seconds))


def proactive(record: BillingRecord) -> Decimal:
    return sum((credit.left.amount for credit in record.credits if credit.proactive), Decimal(0))


def test_a_decision_taken_back_leaves_the_lead_in_the_reviewers_hand_and_the_money_where_it_was() -> None:
    lead = charged(PITCH)
    lead.do(lead.decide(ACCEPT))
    reopening, reversal = lead.do(lead_life.take_back(lead.now, after(5), POLICY))
    assert (reopening.kind, reopening.body) == (
        EntryKind.REOPENING,
        {"note": "", "was": "decided", "undone": True, "decision": "decision:L-1:1"},
    )
    assert (reversal.kind, reversal.body) == (
        EntryKind.REVERSAL,
        {"amount": "45.00", "currency": "USD", "corrects": "credit:L-1:1", "decision": "decision:L-1:1"},
    )
    now = lead.now
    assert (now.state, now.decided, now.reopened, now.before) == (LeadState.IN_REVIEW, None, False, None)
    assert (now.reviewer, now.reviewing_since) == ("reviewer:ann", NOW + timedelta(seconds=5))
    assert now.balance == Money.parse("45.00")
    assert not list(seals(lead.entries[-2].chained)), "no words were written"


def test_after_a_second_decision_is_taken_back_the_first_one_holds_with_its_money() -> None:
    lead = charged(BOOKED)
    lead.do(lead.decide(replace(OVERRIDE, credit=Decimal("20"))))
    first = lead.now.decided
    lead.do(lead_life.reopen(lead.now, BO, "The client sent an invoice.", eligible()))
    lead.do(lead.decide(OVERRIDE))
    _, reversal = lead.do(lead_life.take_back(lead.now, ANN, POLICY))
    assert (reversal.body["amount"], reversal.body["corrects"]) == ("25.00", "credit:L-1:2")
    assert (lead.now.decided, lead.now.reopened, lead.now.credited) == (first, True, Money.parse("20.00"))


def test_what_a_decision_took_again_is_given_back_when_it_is_taken_back() -> None:
    lead = charged(BOOKED)
    for said in (replace(OVERRIDE, credit=Decimal("20")), OVERRIDE):
        lead.do(lead.decide(said))
        lead.do(lead_life.reopen(lead.now, ANN, "again", eligible()))
    lead.do(lead.submit())
    lead.do(lead.decide(ACCEPT))
    assert lead.now.balance == Money.parse("45.00")
    _, *credits = lead.do(lead_life.take_back(lead.now, ANN, POLICY))
    assert [(draft.key, draft.body["amount"], draft.body["proactive"]) for draft in credits] == [
        ("credit:L-1:3", "20", True),
        ("credit:L-1:4", "25.00", True),
    ], "asked for or not, as the credits were that had been taken"
    assert lead.now.balance == Money.parse("0.00")


def test_a_decision_that_moved_no_money_is_taken_back_without_any() -> None:
    lead = charged(BOOKED)
    lead.do(lead.decide(ACCEPT))
    (reopening,) = lead.do(lead_life.take_back(lead.now, ANN, POLICY))
    assert reopening.body["undone"]


@pytest.mark.parametrize(
    ("drafts", "by", "refused"),
    [
        ([], ANN, "not_decided"),
        ([a_decision()], BO, "not_yours"),
        ([replace(a_decision(), actor="policy:auto-accept")], ANN, "decided_by_policy"),
        ([replace(a_decision(), actor="policy:auto-accept")], Mover("policy:auto-accept", NOW), "decided_by_policy"),
        ([a_decision()], after(30.1), "too_late"),
        ([a_decision()], after(-0.1), "too_late"),
        ([a_decision(), an_entry(EntryKind.REOPENING, {"note": "again", "was": "decided"})], ANN, "not_decided"),
        (
            [a_decision(), an_entry(EntryKind.SECOND_LOOK, {"reason": "solicitor", "agrees": False}, actor=BO.actor)],
            ANN,
            "looked_already",
        ),
    ],
)
def test_only_who_decided_takes_it_back_and_only_at_once(drafts: Sequence[Draft], by: Mover, refused: str) -> None:
    assert code(lead_life.take_back(charged(*drafts).now, by, POLICY)) == refused


def test_a_decision_that_came_after_the_one_that_is_meant_is_not_taken_back() -> None:
    lead = charged(PITCH)
    first, *_ = lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.reopen(lead.now, ANN, "again", eligible()))
    second, *_ = lead.do(lead.decide(ACCEPT))
    assert code(lead_life.take_back(lead.now, ANN, POLICY, first.key)) == "changed"
    lead.do(lead_life.take_back(lead.now, ANN, POLICY, second.key))


def test_how_long_a_decision_can_be_taken_back_is_the_policys_to_say() -> None:
    lead = charged(a_decision())
    patient = a_policy({"review": {"undo_seconds": 120}})
    assert code(lead_life.take_back(lead.now, after(31), POLICY)) == "too_late"
    lead.do(lead_life.take_back(lead.now, after(120), patient))
    assert code(lead_life.take_back(lead.now, ANN, POLICY)) == "not_decided", "once is enough"


def test_a_decision_taken_back_can_be_made_again_by_the_same_reviewer_and_by_nobody_else() -> None:
    lead = charged(PITCH)
    lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.take_back(lead.now, ANN, POLICY))
    assert code(lead.decide(ACCEPT, by=BO)) == "in_review"
    decision, _ = lead.do(lead.decide(ACCEPT))
    assert decision.key == "decision:L-1:2"


@given(STEPS, st.sampled_from([ANN, BO]), st.sampled_from([ACCEPT, BILLABLE, OVERRIDE]), st.decimals(0, 45, places=2))
def test_whatever_came_before_a_decision_taken_back_leaves_no_trace_in_the_lead(
    steps: list[Step], by: Mover, said: Verdicted, credit: Decimal
) -> None:
    lead = charged(PITCH)
    for step in steps:
        lead.take(step)
    before = replace(lead.now, before=None)
    move = lead.decide(replace(said, credit=credit), by)
    if isinstance(move, lead_life.Refusal):
        return
    lead.do(move)
    lead.do(lead_life.take_back(lead.now, by, POLICY))
    undone = lead.now
    assert undone.before is None
    assert (undone.state, undone.reviewer, undone.reviewing_since) == (LeadState.IN_REVIEW, by.actor, NOW)
    assert (undone.balance, proactive(undone)) == (before.balance, proactive(before))
    same = {name: getattr(before, name) for name in ("state", "reviewer", "reviewing_since", "credits", "last")}
    assert replace(undone, counts=before.counts, **same) == before
    assert list(check_chain(lead.entries)) == []
    assert len({entry.key for entry in lead.entries}) == len(lead.entries)


def test_a_record_does_not_grow_with_every_decision() -> None:
    lead = charged(PITCH)
    for _ in range(3):
        lead.do(lead.decide(ACCEPT))
        assert lead.now.before is not None and lead.now.before.before is None
        lead.do(lead_life.reopen(lead.now, ANN, "again", eligible()))


def test_an_undoing_without_a_decision_before_it_is_any_other_reopening() -> None:
    undone = an_entry(EntryKind.REOPENING, {"note": "", "was": "decided", "undone": True})
    assert charged(undone).now.state is LeadState.REOPENED


PUT_BACK = {
    "not reviewed": ([], LeadState.NOT_REVIEWED),
    "submitted": (["submit"], LeadState.SUBMITTED),
    "withdrawn": (["submit", "withdraw"], LeadState.WITHDRAWN),
    "reopened": (["accept", "reopen"], LeadState.REOPENED),
    "submitted, asked and answered": (["submit", "ask", "give"], LeadState.SUBMITTED),
    "taken, put back": (["start", "put back"], LeadState.NOT_REVIEWED),
    "decided and taken back": (["submit", "accept", "take back", "put back"], LeadState.SUBMITTED),
}


@pytest.mark.parametrize(("steps", "state"), PUT_BACK.values(), ids=PUT_BACK.keys())
def test_a_lead_put_back_is_what_it_was_before_it_was_taken(steps: list[str], state: LeadState) -> None:
    lead = charged(PITCH)
    for step in [*steps, "start"]:
        assert not isinstance(lead.take((step, ANN, Reason.SOLICITOR, None)), lead_life.Refusal), step
    assert lead.now.state is LeadState.IN_REVIEW
    (left,) = lead.do(lead_life.put_back(lead.now, ANN))
    assert (left.kind, left.body) == (EntryKind.REVIEW_LEFT, {})
    assert (lead.now.state, lead.now.reviewer, lead.now.reviewing_since) == (state, "", None)
    lead.do(lead_life.start_review(lead.now, BO, eligible(), POLICY))


def test_a_lead_whose_client_is_still_asked_waits_for_the_client_when_it_is_put_back() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead_life.ask(lead.now, ANN, "Which invoice?", eligible(), POLICY))
    lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.take_back(lead.now, ANN, POLICY))
    lead.do(lead_life.put_back(lead.now, ANN))
    assert lead.now.state is LeadState.INFORMATION_NEEDED


def test_a_request_that_came_meanwhile_stands_when_the_lead_is_put_back() -> None:
    lead = charged(PITCH)
    lead.do(lead_life.start_review(lead.now, ANN, eligible(), POLICY))
    lead.do(lead.submit())
    lead.do(lead_life.put_back(lead.now, ANN))
    assert (lead.now.state, lead.now.reviewer) == (LeadState.SUBMITTED, "")


def test_only_who_has_a_lead_in_hand_puts_it_back() -> None:
    lead = charged(PITCH)
    assert code(lead_life.put_back(lead.now, ANN)) == "not_in_hand"
    lead.do(lead_life.start_review(lead.now, BO, eligible(), POLICY))
    refusal = lead_life.put_back(lead.now, ANN)
    assert isinstance(refusal, lead_life.Refusal) and "reviewer:bo" in refusal.message


def test_a_decision_carries_the_clients_letter_sealed_and_without_card_numbers() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    letter = "Dear Blue Pipe,\n\nshe paid with 4111 1111 1111 1111.\n"
    decision, _ = lead.do(lead.decide(replace(ACCEPT, letter=letter)))
    assert decision.body["letter"] == "Dear Blue Pipe,\n\nshe paid with [masked]."
    assert lead.now.decided is not None and lead.now.decided.letter == decision.body["letter"]
    (entry,) = [entry for entry in lead.entries if entry.kind is EntryKind.DECISION]
    assert "letter" in PRIVATE[EntryKind.DECISION] and set(entry.chained["letter"]) == {"sealed"}


def test_a_decision_without_a_letter_says_nothing_of_one_and_too_long_a_letter_is_refused() -> None:
    lead = charged(PITCH)
    assert code(lead.decide(replace(ACCEPT, letter="x" * (LONGEST_TEXT + 1)))) == "text_too_long"
    decision, _ = lead.do(lead.decide(replace(ACCEPT, letter=" ")))
    assert "letter" not in decision.body
    assert lead.now.decided is not None and lead.now.decided.letter == ""
    assert Lead(a_charge(), a_decision()).now.decided.letter == ""  # type: ignore[union-attr]


def test_a_client_can_withdraw_again_once_the_decision_is_taken_back() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.take_back(lead.now, ANN, POLICY))
    lead.do(lead_life.withdraw(lead.now, CLIENT))
    assert lead.now.state is LeadState.WITHDRAWN


def test_what_goes_back_is_all_or_nothing_unless_the_reviewer_says_how_much() -> None:
    charge, part = Money.parse("45.00"), Decimal("20")
    assert [owed(charge, billable, None) for billable in (True, False)] == [Money.parse("0"), charge]
    assert result_of(owed(charge, True, part), charge, True) == "partly"
