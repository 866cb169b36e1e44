"""The queue's rows in memory, found by what they are filtered by: one state, never changed, only followed by another.

Every row has a number, and every value of every filter the set of its rows' numbers, so that a hundred thousand leads
are filtered and counted without looking at one of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import reduce
from operator import or_
from typing import Any

from insights.domain.billing import REVIEWER
from insights.domain.leads import LeadId
from insights.domain.number_sets import number_set
from insights.domain.queue_filters import NOBODY, NONE, confidence_band
from insights.ports_record import QueueRow

_SINGLY = 500
"""So many changes of a sorted list are made one by one; more, and it is sorted again."""
_REMEMBERED = 2000
"""Rows that no longer wait, kept as they stood: whoever works down the queue goes on from there."""
_WAITS, _OPEN = "waits", "still open"
"""What is found by no filter: the rows of leads that wait whatever their age."""

Entry = tuple[Any, ...]
"""What a list is sorted by, and last the number of the row."""
Places = tuple[list[Entry], list[Entry], list[Entry]]
"""A row's entries in the three sorted lists: by receipt, by last clock, by window."""


@dataclass(frozen=True, slots=True)
class QueueIndex:
    """``rows`` by number, None where a number is free; ``sets`` by facet and value; ``stood``: rows that waited lately.

    Sorted: ``by_receipt``; ``by_last``, of those that wait, when they expire or must be answered; ``by_window``, of
    those that wait only while their window is open, when it closes.
    """

    zone: tzinfo
    rows: Sequence[QueueRow | None] = ()
    numbers: dict[LeadId, int] = field(default_factory=dict)
    free: tuple[int, ...] = ()
    sets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_receipt: Sequence[Entry] = ()
    by_last: Sequence[Entry] = ()
    by_window: Sequence[Entry] = ()
    stood: Mapping[LeadId, QueueRow] = field(default_factory=dict)

    def changed(self, told: Iterable[QueueRow], received_from: datetime) -> tuple[QueueIndex, set[int]]:
        """The index with the rows that were told, and without those that neither wait nor were received from an instant
        on; and the numbers of all that is different."""
        new: dict[LeadId, QueueRow | None] = {row.lead_id: row for row in told}
        for _, lead_id, number in self.by_receipt[: bisect_left(self.by_receipt, (received_from,))]:
            new.setdefault(lead_id, self.rows[number])
        for lead_id, row in new.items():
            if row is not None and not row.waits and row.received_at < received_from:
                new[lead_id] = None
        return self._followed({lead_id: row for lead_id, row in new.items() if row is not self.row(lead_id)})

    def row(self, lead_id: LeadId) -> QueueRow | None:
        number = self.numbers.get(lead_id)
        return None if number is None else self.rows[number]

    def found(self, facet: str, value: str) -> int:
        """The set of the rows that have a value of a facet."""
        return self.sets.get(facet, {}).get(value, 0)

    def among(self, facet: str, chosen: int) -> dict[str, int]:
        """How many of some rows have each value of a facet, where any has; the commonest first."""
        counts = ((value, (rows & chosen).bit_count()) for value, rows in self.sets.get(facet, {}).items())
        return dict(sorted((some for some in counts if some[1]), key=lambda counted: (-counted[1], counted[0])))

    def received(self, first: str, last: str) -> int:
        """The rows received on the days from one to another (ISO dates; empty: no bound)."""
        chosen = 0
        for day, rows in self.sets.get("day", {}).items():
            if first <= day and (not last or day <= last):
                chosen |= rows
        return chosen

    def waiting(self, now: datetime) -> int:
        """The rows of leads that a person should look at, and may, at an instant."""
        open_windows = self.by_window[bisect_right(self.by_window, now, key=_first) :]
        return self.found(_WAITS, _OPEN) | number_set((entry[-1] for entry in open_windows), len(self.rows))

    def ending(self, until: datetime) -> int:
        """Of those that wait, the rows whose window closes, or whose answer is due, until an instant."""
        soon = self.by_last[: bisect_right(self.by_last, until, key=_first)]
        return number_set((entry[-1] for entry in soon), len(self.rows))

    def everything(self) -> int:
        return reduce(or_, self.sets.get("status", {}).values(), 0)

    def numbered(self, lead_ids: Iterable[LeadId]) -> int:
        """The rows of some leads, those that are here."""
        return number_set((self.numbers[each] for each in lead_ids if each in self.numbers), len(self.rows))

    def _followed(self, new: Mapping[LeadId, QueueRow | None]) -> tuple[QueueIndex, set[int]]:
        if not new:
            return self, set()
        rows, numbers, free, stood = list(self.rows), self.numbers, list(self.free), dict(self.stood)
        if any((lead_id in self.numbers) != (row is not None) for lead_id, row in new.items()):
            numbers = dict(numbers)  # copied only where leads come or go
        change = _Change()
        for lead_id, row in new.items():
            old = self.row(lead_id)
            if old is not None:
                number = self.numbers[lead_id]
            elif free:
                number = free.pop()
            else:
                number = len(rows)
                rows.append(None)
            rows[number] = row
            if row is None:
                numbers.pop(lead_id)
                free.append(number)
            elif old is None:
                numbers[lead_id] = number
            if old is not None and old.waits and not (row and row.waits):
                stood.pop(lead_id, None)
                stood[lead_id] = old
            change.note(number, self._values(old), self._values(row), _entries(old, number), _entries(row, number))
        for lead_id in list(stood)[:-_REMEMBERED]:
            del stood[lead_id]
        lists = (self.by_receipt, self.by_last, self.by_window)
        by_receipt, by_last, by_window = map(_sorted_with, lists, change.out, change.into)
        sets = change.sets(self.sets, len(rows))
        followed = QueueIndex(self.zone, rows, numbers, tuple(free), sets, by_receipt, by_last, by_window, stood)
        return followed, change.numbers

    def _values(self, row: QueueRow | None) -> set[tuple[str, str]]:
        """What a row is found by."""
        if row is None:
            return set()
        values = {
            ("status", row.state),
            ("client", row.client_id),
            ("campaign", row.campaign_id),
            ("trade", row.trade or "unknown"),
            ("verdict", row.verdict),
            ("reason", row.reason or NONE),
            ("confidence", confidence_band(row.probability)),
            ("source", row.source),
            ("reviewer", reviewer_name(row) or NOBODY),
            ("day", row.received_at.astimezone(self.zone).date().isoformat()),
        }
        return values | {(_WAITS, _OPEN)} if row.waits and row.still_open else values


class _Change:
    """What is different between two states of the index, gathered so that every set is made only once."""

    def __init__(self) -> None:
        self.numbers: set[int] = set()
        self.out: tuple[list[Entry], ...] = ([], [], [])
        self.into: tuple[list[Entry], ...] = ([], [], [])
        self._gone: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._come: dict[tuple[str, str], list[int]] = defaultdict(list)

    def note(
        self, number: int, had: set[tuple[str, str]], has: set[tuple[str, str]], stood: Places, stands: Places
    ) -> None:
        """A row's values and its places in the sorted lists, before and after."""
        self.numbers.add(number)
        for value in had - has:
            self._gone[value].append(number)
        for value in has - had:
            self._come[value].append(number)
        for out, into, was, is_now in zip(self.out, self.into, stood, stands, strict=True):
            if was != is_now:
                out += was
                into += is_now

    def sets(self, standing: Mapping[str, Mapping[str, int]], size: int) -> dict[str, Mapping[str, int]]:
        """The sets by facet and value, those that nothing holds left out."""
        made = dict(standing)
        touched = self._gone.keys() | self._come.keys()
        for facet in {facet for facet, _ in touched}:
            values = dict(standing.get(facet, {}))
            for key in (key for key in touched if key[0] == facet):
                left = values.pop(key[1], 0) & ~number_set(self._gone.get(key, ()), size)
                if chosen := left | number_set(self._come.get(key, ()), size):
                    values[key[1]] = chosen
            made[facet] = values
        return made


def reviewer_name(row: QueueRow) -> str:
    """Who has a lead in hand or decided it: a person by name alone, the policy as on the record."""
    return row.reviewer.removeprefix(REVIEWER)


def in_hand_of(row: QueueRow, hold: timedelta, now: datetime) -> str:
    """Who keeps a lead from others at an instant; empty: nobody does (any more)."""
    since = row.reviewing_since
    return reviewer_name(row) if since is not None and now - since < hold else ""


def _first(entry: Entry) -> datetime:
    instant: datetime = entry[0]
    return instant


def _entries(row: QueueRow | None, number: int) -> Places:
    if row is None:
        return [], [], []
    return (
        [(row.received_at, row.lead_id, number)],
        [(row.due_at or row.expires_at, number)] if row.waits else [],
        [(row.expires_at, number)] if row.waits and not row.still_open else [],
    )


def _sorted_with(standing: Sequence[Entry], out: list[Entry], into: list[Entry]) -> Sequence[Entry]:
    """A sorted list without some entries and with others."""
    if not out and not into:
        return standing
    if len(out) + len(into) > _SINGLY:
        dropped = set(out)
        return sorted([*(entry for entry in standing if entry not in dropped), *into])
    made = list(standing)
    for entry in out:
        del made[bisect_left(made, entry)]
    for entry in into:
        insort(made, entry)
    return made
