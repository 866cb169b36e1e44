"""A client's month: what was given back unasked and why, and what stayed charged after a review and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insights.domain.addresses import without_contacts
from insights.domain.billing import BillingRecord, LeadState, Result
from insights.domain.leads import Lead
from insights.domain.money import Money, totals


@dataclass(frozen=True, slots=True)
class Told:
    """One lead of the client with its record; ``received_at`` in the client's time zone."""

    lead: Lead
    record: BillingRecord
    received_at: datetime


def statement(leads: Sequence[Told]) -> dict[str, Any]:
    """The month as plain JSON.

    ``given_back_unasked`` and ``given_back_on_request`` hold the credited leads with the words or the fact that
    decided; ``charged_after_review`` those that a reviewer left charged, with the reason; sums are by currency.
    """
    credited = [told for told in leads if told.record.credited.amount]
    unasked = [told for told in credited if any(c.proactive and c.left.amount for c in told.record.credits)]
    asked = [told for told in credited if told not in unasked]
    kept = [
        told for told in leads if told.record.state is LeadState.DECIDED and told.record.request and _declined(told)
    ]
    return {
        "leads": len(leads),
        "charged": _sums(told.record.charged for told in leads),
        "given_back": _sums(told.record.credited for told in leads),
        "to_pay": _sums(told.record.balance for told in leads),
        "given_back_unasked": [_line(told) for told in unasked],
        "given_back_on_request": [_line(told) for told in asked],
        "charged_after_review": [_line(told) for told in kept],
        "waiting": [told.lead.lead_id for told in leads if told.record.request_open],
    }


def _declined(told: Told) -> bool:
    return told.record.decided is not None and told.record.decided.result is Result.DECLINED


def _line(told: Told) -> dict[str, Any]:
    record, decided = told.record, told.record.decided
    assert decided is not None  # money goes back, and requests are closed, by decisions alone
    return {
        "lead_id": told.lead.lead_id,
        "received_at": told.received_at.isoformat(timespec="seconds"),
        "charged": str(record.charged.amount),
        "given_back": str(round(record.credited.amount, 2)),
        "currency": record.charged.currency,
        "reason": decided.reason.value,
        "outcome": decided.outcome.value if decided.outcome else None,
        "because": _because(decided.proposal or {}, decided.reason.value),
        "asked": record.request.reason.value if record.request else None,
        "decided_at": decided.at.astimezone(told.received_at.tzinfo).isoformat(timespec="seconds"),
    }


def _because(proposal: Mapping[str, Any], reason: str) -> list[str]:
    """The words and facts of the proposal that speak for the decided reason, without addresses and phone numbers."""
    found = [item for item in proposal.get("evidence", ()) if item.get("supports") == reason]
    return [without_contacts(item.get("quote") or item.get("fact") or "") for item in found]


def _sums(amounts: Iterable[Money]) -> dict[str, str]:
    return {currency: str(money.amount) for currency, money in sorted(totals(amounts).items())}
