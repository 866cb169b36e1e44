"""Makes one move of a client or reviewer on the billing record: gather the lead, let the domain decide, post."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from insights.domain.billing import BillingRecord, fold_ledger
from insights.domain.business_time import BusinessDays, ReviewClock, review_clock
from insights.domain.campaigns import Campaign
from insights.domain.lead_life import Move, Mover, Refusal
from insights.domain.lead_summary import Known, lead_summary
from insights.domain.leads import Lead, LeadId
from insights.domain.ledger import Draft
from insights.domain.policy import Policy
from insights.domain.screening import Eligibility, review_eligibility
from insights.errors import MoveRefused, UnknownLead
from insights.ports import Deps
from insights.ports_record import Access, UnitOfWork


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
    deps: Deps,
    lead_id: LeadId,
    actor: str,
    now: datetime,
    move: Callable[[Standing, Mover], Move],
    noted: Access | None = None,
) -> BillingRecord:
    """Post what the move says, all of it or nothing, and tell the lead's new state.

    ``noted`` goes to the access log with it: neither stands without the other.

    Raises UnknownLead, and MoveRefused with the reason: also when somebody else made the same move a moment before.
    """
    with deps.store() as unit:
        decided = move(standing(deps, unit, lead_id, now), Mover(actor, now))
        if isinstance(decided, Refusal):
            raise MoveRefused(decided.message, code=decided.code, lead_id=lead_id, next_step=decided.next_step)
        if not post_all(deps, unit, decided):
            raise MoveRefused(
                "somebody else was a moment faster.", code="overtaken", lead_id=lead_id, next_step="Look again."
            )
        if noted is not None:
            unit.note_access(noted)
        record = fold_ledger(lead_id, unit.entries(lead_id))
        unit.commit()
    return record


def post_all(deps: Deps, unit: UnitOfWork, drafts: Sequence[Draft]) -> bool:
    """Post entries and write their leads' rows anew; False when one of them stood already."""
    posted = [unit.post(draft) for draft in drafts]
    for lead_id in dict.fromkeys(draft.lead_id for draft in drafts):
        write_summary(deps, unit, lead_id)
    return all(posted)


def write_summary(deps: Deps, unit: UnitOfWork, lead_id: LeadId) -> None:
    """Write a lead's row from what stands now. Raises UnknownLead."""
    lead, campaign = known_lead(unit, lead_id)
    policy = deps.policies.at(lead.received_at, campaign.policy)
    entries = list(unit.entries(lead_id))
    record = fold_ledger(lead_id, entries)
    screening, failure = unit.screening(lead_id), unit.failure(lead_id)
    clock = _clock(deps, record, policy, campaign)
    unit.put_summary(
        lead_summary(
            Known(
                lead=lead,
                campaign=campaign,
                policy=policy,
                record=record,
                entries=entries,
                screening=screening.code.value if screening else "",
                failure=failure.code if failure else "",
                due_at=clock.due_at if clock else None,
            )
        )
    )


def write_summaries(deps: Deps, only_missing: bool = False) -> int:
    """Write the rows of all leads anew, or of those that have none; how many.

    For databases of an older version, and after a change of policies or campaigns.
    """
    with deps.store(only_reads=True) as unit:
        lead_ids = unit.leads_without_summary() if only_missing else unit.lead_ids()
    if lead_ids:
        deps.progress.stage("rows", len(lead_ids))
    for start in range(0, len(lead_ids), _ROWS_TOGETHER):
        with deps.store() as unit:
            for lead_id in lead_ids[start : start + _ROWS_TOGETHER]:
                write_summary(deps, unit, lead_id)
                deps.progress.step("rows", lead_id)
            unit.commit()
    return len(lead_ids)


_ROWS_TOGETHER = 200  # in one transaction: each waits for the disk, and others wait for it


def clock_of(deps: Deps, found: Standing) -> ReviewClock | None:
    """When the request of a lead must be answered, in the client's time zone; None without one."""
    return _clock(deps, found.record, found.policy, found.campaign)


def _clock(deps: Deps, record: BillingRecord, policy: Policy, campaign: Campaign) -> ReviewClock | None:
    started = record.clock_started_at
    if started is None:
        return None
    closed = deps.holidays.closed(policy.review.holidays, started.year, started.year + 2)
    days = BusinessDays(ZoneInfo(campaign.time_zone), closed)
    return review_clock(started, record.waits, policy.review.promise_business_days, days)
