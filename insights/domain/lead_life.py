"""What may happen to a lead next: every move of client and reviewer is checked here and becomes entries, or is refused.

Pure: a move takes the lead's present state and gives the drafts to post together. Their keys are numbered by what
stands on the record, so that of two people who make the same move at once only one is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from insights.domain.billing import REVIEWER, Answer, BillingRecord, Kept, LeadState
from insights.domain.intents import Outcome
from insights.domain.lead_money import MoneyMove, decision_moves, moves_back, owed, result_of
from insights.domain.ledger import Draft, EntryKind
from insights.domain.policy import Policy
from insights.domain.reasons import Reason
from insights.domain.screening import Eligibility, EligibilityCode
from insights.domain.secrets import without_secrets

RETENTION, ASKED = "retention", "asked"
"""Why something is deleted: its time is over, or somebody asked for it."""
LONGEST_TEXT = 5000
"""Characters of an explanation, a note or an answer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move is not made. ``code`` is a stable word; ``next_step`` says what can be done instead."""

    code: str
    message: str
    next_step: str = ""


Move = list[Draft] | Refusal
"""Entries to post in one transaction, or why not."""


@dataclass(frozen=True, slots=True)
class Mover:
    """Who makes a move, and when. ``actor`` as it stands on the record, such as ``reviewer:ann`` or ``client:K-1``."""

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdicted:
    """What a reviewer says of a lead.

    ``reason`` and ``outcome`` are the right ones of an override; ``credit``, in the charge's currency, is given when
    something else than all or nothing goes back; ``seen`` is the newest entry of the lead that the reviewer looked at,
    None: whatever stands; ``letter`` is the answer that the client reads.
    """

    answer: Answer
    reason: Reason | None = None
    outcome: Outcome | None = None
    credit: Decimal | None = None
    note: str = ""
    seen: int | None = None
    letter: str = ""


def submit(
    record: BillingRecord,
    by: Mover,
    reason: Reason,
    explanation: str,
    eligibility: Eligibility,
    policy: Policy,
    files: Sequence[Mapping[str, Any]] = (),
) -> Move:
    """The client asks for a review. Nothing is charged twice and nothing is asked twice.

    The standing proposal, where it speaks for the client, goes into the entry as evidence: nobody has to look for it.
    """
    if not record.charge_key:
        return NOT_CHARGED
    if record.request_open:
        return Refusal("already_submitted", "a review of this lead was asked for already.", "Wait for its answer.")
    if record.state is LeadState.DECIDED:
        return Refusal("already_decided", "this lead was decided already.", "Ask for it to be reopened, and say why.")
    if not eligibility.eligible:
        return Refusal(eligibility.code.value, NOT_ELIGIBLE[eligibility.code])
    if policy.billable(reason):
        return Refusal("billable_reason", f"{reason} is billable: there is nothing to review.", "Name another reason.")
    if fault := _text_fault(explanation, "explanation"):
        return fault
    body = {
        "reason": reason.value,
        "explanation": _kept(explanation),
        "files": [dict(file) for file in files],
        "expires_at": eligibility.expires_at.isoformat(),
        "evidence": _evidence(record, policy),
    }
    return [_draft(record, EntryKind.REQUEST, by, body)]


def start_review(record: BillingRecord, by: Mover, eligibility: Eligibility, policy: Policy) -> Move:
    """A reviewer takes the lead in hand, for as long as the policy says. Taking one's own again changes nothing."""
    if record.reviewer == by.actor:
        return []
    if closed := _closed_to_reviewers(record, by, eligibility, policy):
        return closed
    if record.asked:
        return _asked_already(record)
    return [_draft(record, EntryKind.REVIEW_STARTED, by, {})]


def ask(record: BillingRecord, by: Mover, fact: str, eligibility: Eligibility, policy: Policy) -> Move:
    """The reviewer asks the client for the one missing fact; the clock of the request stands until it is given."""
    if closed := _closed_to_reviewers(record, by, eligibility, policy):
        return closed
    if record.asked:
        return _asked_already(record)
    if fault := _text_fault(fact, "question"):
        return fault
    return [_draft(record, EntryKind.INFORMATION_ASKED, by, {"fact": _kept(fact)})]


def give(record: BillingRecord, by: Mover, text: str, files: Sequence[Mapping[str, Any]] = ()) -> Move:
    """The client answers; the clock goes on. What was decided meanwhile is not opened by a late answer."""
    if record.state is LeadState.DECIDED:
        return Refusal("already_decided", "this lead was decided meanwhile.", "Ask for it to be reopened, and say why.")
    if not record.asked:
        return Refusal("nothing_asked", "nothing was asked about this lead.")
    if fault := _text_fault(text, "answer"):
        return fault
    return [
        _draft(record, EntryKind.INFORMATION_GIVEN, by, {"text": _kept(text), "files": [dict(file) for file in files]})
    ]


def withdraw(record: BillingRecord, by: Mover, note: str = "") -> Move:
    """The client takes the request back; not one that was decided once and is looked at again."""
    if record.request is None or not record.request_open:
        return Refusal("no_request", "no review of this lead is asked for.")
    if record.decided is not None and record.decided.at >= record.request.at:
        return Refusal("decided_once", "this request was decided already and is looked at again.")
    if len(note) > LONGEST_TEXT:
        return Refusal("text_too_long", f"the note has more than {LONGEST_TEXT} characters.")
    return [_draft(record, EntryKind.WITHDRAWAL, by, {"request": record.request.key, "note": _kept(note)})]


def reopen(record: BillingRecord, by: Mover, note: str, eligibility: Eligibility) -> Move:
    """A lead that is decided, or that nobody may decide any more, is looked at again, for a reason that stays on the
    record."""
    if record.state is not LeadState.DECIDED and _may_be_decided(record, eligibility):
        return Refusal("still_open", f"this lead is {record.state}: there is nothing to reopen.")
    if fault := _text_fault(note, "reason to reopen it"):
        return fault
    return [_draft(record, EntryKind.REOPENING, by, {"note": _kept(note), "was": record.state.value})]


def expire(record: BillingRecord, by: Mover) -> Move:
    """The review window passed without a decision on a lead that waited for one, whoever had it in hand."""
    if record.state in (LeadState.DECIDED, LeadState.EXPIRED) or record.request_open or record.reopened:
        return Refusal("not_waiting", f"this lead is {record.state}.")
    return [_draft(record, EntryKind.EXPIRY, by, {"unreviewed": True})]


def decide(record: BillingRecord, by: Mover, said: Verdicted, eligibility: Eligibility, policy: Policy) -> Move:
    """A reviewer's decision with the money it moves: a credit of what is owed, or a reversal of what was too much.

    A lead can be decided while it is eligible, and later when a request was made in time or it was reopened.
    """
    if closed := _closed_to_reviewers(record, by, eligibility, policy):
        return closed
    if said.seen is not None and said.seen != record.last:
        return Refusal("changed", "the lead changed while you looked at it.", "Look at it again.")
    reason, outcome = said.reason, said.outcome
    proposed = record.proposal or {}
    if said.answer is Answer.ACCEPT:
        if proposed.get("decision") not in ("billable", "non_billable"):
            return Refusal("nothing_proposed", "nothing is proposed for this lead.", "Say the right reason instead.")
        reason = Reason(proposed["reason"])
        if policy.billable(reason) != (proposed["decision"] == "billable"):
            return Refusal(
                "policy_changed", f"the policy judges {reason} otherwise by now.", "Say the right reason instead."
            )
        outcome = outcome or (Outcome(proposed["outcome"]) if proposed.get("outcome") else None)
    elif reason is None:
        return Refusal("no_reason", "an override needs the right reason.")
    elif proposed.get("decision") in ("billable", "non_billable") and (reason, outcome) == _as_proposed(proposed, said):
        return Refusal("as_proposed", f"{reason} is what the proposal says.", "Accept it.")
    if outcome is not None and reason is not Reason.NEW_CUSTOMER:
        return Refusal("outcome_of_none", f"{reason} has no outcome: only a new customer has.")
    for name, text in (("note", said.note), ("letter", said.letter)):
        if len(text) > LONGEST_TEXT:
            return Refusal("text_too_long", f"the {name} has more than {LONGEST_TEXT} characters.")
    back = owed(record.charged, policy.billable(reason), said.credit)
    if not 0 <= back.amount <= record.charged.amount or back.amount != round(back.amount, 2):
        return Refusal("credit_beyond_charge", f"{back.amount} cannot be given back of a charge of {record.charged}.")
    body = {
        "answer": said.answer.value,
        "reason": reason.value,
        "outcome": outcome.value if outcome else None,
        "note": _kept(said.note),
        "proposal": record.proposal_key,
        "policy": policy.version,
        "request": record.request.key if record.request and record.request_open else "",
        "result": result_of(back, record.charged, policy.billable(reason)).value,
    }
    if letter := _kept(said.letter):
        body["letter"] = letter
    decision = _draft(record, EntryKind.DECISION, by, body)
    moves = decision_moves(record, back, decision.key, proactive=record.request is None)
    return [decision, *_drafts(record, by, moves)]


def take_back(record: BillingRecord, by: Mover, policy: Policy, decision: str = "") -> Move:
    """Who decided a lead takes the decision back, within the seconds that the policy gives for it.

    ``decision`` is the key of the one that is meant, empty: whichever stands.

    The lead and its money are then what they were before, in this reviewer's hand. Not once somebody gave a second
    look: that one was about this decision.
    """
    decided, before = record.decided, record.before
    if record.state is not LeadState.DECIDED or decided is None or before is None:
        return Refusal("not_decided", "this lead is not decided: there is nothing to take back.")
    if decision not in ("", decided.key):
        return Refusal("changed", "another decision stands by now.", "Look at it again.")
    if not decided.actor.startswith(REVIEWER):
        return Refusal("decided_by_policy", "the policy decided this lead alone.", "Reopen it if that is wrong.")
    if decided.actor != by.actor:
        return Refusal("not_yours", f"{decided.actor} decided this lead, not you.", "Reopen it if that is wrong.")
    if record.second_look is not None:
        return Refusal("looked_already", f"{record.second_look.actor} looked at this lead again already.", "Reopen it.")
    if not timedelta(0) <= by.at - decided.at <= policy.review.undo:
        seconds = f"{policy.review.undo.total_seconds():g}"
        return Refusal("too_late", f"a decision is taken back within {seconds} seconds.", "Reopen it, and say why.")
    body = {"note": "", "was": record.state.value, "undone": True, "decision": decided.key}
    moves = moves_back(before, record, decided.key)
    return [_draft(record, EntryKind.REOPENING, by, body), *_drafts(record, by, moves)]


def put_back(record: BillingRecord, by: Mover) -> Move:
    """A reviewer leaves undecided what was taken in hand; the lead is for everybody again, as it was before."""
    if record.reviewer != by.actor:
        whose = f"{record.reviewer} has this lead" if record.reviewer else "nobody has this lead"
        return Refusal("not_in_hand", f"{whose} in hand, not you: there is nothing to put back.")
    return [_draft(record, EntryKind.REVIEW_LEFT, by, {})]


def delete(record: BillingRecord, by: Mover, what: frozenset[Kept], why: str, policy: Policy) -> Move:
    """The tombstone of what is deleted of a lead; nothing of what was deleted before.

    Retention waits for an open review; a person's wish (``ASKED``) does not.
    """
    wanted = what - record.deleted
    if not wanted:
        return []
    if why == RETENTION and (record.request_open or record.reopened):
        return Refusal("review_open", "its review is open: what is needed for it stays.", "Decide it first.")
    body = {"what": sorted(kept.value for kept in wanted), "why": why, "policy": policy.version}
    return [_draft(record, EntryKind.DELETION, by, body)]


NOT_CHARGED = Refusal("not_charged", "this lead is not charged yet.", "Wait for the next night.")


def _may_be_decided(record: BillingRecord, eligibility: Eligibility) -> bool:
    """While it is eligible, and whatever its age when its client waits for an answer or it was reopened."""
    return eligibility.eligible or record.request_open or record.reopened


def _closed_to_reviewers(record: BillingRecord, by: Mover, eligibility: Eligibility, policy: Policy) -> Refusal | None:
    """Why a reviewer may do nothing with a lead now; None: it is open."""
    if record.state is LeadState.DECIDED:
        return _decided_already(record)
    if not record.charge_key:
        return NOT_CHARGED
    since = record.reviewing_since
    if record.reviewer not in ("", by.actor) and since is not None and by.at - since < policy.review.hold:
        return Refusal("in_review", f"{record.reviewer} has this lead in hand.", "Take the next one.")
    if not _may_be_decided(record, eligibility):
        return Refusal(eligibility.code.value, NOT_ELIGIBLE[eligibility.code], "Reopen it if it must be decided.")
    return None


def _asked_already(record: BillingRecord) -> Refusal:
    return Refusal(
        "already_asked", f"the client was asked already: {record.waits[-1].fact}", "Wait for the answer, or decide."
    )


def look_again(record: BillingRecord, by: Mover, reason: Reason, policy: Policy) -> Move:
    """Somebody else judges a decided lead without seeing the decision. A different charge is a conflict: the lead is
    for the triage lead to reopen; a different reason of the same side of the charge is none."""
    decided = record.decided
    if decided is None or record.state is not LeadState.DECIDED:
        return Refusal("not_decided", "this lead is not decided: there is nothing to look at again.")
    if decided.actor == by.actor:
        return Refusal("own_decision", "you decided this lead yourself.", "Somebody else must look at it again.")
    if record.second_look is not None:
        return Refusal("looked_already", f"{record.second_look.actor} looked at this lead again already.")
    agrees = policy.billable(reason) == policy.billable(decided.reason)
    body = {"reason": reason.value, "agrees": agrees, "policy": policy.version}
    return [_draft(record, EntryKind.SECOND_LOOK, by, body)]


NOT_ELIGIBLE: Mapping[EligibilityCode, str] = {
    EligibilityCode.NOT_ANSWERED: "the call was not answered: there is no recording to investigate.",
    EligibilityCode.TOO_OLD: "its review window has passed.",
    EligibilityCode.RECORDING_DISABLED: "recording was not enabled when it was received.",
    EligibilityCode.NOT_YET_RECEIVED: "it was received later than now: one of the two clocks is wrong.",
}
"""What a client or reviewer reads when a lead cannot be reviewed."""


def _as_proposed(proposed: Mapping[str, Any], said: Verdicted) -> tuple[Reason, Outcome | None]:
    """The proposal's own words; an override that tells no outcome is taken to mean the proposed one."""
    outcome = Outcome(proposed["outcome"]) if proposed.get("outcome") and said.outcome else None
    return Reason(proposed["reason"]), outcome


def _evidence(record: BillingRecord, policy: Policy) -> dict[str, Any] | None:
    """The standing proposal in short, where it says that the lead should not be paid for."""
    proposed = record.proposal
    if proposed is None or proposed["decision"] == "billable" or policy.billable(Reason(proposed["reason"])):
        return None
    return {"proposal": record.proposal_key, "reason": proposed["reason"], "quotes": list(proposed.get("evidence", ()))}


def _decided_already(record: BillingRecord) -> Refusal:
    decided = record.decided
    assert decided is not None  # the state says so
    when = decided.at.isoformat(timespec="minutes")
    return Refusal(
        "already_decided",
        f"{decided.actor} decided this lead at {when}: {decided.reason}.",
        "Reopen it if that is wrong.",
    )


def _kept(text: str) -> str:
    """A text as it goes on the record: card numbers and the like are nobody's to keep."""
    return without_secrets(text).strip()


def _text_fault(text: str, name: str) -> Refusal | None:
    if not text.strip():
        return Refusal("no_text", f"the {name} is empty.")
    if len(text) > LONGEST_TEXT:
        return Refusal("text_too_long", f"the {name} has more than {LONGEST_TEXT} characters.")
    return None


def _draft(record: BillingRecord, kind: EntryKind, by: Mover, body: Mapping[str, Any], more: int = 0) -> Draft:
    number = record.counts.get(kind, 0) + 1 + more
    return Draft(f"{kind}:{record.lead_id}:{number}", record.lead_id, kind, by.at, by.actor, body)


def _drafts(record: BillingRecord, by: Mover, moves: Sequence[MoneyMove]) -> list[Draft]:
    """The money's entries, those of one kind numbered one after the other."""
    drafts, more = list[Draft](), Counter[EntryKind]()
    for kind, body in moves:
        drafts.append(_draft(record, kind, by, body, more=more[kind]))
        more[kind] += 1
    return drafts
