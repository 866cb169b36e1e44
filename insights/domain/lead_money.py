"""What a decision gives back of a lead's charge, which credits and reversals move it, and which ones take that back.

Pure: each function tells entries as kind and body; `domain.lead_life` gives them their keys.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from insights.domain.billing import BillingRecord, Credit, Result
from insights.domain.ledger import EntryKind
from insights.domain.money import Money

MoneyMove = tuple[EntryKind, dict[str, Any]]
"""A credit or a reversal before it has a key."""


def owed(charged: Money, billable: bool, credit: Decimal | None) -> Money:
    """What goes back in all: nothing of a billable lead, else everything, or what the reviewer says (``credit``)."""
    if credit is not None:
        return Money(credit, charged.currency)
    return Money.parse("0", charged.currency) if billable else charged


def result_of(given_back: Money, charged: Money, billable: bool) -> Result:
    """A lead that cost nothing is accepted or declined by its reason alone."""
    if given_back.amount == 0 and (billable or charged.amount):
        return Result.DECLINED
    return Result.ACCEPTED if given_back == charged else Result.PARTLY


def decision_moves(record: BillingRecord, given_back: Money, decision: str, *, proactive: bool) -> list[MoneyMove]:
    """One credit of what is missing, or reversals of what was given too much, the newest credit first."""
    missing = given_back - record.credited
    if missing.amount > 0:
        return [_credit(record, missing, decision, proactive=proactive)]
    too_much, moves = record.credited - given_back, list[MoneyMove]()
    for credit in reversed(record.credits):
        taken = Money(min(credit.left.amount, too_much.amount), given_back.currency)
        if taken.amount > 0:
            moves.append(_reversal(credit, taken, decision))
            too_much = too_much - taken
    return moves


def moves_back(before: BillingRecord, record: BillingRecord, decision: str) -> list[MoneyMove]:
    """What puts the money back to where it stood ``before``: reversals of the credits that came since, and for each
    credit that was taken from since another one of the same amount, asked for or not as that one was."""
    stood = {credit.key: credit.left for credit in before.credits}
    moves = [_reversal(credit, credit.left, decision) for credit in record.credits if credit.key not in stood]
    for credit in record.credits:
        taken = stood.get(credit.key, credit.left) - credit.left
        if taken.amount > 0:
            moves.append(_credit(record, taken, decision, proactive=credit.proactive))
    return moves


def _credit(record: BillingRecord, money: Money, decision: str, *, proactive: bool) -> MoneyMove:
    body = _amount(money) | {"corrects": record.charge_key, "decision": decision, "proactive": proactive}
    return EntryKind.CREDIT, body


def _reversal(credit: Credit, taken: Money, decision: str) -> MoneyMove:
    return EntryKind.REVERSAL, _amount(taken) | {"corrects": credit.key, "decision": decision}


def _amount(money: Money) -> dict[str, Any]:
    return {"amount": str(money.amount), "currency": money.currency}
