"""Weighs the classifier's probabilities with the facts: each fact multiplies the odds of the reason it speaks to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from insights.domain.facts import Fact, FactKind
from insights.domain.intents import Intent, IntentScores
from insights.domain.policy import Policy
from insights.domain.reliability import Reliability

SPEAKS_TO: Mapping[FactKind, Intent] = {
    FactKind.KNOWN_CUSTOMER: Intent.PREVIOUS_CUSTOMER,
    FactKind.EARLIER_BUSINESS_NAMED: Intent.PREVIOUS_CUSTOMER,
    FactKind.NOTHING_SAID: Intent.NEW_CUSTOMER,
    FactKind.ZIP_OUTSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.CITY_OUTSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.PLACE_INSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.UNOFFERED_SERVICE_NAMED: Intent.SERVICE_NOT_OFFERED,
    FactKind.REFERRAL_NAMED: Intent.DIRECT_REFERRAL,
    FactKind.EMPLOYMENT_NAMED: Intent.JOB_SEEKER,
    FactKind.SELLING_NAMED: Intent.SOLICITOR,
    FactKind.WRONG_PARTY_NAMED: Intent.WRONG_NUMBER,
}


def fact_odds(reliability: Reliability, policy: Policy) -> dict[FactKind, float]:
    """By how much each kind of fact multiplies the odds of the intent it speaks to.

    The policy's number stands before the one that held-out calls showed for this classifier. Kinds without a number
    change nothing: the classifier has read the same words.
    """
    named = {FactKind(kind): odds for kind, odds in policy.fact_weights.items()}
    return {kind: odds for kind, odds in {**reliability.fact_odds, **named}.items() if kind in SPEAKS_TO}


def weigh(scores: IntentScores, facts: Iterable[Fact], odds: Mapping[FactKind, float]) -> dict[Intent, float]:
    """Probabilities over the intents after the facts, summing to 1.

    Each kind of fact counts once, however often it was found, with its odds (above 1 for, below 1 against).
    """
    weighed = dict(scores.probabilities)
    for kind in {fact.kind for fact in facts} & odds.keys():
        weighed[SPEAKS_TO[kind]] *= odds[kind]
    total = sum(weighed.values())
    return {intent: value / total for intent, value in weighed.items()}


def most_probable(probabilities: Mapping[Intent, float]) -> Intent:
    """The likeliest intent; at a tie the earlier one in the labelling guide's order."""
    order = list(Intent)
    return max(probabilities, key=lambda intent: (probabilities[intent], -order.index(intent)))
