"""Random rows of leads, such as the dashboard is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from builders import A_ROW, NOW, ROW_FACTS

from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import LeadId
from insights.domain.reasons import ALWAYS_BILLABLE, Reason

OTHERS = [reason for reason in Reason if reason not in ALWAYS_BILLABLE]
SOURCES = ["search", "maps", "radio", "partner: north", ""]
REVIEWERS = ["ann", "bo", "chris"]


def random_rows(rng: Random, count: int, start: datetime = NOW - timedelta(days=30)) -> list[LeadSummary]:
    """Leads of thirty days in the order of their receipt, at any point of their lives."""
    return sorted((_row(rng, number, start) for number in range(count)), key=lambda row: row.received_at)


def _row(rng: Random, number: int, start: datetime) -> LeadSummary:
    received_at = start + timedelta(minutes=rng.randrange(30 * 24 * 60))
    client = rng.choice(["K-1", "K-2", "K-3"])
    facts: dict[str, Any] = {
        "client": f"Client {client}", "client_id": client, "source": rng.choice(SOURCES),
        "currency": "CAD" if client == "K-3" else "USD", "charged": rng.choice(["45.00", "60.00", "120.00"]),
        "in_hand_of": "", "in_hand_since": "", "screening": "ready" if rng.random() < 0.8 else "missed",
        "outcome": rng.choice(["", "open", "appointment_booked"]),
    }  # fmt: skip
    facts |= _proposal(rng)
    expires_at = received_at + timedelta(days=7)
    waits = facts["verdict"] in ("non_billable", "needs_review")
    open_to_expiry, due_at = waits, None
    if rng.random() < 0.15:
        requested_at = received_at + timedelta(days=1)
        due_at = requested_at + timedelta(days=rng.choice([5, 7]))
        waits, open_to_expiry = True, False
        facts |= {"requested_at": requested_at.isoformat(), "requested_reason": rng.choice(OTHERS).value}
    if rng.random() < 0.4:
        facts |= _decision(rng, facts)
        waits = open_to_expiry = False
    elif open_to_expiry and expires_at < NOW and rng.random() < 0.9:
        facts["expired_unreviewed"], waits, open_to_expiry = True, False, False
    return replace(
        A_ROW,
        lead_id=LeadId(f"L-{number}"),
        received_at=received_at,
        expires_at=expires_at,
        due_at=due_at,
        waits=waits,
        still_open=waits and bool(due_at),
        expirable=open_to_expiry,
        facts=ROW_FACTS | facts | {"expirable": open_to_expiry},
    )


def _proposal(rng: Random) -> dict[str, Any]:
    decision = rng.choices(["billable", "non_billable", "needs_review", ""], [50, 25, 20, 5])[0]
    if not decision:
        return {"verdict": "", "reason": "", "failure": "not_audio", "proposed_at": ""}
    reason = Reason.NEW_CUSTOMER if decision == "billable" else rng.choice(OTHERS)
    return {"verdict": decision, "reason": reason.value}


def _decision(rng: Random, facts: dict[str, Any]) -> dict[str, Any]:
    sure = facts["verdict"] in ("billable", "non_billable")
    takes_over = sure and rng.random() < 0.85
    reason = Reason(facts["reason"]) if takes_over else rng.choice([Reason.NEW_CUSTOMER, *OTHERS])
    billable, by_person = reason is Reason.NEW_CUSTOMER, rng.random() < 0.9
    told: dict[str, Any] = {
        "decided_reason": reason.value, "decided_billable": billable, "by_person": by_person,
        "decided_by": f"reviewer:{rng.choice(REVIEWERS)}" if by_person else "policy",
        "overridden": not takes_over if sure else None,
        "review_s": round(rng.lognormvariate(3.6, 0.6), 1) if by_person else None,
    }  # fmt: skip
    if not billable:
        part = "20.00" if facts.get("requested_at") and rng.random() < 0.3 else facts["charged"]
        told |= {"credited": part, "proactive": "0" if facts.get("requested_at") else part}
    if facts.get("requested_at"):
        hours = rng.lognormvariate(3.9, 0.7)
        result = "declined" if billable else "accepted"
        told |= {"result": result, "answered_h": hours, "in_time": hours <= 120}
    if by_person and rng.random() < 0.2:
        second = reason if rng.random() < 0.85 else rng.choice(OTHERS)
        look = {"by": "reviewer:dee", "reason": second.value}
        look |= {"decided_by": told["decided_by"], "decided_reason": reason.value}
        told |= {"second_looks": [look], "second_look_billable": second is Reason.NEW_CUSTOMER, "looked_again": True}
    return told
