"""Amounts of money: a decimal with its currency, never a float."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; adding two currencies is an error, not a conversion."""

    amount: Decimal
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError(f"amount {self.amount} is not a finite number")
        if len(self.currency) != 3 or not self.currency.isalpha() or not self.currency.isupper():
            raise ValueError(f"currency {self.currency!r} is not a three-letter ISO 4217 code")

    @classmethod
    def parse(cls, amount: object, currency: str = "USD") -> Money:
        """Read ``"45.00"``, ``45`` or ``45.5``; raises ValueError with the bad value in it."""
        try:
            value = Decimal(str(amount).strip())
        except InvalidOperation:
            raise ValueError(f"amount {amount!r} is not a decimal number") from None
        return cls(value, currency)

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.amount, other.currency)

    def __str__(self) -> str:
        return f"${self.amount:.2f}" if self.currency == "USD" else f"{self.amount:.2f} {self.currency}"


def totals(amounts: Iterable[Money]) -> dict[str, Money]:
    """Sums by currency, e.g. ``{"USD": Money(90)}``."""
    sums: dict[str, Money] = {}
    for money in amounts:
        sums[money.currency] = sums[money.currency] + money if money.currency in sums else money
    return sums
