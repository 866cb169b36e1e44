"""The triage queue: which leads a person should listen to first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from insights.domain.intents import Intent
from insights.domain.leads import LeadId
from insights.domain.money import Money
from insights.domain.policy import Policy
from insights.domain.priority import QueueItem, chance_of_change, in_order
from insights.domain.screening import Eligibility, ScreeningCode, review_eligibility
from insights.pipeline.story import lead_row
from insights.ports import Deps, UnitOfWork

FAILED_CHANCE = 0.5
"""A lead nobody could hear: nothing is known, so a look is worth a coin's toss."""


def open_queue(deps: Deps, now: datetime) -> list[QueueItem]:
    """Every eligible lead whose bill a person might change, most worthwhile first.

    Non-billable proposals, doubtful ones, and calls that could not be heard; billable proposals are left alone.
    """
    items: list[QueueItem] = []
    with deps.store() as unit:
        for lead_id in unit.lead_ids():
            item = _item(deps, unit, lead_id, now)
            if item is not None:
                items.append(item)
    return in_order(items, now)


def _item(deps: Deps, unit: UnitOfWork, lead_id: LeadId, now: datetime) -> QueueItem | None:
    lead = unit.lead(lead_id)
    campaign = unit.campaign(lead.campaign_id) if lead else None
    if lead is None or campaign is None:
        return None
    policy: Policy = deps.policies.at(lead.received_at, campaign.policy)
    eligibility: Eligibility = review_eligibility(lead, campaign, policy, now)
    row = lead_row(unit, lead_id)
    failed = bool(row["failure"]) and not row["verdict"]
    waits = row["verdict"] in ("non_billable", "needs_review") or (failed and row["screening"] == ScreeningCode.READY)
    if not eligibility.eligible or not waits:
        return None
    proposal = {"probability": row["probability"] or 0.0}
    if failed:
        chance = FAILED_CHANCE
    else:
        entries = [entry for entry in unit.entries(lead_id) if entry.kind == "proposal"]
        new_customer = entries[-1].body["probabilities"].get(Intent.NEW_CUSTOMER.value, 0.0)
        chance = chance_of_change(row["verdict"], proposal["probability"], new_customer)
    return QueueItem(
        lead_id=lead_id,
        client=campaign.client,
        decision=row["verdict"] or "failed",
        reason=row["reason"] or row["failure"],
        probability=proposal["probability"],
        chance=chance,
        price=Money.parse(row["price"], row["currency"]),
        expires_at=eligibility.expires_at,
        next_balance_check=eligibility.next_balance_check,
        note=row["quote"] or row["fact"],
    )


def queue_line(item: QueueItem, now: datetime) -> dict[str, Any]:
    """A queue item as plain JSON; ``hours_left`` counts to the nearer clock."""
    return {
        "lead_id": item.lead_id,
        "client": item.client,
        "verdict": item.decision,
        "reason": item.reason,
        "probability": round(item.probability, 4),
        "chance_of_change": round(item.chance, 4),
        "price": str(item.price.amount),
        "currency": item.price.currency,
        "expires_at": item.expires_at.isoformat(timespec="seconds"),
        "next_balance_check": item.next_balance_check.isoformat(timespec="seconds"),
        "hours_left": round(item.clock(now).total_seconds() / 3600, 2),
        "note": item.note,
    }
