"""How fast others may be asked: a budget of requests, the wait that an answer asks for, and the wait before a retry."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar

RESERVE = 0.05
"""The share of a quota that is left to others who use the same key."""
MINUTE_S, HOUR_S, DAY_S = 60.0, 3_600.0, 86_400.0

Decided = TypeVar("Decided")
Counts = dict[int, int]
"""Requests (right) by minute since 1970 (left)."""


class RequestCounts(Protocol):
    """The requests that count against one quota."""

    def change(self, decide: Callable[[Counts], Decided]) -> Decided:
        """What is decided from the counts, for nobody else meanwhile; what the decision changes in them is kept."""
        ...


class CountsOfOne:
    """The requests of this process; any thread may count."""

    def __init__(self) -> None:
        self._lock, self._counts = threading.Lock(), Counts()

    def change(self, decide: Callable[[Counts], Decided]) -> Decided:
        with self._lock:
            return decide(self._counts)


class RequestBudget:
    """A provider's quota, spent request by request; any thread may ask.

    ``limits``: so many requests (right) in any stretch of so many seconds (left). ``reserve`` of each is never spent.
    """

    def __init__(
        self,
        counts: RequestCounts,
        *limits: tuple[float, int],
        reserve: float = RESERVE,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._counts, self._now = counts, now
        self._limits = [(stretch_s, int(most * (1 - reserve))) for stretch_s, most in limits]

    def take(self) -> float:
        """Count one request. 0: it may go now; otherwise it may not, and the seconds until one may."""
        return self._counts.change(self._take)

    def _take(self, counts: Counts) -> float:
        now = self._now()
        forgotten = _minute(now - max(stretch_s for stretch_s, _ in self._limits)) - 1
        for minute in [minute for minute in counts if minute < forgotten]:
            del counts[minute]
        wait_s = max(_wait_s(counts, now, stretch_s, most) for stretch_s, most in self._limits)
        if not wait_s:
            counts[_minute(now)] = counts.get(_minute(now), 0) + 1
        return wait_s


def _minute(instant: float) -> int:
    return int(instant // MINUTE_S)


def _wait_s(counts: Counts, now: float, stretch_s: float, most: int) -> float:
    """Seconds until one more request may go. Where in its minute one fell is not known: it counts until the whole
    minute has left the stretch. Minutes more than an hour ahead do not count: a clock that was wrong counted them."""

    def left_s(minute: int) -> float:
        return (minute + 1) * MINUTE_S + stretch_s - now

    counting = sorted(minute for minute in counts if left_s(minute) > 0 and minute <= _minute(now + HOUR_S))
    spent, wait_s = sum(counts[minute] for minute in counting), 0.0
    for minute in counting:
        if spent < most:
            break
        spent, wait_s = spent - counts[minute], left_s(minute)
    return wait_s if spent < most else stretch_s


def told_wait_s(told: str, now: float) -> float | None:
    """``Retry-After`` in seconds, told as seconds or as a date; None where it says nothing of use."""
    if told.strip().isascii() and told.strip().isdecimal():
        return min(float(told), 1e9)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def backoff_s(tried: int) -> float:
    """Seconds before another try: 1, 2, 4 ... 30, less up to half of it, so that many do not come back at once."""
    return min(30.0, 2.0 ** (tried - 1)) * random.uniform(0.5, 1.0)
