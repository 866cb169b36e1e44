"""The reviewer's side: take a lead or put it back, decide it and undo that, ask, reopen; and what expires unseen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from insights.domain import lead_life
from insights.domain.agreement import Pair, agreement_report, drawn_for_second_look
from insights.domain.billing import REVIEWER, BillingRecord, LeadState
from insights.domain.lead_life import Move, Mover, Refusal, Verdicted
from insights.domain.leads import CampaignId, LeadId
from insights.domain.reasons import Reason
from insights.domain.screening import EligibilityCode
from insights.pipeline.moves import Standing, make_move, post_all, standing
from insights.pipeline.viewing import Viewer, access_of
from insights.ports import Deps
from insights.ports_record import Access

_LOOKED_BACK = timedelta(days=62)
CLOCK = "clock"
"""Who posts that a review window has passed."""


def start_review(deps: Deps, lead_id: LeadId, reviewer: str, now: datetime) -> BillingRecord:
    """Take a lead in hand, so that nobody else works on it. Raises UnknownLead, MoveRefused."""

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.start_review(found.record, by, found.eligibility, found.policy)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move)


def record_decision(
    deps: Deps, lead_id: LeadId, reviewer: str, said: Verdicted, now: datetime, viewer: Viewer | None = None
) -> BillingRecord:
    """Post a decision with the credit or reversal that follows from it. Raises UnknownLead, MoveRefused."""

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.decide(found.record, by, said, found.eligibility, found.policy)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move, _noted(viewer, "decide", now, lead_id))


def undo_decision(
    deps: Deps, lead_id: LeadId, reviewer: str, now: datetime, decision: str = "", viewer: Viewer | None = None
) -> BillingRecord:
    """Take one's own decision back within seconds; lead and money are as before. Raises UnknownLead, MoveRefused.

    ``decision`` is the key of the one that is meant, empty: whichever stands.
    """

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.take_back(found.record, by, found.policy, decision)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move, _noted(viewer, "undo", now, lead_id))


def put_back(deps: Deps, lead_id: LeadId, reviewer: str, now: datetime) -> BillingRecord:
    """Leave a lead undecided that one took in hand. Raises UnknownLead, MoveRefused."""

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.put_back(found.record, by)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move)


def ask_client(
    deps: Deps, lead_id: LeadId, reviewer: str, fact: str, now: datetime, viewer: Viewer | None = None
) -> BillingRecord:
    """Ask the client for the one missing fact; the clock of the request stands. Raises UnknownLead, MoveRefused."""

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.ask(found.record, by, fact, found.eligibility, found.policy)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move, _noted(viewer, "ask", now, lead_id))


def record_second_look(deps: Deps, lead_id: LeadId, reviewer: str, reason: Reason, now: datetime) -> BillingRecord:
    """Post what somebody else says of a decided lead, not having seen the decision. Raises UnknownLead, MoveRefused."""

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.look_again(found.record, by, reason, found.policy)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move)


def second_looks(deps: Deps, reviewer: str, now: datetime) -> list[LeadId]:
    """The decided leads of the last weeks that are drawn for a second look which this reviewer may give."""
    waiting: list[LeadId] = []
    with deps.store(only_reads=True) as unit:
        for row in unit.summaries(now - _LOOKED_BACK, now):
            told = row.facts
            if row.state is not LeadState.DECIDED or told["looked_again"] or told["decided_by"] == _reviewer(reviewer):
                continue
            campaign = unit.campaign(CampaignId(row.campaign_id), row.received_at)
            policy = deps.policies.at(row.received_at, campaign.policy if campaign else None)
            if drawn_for_second_look(row.lead_id, policy.review.second_look):
                waiting.append(row.lead_id)
    return waiting


def agreement(deps: Deps, received_from: datetime | None, received_to: datetime | None) -> dict[str, Any]:
    """How far people agree on the leads of a period that were judged twice: kappa in all, by reviewer and by reason."""
    with deps.store(only_reads=True) as unit:
        rows = list(unit.summaries(received_from, received_to))
    return agreement_report(
        [
            Pair(row.lead_id, look["decided_by"], look["by"], Reason(look["decided_reason"]), Reason(look["reason"]))
            for row in rows
            for look in row.facts["second_looks"]
        ]
    )


def reopen_lead(
    deps: Deps, lead_id: LeadId, reviewer: str, note: str, now: datetime, viewer: Viewer | None = None
) -> BillingRecord:
    """Look at a closed lead again. Raises UnknownLead, MoveRefused."""

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.reopen(found.record, by, note, found.eligibility)

    return make_move(deps, lead_id, _reviewer(reviewer), now, move, _noted(viewer, "reopen", now, lead_id))


def expire_unreviewed(deps: Deps, now: datetime) -> list[LeadId]:
    """Post the expiry of every lead whose window passed while it waited for a person: the count that must stay zero.

    Leads that were proposed as billable, or whose charge no review could change, expire without a word.
    """
    with deps.store(only_reads=True) as unit:
        lead_ids = unit.expirable(now)
    expired: list[LeadId] = []
    for lead_id in lead_ids:
        with deps.store() as unit:
            found = standing(deps, unit, lead_id, now)
            if found.eligibility.code is not EligibilityCode.TOO_OLD:
                continue
            move = lead_life.expire(found.record, Mover(CLOCK, found.eligibility.expires_at))
            if not isinstance(move, Refusal) and post_all(deps, unit, move):
                expired.append(lead_id)
                unit.commit()
    return expired


def _noted(viewer: Viewer | None, what: str, now: datetime, lead_id: LeadId) -> Access | None:
    """The line of the access log of somebody whose accesses are noted."""
    return access_of(viewer, what, now, lead_id) if viewer else None


def _reviewer(name: str) -> str:
    return f"{REVIEWER}{name}"
