"""Weighs the classifier's probabilities with the facts: each fact multiplies the odds of the reason it speaks to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from insights.domain.facts import Fact, FactKind
from insights.domain.intents import Intent, IntentScores
from insights.domain.policy import Policy

SPEAKS_TO: Mapping[FactKind, Intent] = {
    FactKind.KNOWN_CUSTOMER: Intent.PREVIOUS_CUSTOMER,
    FactKind.EARLIER_BUSINESS_NAMED: Intent.PREVIOUS_CUSTOMER,
    FactKind.NOTHING_SAID: Intent.NEW_CUSTOMER,
    FactKind.ZIP_OUTSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.CITY_OUTSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.PLACE_INSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.UNOFFERED_SERVICE_NAMED: Intent.SERVICE_NOT_OFFERED,
    FactKind.REFERRAL_NAMED: Intent.DIRECT_REFERRAL,
}


def weigh(scores: IntentScores, facts: Iterable[Fact], policy: Policy) -> dict[Intent, float]:
    """Probabilities over the intents after the facts, summing to 1.

    Each kind of fact counts once, however often it was found, with the policy's weight (above 1 for, below 1 against).
    Kinds without a weight change nothing: the classifier has read the same words already.
    """
    weighed = dict(scores.probabilities)
    for kind in {fact.kind for fact in facts}:
        if kind in SPEAKS_TO and kind.value in policy.fact_weights:
            weighed[SPEAKS_TO[kind]] *= policy.fact_weights[kind.value]
    total = sum(weighed.values())
    return {intent: value / total for intent, value in weighed.items()}


def most_probable(probabilities: Mapping[Intent, float]) -> Intent:
    """The likeliest intent; at a tie the earlier one in the labelling guide's order."""
    order = list(Intent)
    return max(probabilities, key=lambda intent: (probabilities[intent], -order.index(intent)))
