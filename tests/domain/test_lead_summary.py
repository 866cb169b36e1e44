"""A lead's row holds what the record says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOW, a_campaign, a_charge, a_decision, a_lead, a_policy, a_proposal, a_record, an_entry

from insights.domain.billing import fold_ledger
from insights.domain.lead_summary import FAILED_CHANCE, Known, LeadSummary, is_billable, lead_summary, reason_of
from insights.domain.leads import LeadId, LeadKind
from insights.domain.ledger import Draft, EntryKind
from insights.domain.reasons import Reason

ASKED = an_entry(EntryKind.REQUEST, {"reason": "solicitor", "explanation": "A pitch."}, actor="client:K-1")
PITCH = {"decision": "non_billable", "reason": "solicitor", "probability": 0.9, "probabilities": {"new_customer": 0.05}}
DUE = NOW + timedelta(days=5)


def pitch(**changes: Any) -> Draft:
    return an_entry(EntryKind.PROPOSAL, PITCH | changes, actor="pipeline")


def row(*drafts: Draft, failure: str = "", due: Any = None, **lead: Any) -> LeadSummary:
    entries = a_record(a_charge(), *drafts)
    record = fold_ledger(LeadId("L-1"), entries)
    return lead_summary(Known(a_lead(**lead), a_campaign(), a_policy(), record, entries, "ready", failure, due))


@pytest.mark.parametrize(
    ("drafts", "lead", "waits"),
    [
        ([pitch()], {}, True),
        ([pitch(decision="needs_review")], {}, True),
        ([pitch(decision="billable")], {}, False),
        ([], {}, False),
        ([pitch()], {"answered": False}, False),
        ([pitch()], {"voicemail": True}, False),
        ([pitch()], {"recording_enabled": False}, False),
        ([pitch()], {"kind": LeadKind.FORM, "answered": False}, True),
        ([pitch(), a_decision()], {}, False),
        ([pitch(decision="billable"), ASKED], {}, True),
        ([ASKED, an_entry(EntryKind.INFORMATION_ASKED, {"fact": "Which?"})], {}, False),
        ([pitch(), a_decision(), an_entry(EntryKind.REOPENING, {"note": "again"})], {}, True),
        ([pitch(), an_entry(EntryKind.REVIEW_STARTED, {})], {}, True),
        ([pitch(), an_entry(EntryKind.EXPIRY, {})], {}, False),
    ],
)
def test_a_lead_waits_where_a_person_might_change_its_bill(
    drafts: Sequence[Draft], lead: dict[str, Any], waits: bool
) -> None:
    assert row(*drafts, **lead).waits is waits


def test_what_could_not_be_heard_waits_and_is_worth_a_coins_toss() -> None:
    broken = row(failure="not_audio")
    assert (broken.waits, broken.worth) == (True, 45 * FAILED_CHANCE)
    assert not row(pitch(decision="billable"), failure="not_audio").waits


def test_worth_is_what_listening_is_expected_to_move() -> None:
    assert row(pitch()).worth == pytest.approx(45 * 0.9)
    assert row(pitch(decision="needs_review")).worth == pytest.approx(45 * 0.95)


def test_the_time_of_a_review_runs_from_taking_the_lead_to_deciding_it() -> None:
    taken = an_entry(EntryKind.REVIEW_STARTED, {}, at=NOW)
    decided = a_decision(at=NOW + timedelta(seconds=42))
    assert row(pitch(), taken, decided).facts["review_s"] == 42
    assert row(pitch(), decided).facts["review_s"] is None


TAKEN = an_entry(EntryKind.REVIEW_STARTED, {})
UNDONE = {"note": "", "was": "decided", "undone": True}
TAKEN_BACK = an_entry(EntryKind.REOPENING, UNDONE)


def seconds(after: float) -> datetime:
    return NOW + timedelta(seconds=after)


@pytest.mark.parametrize(
    ("drafts", "review_s"),
    [
        ([TAKEN, a_decision(at=seconds(10))], 10),
        ([TAKEN, a_decision(at=seconds(10)), TAKEN_BACK], None),
        ([TAKEN, a_decision(at=seconds(10)), TAKEN_BACK, a_decision(at=seconds(42), key="2")], 42),
        ([TAKEN, an_entry(EntryKind.REVIEW_LEFT, {}), a_decision(at=seconds(10))], None),
        ([TAKEN, an_entry(EntryKind.INFORMATION_ASKED, {"fact": "Which?"}), a_decision(at=seconds(10))], None),
    ],
    ids=["decided", "undone", "undone and decided again", "put back", "asked"],
)
def test_effort_counts_the_decision_that_holds_from_when_its_reviewer_took_the_lead(
    drafts: Sequence[Draft], review_s: float | None
) -> None:
    assert row(pitch(), *drafts).facts["review_s"] == review_s


def test_a_decision_that_was_taken_back_counts_as_never_made() -> None:
    """Two leads with the same history but for a decision and its undoing: their rows differ in whose hand it is."""
    never = row(pitch(), ASKED, TAKEN, due=DUE)
    undone = row(pitch(), ASKED, TAKEN, a_decision(result="declined"), TAKEN_BACK, due=DUE)
    assert undone == never
    first = a_decision(answer="override", reason="job_seeker", result="accepted", at=seconds(5))
    again = an_entry(EntryKind.REOPENING, {"note": "again", "was": "decided"}, key="1", at=seconds(6))
    second = a_decision(key="2", at=seconds(7))
    back = an_entry(EntryKind.REOPENING, UNDONE, key="2", at=seconds(8))
    facts = row(pitch(), ASKED, first, again, second, back, due=DUE).facts
    assert (facts["decided_reason"], facts["answered_h"], facts["in_time"]) == ("job_seeker", 5 / 3600, True)


@pytest.mark.parametrize(
    ("drafts", "due", "in_time"),
    [
        ([ASKED, a_decision(at=DUE)], DUE, True),
        ([ASKED, a_decision(at=DUE + timedelta(seconds=1))], DUE, False),
        ([ASKED], DUE, None),
        ([a_decision()], None, None),
        ([ASKED, a_decision()], None, None),
    ],
)
def test_an_answer_is_in_time_up_to_its_due_time(drafts: Sequence[Draft], due: Any, in_time: bool | None) -> None:
    assert row(*drafts, due=due).facts["in_time"] is in_time


@pytest.mark.parametrize(
    ("drafts", "billable", "reason"),
    [
        ([], True, None),
        ([pitch()], False, Reason.SOLICITOR),
        ([pitch(decision="needs_review")], True, None),
        ([pitch(), a_decision(answer="override", reason="new_customer")], True, Reason.NEW_CUSTOMER),
        ([a_proposal(), a_decision(answer="override", reason="job_seeker")], False, Reason.JOB_SEEKER),
    ],
)
def test_decisions_stand_before_proposals_and_proposals_before_the_charge(
    drafts: Sequence[Draft], billable: bool, reason: Reason | None
) -> None:
    bodies = [
        an_entry(EntryKind.PROPOSAL, PITCH | dict(draft.body)) if draft.kind is EntryKind.PROPOSAL else draft
        for draft in drafts
    ]
    facts = row(*bodies).facts
    assert (is_billable(facts), reason_of(facts)) == (billable, reason)


@pytest.mark.parametrize(
    ("drafts", "overridden"),
    [
        ([pitch(), a_decision(answer="accept", reason="solicitor")], False),
        ([pitch(), a_decision(answer="override", reason="job_seeker")], True),
        ([pitch(decision="needs_review"), a_decision(answer="override", reason="solicitor")], None),
        ([a_decision(answer="override", reason="solicitor")], None),
    ],
)
def test_only_a_proposal_can_be_overridden(drafts: Sequence[Draft], overridden: bool | None) -> None:
    assert row(*drafts).facts["overridden"] is overridden


def test_the_row_tells_the_words_the_request_and_the_second_look() -> None:
    told = row(
        pitch(evidence=[{"quote": "your google listing"}]),
        ASKED,
        a_decision(answer="accept", reason="solicitor", outcome=None),
        an_entry(EntryKind.SECOND_LOOK, {"reason": "new_customer", "agrees": False}, actor="reviewer:bo"),
    ).facts
    assert (told["note"], told["requested_reason"], told["second_look_billable"]) == (
        "your google listing",
        "solicitor",
        True,
    )
    assert row(pitch(evidence=[{"fact": "paused"}])).facts["note"] == "paused"
    assert row(a_decision(outcome="open")).facts["decided_outcome"] == "open"
