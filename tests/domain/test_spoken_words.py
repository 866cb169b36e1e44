"""Text as a recogniser prints it, and the digits that number words spell."""

from __future__ import annotations

import pytest

from insights.domain.spoken_words import spoken_digits, spoken_words


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Hello, there!", "hello there"),
        ("It's $89, okay?", "it's eighty nine dollars okay"),
        ("ZIP 78664.", "zip seven eight six six four"),
        ("1406 Parkside Cir.", "fourteen oh six parkside cir"),
        ("at 3:05 on the 23rd", "at three oh five on the twenty third"),
        ("$1,250.50 [laughs]", "one thousand two hundred fifty dollars and fifty cents"),
        ("café’s 2x4", "cafe's two x four"),
        ("7 at 3:00, or 12:45", "seven at three o'clock or twelve forty five"),
        ("50% & #4 @ 1900", "fifty percent and number four at nineteen hundred"),
        ("the 3rd, 12th and 40th of 2,000", "the third twelfth and fortieth of two thousand"),
        ("so (laughs) it [coughs, twice] broke", "so it broke"),
        ("((( [[[ it broke", "it broke"),
        ("$300, 45 of 160,000", "three hundred dollars forty five of one six zero zero zero zero"),
    ],
)
def test_written_text_looks_like_heard_text(written: str, spoken: str) -> None:
    assert spoken_words(written) == spoken


@pytest.mark.parametrize("mark", ["(", "[", "(["])
def test_sixty_thousand_brackets_that_never_close_are_no_words(mark: str) -> None:
    """Where each of them looks for its end through all the others, this takes minutes."""
    assert spoken_words(mark * 60_000) == ""


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("it's seven eight six six four", ["78664"]),
        ("seven eight six sixty four and unit twelve", ["78664", "12"]),
        ("three oh three oh one", ["30301"]),
        ("no numbers here", []),
        ("forty", ["40"]),
        ("sixty seventy five", ["6075"]),
        ("twenty nothing", ["20"]),
    ],
)
def test_spoken_zip_codes_are_found(words: str, digits: list[str]) -> None:
    assert spoken_digits(words.split()) == digits
