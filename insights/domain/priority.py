"""The order of the triage queue: money at stake x chance that a person changes the bill x the nearer clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.domain.money import Money


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A lead that waits for a person. ``chance`` (0..1) is the probability that listening changes the bill."""

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

    def clock(self, now: datetime) -> timedelta:
        """Time left to the nearer clock that still lies ahead; zero when both have passed."""
        ahead = [moment - now for moment in (self.expires_at, self.next_balance_check) if moment > now]
        return min(ahead, default=timedelta(0))

    def urgency(self, now: datetime) -> float:
        """1 at the clock, one half a day before it, falling towards 0; 0 when the review window has passed."""
        if self.expires_at <= now:
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
