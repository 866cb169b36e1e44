"""How a waiting lead's nearest clock is told to the person who reads the queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from insights.domain.priority import Ticket

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def clock_words(ticket: Ticket, now: datetime) -> str:
    """The nearest clock with the time left to it, rounded down: a clock never promises more time than there is."""
    if ticket.due_at is not None and ticket.due_at <= now:
        return f"overdue by {span_words(now - ticket.due_at)}"
    left = ticket.clock(now)
    if not left:
        return "waits, its window has passed"
    if left == (ticket.due_at or ticket.expires_at) - now:
        return f"{'due' if ticket.due_at else 'expires'} in {span_words(left)}"
    return f"next balance check in {span_words(left)}"


def span_words(span: timedelta) -> str:
    """A span of time in its largest unit, rounded down; days from two on, because 30 h say more than a day."""
    if span >= 2 * _DAY:
        return f"{span // _DAY} days"
    if span >= _HOUR:
        return f"{span // _HOUR} h"
    if span >= _MINUTE:
        return f"{span // _MINUTE} min"
    return "less than a minute"
