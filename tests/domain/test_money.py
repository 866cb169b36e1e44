"""Money is a decimal with its currency; nothing is ever converted or rounded behind our back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.money import Money, totals


@pytest.mark.parametrize(
    ("written", "amount"), [("45.00", "45.00"), (" 45 ", "45"), (45.5, "45.5"), ("-3.10", "-3.10")]
)
def test_amounts_are_read_as_they_are_written(written: object, amount: str) -> None:
    assert Money.parse(written) == Money(Decimal(amount), "USD")


@pytest.mark.parametrize("wrong", ["", "45,00", "forty", None, "NaN", "Infinity", "$45"])
def test_what_is_no_amount_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.parse(wrong)


@pytest.mark.parametrize("currency", ["usd", "US", "DOLLARS", "U$D", ""])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money.parse("1", currency)


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        Money.parse("1") + Money.parse("1", "EUR")


def test_dollars_are_written_with_their_sign_and_other_currencies_with_their_code() -> None:
    assert [str(Money.parse("45")), str(Money.parse("45.5", "CAD"))] == ["$45.00", "45.50 CAD"]


def test_totals_are_kept_by_currency() -> None:
    bills = [Money.parse("45"), Money.parse("10", "EUR"), Money.parse("0.10")]
    assert totals(bills) == {"USD": Money.parse("45.10"), "EUR": Money.parse("10", "EUR")}
    assert totals([]) == {}


@given(st.lists(st.integers(0, 10**6), max_size=30))
def test_a_sum_of_cents_is_exact(cents: list[int]) -> None:
    found = totals(Money(Decimal(each) / 100) for each in cents)
    assert sum((money.amount for money in found.values()), Decimal(0)) * 100 == sum(cents)
