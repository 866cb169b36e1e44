"""The triage queue: which leads a person should listen to first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import CampaignId
from insights.domain.money import Money
from insights.domain.priority import QueueItem, Ticket, in_order
from insights.domain.screening import next_balance_check
from insights.ports import Deps
from insights.ports_record import QueueRow, UnitOfWork, Waiting


def open_queue(
    deps: Deps, now: datetime, limit: int | None = None, within: timedelta | None = None
) -> tuple[list[QueueItem], int]:
    """The leads whose bill a person might change, most worthwhile first, at most ``limit``; and how many in all.

    Requests of clients that are not answered yet, and of the eligible leads that nobody looked at those with a
    non-billable or doubtful proposal and the calls that could not be heard. Billable proposals are left alone; a lead
    whose client was asked for a fact waits for the client, not for us. ``within``: only those that expire, or whose
    answer is due, so soon: the alert list.
    """
    with deps.store(only_reads=True) as unit:
        offers: dict[CampaignId, OfferNow] = {}
        tickets = []
        for row in unit.waiting(now):
            last = row.due_at or row.expires_at
            if within is not None and last - now > within:
                continue
            if row.campaign_id not in offers:
                offers[row.campaign_id] = offer_now(deps, unit, row.campaign_id, now)
            tickets.append(ticket_of(row, offers[row.campaign_id].next_balance_check))
        first = in_order(tickets, now, limit)
        rows = unit.summaries_of([ticket.lead_id for ticket in first])
    return [queue_item(rows[ticket.lead_id], ticket) for ticket in first], len(tickets)


@dataclass(frozen=True, slots=True)
class OfferNow:
    """What the queue asks of a campaign as it is now. ``hold``: so long a lead stays with who took it in hand."""

    client: str
    next_balance_check: datetime
    hold: timedelta


def offer_now(deps: Deps, unit: UnitOfWork, campaign_id: CampaignId, now: datetime) -> OfferNow:
    """The campaign of a lead that has a row; its next balance check is told in the client's time zone."""
    campaign = unit.campaign(campaign_id, now)
    assert campaign is not None  # one of its leads has a row
    policy = deps.policies.at(now, campaign.policy)
    return OfferNow(campaign.client, next_balance_check(campaign, policy, now), policy.review.hold)


def ticket_of(row: Waiting | QueueRow, check: datetime) -> Ticket:
    """A lead's place in the queue, given the next balance check of its campaign."""
    return Ticket(row.lead_id, row.worth, row.expires_at, check, row.due_at, row.still_open)


def queue_item(summary: LeadSummary, ticket: Ticket) -> QueueItem:
    """What a person reads first of a lead that has this place in the queue."""
    facts = summary.facts
    price = Money.parse(facts["charged"], facts["currency"]) - Money.parse(facts["credited"], facts["currency"])
    return QueueItem(
        ticket=ticket,
        client=facts["client"],
        decision=facts["verdict"] or "failed",
        reason=facts["reason"] or facts["failure"],
        probability=facts["probability"] or 0.0,
        price=price,
        note=facts["note"],
        state=summary.state.value,
    )


def queue_line(item: QueueItem, now: datetime) -> dict[str, Any]:
    """A queue item as plain JSON; ``hours_left`` counts to the nearest clock."""
    ticket = item.ticket
    zone = ticket.next_balance_check.tzinfo  # the client's
    return {
        "lead_id": ticket.lead_id,
        "client": item.client,
        "state": item.state,
        "verdict": item.decision,
        "reason": item.reason,
        "probability": round(item.probability, 4),
        "chance_of_change": round(item.chance, 4),
        "price": str(item.price.amount),
        "currency": item.price.currency,
        "expires_at": ticket.expires_at.astimezone(zone).isoformat(timespec="seconds"),
        "next_balance_check": ticket.next_balance_check.isoformat(timespec="seconds"),
        "due_at": ticket.due_at.astimezone(zone).isoformat(timespec="seconds") if ticket.due_at else None,
        "hours_left": round(ticket.clock(now).total_seconds() / 3600, 2),
        "note": item.note,
    }
