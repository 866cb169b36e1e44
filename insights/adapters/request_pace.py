"""How fast others may be asked: a budget of requests, the wait that an answer asks for, and the wait before a retry."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime

RESERVE = 0.05
"""The share of a quota that is left to others who use the same key."""
HOUR_S, DAY_S = 3_600.0, 86_400.0


class RequestBudget:
    """Counts the requests of this process against a provider's quota; any thread may ask.

    ``limits``: so many requests (right) in any stretch of so many seconds (left). ``reserve`` of each is never spent.
    """

    def __init__(
        self, *limits: tuple[float, int], reserve: float = RESERVE, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now, self._lock = now, threading.Lock()
        self._spent: list[tuple[float, int, deque[float]]] = [
            (stretch_s, int(most * (1 - reserve)), deque()) for stretch_s, most in limits
        ]

    def take(self) -> float:
        """Count one request. 0: it may go now; otherwise it may not, and the seconds until one may."""
        with self._lock:
            now, wait_s = self._now(), 0.0
            for stretch_s, most, spent in self._spent:
                while spent and spent[0] <= now - stretch_s:
                    spent.popleft()
                if len(spent) >= most:
                    wait_s = max(wait_s, spent[0] + stretch_s - now if spent else stretch_s)
            if not wait_s:
                for _, _, spent in self._spent:
                    spent.append(now)
            return wait_s


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
