"""Verdicts: the only place that says billable. A case goes in, a verdict with evidence and versions comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from insights.domain.campaigns import Campaign
from insights.domain.facts import Fact, Quote
from insights.domain.intents import Intent, IntentScores, Outcome
from insights.domain.leads import Lead
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.domain.reliability import Reliability
from insights.domain.screening import Screening
from insights.domain.transcript import Transcript


class Decision(StrEnum):
    """What a verdict says of the lead."""

    BILLABLE = "billable"
    NON_BILLABLE = "non_billable"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True, slots=True)
class Versions:
    """Everything that could change a verdict: code, policy, speech weights, intent weights."""

    code: str
    policy: str
    speech: str = ""
    intent: str = ""


@dataclass(frozen=True, slots=True)
class ContactCheck:
    """Whether a form lead's phone and e-mail can work at all, with the finding in words."""

    phone_works: bool
    email_works: bool
    finding: str


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a lead when the verdict is proposed. Parts that were never needed are None."""

    lead: Lead | None
    campaign: Campaign | None
    screening: Screening | None
    versions: Versions
    transcript: Transcript | None = None
    scores: IntentScores | None = None
    facts: tuple[Fact, ...] = ()
    contact: ContactCheck | None = None
    audio_sha256: str = ""
    transcript_key: str = ""
    reliability: Reliability = field(default_factory=Reliability)
    """Of the classifier that gave the scores; one of which nothing is known proposes nothing."""

    @property
    def price(self) -> Money | None:
        """What the lead costs: its own price, else the campaign's."""
        own = self.lead.price if self.lead else None
        return own or (self.campaign.price if self.campaign else None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: a quote of the transcript, or a metadata fact with its ``source``. ``supports`` is a reason's code."""

    supports: Reason
    quote: Quote | None = None
    fact: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A proposed verdict. ``probabilities`` weigh the classifier with the facts and sum to 1.

    ``reason`` is always the most probable code, also when a person is asked; ``doubts`` say why one is asked;
    ``charge_probability`` is that of the verdict being right about the charge, whichever reason it is; ``floor`` is the
    one from which the reason is proposed, None when it never is or metadata decided;
    ``would_change`` says which missing fact would change the answer; ``rule`` names the function that decided.
    """

    decision: Decision
    reason: Reason
    outcome: Outcome | None
    probability: float
    rule: str
    would_change: str
    versions: Versions
    evidence: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = ()
    doubts: tuple[str, ...] = ()
    charge_probability: float = 1.0
    floor: float | None = None
    probabilities: Mapping[Intent, float] = field(default_factory=dict)
    audio_sha256: str = ""
    transcript_sha256: str = ""

    def __post_init__(self) -> None:
        if self.decision is Decision.NON_BILLABLE and not self.evidence:
            raise ValueError("a non-billable verdict needs evidence: no quote, no verdict")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability} lies outside 0..1")


WOULD_CHANGE: Mapping[Reason, str] = {
    Reason.NEW_CUSTOMER: "earlier business, a personal referral, or a job outside the area or the services",
    Reason.WRONG_NUMBER: "a need the client serves, voiced before the call ended",
    Reason.SOLICITOR: "a need of the caller's own that the client serves",
    Reason.JOB_SEEKER: "a service wanted rather than work offered",
    Reason.PREVIOUS_CUSTOMER: "proof that the caller's household or business never bought here (a quote is no sale)",
    Reason.DIRECT_REFERRAL: "that the caller found the client by the ad or a search, and nobody sent them",
    Reason.OUT_OF_AREA: "the job's address, if it lies inside the service area",
    Reason.SERVICE_NOT_OFFERED: "a service the client offers, asked for seriously in the same call",
    Reason.CAMPAIGN_PAUSED: "a campaign history without a pause at the time of receipt",
    Reason.MISSED_CALL: "a source record that says the call was answered",
    Reason.UNREACHABLE_CONTACT: "a phone number or an e-mail address of the caller that works",
}


def verdict_body(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain JSON, as it stands in a proposal entry."""
    return {
        "decision": verdict.decision.value,
        "reason": verdict.reason.value,
        "outcome": verdict.outcome.value if verdict.outcome else None,
        "probability": round(verdict.probability, 6),
        "charge_probability": round(verdict.charge_probability, 6),
        "floor": verdict.floor,
        "probabilities": {intent.value: round(p, 6) for intent, p in verdict.probabilities.items()},
        "rule": verdict.rule,
        "doubts": list(verdict.doubts),
        "would_change": verdict.would_change,
        "evidence": [_evidence_body(item) for item in verdict.evidence],
        "against": [_evidence_body(item) for item in verdict.against],
        "versions": asdict(verdict.versions),
        "audio_sha256": verdict.audio_sha256,
        "transcript_sha256": verdict.transcript_sha256,
    }


def _evidence_body(item: Evidence) -> dict[str, Any]:
    if item.quote is None:
        return {"supports": item.supports.value, "fact": item.fact, "source": item.source}
    quote = item.quote
    return {
        "supports": item.supports.value,
        "turn": quote.turn,
        "quote": quote.text,
        "start": quote.start,
        "end": quote.end,
    }
