"""The order of the triage queue: money at stake x chance that a person changes the bill x the nearer clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.domain.money import Money


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A lead that waits for a person. ``chance`` (0..1) is the probability that listening changes the bill.

    ``due_at``: when a client's request for it must be answered; with it, day 7 of the lead does not matter any more.
    """

    lead_id: str
    client: str
    decision: str
    reason: str
    probability: float
    chance: float
    price: Money
    expires_at: datetime
    next_balance_check: datetime
    note: str = ""
    state: str = "not_reviewed"
    due_at: datetime | None = None

    def clock(self, now: datetime) -> timedelta:
        """Time left to the nearest clock that still lies ahead; zero when a request is overdue or all have passed."""
        if self.due_at is not None and self.due_at <= now:
            return timedelta(0)
        last = self.due_at or self.expires_at
        ahead = [moment - now for moment in (last, self.next_balance_check) if moment > now]
        return min(ahead, default=timedelta(0))

    def urgency(self, now: datetime) -> float:
        """1 at the clock, one half a day before it, falling towards 0; 0 when the review window has passed."""
        if self.state == "not_reviewed" and self.expires_at <= now:
            return 0.0
        return 1 / (1 + self.clock(now) / timedelta(days=1))

    def stake(self, now: datetime) -> float:
        """Expected money that a look now would move, weighed by urgency."""
        return float(self.price.amount) * self.chance * self.urgency(now)


def in_order(items: list[QueueItem], now: datetime) -> list[QueueItem]:
    """Highest stake first; equal stakes by the clock, then by id, so that the order never flickers."""
    return sorted(items, key=lambda item: (-item.stake(now), item.clock(now), item.lead_id))


def chance_of_change(decision: str, probability: float, new_customer_probability: float) -> float:
    """How likely a person's decision differs from the charge that stands (billable until someone says otherwise)."""
    return probability if decision == "non_billable" else 1 - new_customer_probability
