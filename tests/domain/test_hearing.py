"""What a speech engine wrote is doubted when nobody can have said it."""

from __future__ import annotations

import math

import pytest

from insights.domain.hearing import Doubt, HearingGuards, confidence_of, doubt

PROMPT = "Blue Pipe Plumbing, plumbing: drain cleaning, water heater repair, Columbus, Dublin."


@pytest.mark.parametrize(
    ("text", "seconds", "confidence", "found"),
    [
        ("My water heater is leaking.", 5.0, 0.9, None),
        ("", 5.0, 0.0, None),
        ("no no no no no", 5.0, 0.9, None),  # a stammer
        ("thank you so thank you so thank you so thank you so much", 5.0, 0.9, Doubt.LOOP),
        ("la " * 40, 20.0, 0.9, Doubt.LOOP),
        ("one two three four five six seven eight nine ten eleven", 1.0, 0.9, Doubt.TOO_FAST),
        ("hello yes", 0.1, 0.9, None),  # short spans are cut close
        ("My water heater is leaking.", 5.0, 0.1, Doubt.UNSURE),
        ("drain cleaning, water heater repair", 5.0, 0.9, Doubt.PROMPT),
        ("drain cleaning", 5.0, 0.9, None),  # an answer that people give
        ("I need drain cleaning, water heater repair", 5.0, 0.9, None),
    ],
)
def test_a_text_is_doubted_for_one_reason_or_none(
    text: str, seconds: float, confidence: float, found: Doubt | None
) -> None:
    assert doubt(text, seconds, confidence, PROMPT, HearingGuards()) is found


def test_confidence_is_the_mean_token_probability_and_no_number_stays_none() -> None:
    assert confidence_of(math.log(0.5)) == pytest.approx(0.5)
    assert confidence_of(0.1) == 1.0, "rounding may carry a log probability above nought"
    assert math.isnan(confidence_of(math.nan)) and math.isnan(confidence_of(-math.inf))
