"""One lead's story from the billing record: the row of the night's table, and the whole of it for ``explain``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.domain.campaigns import Campaign
from insights.domain.leads import Lead, LeadId
from insights.domain.ledger import fold_ledger
from insights.domain.money import Money
from insights.errors import UnknownLead
from insights.ports import Deps, UnitOfWork


def lead_row(unit: UnitOfWork, lead_id: LeadId) -> dict[str, Any]:
    """A lead in one row: screening, standing proposal, deciding quote or fact, money."""
    lead, campaign = _known(unit, lead_id)
    screening, failure = unit.screening(lead_id), unit.failure(lead_id)
    record = fold_ledger(lead_id, unit.entries(lead_id))
    proposal = record.proposal or {}
    evidence: dict[str, Any] = next(iter(proposal.get("evidence", ())), {})
    price = Money.parse(record.charged, record.currency)
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
        "quote": evidence.get("quote", ""),
        "quote_start": evidence.get("start"),
        "fact": evidence.get("fact", ""),
        "failure": failure.code if failure else "",
        "price": str(price.amount),
        "currency": price.currency,
    }


def explain(deps: Deps, lead_id: LeadId, now: datetime) -> dict[str, Any]:
    """Everything the record holds of a lead, oldest first. Raises UnknownLead."""
    with deps.store() as unit:
        lead, campaign = _known(unit, lead_id)
        screening, failure = unit.screening(lead_id), unit.failure(lead_id)
        entries = list(unit.entries(lead_id))
        row = lead_row(unit, lead_id)
    record = fold_ledger(lead_id, entries)
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
        "state": record.state,
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


def local(instant: datetime, campaign: Campaign) -> str:
    """An instant in the client's time zone, ISO 8601 to the second with its offset."""
    return instant.astimezone(ZoneInfo(campaign.time_zone)).isoformat(timespec="seconds")


def _known(unit: UnitOfWork, lead_id: LeadId) -> tuple[Lead, Campaign]:
    lead = unit.lead(lead_id)
    campaign = unit.campaign(lead.campaign_id) if lead else None
    if lead is None or campaign is None:
        raise UnknownLead(
            f"there is no lead {lead_id[:100]!r} on this billing record.",
            next_step="call-insights queue lists the leads that wait; --database names another record.",
        )
    return lead, campaign
