"""Compares what was proposed with what another policy would have proposed: leads that flip, and their money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insights.domain.leads import LeadId
from insights.domain.money import Money, totals
from insights.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Replayed:
    """One lead under two policies. A verdict is ``(decision, reason)``; ``decided`` is what a person said, if anybody.

    ``because``: the words or the fact that the new verdict stands on, and the doubts that keep it from being proposed.
    """

    lead_id: LeadId
    client: str
    received_at: datetime
    price: Money
    was: tuple[str, str]
    now: tuple[str, str]
    decided_billable: bool | None
    decided: Reason | None
    because: str

    @property
    def flips(self) -> bool:
        return self.was[0] != self.now[0]


def compare(replayed: Iterable[Replayed], most_examples: int = 20) -> dict[str, Any]:
    """The replay as plain JSON.

    ``flips`` count from what to what, with money; ``by_client`` says per client what would be proposed to be given back
    under either policy; ``against_decisions`` compares proposals with what people decided under the policy in force
    then: where the other policy judges the reason itself otherwise, that is no mistake but the change; ``examples`` are
    the dearest leads that flip.
    """
    rows = list(replayed)
    flips = [row for row in rows if row.flips]
    kinds = Counter((row.was[0], row.now[0]) for row in flips)
    clients = sorted({row.client for row in rows})
    dearest = sorted(flips, key=lambda row: (-row.price.amount, row.lead_id))[:most_examples]
    return {
        "leads": len(rows),
        "flipped": len(flips),
        "flips": [
            {
                "from": was,
                "to": now,
                "leads": count,
                "money": _money(row.price for row in flips if (row.was[0], row.now[0]) == (was, now)),
            }
            for (was, now), count in sorted(kinds.items())
        ],
        "by_client": {
            client: {
                "leads": sum(row.client == client for row in rows),
                "flipped": sum(row.client == client for row in flips),
                "given_back": _money(r.price for r in rows if r.client == client and r.was[0] == "non_billable"),
                "would_be_given_back": _money(
                    r.price for r in rows if r.client == client and r.now[0] == "non_billable"
                ),
            }
            for client in clients
        },
        "against_decisions": {"was": _right(rows, "was"), "now": _right(rows, "now")},
        "examples": [
            {
                "lead_id": row.lead_id,
                "client": row.client,
                "received_at": row.received_at.isoformat(),
                "price": str(row.price.amount),
                "currency": row.price.currency,
                "was": list(row.was),
                "now": list(row.now),
                "decided": row.decided.value if row.decided else None,
                "because": row.because,
            }
            for row in dearest
        ],
    }


def _right(rows: Iterable[Replayed], name: str) -> Mapping[str, int]:
    """Of the decided leads: proposals right and wrong about the charge, and those left to a person."""
    found = Counter({"right": 0, "wrong": 0, "left_to_a_person": 0})
    for row in rows:
        if row.decided_billable is None:
            continue
        decision = getattr(row, name)[0]
        if decision == "needs_review":
            found["left_to_a_person"] += 1
        else:
            found["right" if (decision == "billable") == row.decided_billable else "wrong"] += 1
    return dict(found)


def _money(prices: Iterable[Money]) -> dict[str, str]:
    return {currency: str(money.amount) for currency, money in totals(prices).items()}
