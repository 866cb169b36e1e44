"""The order of the triage queue: money at stake x chance that a person changes the bill x the nearest clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import NamedTuple

from insights.domain.leads import LeadId
from insights.domain.money import Money

_NONE, _DAY = timedelta(0), timedelta(days=1)


class Ticket(NamedTuple):
    """A lead's place in the queue; a tuple, because there may be ten thousand of them for one page.

    ``worth``: the money that listening is expected to move, at the lead's price. ``due_at``: when the client's open
    request must be answered. ``still_open``: it waits whatever its age, because its request is open or it was reopened.
    """

    lead_id: LeadId
    worth: float
    expires_at: datetime
    next_balance_check: datetime
    due_at: datetime | None = None
    still_open: bool = False

    def clock(self, now: datetime) -> timedelta:
        """Time left to the nearest clock that still lies ahead; zero when a request is overdue or all have passed."""
        last, check = self.due_at or self.expires_at, self.next_balance_check
        if self.due_at is not None and self.due_at <= now:
            return _NONE
        if check > now and (check < last or last <= now):
            return check - now
        return last - now if last > now else _NONE

    def urgency(self, now: datetime) -> float:
        """1 at the clock, one half a day before it, falling towards 0; 0 when the review window has passed."""
        return self._urgency(self.clock(now), now)

    def _urgency(self, left: timedelta, now: datetime) -> float:
        return 1 / (1 + left / _DAY) if self.still_open or self.expires_at > now else 0.0

    def rank(self, now: datetime) -> tuple[float, timedelta, LeadId]:
        """The less the sooner: expected money that a look now would move, weighed by urgency; then clock and id."""
        left = self.clock(now)
        return -self.worth * self._urgency(left, now), left, self.lead_id


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A lead that waits for a person, with what the person reads first."""

    ticket: Ticket
    client: str
    decision: str
    reason: str
    probability: float
    price: Money
    note: str = ""
    state: str = "not_reviewed"

    @property
    def chance(self) -> float:
        """The probability (0..1) that listening changes the bill."""
        return self.ticket.worth / float(self.price.amount) if self.price.amount else 0.0


def in_order(tickets: Iterable[Ticket], now: datetime, limit: int | None = None) -> list[Ticket]:
    """Highest stake first, at most ``limit``; equal stakes by clock, then by id, so that the order never flickers."""
    ranked = [(ticket.rank(now), ticket) for ticket in tickets]
    first = sorted(ranked) if limit is None else nsmallest(limit, ranked)  # ids differ: tickets are never compared
    return [ticket for _, ticket in first]


def chance_of_change(decision: str, probability: float, new_customer_probability: float) -> float:
    """How likely a person's decision differs from the charge that stands (billable until someone says otherwise)."""
    return probability if decision == "non_billable" else 1 - new_customer_probability
