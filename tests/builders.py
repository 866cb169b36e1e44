"""One builder per noun of the business: a good example by default, changed by name where a test cares."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.domain.billing import LeadState
from insights.domain.campaigns import Campaign, ServiceArea
from insights.domain.facts import Fact
from insights.domain.intents import Intent, IntentScores, Outcome
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import CampaignId, Lead, LeadId
from insights.domain.ledger import Draft, Entry, EntryKind
from insights.domain.money import Money
from insights.domain.policy import Policy
from insights.domain.reliability import Answer, Reliability
from insights.domain.screening import screen
from insights.domain.transcript import Hearing, Speaker, Transcript, Turn
from insights.domain.verdicts import Case, ContactCheck, Versions

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
VERSIONS = Versions(code="1.0", policy="test", speech="whisper-test", intent="intent-test")

SHIPPED = Path(__file__).parents[1] / "insights" / "policies" / "2026-01.toml"
DOCUMENT: dict[str, Any] = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def a_campaign(**changes: Any) -> Campaign:
    """A plumber around Columbus, Ohio."""
    plumber = Campaign(
        campaign_id=CampaignId("C-1"),
        client="Blue Pipe Plumbing",
        trade="plumbing",
        client_id="K-1",
        services=("drain cleaning", "water heater repair", "sewer line replacement"),
        not_offered=("septic tank pumping", "gas line installation"),
        service_area=ServiceArea(("Columbus", "Dublin", "St. Marys"), ("43004", "43215"), "OH"),
        price=Money.parse("45.00"),
        time_zone="America/New_York",
    )
    return replace(plumber, **changes)


def a_lead(**changes: Any) -> Lead:
    """An answered, recorded call of two hours ago."""
    call = Lead(
        lead_id=LeadId("L-1"),
        campaign_id=CampaignId("C-1"),
        received_at=NOW - timedelta(hours=2),
        answered=True,
        recording_enabled=True,
        recording="recordings/L-1.wav",
        caller_number="+16145550100",
        language="en",
    )
    return replace(call, **changes)


def a_turn(line: str, start: float | None = None, **changes: Any) -> Turn:
    """``"caller: My sink leaks."`` as a turn; a line without a speaker is the caller's."""
    name, colon, text = line.partition(": ")
    speaker, text = (Speaker(name), text) if colon and name in {s.value for s in Speaker} else (Speaker.CALLER, line)
    turn = Turn(speaker, text, start, None if start is None else start + 3.0)
    return replace(turn, **changes)


def a_transcript(*lines: str | Turn, hearing: Hearing | None = None) -> Transcript:
    """A call of the lines given, five seconds a turn."""
    turns = [line if isinstance(line, Turn) else a_turn(line, 5.0 * n) for n, line in enumerate(lines)]
    return Transcript(tuple(turns), engine="whisper", model="whisper-test", hearing=hearing)


def a_hearing(**changes: Any) -> Hearing:
    """A call heard well."""
    return replace(Hearing(decoded_s=60, speech_s=40, words=90, mean_confidence=0.95, unclear_share=0.0), **changes)


def scores_for(
    intent: Intent, probability: float = 0.97, outcome: Outcome = Outcome.OPEN, turn_weights: Sequence[float] = ()
) -> IntentScores:
    """A classifier that gives one intent this probability and shares the rest evenly."""
    rest = (1 - probability) / (len(Intent) - 1)
    probabilities = {each: probability if each is intent else rest for each in Intent}
    outcomes = {each: 0.7 if each is outcome else 0.05 for each in Outcome}
    return IntentScores(probabilities, outcomes, tuple(turn_weights), "intent-test")


def a_policy(overrides: Mapping[str, Any] | None = None) -> Policy:
    """The shipped policy, with a client's overrides."""
    return Policy.from_mapping(DOCUMENT, overrides)


def all_floors(floor: float) -> dict[str, Any]:
    """Overrides that give every intent the same floor, and no lead a price too high for it."""
    floors = {intent.value: {"floor": floor} for intent in Intent}
    return {"reasons": floors, "proposals": {"tolerated_loss": 1000.0}}


ALWAYS_RIGHT = Reliability(
    tuple(Answer(tuple(0.05 * (each is intent) for each in Intent), intent) for intent in Intent for _ in range(200))
)
"""Of a classifier that held-out calls never caught wrong: only the policy's own floors hold."""


def a_heard_case(transcript: Transcript, scores: IntentScores, facts: Sequence[Fact] = (), **changes: Any) -> Case:
    """A call that was listened to."""
    lead, campaign = a_lead(), a_campaign()
    screening = screen(lead, campaign, a_policy(), NOW)
    case = Case(
        lead,
        campaign,
        screening,
        VERSIONS,
        transcript,
        scores,
        tuple(facts),
        audio_sha256="a" * 64,
        reliability=ALWAYS_RIGHT,
    )
    return replace(case, **changes)


def a_metadata_case(lead: Lead, campaign: Campaign | None = None, contact: ContactCheck | None = None) -> Case:
    """A lead as the rules see it before anybody listened."""
    campaign = campaign or a_campaign()
    return Case(lead, campaign, screen(lead, campaign, a_policy(), NOW), VERSIONS, contact=contact)


def a_charge(lead_id: str = "L-1", amount: str = "45.00", currency: str = "USD") -> Draft:
    body = {"amount": amount, "currency": currency, "campaign_id": "C-1"}
    return Draft(f"charge:{lead_id}", LeadId(lead_id), EntryKind.CHARGE, NOW, "source", body)


def a_proposal(lead_id: str = "L-1", decision: str = "billable", key: str = "1") -> Draft:
    body = {"decision": decision, "reason": "new_customer"}
    return Draft(f"proposal:{lead_id}:{key}", LeadId(lead_id), EntryKind.PROPOSAL, NOW, "pipeline", body)


def a_decision(
    lead_id: str = "L-1",
    answer: str = "accept",
    reason: str = "new_customer",
    *,
    outcome: str | None = None,
    result: str | None = None,
    at: datetime = NOW,
    key: str = "1",
) -> Draft:
    """What a reviewer says of the standing proposal."""
    body = {"answer": answer, "reason": reason, "outcome": outcome, "result": result}
    return Draft(f"decision:{lead_id}:{key}", LeadId(lead_id), EntryKind.DECISION, at, "reviewer:ann", body)


def an_entry(
    kind: EntryKind,
    body: Mapping[str, Any],
    lead_id: str = "L-1",
    *,
    actor: str = "reviewer:ann",
    at: datetime = NOW,
    key: str = "1",
) -> Draft:
    """Any other entry."""
    return Draft(f"{kind}:{lead_id}:{key}", LeadId(lead_id), kind, at, actor, body)


def salt() -> str:
    """No secret: tests want the same record every time."""
    return "salt"


def a_record(*drafts: Draft) -> list[Entry]:
    """The drafts posted one after the other."""
    entries: list[Entry] = []
    for draft in drafts:
        entries.append(draft.after(entries[-1] if entries else None, salt))
    return entries


ROW_FACTS: dict[str, Any] = {
    "client": "Blue Pipe", "client_id": "K-1", "source": "search", "trade": "plumbing", "kind": "phone_call",
    "answered": True, "voicemail": False, "ring_s": None, "screening": "ready", "failure": "",
    "charged": "45.00", "credited": "0", "proactive": "0", "currency": "USD",
    "verdict": "billable", "reason": "new_customer", "outcome": "open", "probability": 0.9, "charge_probability": 0.9,
    "note": "", "shares": None, "proposed_at": (NOW + timedelta(hours=6)).isoformat(),
    "decided_reason": "", "decided_outcome": "", "decided_billable": None, "decided_by": "", "decided_at": "",
    "overridden": None, "review_s": None, "requested_reason": "", "requested_at": "", "result": "", "in_time": None,
    "expirable": False, "by_person": False, "expired_unreviewed": False,
    "second_look_billable": None, "second_looks": [], "looked_again": False, "answered_h": None, "deleted": [],
}  # fmt: skip
A_ROW = LeadSummary(
    lead_id=LeadId("L-1"),
    campaign_id="C-1",
    received_at=NOW,
    state=LeadState.NOT_REVIEWED,
    waits=False,
    still_open=False,
    expirable=False,
    worth=0.0,
    expires_at=NOW + timedelta(days=7),
    due_at=None,
    facts=ROW_FACTS,
)
"""A billable call in one row, and the facts of it."""
