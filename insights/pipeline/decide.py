"""The reviewer's side: take a lead in hand, decide it, ask for a missing fact, reopen it; and what expires unseen."""

from __future__ import annotations

from datetime import datetime, timedelta

from insights.domain import lead_life
from insights.domain.billing import BillingRecord, LeadState
from insights.domain.lead_life import Mover, Refusal, Verdicted
from insights.domain.leads import LeadId
from insights.domain.screening import EligibilityCode
from insights.pipeline.moves import make_move, standing
from insights.ports import Deps

_LOOKED_BACK = timedelta(days=62)
CLOCK = "clock"
"""Who posts that a review window has passed."""


def start_review(deps: Deps, lead_id: LeadId, reviewer: str, now: datetime) -> BillingRecord:
    """Take a lead in hand, so that nobody else works on it. Raises UnknownLead, MoveRefused."""
    return make_move(
        deps, lead_id, _reviewer(reviewer), now, lambda found, by: lead_life.start_review(found.record, by)
    )


def record_decision(deps: Deps, lead_id: LeadId, reviewer: str, said: Verdicted, now: datetime) -> BillingRecord:
    """Post a decision with the credit or reversal that follows from it. Raises UnknownLead, MoveRefused."""
    return make_move(
        deps,
        lead_id,
        _reviewer(reviewer),
        now,
        lambda found, by: lead_life.decide(found.record, by, said, found.eligibility, found.policy),
    )


def ask_client(deps: Deps, lead_id: LeadId, reviewer: str, fact: str, now: datetime) -> BillingRecord:
    """Ask the client for the one missing fact; the clock of the request stands. Raises UnknownLead, MoveRefused."""
    return make_move(deps, lead_id, _reviewer(reviewer), now, lambda found, by: lead_life.ask(found.record, by, fact))


def reopen_lead(deps: Deps, lead_id: LeadId, reviewer: str, note: str, now: datetime) -> BillingRecord:
    """Look at a closed lead again. Raises UnknownLead, MoveRefused."""
    return make_move(
        deps, lead_id, _reviewer(reviewer), now, lambda found, by: lead_life.reopen(found.record, by, note)
    )


def expire_unreviewed(deps: Deps, now: datetime) -> list[LeadId]:
    """Post the expiry of every lead whose window passed while it waited for a person: the count that must stay zero.

    Leads that were proposed as billable, or whose charge no review could change, expire without a word. Looks at the
    leads of the last two months.
    """
    with deps.store() as unit:
        lead_ids = unit.lead_ids(now - _LOOKED_BACK, now)
    expired: list[LeadId] = []
    for lead_id in lead_ids:
        with deps.store() as unit:
            found = standing(deps, unit, lead_id, now)
            proposed = (found.record.proposal or {}).get("decision")
            waited = proposed in ("non_billable", "needs_review") and found.record.state is LeadState.NOT_REVIEWED
            if not waited or found.eligibility.code is not EligibilityCode.TOO_OLD:
                continue
            move = lead_life.expire(found.record, Mover(CLOCK, found.eligibility.expires_at))
            if not isinstance(move, Refusal) and all(unit.post(draft) for draft in move):
                expired.append(lead_id)
                unit.commit()
    return expired


def _reviewer(name: str) -> str:
    return f"reviewer:{name}"
