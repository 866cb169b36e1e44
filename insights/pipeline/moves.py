"""Makes one move of a client or reviewer on the billing record: gather the lead, let the domain decide, post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from insights.domain.billing import BillingRecord, fold_ledger
from insights.domain.business_time import BusinessDays, ReviewClock, review_clock
from insights.domain.campaigns import Campaign
from insights.domain.lead_life import Move, Mover, Refusal
from insights.domain.leads import Lead, LeadId
from insights.domain.policy import Policy
from insights.domain.screening import Eligibility, review_eligibility
from insights.errors import MoveRefused, UnknownLead
from insights.ports import Deps, UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead as it stands at an instant: its record, the policy at its receipt, and its eligibility now."""

    lead: Lead
    campaign: Campaign
    record: BillingRecord
    policy: Policy
    eligibility: Eligibility


def known_lead(unit: UnitOfWork, lead_id: LeadId) -> tuple[Lead, Campaign]:
    """The lead and its campaign. Raises UnknownLead."""
    lead = unit.lead(lead_id)
    campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
    if lead is None or campaign is None:
        raise UnknownLead(
            f"there is no lead {lead_id[:100]!r} on this billing record.",
            next_step="call-insights queue lists the leads that wait; --database names another record.",
        )
    return lead, campaign


def standing(deps: Deps, unit: UnitOfWork, lead_id: LeadId, now: datetime) -> Standing:
    """Everything that decides which moves are open. Raises UnknownLead."""
    lead, campaign = known_lead(unit, lead_id)
    policy = deps.policies.at(lead.received_at, campaign.policy)
    record = fold_ledger(lead_id, unit.entries(lead_id))
    return Standing(lead, campaign, record, policy, review_eligibility(lead, campaign, policy, now))


def make_move(
    deps: Deps, lead_id: LeadId, actor: str, now: datetime, move: Callable[[Standing, Mover], Move]
) -> BillingRecord:
    """Post what the move says, all of it or nothing, and tell the lead's new state.

    Raises UnknownLead, and MoveRefused with the reason: also when somebody else made the same move a moment before.
    """
    with deps.store() as unit:
        decided = move(standing(deps, unit, lead_id, now), Mover(actor, now))
        if isinstance(decided, Refusal):
            raise MoveRefused(decided.message, code=decided.code, lead_id=lead_id, next_step=decided.next_step)
        for draft in decided:
            if not unit.post(draft):
                raise MoveRefused(
                    "somebody else was a moment faster.", code="overtaken", lead_id=lead_id, next_step="Look again."
                )
        record = fold_ledger(lead_id, unit.entries(lead_id))
        unit.commit()
    return record


def clock_of(deps: Deps, found: Standing) -> ReviewClock | None:
    """When the open request of a lead must be answered, in the client's time zone; None without one."""
    started = found.record.clock_started_at
    if started is None:
        return None
    promised = found.policy.review
    closed = deps.holidays.closed(promised.holidays, started.year, started.year + 2)
    days = BusinessDays(ZoneInfo(found.campaign.time_zone), closed)
    return review_clock(started, found.record.waits, promised.promise_business_days, days)
