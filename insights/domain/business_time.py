"""Business time: days that count, and the clock of a review request, which stands while the client is asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from insights.domain.billing import Wait

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Which days count in one time zone: not Saturdays, not Sundays, not the days ``closed``."""

    zone: ZoneInfo
    closed: Collection[date] = frozenset()

    def counts(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in self.closed

    def between(self, start: datetime, end: datetime) -> float:
        """Business days from ``start`` to ``end``; parts of a day count as its share. 0 where ``end`` is not later."""
        total, at = 0.0, start.astimezone(UTC)
        while at < end.astimezone(UTC):
            midnight, length, day = self._day(at)
            stop = min(midnight, end.astimezone(UTC))
            total += (stop - at) / length if self.counts(day) else 0.0
            at = stop
        return total

    def after(self, start: datetime, days: float) -> datetime:
        """The instant ``days`` business days after ``start``, in the zone. A day of 23 or 25 hours is one day."""
        left, at = days, start.astimezone(UTC)
        while True:
            midnight, length, day = self._day(at)
            share = (midnight - at) / length if self.counts(day) else 0.0
            if share >= left and self.counts(day):
                return (at + left * length).astimezone(self.zone)
            left -= share
            at = midnight

    def _day(self, at: datetime) -> tuple[datetime, timedelta, date]:
        """The next midnight of the zone after an instant, the length of the day that ends there, and its date."""
        day = at.astimezone(self.zone).date()
        first = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
        after = day + _ONE_DAY
        last = datetime(after.year, after.month, after.day, tzinfo=self.zone).astimezone(UTC)
        return last, last - first, day


@dataclass(frozen=True, slots=True)
class ReviewClock:
    """When a request must be answered. ``due_at`` is None while the clock stands (``stopped_at``) for the client's
    answer; ``left`` counts the business days that were left when the clock last started or stopped."""

    due_at: datetime | None
    stopped_at: datetime | None
    left: float


def review_clock(submitted_at: datetime, waits: Sequence[Wait], promised: float, days: BusinessDays) -> ReviewClock:
    """The clock of a request: ``promised`` business days from its submission, not counting the time of ``waits``.

    A promise that was broken before anything was asked stays broken: its due time does not move any more.
    """
    left, started = promised, submitted_at
    for wait in waits:
        used = days.between(started, wait.asked_at)
        if used > left:
            break
        left -= used
        if wait.given_at is None:
            return ReviewClock(None, wait.asked_at, left)
        started = wait.given_at
    return ReviewClock(days.after(started, left), None, left)
