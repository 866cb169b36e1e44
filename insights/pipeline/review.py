"""The triage queue: which leads a person should listen to first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from insights.domain.billing import LeadState
from insights.domain.intents import Intent
from insights.domain.leads import LeadId
from insights.domain.priority import QueueItem, chance_of_change, in_order
from insights.domain.screening import ScreeningCode
from insights.pipeline.moves import Standing, clock_of, standing
from insights.pipeline.story import lead_row
from insights.ports import Deps, UnitOfWork

FAILED_CHANCE = 0.5
"""A lead nobody could hear: nothing is known, so a look is worth a coin's toss."""


def open_queue(deps: Deps, now: datetime) -> list[QueueItem]:
    """Every lead whose bill a person might change, most worthwhile first.

    Requests of clients that are not answered yet, and of the eligible leads that nobody looked at those with a
    non-billable or doubtful proposal and the calls that could not be heard. Billable proposals are left alone; a lead
    whose client was asked for a fact waits for the client, not for us.
    """
    items: list[QueueItem] = []
    with deps.store() as unit:
        for lead_id in unit.lead_ids():
            item = _item(deps, unit, lead_id, now)
            if item is not None:
                items.append(item)
    return in_order(items, now)


def _item(deps: Deps, unit: UnitOfWork, lead_id: LeadId, now: datetime) -> QueueItem | None:
    found = standing(deps, unit, lead_id, now)
    record, row = found.record, lead_row(unit, lead_id)
    if not _waits(found, row):
        return None
    clock = clock_of(deps, found)
    return QueueItem(
        lead_id=lead_id,
        client=found.campaign.client,
        decision=row["verdict"] or "failed",
        reason=row["reason"] or row["failure"],
        probability=row["probability"] or 0.0,
        chance=_chance(record.proposal),
        price=record.balance,
        expires_at=found.eligibility.expires_at,
        next_balance_check=found.eligibility.next_balance_check,
        note=row["quote"] or row["fact"],
        state=record.state.value,
        due_at=clock.due_at if clock else None,
    )


def _waits(found: Standing, row: Mapping[str, Any]) -> bool:
    """Whether a person should look at a lead now."""
    state = found.record.state
    if found.record.request_open or state is LeadState.REOPENED:
        return state is not LeadState.INFORMATION_NEEDED
    failed = bool(row["failure"]) and not row["verdict"] and row["screening"] == ScreeningCode.READY
    doubtful = row["verdict"] in ("non_billable", "needs_review") or failed
    return doubtful and found.eligibility.eligible and state in (LeadState.NOT_REVIEWED, LeadState.IN_REVIEW)


def _chance(proposal: Mapping[str, Any] | None) -> float:
    if proposal is None:
        return FAILED_CHANCE
    new_customer = proposal["probabilities"].get(Intent.NEW_CUSTOMER.value, 0.0)
    return chance_of_change(proposal["decision"], proposal["probability"], new_customer)


def queue_line(item: QueueItem, now: datetime) -> dict[str, Any]:
    """A queue item as plain JSON; ``hours_left`` counts to the nearer clock."""
    return {
        "lead_id": item.lead_id,
        "client": item.client,
        "state": item.state,
        "verdict": item.decision,
        "reason": item.reason,
        "probability": round(item.probability, 4),
        "chance_of_change": round(item.chance, 4),
        "price": str(item.price.amount),
        "currency": item.price.currency,
        "expires_at": item.expires_at.isoformat(timespec="seconds"),
        "next_balance_check": item.next_balance_check.isoformat(timespec="seconds"),
        "due_at": item.due_at.isoformat(timespec="seconds") if item.due_at else None,
        "hours_left": round(item.clock(now).total_seconds() / 3600, 2),
        "note": item.note,
    }
