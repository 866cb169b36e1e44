"""One lead's story from the billing record: the row of the night's table, and the whole of it for ``explain``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.domain.addresses import without_contacts
from insights.domain.billing import Decided, fold_ledger
from insights.domain.campaigns import Campaign
from insights.domain.leads import LeadId
from insights.pipeline.moves import Standing, clock_of, known_lead, standing
from insights.ports import Deps
from insights.ports_record import UnitOfWork


def lead_row(unit: UnitOfWork, lead_id: LeadId) -> dict[str, Any]:
    """A lead in one row: screening, standing proposal, deciding quote (contacts masked) or fact, money."""
    lead, campaign = known_lead(unit, lead_id)
    screening, failure = unit.screening(lead_id), unit.failure(lead_id)
    record = fold_ledger(lead_id, unit.entries(lead_id))
    proposal = record.proposal or {}
    evidence: dict[str, Any] = next(iter(proposal.get("evidence", ())), {})
    price = record.charged
    return {
        "lead_id": lead_id,
        "campaign_id": lead.campaign_id,
        "client": campaign.client,
        "received_at": local(lead.received_at, campaign),
        "screening": screening.code.value if screening else "",
        "eligibility": screening.eligibility.code.value if screening else "",
        "verdict": proposal.get("decision", ""),
        "reason": proposal.get("reason", ""),
        "outcome": proposal.get("outcome"),
        "probability": proposal.get("probability"),
        "quote": without_contacts(evidence.get("quote", "")),
        "quote_start": evidence.get("start"),
        "fact": without_contacts(evidence.get("fact", "")),
        "failure": failure.code if failure else "",
        "price": str(price.amount),
        "currency": price.currency,
    }


def explain(deps: Deps, lead_id: LeadId, now: datetime) -> dict[str, Any]:
    """Everything the record holds of a lead, oldest first. Raises UnknownLead."""
    with deps.store(only_reads=True) as unit:
        found = standing(deps, unit, lead_id, now)
        screening, failure = unit.screening(lead_id), unit.failure(lead_id)
        entries = list(unit.entries(lead_id))
        row = lead_row(unit, lead_id)
    lead, campaign, record = found.lead, found.campaign, found.record
    expires = screening.eligibility.expires_at if screening else None
    return {
        "lead": {
            "lead_id": lead_id,
            "kind": lead.kind.value,
            "received_at": row["received_at"],
            "answered": lead.answered,
            "voicemail": lead.voicemail,
            "recording_enabled": lead.recording_enabled,
            "duration_s": lead.duration_s,
            "price": row["price"],
            "currency": row["currency"],
        },
        "campaign": {
            "campaign_id": campaign.campaign_id,
            "client": campaign.client,
            "trade": campaign.trade,
            "services": list(campaign.services),
            "not_offered": list(campaign.not_offered),
            "service_area": {
                "cities": list(campaign.service_area.cities),
                "zips": list(campaign.service_area.zips),
                "state": campaign.service_area.state,
            },
        },
        "screening": row["screening"],
        "eligibility": {
            "code": row["eligibility"],
            "expires_at": local(expires, campaign) if expires else None,
            "hours_left": round((expires - now).total_seconds() / 3600, 1) if expires else None,
        },
        "failure": None
        if failure is None
        else {"stage": failure.stage, "code": failure.code, "message": failure.message},
        "state": record.state.value,
        "money": {
            "charged": str(record.charged.amount),
            "credited": str(record.credited.amount),
            "balance": str(record.balance.amount),
            "currency": record.charged.currency,
        },
        "review": review_story(deps, found),
        "proposal": record.proposal,
        "entries": [
            {
                "sequence": entry.sequence,
                "kind": entry.kind.value,
                "at": local(entry.at, campaign),
                "actor": entry.actor,
                "key": entry.key,
                "sha256": entry.sha256,
            }
            for entry in entries
        ],
    }


def review_story(deps: Deps, found: Standing) -> dict[str, Any]:
    """What the client asked, what was asked back, when the answer is due, and what was decided; times as the client's.

    While the client is asked for a fact the clock stands: ``due_at`` is None and ``clock_stopped_at`` says since when.
    """
    record, campaign = found.record, found.campaign
    clock = clock_of(deps, found) if record.request_open else None
    request, decided = record.request, record.decided
    return {
        "request": request
        and {
            "reason": request.reason.value,
            "explanation": request.explanation,
            "submitted_at": local(request.at, campaign),
            "files": [dict(file) for file in request.files],
            "open": record.request_open,
        },
        "due_at": local(clock.due_at, campaign) if clock and clock.due_at else None,
        "clock_stopped_at": local(clock.stopped_at, campaign) if clock and clock.stopped_at else None,
        "business_days_left": round(clock.left, 2) if clock else None,
        "asked": [
            {
                "fact": wait.fact,
                "asked_at": local(wait.asked_at, campaign),
                "given_at": local(wait.given_at, campaign) if wait.given_at else None,
                "given": wait.given,
                "files": [dict(file) for file in wait.files],
            }
            for wait in record.waits
        ],
        "in_review_by": record.reviewer,
        "decided": decided and _decided(decided, campaign),
    }


def _decided(decided: Decided, campaign: Campaign) -> dict[str, Any]:
    return {
        "answer": decided.answer.value,
        "reason": decided.reason.value,
        "outcome": decided.outcome.value if decided.outcome else None,
        "result": decided.result.value if decided.result else None,
        "note": decided.note,
        "letter": decided.letter,
        "by": decided.actor,
        "at": local(decided.at, campaign),
    }


def local(instant: datetime, campaign: Campaign) -> str:
    """An instant in the client's time zone, ISO 8601 to the second with its offset."""
    return instant.astimezone(ZoneInfo(campaign.time_zone)).isoformat(timespec="seconds")
