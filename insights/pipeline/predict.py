"""Judge transcripts that came from a file: classify, extract facts, propose; nothing is stored or posted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from insights.domain.campaigns import Campaign
from insights.domain.facts import Places, Quote, ServiceMatcher, extract_facts
from insights.domain.policy import Policy
from insights.domain.reasons import Reason
from insights.domain.rules import propose_verdict
from insights.domain.scoring import Label, Scored
from insights.domain.transcript import Transcript
from insights.domain.verdicts import Case, Verdict, Versions
from insights.ports import IntentModel


def judge(
    transcript: Transcript,
    campaign: Campaign | None,
    known_customer: bool,
    model: IntentModel,
    places: Places,
    policy: Policy,
    code_version: str,
    services: ServiceMatcher | None = None,
) -> Verdict:
    """The verdict on one transcript, by the same rules as the night's; without ``services`` by its own words alone."""
    scores = model.score(transcript, campaign, known_customer)
    source = "the record's known_customer" if known_customer else ""
    facts = extract_facts(transcript, campaign, places, source, services)
    case = Case(
        lead=None,
        campaign=campaign,
        screening=None,
        versions=Versions(code_version, policy.version, transcript.model, model.model),
        transcript=transcript,
        scores=scores,
        facts=facts,
        reliability=model.reliability,
    )
    verdict = propose_verdict(case, policy)
    assert verdict is not None  # a case with a transcript and scores is always decided
    return verdict


def prediction(call_id: str, verdict: Verdict) -> dict[str, Any]:
    """One line of ``classify``'s output. ``evidence`` and ``against`` hold quotes only; other facts follow beside."""
    return {
        "id": call_id,
        "verdict": verdict.decision.value,
        "reason": verdict.reason.value,
        "outcome": verdict.outcome.value if verdict.outcome else None,
        "confidence": round(verdict.probability, 4),
        "probabilities": _rounded({intent.value: p for intent, p in verdict.probabilities.items()}),
        "evidence": [_quoted(item.quote, item.supports) for item in verdict.evidence if item.quote],
        "against": [_quoted(item.quote, item.supports) for item in verdict.against if item.quote],
        "charge_probability": round(verdict.charge_probability, 4),
        "facts": [{"fact": item.fact, "source": item.source} for item in verdict.evidence if item.quote is None],
        "doubts": list(verdict.doubts),
        "would_change": verdict.would_change,
        "model": verdict.versions.intent,
        "policy": verdict.versions.policy,
    }


def _quoted(quote: Quote, supports: Reason) -> dict[str, Any]:
    """``start`` and ``end`` in seconds, where the transcript has times."""
    times = {"start": quote.start, "end": quote.end} if quote.start is not None else {}
    return {"turn": quote.turn, "quote": quote.text, "supports": supports.value, **times}


def _rounded(probabilities: dict[str, float]) -> dict[str, float]:
    """Four decimals that still sum to 1: the rounding's remainder goes to the largest."""
    rounded = {code: round(p, 4) for code, p in probabilities.items()}
    largest = max(rounded, key=lambda code: rounded[code])
    rounded[largest] = round(rounded[largest] + 1 - sum(rounded.values()), 4)
    return rounded


def scored(call_id: str, verdict: Verdict, label: Label, price: Decimal) -> Scored:
    """A prediction beside its label; ``price`` is what a mistake costs."""
    return Scored(
        call_id=call_id,
        label_reason=label.reason.value,
        label_billable=label.billable,
        label_outcome=label.outcome.value if label.outcome else None,
        decision=verdict.decision.value,
        reason=verdict.reason.value,
        outcome=verdict.outcome.value if verdict.outcome else None,
        confidence=verdict.probability,
        price=price,
        charge_probability=verdict.charge_probability,
    )
