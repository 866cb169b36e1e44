"""What a client sees: its own leads with what they cost, and what may be asked about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from insights.domain.billing import LeadState
from insights.domain.lead_life import Mover, Refusal, submit
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import CampaignId, LeadId
from insights.domain.ledger import EntryKind, is_undoing
from insights.domain.money import Money
from insights.domain.policy import Policy
from insights.domain.reasons import Reason
from insights.errors import UnknownLead
from insights.pipeline.moves import clock_of, standing
from insights.ports import Deps
from insights.ports_record import UnitOfWork

SHOWN = timedelta(days=92)
"""So far back a client's list goes."""


@dataclass(frozen=True, slots=True)
class OwnLead:
    """A line of a client's list; ``answer_needed``: a fact was asked for and is missing."""

    lead_id: LeadId
    received_at: datetime
    kind: str
    trade: str
    charged: Money
    credited: Money
    status: str
    answer_needed: bool
    may_ask: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a request's timeline, in the client's words and time zone."""

    at: datetime
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OwnLeadPage:
    """One lead of a client's. ``refusal`` says why no review can be asked for, empty: it can, until ``ask_until``."""

    line: OwnLead
    ask_until: datetime
    refusal: str
    reasons: tuple[Reason, ...]
    asked: str
    due_at: datetime | None
    clock_stands: bool
    request_open: bool
    letter: str
    timeline: tuple[Step, ...]


STATUS: Mapping[LeadState, str] = {
    LeadState.NOT_REVIEWED: "charged",
    LeadState.SUBMITTED: "review asked for",
    LeadState.IN_REVIEW: "being reviewed",
    LeadState.INFORMATION_NEEDED: "waits for your answer",
    LeadState.DECIDED: "reviewed",
    LeadState.EXPIRED: "charged",
    LeadState.WITHDRAWN: "request taken back",
    LeadState.REOPENED: "being reviewed again",
}
"""A state as a client reads it. That we look at a lead unasked is not told before it is decided."""


def own_leads(deps: Deps, client_id: str, now: datetime) -> list[OwnLead]:
    """A client's leads of the last three months, the newest first."""
    with deps.store(only_reads=True) as unit:
        rows = list(unit.summaries_of_client(client_id, now - SHOWN))
        zones = {row.campaign_id: _zone(unit, row) for row in rows}
    return [_line(row, zones[row.campaign_id], now) for row in rows]


def own_lead(deps: Deps, client_id: str, lead_id: LeadId, now: datetime) -> OwnLeadPage:
    """One lead of a client's. Raises UnknownLead, also for a lead of somebody else: nobody learns that it is there."""
    with deps.store(only_reads=True) as unit:
        row = unit.summary(lead_id)
        if row is None or (row.facts["client_id"] or row.campaign_id) != client_id:
            raise UnknownLead(f"there is no lead {lead_id[:100]!r}.")
        found = standing(deps, unit, lead_id, now)
        entries = list(unit.entries(lead_id))
    zone, record = ZoneInfo(found.campaign.time_zone), found.record
    probe = submit(record, Mover("client:", now), _askable(found.policy)[0], "?", found.eligibility, found.policy)
    clock = clock_of(deps, found) if record.request_open else None
    undone = {entry.body["decision"] for entry in entries if is_undoing(entry)}
    requested = any(entry.kind is EntryKind.REQUEST for entry in entries)
    timeline = [
        Step(entry.at.astimezone(zone), told, _words(entry.body))
        for entry in entries
        if (told := _TOLD.get(entry.kind))
        and (requested or entry.kind in _ALWAYS_TOLD)
        and not undone & {entry.key, entry.body.get("decision")}  # neither it, nor its money, nor that it was undone
    ]
    return OwnLeadPage(
        line=_line(row, zone, now),
        ask_until=found.eligibility.expires_at.astimezone(zone),
        refusal=probe.message if isinstance(probe, Refusal) else "",
        reasons=_askable(found.policy),
        asked=record.waits[-1].fact if record.asked and record.state is not LeadState.DECIDED else "",
        due_at=clock.due_at.astimezone(zone) if clock and clock.due_at else None,
        clock_stands=bool(clock and clock.stopped_at),
        request_open=record.request_open,
        letter=record.decided.letter if record.decided and record.state is LeadState.DECIDED else "",
        timeline=tuple(timeline),
    )


_ALWAYS_TOLD = frozenset({EntryKind.CHARGE, EntryKind.CREDIT, EntryKind.REVERSAL})
_TOLD: Mapping[EntryKind, str] = {
    EntryKind.CHARGE: "charged",
    EntryKind.REQUEST: "review asked for",
    EntryKind.INFORMATION_ASKED: "we asked",
    EntryKind.INFORMATION_GIVEN: "you answered",
    EntryKind.WITHDRAWAL: "request taken back",
    EntryKind.REOPENING: "looked at again",
    EntryKind.DECISION: "decided",
    EntryKind.CREDIT: "given back",
    EntryKind.REVERSAL: "charged again",
}


def _words(body: Mapping[str, Any]) -> str:
    """What a step of the timeline says beside its name."""
    if "amount" in body:
        return str(Money.parse(body["amount"], body["currency"]))
    if body.get("result"):
        return {"accepted": "not billable", "partly": "partly given back"}.get(body["result"], "stays charged")
    return str(body.get("fact") or body.get("text") or body.get("explanation") or "")


def _askable(policy: Policy) -> tuple[Reason, ...]:
    return tuple(reason for reason in Reason if not policy.billable(reason))


def _zone(unit: UnitOfWork, row: LeadSummary) -> ZoneInfo:
    campaign = unit.campaign(CampaignId(row.campaign_id), row.received_at)
    return ZoneInfo(campaign.time_zone if campaign else "UTC")


def _line(row: LeadSummary, zone: ZoneInfo, now: datetime) -> OwnLead:
    facts = row.facts
    state = row.state
    if state is LeadState.IN_REVIEW and not facts["requested_at"]:
        state = LeadState.NOT_REVIEWED
    decided = state is LeadState.DECIDED
    return OwnLead(
        lead_id=row.lead_id,
        received_at=row.received_at.astimezone(zone),
        kind=facts["kind"],
        trade=facts["trade"],
        charged=Money.parse(facts["charged"], facts["currency"]),
        credited=Money.parse(facts["credited"], facts["currency"]),
        status=STATUS[state] + (f": {facts['decided_reason'].replace('_', ' ')}" if decided else ""),
        answer_needed=state is LeadState.INFORMATION_NEEDED,
        may_ask=facts["answered"] and not facts["requested_at"] and not decided and row.expires_at > now,
    )
