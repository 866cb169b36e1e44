"""Gathers one lead for the reviewer's page: its story, the words of the call, facts, and the number's earlier leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.domain.addresses import without_contacts
from insights.domain.billing import REVIEWER, Answer, BillingRecord, LeadState
from insights.domain.campaigns import Campaign
from insights.domain.clocks import clock_words, span_words
from insights.domain.facts import Fact
from insights.domain.leads import Lead, LeadId
from insights.domain.policy import Policy
from insights.domain.priority import Ticket
from insights.domain.questions import missing_fact
from insights.domain.screening import next_balance_check
from insights.domain.transcript import Transcript
from insights.pipeline.hear import call_words
from insights.pipeline.moves import Standing, clock_of, standing
from insights.pipeline.viewing import Viewer, explain_to
from insights.ports import Deps
from insights.ports_record import UnitOfWork

_MOST_EARLIER = 50


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another lead of the same caller. ``same_client``: it counts as evidence of earlier contact."""

    lead_id: LeadId
    received_at: datetime
    client: str
    same_client: bool
    reason: str
    state: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """What the page shows. ``story`` as ``explain`` tells it, masked for this viewer as ``turns`` and ``facts`` are;
    ``held_by`` is who else has the lead in hand now, empty: nobody; ``waits``: a person should look at it;
    ``undo_until`` is set where the viewer may still take the standing decision back."""

    story: Mapping[str, Any]
    lead: Lead
    campaign: Campaign
    record: BillingRecord
    policy: Policy
    turns: tuple[Mapping[str, Any], ...]
    facts: tuple[Mapping[str, Any], ...]
    earlier: tuple[Earlier, ...]
    clocks: tuple[str, ...]
    held_by: str
    in_my_hand: bool
    waits: bool
    open_to_reviewers: bool
    undo_until: datetime | None
    question: str
    received_at: datetime


def lead_page(deps: Deps, viewer: Viewer, lead_id: LeadId, now: datetime) -> LeadPage:
    """Everything of a lead that its page shows; noted as read. Raises UnknownLead."""
    story = explain_to(deps, viewer, lead_id, now)
    with deps.store(only_reads=True) as unit:
        found = standing(deps, unit, lead_id, now)
        earlier, row = tuple(_earlier(unit, found)), unit.summary(lead_id)
        facts = unit.facts((found.record.proposal or {}).get("facts_key") or "") or ()
    transcript = call_words(deps, lead_id)
    _quotes_masked_whole(story, transcript, viewer)
    record, me = found.record, f"{REVIEWER}{viewer.name}"
    return LeadPage(
        story=story,
        lead=found.lead,
        campaign=found.campaign,
        record=record,
        policy=found.policy,
        turns=tuple(_turns(transcript, record, viewer)) if transcript else (),
        facts=tuple(_fact(fact, viewer) for fact in facts),
        earlier=earlier,
        clocks=_clocks(deps, found, now),
        held_by=held_by(record, me, found.policy, now),
        in_my_hand=record.reviewer == me,
        waits=row is not None and row.waits,
        open_to_reviewers=_is_open(found),
        undo_until=undo_until(record, me, found.policy, now),
        question=missing_fact(record.proposal, found.campaign),
        received_at=found.lead.received_at.astimezone(ZoneInfo(found.campaign.time_zone)),
    )


def held_by(record: BillingRecord, me: str, policy: Policy, now: datetime) -> str:
    """Who else has a lead in hand and has not held it for too long, as on the record; empty: nobody."""
    since = record.reviewing_since
    held = record.reviewer not in ("", me) and since is not None and now - since < policy.review.hold
    return record.reviewer if held else ""


def undo_until(record: BillingRecord, me: str, policy: Policy, now: datetime) -> datetime | None:
    """Until when somebody may take back the decision that stands; None: not, or not any more."""
    decided = record.decided
    if decided is None or record.state is not LeadState.DECIDED or decided.actor != me:
        return None
    last = decided.at + policy.review.undo
    return last if decided.at <= now <= last else None


def decided_in_words(record: BillingRecord) -> str:
    """What was just done with a lead, for the line that offers to undo it."""
    decided = record.decided
    if record.state is LeadState.DECIDED and decided is not None:
        done = "accepted" if decided.answer is Answer.ACCEPT else "decided"
        return f"{done} as {decided.reason.value.replace('_', ' ')}"
    return "asked for a fact" if record.state is LeadState.INFORMATION_NEEDED else record.state.value.replace("_", " ")


def _is_open(found: Standing) -> bool:
    """Whether a reviewer may decide the lead now, in whoever's hand it is."""
    record = found.record
    if record.state is LeadState.DECIDED or not record.charge_key:
        return False
    return found.eligibility.eligible or record.request_open or record.reopened


def _clocks(deps: Deps, found: Standing, now: datetime) -> tuple[str, ...]:
    """The nearest clock of an open lead in words, and when its review window closes."""
    if not _is_open(found):
        return ()
    clock = clock_of(deps, found) if found.record.request_open else None
    check = next_balance_check(found.campaign, found.policy, now)
    still_open = found.record.request_open or found.record.reopened
    expires_at = found.eligibility.expires_at
    ticket = Ticket(found.lead.lead_id, 0.0, expires_at, check, clock.due_at if clock else None, still_open)
    nearest = clock_words(ticket, now)
    expires = "" if expires_at <= now or "expires" in nearest else f"window closes in {span_words(expires_at - now)}"
    return tuple(told for told in (nearest, expires) if told)


def _earlier(unit: UnitOfWork, found: Standing) -> list[Earlier]:
    """The other leads of the caller that were received before, the newest first."""
    if not found.lead.caller_number:
        return []
    rows = unit.summaries_of(
        unit.leads_of_caller(found.lead.caller_number, found.lead.received_at, _MOST_EARLIER)
    ).values()
    return [
        Earlier(
            lead_id=row.lead_id,
            received_at=row.received_at.astimezone(ZoneInfo(found.campaign.time_zone)),
            client=row.facts["client"],
            same_client=row.facts["client_id"] == found.campaign.client_id,
            reason=row.facts["decided_reason"] or row.facts["reason"],
            state=row.state.value,
        )
        for row in sorted(rows, key=lambda row: row.received_at, reverse=True)
    ]


def _turns(transcript: Transcript, record: BillingRecord, viewer: Viewer) -> list[dict[str, Any]]:
    """The turns with the quotes that stand in them, marked ``for`` or ``against``."""
    proposal = record.proposal or {}
    if proposal.get("transcript_sha256") not in (None, "", transcript.sha256):
        proposal = {}  # the quotes are of other words
    marks: dict[int, list[tuple[str, str]]] = {}
    for side, items in (("for", proposal.get("evidence", ())), ("against", proposal.get("against", ()))):
        for item in items:
            if "turn" in item:
                marks.setdefault(item["turn"], []).append((side, item["quote"]))
    return [
        {
            "number": number,
            "speaker": turn.speaker.value,
            "start": turn.start,
            "end": turn.end,
            "unclear": turn.unclear,
            "confidence": turn.confidence,
            "parts": _parts(turn.text, marks.get(number, ()), viewer),
        }
        for number, turn in enumerate(transcript.turns)
    ]


def _parts(text: str, marks: Iterable[tuple[str, str]], viewer: Viewer) -> list[tuple[str, str]]:
    """A turn's text cut at its quotes: pieces of words, each with the side it speaks for or nothing.

    Masks come before cuts: half of a number looks like none. A quote that ends inside of what is masked has no mark.
    """
    parts = [("", _shown(text, viewer))]
    for side, quote in marks:
        quote = _shown(quote, viewer)
        for at, (kind, piece) in enumerate(parts):
            if kind == "" and quote and quote in piece:
                before, _, after = piece.partition(quote)
                cut = [("", before), (side, quote), ("", after)]
                parts[at : at + 1] = [part for part in cut if part[1]]
                break
    return parts


def _quotes_masked_whole(story: dict[str, Any], transcript: Transcript | None, viewer: Viewer) -> None:
    """Where a quote ends inside of a number or an address, its mask cannot see that: the whole masked turn stands for
    it."""
    proposal = story["proposal"]
    if viewer.may_see or transcript is None or not proposal or proposal["transcript_sha256"] != transcript.sha256:
        return
    for item in (*proposal["evidence"], *proposal["against"]):
        if "turn" in item and item["turn"] < len(transcript.turns):
            said = without_contacts(transcript.turns[item["turn"]].text)
            if item["quote"] not in said:
                item["quote"] = said


def _shown(text: str, viewer: Viewer) -> str:
    return text if viewer.may_see else without_contacts(text)


def _fact(fact: Fact, viewer: Viewer) -> dict[str, Any]:
    return {
        "kind": fact.kind.value,
        "value": _shown(fact.value, viewer),
        "start": fact.quote.start if fact.quote else None,
        "source": fact.source,
    }
