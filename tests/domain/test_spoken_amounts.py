"""Amounts of money, written or said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.spoken_amounts import amounts
from insights.domain.spoken_words import cardinal


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("It's $89, ZIP 78664.", ["89"]),
        ("$1,200.50 or $ 45.", ["1200.50", "45"]),
        ("$1,200.00", ["1200"]),
        ("89 dollars", ["89"]),
        ("eighty nine dollars for the visit", ["89"]),
        ("eighty-nine bucks", ["89"]),
        ("a hundred and eighty bucks", ["180"]),
        ("four hundred and twelve dollars", ["412"]),
        ("one twenty nine dollars", ["129"]),
        ("fourteen fifty dollars", ["1450"]),
        ("forty five hundred bucks", ["4500"]),
        ("one oh five dollars", ["105"]),
        ("thirty one thousand dollars", ["31000"]),
        ("two thousand five hundred dollars", ["2500"]),
        ("One hundred dollars and fifty bucks", ["100", "50"]),
        ("five six dollars", []),
        ("five hundred six hundred dollars", []),
        ("two thousand three thousand dollars", []),
        ("5 hundred dollars", []),
        ("zero dollars", []),
        ("a few dollars, a couple hundred dollars, top dollars", []),
        ("eighty nine. Dollars?", []),
        ("eighty nine degrees", []),
        ("", []),
    ],
)
def test_an_amount_is_read_where_it_is_one_number(said: str, values: list[str]) -> None:
    assert [amount.value for amount in amounts(said)] == values


def test_an_amount_knows_where_it_stands_in_the_sentence() -> None:
    said = "So that's a hundred and eighty dollars, then."
    (amount,) = amounts(said)
    assert said[amount.start : amount.end] == "a hundred and eighty dollars"


@given(st.integers(1, 999_999))
def test_a_number_said_in_full_comes_back(number: int) -> None:
    (amount,) = amounts(f"It is {cardinal(number)} dollars.")
    assert amount.value == str(number)
