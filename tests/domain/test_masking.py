"""Phone numbers leave what was said; zips, prices and addresses stay, because the verdict may hang on them."""

from __future__ import annotations

import pytest

from insights.domain.masking import without_phone_numbers


@pytest.mark.parametrize(
    "said",
    [
        "call me at 614-555-0123.",
        "call me at (614) 555-0123.",
        "call me at 614 555 0123.",
        "call me at 614.555.0123.",
        "call me at +16145550123.",
        "call me at 1 800 555 0123.",
        "call me at 555-0123.",
        "call me at six one four, five five five, oh one two three.",
        "call me at sixty one four five five five twelve thirty four.",
        "call me at 614 555 0123 614 555 0123.",
        "call me at 614 – 555 – 0123.",
        "call me at 614—555—0123.",
        "call me at six one four um five five five um zero one two three.",
        "call me at six one four, uh, um, five five five, er, zero one two three.",
    ],
)
def test_a_phone_number_is_taken_out_however_it_is_said(said: str) -> None:
    masked = without_phone_numbers(said)
    assert masked.startswith("call me at ") and masked.endswith("555-0100.")
    assert "0123" not in masked and "three" not in masked


@pytest.mark.parametrize("said", ["it's 123-45-6789", "it's 123 45 6789", "it's 123 – 45 – 6789"])
def test_a_social_security_number_is_taken_out_too(said: str) -> None:
    assert without_phone_numbers(said) == "it's 555-0100"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "it's 43215-1234",
        "um, uh, four three, umbrella",
        "it's in 43215",
        "four three two one five",
        "four three two one five, four three two one five, right?",
        "that is $1,250 or 89 dollars",
        "78664, 1406 Parkside Circle",
        "between two and four on the 23rd",
    ],
)
def test_other_numbers_stay_as_they_were_said(said: str) -> None:
    assert without_phone_numbers(said) == said


def test_every_number_of_a_turn_is_taken_out_and_the_rest_stays() -> None:
    assert (
        without_phone_numbers("mine is 614-555-0123, zip 43004, his is 614-555-0199, bye")
        == "mine is 555-0100, zip 43004, his is 555-0100, bye"
    )
