"""The moves of client and reviewer: what they post, what money they move, and when they are refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from builders import NOW, a_charge, a_policy
from hypothesis import given
from lives import (
    ACCEPT,
    ANN,
    BO,
    BOOKED,
    CLIENT,
    DOUBTFUL,
    OVERRIDE,
    PITCH,
    POLICY,
    STEPS,
    Lead,
    Step,
    charged,
    code,
    eligible,
)

from insights.domain import lead_life
from insights.domain.billing import Answer, Kept, LeadState, Result
from insights.domain.intents import Outcome
from insights.domain.lead_life import LONGEST_TEXT, Move, Mover, Refusal, Verdicted
from insights.domain.ledger import Draft, EntryKind, check_chain
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.domain.screening import Eligibility


def test_a_request_carries_reason_explanation_files_and_the_proposal_that_speaks_for_it() -> None:
    lead = charged(PITCH)
    files = [{"name": "invoice.pdf", "sha256": "a" * 64, "bytes": 10}]
    (draft,) = lead.do(lead_life.submit(lead.now, CLIENT, Reason.SOLICITOR, " A pitch. ", eligible(), POLICY, files))
    assert (draft.kind, draft.key, draft.actor) == (EntryKind.REQUEST, "request:L-1:1", "client:K-1")
    assert draft.body["explanation"] == "A pitch."
    assert draft.body["files"] == files
    assert draft.body["evidence"] == {
        "proposal": PITCH.key,
        "reason": "solicitor",
        "quotes": [{"quote": "your google listing", "turn": 1}],
    }


@pytest.mark.parametrize("proposals", [[], [BOOKED]], ids=["none", "billable"])
def test_a_proposal_that_does_not_speak_for_the_client_is_no_evidence(proposals: list[Draft]) -> None:
    (draft,) = charged(*proposals).submit()  # type: ignore[misc]
    assert draft.body["evidence"] is None


def test_a_doubtful_proposal_of_a_billable_reason_is_no_evidence() -> None:
    unsure = replace(BOOKED, body={**BOOKED.body, "decision": "needs_review"})
    (draft,) = charged(unsure).submit()  # type: ignore[misc]
    assert draft.body["evidence"] is None


def test_a_second_request_is_refused_while_the_first_is_open_and_after_the_decision() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    assert code(lead.submit()) == "already_submitted"
    lead.do(lead.decide())
    assert code(lead.submit()) == "already_decided"


def test_a_request_that_was_taken_back_can_be_made_again() -> None:
    lead = charged()
    lead.do(lead.submit())
    lead.do(lead_life.withdraw(lead.now, CLIENT, "Found the booking."))
    assert lead.now.state is LeadState.WITHDRAWN
    (again,) = lead.do(lead.submit())
    assert again.key == "request:L-1:2"
    assert code(lead_life.withdraw(charged().now, CLIENT)) == "no_request"


@pytest.mark.parametrize(
    ("reason", "text", "refused"),
    [
        (Reason.NEW_CUSTOMER, "Not ours.", "billable_reason"),
        (Reason.MISSED_CALL, "Nobody came.", "billable_reason"),
        (Reason.SOLICITOR, "  ", "no_text"),
        (Reason.SOLICITOR, "x" * (LONGEST_TEXT + 1), "text_too_long"),
    ],
)
def test_a_request_that_says_nothing_is_refused(reason: Reason, text: str, refused: str) -> None:
    assert code(charged().submit(reason, text)) == refused


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        (eligible(answered=False), "not_answered"),
        (eligible(7), "too_old"),
        (eligible(recording_enabled=False), "recording_disabled"),
        (eligible(-1), "not_yet_received"),
    ],
)
def test_a_lead_that_is_not_eligible_is_refused_with_the_reason(found: Eligibility, refused: str) -> None:
    lead = charged()
    assert code(lead_life.submit(lead.now, CLIENT, Reason.SOLICITOR, "A pitch.", found, POLICY)) == refused
    assert code(lead_life.decide(lead.now, ANN, OVERRIDE, found, POLICY)) == refused


def test_a_request_made_in_time_is_decided_also_after_day_seven() -> None:
    lead = charged()
    lead.do(lead.submit())
    lead.do(lead.decide(days_old=9))
    assert lead.now.state is LeadState.DECIDED


def test_accepting_a_non_billable_proposal_gives_the_whole_charge_back_unasked() -> None:
    lead = charged(PITCH)
    decision, credit = lead.do(lead.decide(ACCEPT))
    assert (decision.body["reason"], decision.body["proposal"]) == ("solicitor", PITCH.key)
    assert decision.body["result"] == Result.ACCEPTED
    assert credit.body == {
        "amount": "45.00",
        "currency": "USD",
        "corrects": "charge:L-1",
        "decision": decision.key,
        "proactive": True,
    }
    assert lead.now.balance == Money.parse("0")


def test_accepting_a_billable_proposal_moves_no_money_and_keeps_its_outcome() -> None:
    lead = charged(BOOKED)
    (decision,) = lead.do(lead.decide(ACCEPT))
    assert (decision.body["outcome"], decision.body["result"]) == ("appointment_booked", Result.DECLINED)
    (said,) = charged(BOOKED).decide(replace(ACCEPT, outcome=Outcome.OPEN))  # type: ignore[misc]
    assert said.body["outcome"] == "open"


@pytest.mark.parametrize("proposals", [[], [DOUBTFUL]], ids=["none", "doubtful"])
def test_where_nothing_is_proposed_there_is_nothing_to_accept(proposals: list[Draft]) -> None:
    assert code(charged(*proposals).decide(ACCEPT)) == "nothing_proposed"


@pytest.mark.parametrize(
    ("proposal", "said", "refused"),
    [
        (PITCH, Verdicted(Answer.OVERRIDE), "no_reason"),
        (PITCH, Verdicted(Answer.OVERRIDE, Reason.SOLICITOR), "as_proposed"),
        (BOOKED, Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER), "as_proposed"),
        (BOOKED, Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER, Outcome.APPOINTMENT_BOOKED), "as_proposed"),
        (BOOKED, Verdicted(Answer.OVERRIDE, Reason.SOLICITOR, Outcome.OPEN), "outcome_of_none"),
        (BOOKED, replace(OVERRIDE, note="x" * (LONGEST_TEXT + 1)), "text_too_long"),
        (BOOKED, replace(OVERRIDE, credit=Decimal("45.01")), "credit_beyond_charge"),
        (BOOKED, replace(OVERRIDE, credit=Decimal("-1")), "credit_beyond_charge"),
        (BOOKED, replace(OVERRIDE, credit=Decimal("1.005")), "credit_beyond_charge"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(proposal: Draft, said: Verdicted, refused: str) -> None:
    assert code(charged(proposal).decide(said)) == refused


def test_a_doubtful_proposals_reason_can_be_confirmed_and_another_outcome_said() -> None:
    charged(DOUBTFUL).do(charged(DOUBTFUL).decide(Verdicted(Answer.OVERRIDE, Reason.SOLICITOR)))
    priced = Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER, Outcome.PRICE_SHOPPER)
    (decision,) = charged(BOOKED).decide(priced)  # type: ignore[misc]
    assert decision.body["outcome"] == "price_shopper"


def test_a_part_can_be_given_back() -> None:
    lead = charged(BOOKED)
    lead.do(lead.submit())
    decision, credit = lead.do(lead.decide(replace(OVERRIDE, credit=Decimal("20"))))
    assert (decision.body["result"], decision.body["request"]) == (Result.PARTLY, "request:L-1:1")
    assert not credit.body["proactive"]
    assert lead.now.balance == Money.parse("25.00")


@pytest.mark.parametrize(
    ("reason", "result"), [(Reason.SOLICITOR, Result.ACCEPTED), (Reason.NEW_CUSTOMER, Result.DECLINED)]
)
def test_a_lead_that_cost_nothing_is_decided_without_money(reason: Reason, result: Result) -> None:
    (decision,) = Lead(a_charge(amount="0")).decide(Verdicted(Answer.OVERRIDE, reason))  # type: ignore[misc]
    assert decision.body["result"] == result


def test_of_two_people_only_one_decides() -> None:
    lead = charged(PITCH)
    lead.do(lead.decide(ACCEPT, by=BO))
    assert code(lead.decide(ACCEPT)) == "already_decided"
    assert code(lead_life.ask(lead.now, ANN, "Which invoice?", eligible(), POLICY)) == "already_decided"
    assert code(lead_life.start_review(lead.now, ANN, eligible(), POLICY)) == "already_decided"


def test_a_lead_in_somebodys_hands_is_left_to_them() -> None:
    lead = charged(PITCH)
    lead.do(lead_life.start_review(lead.now, BO, eligible(), POLICY))
    assert lead.do(lead_life.start_review(lead.now, BO, eligible(), POLICY)) == []
    assert code(lead_life.start_review(lead.now, ANN, eligible(), POLICY)) == "in_review"
    assert code(lead.decide(ACCEPT)) == "in_review"
    lead.do(lead.decide(ACCEPT, by=BO))


def test_a_decision_on_what_has_changed_since_is_refused() -> None:
    lead = charged(PITCH)
    seen = lead.now.last
    lead.do(lead.submit())
    assert code(lead.decide(replace(ACCEPT, seen=seen))) == "changed"
    lead.do(lead.decide(replace(ACCEPT, seen=lead.now.last)))


def test_one_question_is_asked_at_a_time_and_answered_once() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead_life.ask(lead.now, ANN, "Which invoice?", eligible(), POLICY))
    assert code(lead_life.ask(lead.now, ANN, "Which year?", eligible(), POLICY)) == "already_asked"
    assert code(lead_life.give(lead.now, CLIENT, " ")) == "no_text"
    (answer,) = lead.do(lead_life.give(lead.now, CLIENT, "4471", [{"name": "a", "sha256": "b", "bytes": 1}]))
    assert (answer.body["text"], len(answer.body["files"])) == ("4471", 1)
    assert code(lead_life.give(lead.now, CLIENT, "4471")) == "nothing_asked"
    assert code(lead_life.ask(lead.now, ANN, "", eligible(), POLICY)) == "no_text"


def test_an_answer_that_comes_after_the_decision_opens_nothing() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead_life.ask(lead.now, ANN, "Which invoice?", eligible(), POLICY))
    lead.do(lead.decide(ACCEPT))
    assert code(lead_life.give(lead.now, CLIENT, "4471")) == "already_decided"


def test_a_reopened_lead_is_decided_again_and_only_the_difference_moves() -> None:
    lead = charged(PITCH)
    lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.reopen(lead.now, ANN, "The client hired her.", eligible()))
    _, reversal = lead.do(lead.decide(Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER), days_old=30))
    assert (reversal.kind, reversal.body["corrects"], reversal.body["amount"]) == (
        EntryKind.REVERSAL,
        "credit:L-1:1",
        "45.00",
    )
    assert lead.now.balance == Money.parse("45.00")


def test_too_much_is_taken_back_from_the_newest_credit_first() -> None:
    lead = charged(BOOKED)
    for amount in ("20", "45"):
        lead.do(lead.decide(replace(OVERRIDE, credit=Decimal(amount))))
        lead.do(lead_life.reopen(lead.now, ANN, "again", eligible()))
    _, first, second = lead.do(lead.decide(replace(OVERRIDE, credit=Decimal("10"))))
    assert [(draft.body["corrects"], draft.body["amount"]) for draft in (first, second)] == [
        ("credit:L-1:2", "25"),
        ("credit:L-1:1", "10"),
    ]
    assert lead.now.balance == Money.parse("35.00")


def test_a_credit_that_need_not_be_touched_is_left_alone() -> None:
    lead = charged(BOOKED)
    for amount in ("20", "45"):
        lead.do(lead.decide(replace(OVERRIDE, credit=Decimal(amount))))
        lead.do(lead_life.reopen(lead.now, ANN, "again", eligible()))
    _, only = lead.do(lead.decide(replace(OVERRIDE, credit=Decimal("30"))))
    assert (only.body["corrects"], only.body["amount"]) == ("credit:L-1:2", "15")


def test_a_second_look_says_whether_two_people_agree_on_the_charge_and_is_given_once() -> None:
    lead = charged(PITCH)
    assert code(lead_life.look_again(lead.now, BO, Reason.SOLICITOR, POLICY)) == "not_decided"
    lead.do(lead.decide(ACCEPT))
    assert code(lead_life.look_again(lead.now, ANN, Reason.SOLICITOR, POLICY)) == "own_decision"
    (look,) = lead.do(lead_life.look_again(lead.now, BO, Reason.NEW_CUSTOMER, POLICY))
    assert look.body["agrees"] is False
    assert code(lead_life.look_again(lead.now, CLIENT, Reason.SOLICITOR, POLICY)) == "looked_already"


DEAD_ENDS = {
    "taken in hand": ["start"],
    "asked": ["ask"],
    "asked and answered": ["ask", "give"],
    "withdrawn": ["submit", "withdraw"],
    "expired": ["expire"],
    "expired, reopened, taken in hand": ["expire", "reopen", "start"],
    "expired, reopened, asked": ["expire", "reopen", "ask", "give"],
    "decided": ["decide"],
    "withdrawn, reopened, asked": ["submit", "withdraw", "reopen", "ask"],
}


def one_step(lead: Lead, step: str, found: Eligibility) -> Move:
    record = lead.now
    moves = {
        "start": lambda: lead_life.start_review(record, ANN, found, POLICY),
        "ask": lambda: lead_life.ask(record, ANN, "Which?", found, POLICY),
        "give": lambda: lead_life.give(record, CLIENT, "That."),
        "submit": lead.submit,
        "withdraw": lambda: lead_life.withdraw(record, CLIENT),
        "expire": lambda: lead_life.expire(record, Mover("clock", NOW)),
        "reopen": lambda: lead_life.reopen(record, ANN, "again", found),
        "decide": lambda: lead.decide(ACCEPT),
    }
    return moves[step]()


@pytest.mark.parametrize("steps", DEAD_ENDS.values(), ids=DEAD_ENDS.keys())
def test_no_lead_is_stuck_after_day_seven(steps: list[str]) -> None:
    """Whatever happened before, it can be decided then, once somebody reopens it."""
    lead = charged(PITCH)
    late = eligible(9)
    for number, step in enumerate(steps):
        reopens = step == "reopen" or "reopen" in steps[:number]
        lead.do(one_step(lead, step, late if reopens else eligible()))
    if not lead.now.reopened:
        lead.do(lead_life.reopen(lead.now, ANN, "must be decided", late))
    lead.do(lead.decide(ACCEPT, days_old=9))
    assert lead.now.state is LeadState.DECIDED


def test_a_lead_is_held_by_whoever_took_it_only_for_a_while() -> None:
    lead = charged(PITCH)
    lead.do(lead_life.start_review(lead.now, BO, eligible(), POLICY))
    later = Mover("reviewer:ann", NOW + POLICY.review.hold)
    lead.do(lead_life.start_review(lead.now, later, eligible(), POLICY))
    assert lead.now.reviewer == "reviewer:ann"


def test_a_withdrawn_request_stays_withdrawn_whatever_is_done_with_the_lead() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead_life.withdraw(lead.now, CLIENT))
    lead.do(lead_life.start_review(lead.now, ANN, eligible(), POLICY))
    assert not lead.now.request_open
    _, credit = lead.do(lead.decide(ACCEPT))
    assert not credit.body["proactive"], "the client had asked before"


def test_a_client_cannot_keep_a_credit_by_withdrawing_what_was_decided() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.reopen(lead.now, ANN, "wrong credit", eligible()))
    assert code(lead_life.withdraw(lead.now, CLIENT)) == "decided_once"


def test_a_withdrawal_needs_no_words_but_not_too_many() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    assert code(lead_life.withdraw(lead.now, CLIENT, "x" * (LONGEST_TEXT + 1))) == "text_too_long"


def test_a_lead_waits_for_the_client_who_was_asked_not_for_a_second_reviewer() -> None:
    lead = charged(PITCH)
    lead.do(lead_life.ask(lead.now, ANN, "Which invoice?", eligible(), POLICY))
    assert code(lead_life.start_review(lead.now, BO, eligible(), POLICY)) == "already_asked"
    lead.do(lead_life.give(lead.now, CLIENT, "4471"))


def test_nothing_is_asked_or_decided_about_a_lead_that_is_not_charged_yet() -> None:
    lead = Lead(PITCH)
    assert code(lead.submit()) == "not_charged"
    assert code(lead.decide(ACCEPT)) == "not_charged"


@pytest.mark.parametrize("proposal", [PITCH, BOOKED], ids=["non-billable", "billable"])
def test_a_proposal_that_the_policy_judges_otherwise_by_now_is_not_accepted(proposal: Draft) -> None:
    billable = proposal is PITCH
    other = a_policy({"reasons": {"solicitor": {"billable": billable}}})
    lead = charged(proposal if billable else replace(PITCH, body={**PITCH.body, "decision": "billable"}))
    assert code(lead_life.decide(lead.now, ANN, ACCEPT, eligible(), other)) == "policy_changed"


def test_only_what_is_closed_is_reopened_and_for_a_reason() -> None:
    lead = charged(PITCH)
    assert code(lead_life.reopen(lead.now, ANN, "why not", eligible())) == "still_open"
    lead.do(lead.decide(ACCEPT))
    assert code(lead_life.reopen(lead.now, ANN, "", eligible())) == "no_text"


def test_what_nobody_looked_at_expires_once() -> None:
    lead = charged(PITCH)
    lead.do(lead_life.expire(lead.now, Mover("clock", NOW)))
    assert lead.now.state is LeadState.EXPIRED
    assert code(lead_life.expire(lead.now, Mover("clock", NOW))) == "not_waiting"


@given(STEPS)
def test_whatever_people_do_the_record_is_sound_and_no_more_goes_back_than_was_charged(steps: list[Step]) -> None:
    lead = charged(PITCH)
    for step in steps:
        lead.take(step)
        now = lead.now
        assert 0 <= now.balance.amount <= now.charged.amount
        assert all(0 <= credit.left.amount <= credit.amount.amount for credit in now.credits)
        assert now.balance + now.credited == now.charged
        if now.state is LeadState.DECIDED:
            assert now.decided is not None
            wanted = {Result.ACCEPTED: now.charged, Result.DECLINED: Money.parse("0")}
            assert now.decided.result is Result.PARTLY or now.credited == wanted[now.decided.result]  # type: ignore[index]
    assert list(check_chain(lead.entries)) == []
    assert len({entry.key for entry in lead.entries}) == len(lead.entries)


def test_what_a_client_writes_is_kept_without_card_numbers() -> None:
    told = Lead(a_charge()).submit(text="She paid with 4111 1111 1111 1111, see the invoice of 12 March.")
    assert not isinstance(told, Refusal)
    assert told[0].body["explanation"] == "She paid with [masked], see the invoice of 12 March."


def test_retention_leaves_what_an_open_review_needs_and_a_wish_does_not() -> None:
    lead = Lead(a_charge())
    lead.do(lead.submit())
    everything = frozenset(Kept)
    refused = lead_life.delete(lead.now, ANN, everything, lead_life.RETENTION, POLICY)
    assert isinstance(refused, Refusal) and refused.code == "review_open"
    (tombstone,) = lead.do(lead_life.delete(lead.now, ANN, everything, lead_life.ASKED, POLICY))
    assert tombstone.body["what"] == ["audio", "words"] and lead.now.deleted == everything
    assert lead_life.delete(lead.now, ANN, everything, lead_life.ASKED, POLICY) == [], "it is gone already"
    lead.do(lead_life.withdraw(lead.now, CLIENT, "Found the booking."))
    assert lead.now.deleted == {Kept.AUDIO}, "there are new words"
