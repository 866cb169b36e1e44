"""One lead in one row: what queue, pages and figures ask for, so that nobody folds a hundred thousand leads to count.

A row is only a copy of what the record and the source say; it can be thrown away and made again at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from insights.domain.addresses import without_contacts
from insights.domain.billing import REVIEWER, Answer, BillingRecord, LeadState
from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent
from insights.domain.leads import Lead, LeadId, LeadKind
from insights.domain.ledger import Entry, EntryKind, is_undoing
from insights.domain.policy import Policy
from insights.domain.priority import chance_of_change
from insights.domain.reasons import Reason
from insights.domain.screening import ScreeningCode

FAILED_CHANCE = 0.5
"""A lead nobody could hear: nothing is known, so a look is worth a coin's toss."""
REQUESTED_CHANCE = 0.25
"""A lead whose client asks: worth a look even where the proposal is sure that it is billable."""


@dataclass(frozen=True, slots=True)
class LeadSummary:
    """The row. ``waits``: a person should look at it, while it is eligible or, ``still_open``, whatever its age because
    its request is open or it was reopened; ``expirable``: it counts as expired unreviewed when its window passes;
    ``worth`` the money that a look is expected to move; ``facts`` everything that figures are made of, as JSON."""

    lead_id: LeadId
    campaign_id: str
    received_at: datetime
    state: LeadState
    waits: bool
    still_open: bool
    expirable: bool
    worth: float
    expires_at: datetime
    due_at: datetime | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """All that a row is made from. ``failure`` is the code of a failed stage, empty: none did."""

    lead: Lead
    campaign: Campaign
    policy: Policy
    record: BillingRecord
    entries: Sequence[Entry]
    screening: str
    failure: str
    due_at: datetime | None


def lead_summary(known: Known) -> LeadSummary:
    """The row of a lead as it stands."""
    lead, record = known.lead, known.record
    return LeadSummary(
        lead_id=lead.lead_id,
        campaign_id=lead.campaign_id,
        received_at=lead.received_at,
        state=record.state,
        waits=_waits(known),
        still_open=record.request_open or record.reopened,
        expirable=_expirable(known),
        worth=float(record.balance.amount) * _chance(record),
        expires_at=lead.received_at + known.policy.review_window,
        due_at=known.due_at,
        facts=_facts(known),
    )


def _waits(known: Known) -> bool:
    record = known.record
    if record.state in (LeadState.DECIDED, LeadState.EXPIRED) or record.asked:
        return False
    return record.request_open or record.reopened or _wants_a_person(known)


def _expirable(known: Known) -> bool:
    record = known.record
    closed = record.state in (LeadState.DECIDED, LeadState.EXPIRED)
    return not closed and not record.request_open and not record.reopened and _wants_a_person(known)


def _wants_a_person(known: Known) -> bool:
    """Whether a person might change the bill of a lead that nobody asked about: its proposal is not billable or
    doubtful, or its call could not be heard. Not where no review could change it."""
    lead, decision = known.lead, (known.record.proposal or {}).get("decision", "")
    if lead.kind is LeadKind.PHONE_CALL and (not lead.answered or lead.voicemail or not lead.recording_enabled):
        return False
    failed = bool(known.failure) and not decision and known.screening == ScreeningCode.READY
    return decision in ("non_billable", "needs_review") or failed


def _chance(record: BillingRecord) -> float:
    """How likely listening changes the bill; a client's own word is worth a quarter, whatever is proposed."""
    proposal, least = record.proposal, REQUESTED_CHANCE if record.request_open else 0.0
    if proposal is None:
        return max(FAILED_CHANCE, least)
    new_customer = proposal.get("probabilities", {}).get(Intent.NEW_CUSTOMER.value, 0.0)
    return max(chance_of_change(proposal["decision"], proposal["probability"], new_customer), least)


def _facts(known: Known) -> dict[str, Any]:
    lead, campaign, record = known.lead, known.campaign, known.record
    decided, looks = record.decided, record.second_looks
    proposal = (decided.proposal if decided else record.proposal) or {}  # what the reviewer saw, not what came after
    first: Mapping[str, Any] = next(iter(proposal.get("evidence", ())), {})
    requested = record.request if record.request and not record.request.withdrawn else None
    proposed = [entry for entry in known.entries if entry.kind is EntryKind.PROPOSAL]
    return {
        "client": campaign.client,
        "client_id": campaign.client_id,
        "source": lead.source,
        "trade": campaign.trade,
        "kind": lead.kind.value,
        "answered": lead.answered and not lead.voicemail,
        "voicemail": lead.voicemail,
        "ring_s": lead.ring_s,
        "screening": known.screening,
        "failure": known.failure,
        "charged": str(record.charged.amount),
        "credited": str(record.credited.amount),
        "proactive": str(sum(credit.left.amount for credit in record.credits if credit.proactive)),
        "currency": record.charged.currency,
        "verdict": proposal.get("decision", ""),
        "reason": proposal.get("reason", ""),
        "outcome": proposal.get("outcome") or "",
        "probability": proposal.get("probability"),
        "charge_probability": proposal.get("charge_probability"),
        "note": without_contacts(first.get("quote") or first.get("fact") or ""),
        "shares": proposal.get("shares"),
        "proposed_at": proposed[0].at.isoformat() if proposed else "",
        "decided_reason": decided.reason.value if decided else "",
        "decided_outcome": decided.outcome.value if decided and decided.outcome else "",
        "decided_billable": known.policy.billable(decided.reason) if decided else None,
        "decided_by": decided.actor if decided else "",
        "decided_at": decided.at.isoformat() if decided else "",
        "overridden": _overridden(known) if decided else None,
        "in_hand_of": record.reviewer,
        "in_hand_since": record.reviewing_since.isoformat() if record.reviewer and record.reviewing_since else "",
        "review_s": _review_seconds(known.entries),
        "requested_reason": requested.reason.value if requested else "",
        "requested_at": requested.at.isoformat() if requested else "",
        "result": decided.result.value if decided and decided.result and requested else "",
        "in_time": _in_time(known),
        "answered_h": _answered_hours(known),
        "expirable": _expirable(known),
        "by_person": decided is not None and decided.actor.startswith(REVIEWER),
        "expired_unreviewed": record.expired_at is not None,
        "second_look_billable": known.policy.billable(looks[-1].reason) if looks else None,
        "second_looks": [
            {
                "by": look.actor,
                "reason": look.reason.value,
                "decided_by": look.first.actor,
                "decided_reason": look.first.reason.value,
            }
            for look in looks
        ],
        "looked_again": record.second_look is not None,
        "deleted": sorted(kept.value for kept in record.deleted),
    }


def _overridden(known: Known) -> bool | None:
    """Whether the reviewer said something else than was proposed; None where nothing was."""
    decided = known.record.decided
    assert decided is not None
    if (decided.proposal or {}).get("decision") not in ("billable", "non_billable"):
        return None
    return decided.answer is Answer.OVERRIDE


def _in_time(known: Known) -> bool | None:
    """Whether the last answered request was answered within the promise; None: no request was answered."""
    decided = known.record.decided
    if decided is None or known.due_at is None:  # no request, no due time
        return None
    return decided.at <= known.due_at


def _answered_hours(known: Known) -> float | None:
    """Hours from the request to the decision that answers it, the waits for the client with them."""
    decided, request = known.record.decided, known.record.request
    if decided is None or request is None or request.withdrawn or decided.at < request.at:
        return None
    return (decided.at - request.at).total_seconds() / 3600


def _review_seconds(entries: Sequence[Entry]) -> float | None:
    """From taking the lead in hand to the decision, the last time both happened and nobody was waited for between.

    A decision that was taken back was never made: the time runs on from when the lead was taken.
    """
    taken: datetime | None = None
    spent: float | None = None
    before = taken, spent
    for entry in entries:
        if entry.kind is EntryKind.REVIEW_STARTED:
            taken = entry.at
        elif entry.kind is EntryKind.DECISION:
            before = taken, spent
            if taken is not None:
                spent, taken = (entry.at - taken).total_seconds(), None
        elif is_undoing(entry):
            taken, spent = before
        elif entry.kind in (EntryKind.INFORMATION_ASKED, EntryKind.REVIEW_LEFT):
            taken = None
    return spent


def is_billable(facts: Mapping[str, Any]) -> bool:
    """Whether a lead is paid for as things stand: by decision, else by a sure proposal, else by its charge."""
    if facts["decided_billable"] is not None:
        return bool(facts["decided_billable"])
    return bool(facts["verdict"] != "non_billable")


def reason_of(facts: Mapping[str, Any]) -> Reason | None:
    """What a lead is as things stand: what was decided, else what is proposed; None where nobody knows."""
    told = facts["decided_reason"] or (facts["reason"] if facts["verdict"] in ("billable", "non_billable") else "")
    return Reason(told) if told else None
