"""A clock in words says which one is nearest, and never more time than is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW

from insights.domain.clocks import clock_words, span_words
from insights.domain.leads import LeadId
from insights.domain.priority import Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TICKET = Ticket(LeadId("L-1"), 20.0, expires_at=NOW + 3 * DAY, next_balance_check=NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("ticket", "words"),
    [
        (TICKET, "next balance check in 2 h"),
        (TICKET._replace(expires_at=NOW + HOUR), "expires in 1 h"),
        (TICKET._replace(expires_at=NOW + 2 * HOUR), "expires in 2 h"),
        (TICKET._replace(due_at=NOW + HOUR), "due in 1 h"),
        (TICKET._replace(due_at=NOW + 3 * HOUR), "next balance check in 2 h"),
        (TICKET._replace(due_at=NOW - 3 * DAY), "overdue by 3 days"),
        (TICKET._replace(due_at=NOW), "overdue by less than a minute"),
        (TICKET._replace(expires_at=NOW - HOUR, still_open=True), "next balance check in 2 h"),
        (TICKET._replace(expires_at=NOW - HOUR, next_balance_check=NOW), "waits, its window has passed"),
    ],
)
def test_the_nearest_clock_is_told(ticket: Ticket, words: str) -> None:
    assert clock_words(ticket, NOW) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (HOUR, "1 h"),
        (47.9 * HOUR, "47 h"),
        (2 * DAY, "2 days"),
    ],
)
def test_a_span_is_rounded_down_to_its_unit(span: timedelta, words: str) -> None:
    assert span_words(span) == words
