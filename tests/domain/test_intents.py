"""The classifier's answer must be probabilities over exactly our intents and outcomes."""

from __future__ import annotations

from typing import Any

import pytest
from builders import scores_for

from insights.domain.intents import Intent, IntentScores, Outcome

EVEN = dict.fromkeys(Intent, 1 / 8)
OUTCOMES = dict.fromkeys(Outcome, 1 / 7)


def scores(probabilities: dict[Any, float], outcomes: dict[Any, float]) -> IntentScores:
    return IntentScores(probabilities, outcomes, (), "m")


def test_the_most_probable_outcome_counts_the_first_at_a_tie() -> None:
    assert scores_for(Intent.SOLICITOR, 0.6, Outcome.PRICE_SHOPPER).top_outcome is Outcome.PRICE_SHOPPER
    assert scores(EVEN, OUTCOMES).top_outcome is Outcome.APPOINTMENT_BOOKED


@pytest.mark.parametrize(
    ("probabilities", "outcomes", "told"),
    [
        ({Intent.SOLICITOR: 1.0}, OUTCOMES, "intent .* exactly once"),
        (EVEN, {Outcome.OPEN: 1.0}, "outcome .* exactly once"),
        (EVEN | {Intent.SOLICITOR: 0.5}, OUTCOMES, "sum to 1"),
        (EVEN | {Intent.SOLICITOR: float("nan")}, OUTCOMES, "finite"),
        (EVEN | {Intent.SOLICITOR: -1 / 8, Intent.JOB_SEEKER: 3 / 8}, OUTCOMES, "not negative"),
        (EVEN, OUTCOMES | {Outcome.OPEN: 1.0}, "outcome"),
    ],
    ids=["missing intents", "missing outcomes", "too much", "not a number", "negative", "outcomes too much"],
)
def test_what_is_no_distribution_is_refused(
    probabilities: dict[Any, float], outcomes: dict[Any, float], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        scores(probabilities, outcomes)
