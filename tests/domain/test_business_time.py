"""Business days: weekends and holidays do not count, a day is a day when the clocks change, waiting stops the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.billing import Wait
from insights.domain.business_time import BusinessDays, ReviewClock, review_clock

NEW_YORK = ZoneInfo("America/New_York")
CHRISTMAS = date(2026, 12, 25)
DAYS = BusinessDays(NEW_YORK, {CHRISTMAS})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-16 10:00", 3, "2026-11-19 10:00"),  # Monday to Thursday
        ("2026-11-19 10:00", 3, "2026-11-24 10:00"),  # over a weekend
        ("2026-11-21 10:00", 1, "2026-11-24 00:00"),  # from a Saturday: Monday is the day
        ("2026-12-23 10:00", 3, "2026-12-29 10:00"),  # over Christmas and a weekend
        ("2028-02-28 10:00", 2, "2028-03-01 10:00"),  # over a leap day
        ("2026-11-20 23:59", 0.5, "2026-11-23 11:59"),  # half a day
        ("2026-10-30 10:00", 1, "2026-11-02 10:00"),  # clocks go back on Sunday 1 November
        ("2027-03-12 10:00", 1, "2027-03-15 10:00"),  # clocks go forward on Sunday 14 March
        ("2026-11-16 10:00", 0, "2026-11-16 10:00"),
        ("2026-11-21 10:00", 0, "2026-11-23 00:00"),  # nothing is due on a Saturday
    ],
)
def test_the_promise_counts_business_days_in_the_clients_zone(start: str, days: float, due: str) -> None:
    assert DAYS.after(at(start), days) == at(due)


def test_a_day_of_25_hours_is_one_day() -> None:
    """In Amman the clocks went back on a Friday, a day that counts here."""
    amman = ZoneInfo("Asia/Amman")
    days = BusinessDays(amman)
    start = datetime(2021, 10, 29, 0, 0, tzinfo=amman)
    assert days.after(start, 1) == datetime(2021, 10, 30, 0, 0, tzinfo=amman)
    assert days.after(start, 1) - start.astimezone(UTC) == timedelta(hours=25)
    assert days.between(start, datetime(2021, 10, 30, 0, 0, tzinfo=amman)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-16 10:00", "2026-11-16 22:00", 0.5),
        ("2026-11-20 12:00", "2026-11-23 12:00", 1.0),
        ("2026-11-21 10:00", "2026-11-22 10:00", 0.0),
        ("2026-12-24 00:00", "2026-12-26 00:00", 1.0),
        ("2026-11-17 10:00", "2026-11-16 10:00", 0.0),
    ],
)
def test_time_on_days_that_do_not_count_is_no_time(start: str, end: str, days: float) -> None:
    assert DAYS.between(at(start), at(end)) == pytest.approx(days)


def test_a_request_is_due_after_the_promised_days() -> None:
    assert review_clock(at("2026-11-16 10:00"), (), 3, DAYS) == ReviewClock(at("2026-11-19 10:00"), None, 3)


def test_the_clock_stands_while_the_client_is_asked() -> None:
    asked = Wait("Which invoice?", at("2026-11-17 10:00"))
    assert review_clock(at("2026-11-16 10:00"), (asked,), 3, DAYS) == ReviewClock(None, at("2026-11-17 10:00"), 2)


def test_the_clock_goes_on_with_what_was_left_when_the_answer_comes() -> None:
    """Asked after one day and answered five days later: two days are left from there on, over the weekend."""
    waited = Wait("Which invoice?", at("2026-11-17 10:00"), at("2026-11-20 10:00"), "4471")
    clock = review_clock(at("2026-11-16 10:00"), (waited,), 3, DAYS)
    assert (clock.due_at, clock.left) == (at("2026-11-24 10:00"), 2)


def test_a_promise_that_was_broken_before_anything_was_asked_stays_broken() -> None:
    late = Wait("Which invoice?", at("2026-11-30 10:00"))
    clock = review_clock(at("2026-11-16 10:00"), (late,), 3, DAYS)
    assert (clock.due_at, clock.stopped_at) == (at("2026-11-19 10:00"), None)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), st.integers(0, 40))  # noqa: DTZ001
def test_what_is_due_in_so_many_days_is_so_many_days_away(start: datetime, quarters: int) -> None:
    begun = start.replace(tzinfo=UTC)
    due = DAYS.after(begun, quarters / 4)
    assert DAYS.between(begun, due) == pytest.approx(quarters / 4, abs=1e-6)
    assert DAYS.counts(due.date()) or due.hour == 0
