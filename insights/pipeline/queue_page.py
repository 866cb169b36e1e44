"""The review app's queue: a page of what a filter shows, with counts, and the lead that comes next for a reviewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, islice

from insights.domain.clocks import clock_words
from insights.domain.leads import LeadId
from insights.domain.number_sets import members
from insights.domain.priority import QueueItem
from insights.domain.queue_filters import ALL, FACETS, WAITING, QueueFilter
from insights.pipeline.queue_index import in_hand_of
from insights.pipeline.queue_mirror import QueueMirror, QueueView
from insights.pipeline.review import queue_item
from insights.ports import Deps
from insights.ports_record import QueueRow

MOST_FOUND = 2000
"""Leads that one search for words may find."""
_SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class TriageItem:
    """One line: the row, what a person reads first, its nearest clock in words (empty where it waits for nobody), and
    who keeps it from others now."""

    row: QueueRow
    shown: QueueItem
    clock: str
    in_hand_of: str


@dataclass(frozen=True, slots=True)
class TriagePage:
    """``total`` leads in ``pages`` pages, of which ``filter`` names this one. ``soon``: how many of them wait and
    expire, or must be answered, within 24 hours.

    ``facets``: for each value how many leads there are under all other filters; those of a facet add up to the total
    that is shown without it, but ``waiting`` among the statuses, which cuts across the states. ``cut``: the search for
    words found more than it tells; ``named``: leads whose id was typed, whatever the other filters say; ``clients``:
    their names by id.
    """

    filter: QueueFilter
    items: tuple[TriageItem, ...]
    total: int
    pages: int
    soon: int
    facets: Mapping[str, Mapping[str, int]]
    cut: bool
    named: tuple[LeadId, ...]
    clients: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Selection:
    """The rows that each filter leaves, those of the facets by facet, and all others together."""

    waiting: int
    others: int
    by_facet: Mapping[str, int]
    cut: bool = False
    named: tuple[LeadId, ...] = ()

    def chosen(self, without: str = "") -> int:
        """The rows that all filters leave, or all but one."""
        rows = self.others
        for facet, left in self.by_facet.items():
            if facet != without:
                rows &= left
        return rows


def triage_page(mirror: QueueMirror, deps: Deps, filter: QueueFilter, now: datetime, page_size: int = 50) -> TriagePage:
    """The page that a filter asks for; the last one where there are fewer. Raises DatabaseBusy."""
    view = mirror.view(deps, now)
    selection = _selection(view, deps, filter, now)
    chosen = selection.chosen()
    total = chosen.bit_count()
    pages = max(-(-total // page_size), 1)
    filter = replace(filter, page=min(filter.page, pages))
    start = (filter.page - 1) * page_size
    numbers = islice(_in_order(view, filter.order, chosen, selection.waiting), start, start + page_size)
    rows = [row for row in (view.index.rows[number] for number in numbers) if row is not None]
    return TriagePage(
        filter=filter,
        items=tuple(_items(view, deps, rows, now)),
        total=total,
        pages=pages,
        soon=(view.index.ending(now + _SOON) & selection.waiting & chosen).bit_count(),
        facets={facet: _counts(view, selection, facet) for facet in FACETS},
        cut=selection.cut,
        named=selection.named,
        clients=view.offers.clients,
    )


def next_lead(
    mirror: QueueMirror,
    deps: Deps,
    filter: QueueFilter,
    after: LeadId | None,
    me: str,
    now: datetime,
    skipped: Sequence[LeadId] = (),
) -> LeadId | None:
    """The lead that comes next in the filter's order, waits, and is in nobody else's hand; None where there is none.

    It goes on from where ``after`` stands, or stood before it was decided, to the end and then from the beginning.
    ``skipped``, the oldest first, are passed over while others wait; then the one skipped longest ago comes again.
    ``me`` is the reviewer's name. Raises DatabaseBusy.
    """
    view = mirror.view(deps, now)
    order = view.order(filter.order)
    place = view.place(filter.order, after) if after else None
    leads = _open_leads(view, deps, filter, me, now, order.numbers() if place is None else order.onwards(place))
    passed = {*skipped, after}
    again = set[LeadId]()
    for lead_id in leads:
        if lead_id not in passed:
            return lead_id
        again.add(lead_id)
    last_seen = {lead_id: at for at, lead_id in enumerate(skipped)}
    return min(again - {after}, key=lambda lead_id: last_seen[lead_id], default=None)


def previous_lead(
    mirror: QueueMirror, deps: Deps, filter: QueueFilter, before: LeadId, me: str, now: datetime
) -> LeadId | None:
    """The lead before another in the filter's order that waits and is in nobody else's hand; None at the beginning, and
    where nobody knows the other's place. Raises DatabaseBusy."""
    view = mirror.view(deps, now)
    place = view.place(filter.order, before)
    if place is None:
        return None
    leads = _open_leads(view, deps, filter, me, now, view.order(filter.order).backwards(place))
    return next((lead_id for lead_id in leads if lead_id != before), None)


def _open_leads(
    view: QueueView, deps: Deps, filter: QueueFilter, me: str, now: datetime, numbers: Iterator[int]
) -> Iterator[LeadId]:
    """Of some rows the leads that the filter shows, that wait, and that nobody else has in hand."""
    selection = _selection(view, deps, filter, now)
    chosen = members(selection.chosen() & selection.waiting, len(view.index.rows))
    for number in numbers:
        row = view.index.rows[number] if chosen[number] else None
        if row is not None and in_hand_of(row, view.offer(row).hold, now) in ("", me):
            yield row.lead_id


def _selection(view: QueueView, deps: Deps, filter: QueueFilter, now: datetime) -> _Selection:
    index = view.index
    waiting, others = index.waiting(now), index.everything()
    by_facet = {}
    for facet in FACETS:
        value = getattr(filter, facet)
        if value and (facet, value) != ("status", ALL):
            by_facet[facet] = waiting if (facet, value) == ("status", WAITING) else index.found(facet, value)
    if filter.campaign:
        others &= index.found("campaign", filter.campaign)
    if filter.received_from or filter.received_to:
        first, last = (day.isoformat() if day else "" for day in (filter.received_from, filter.received_to))
        others &= index.received(first, last)
    if filter.within_hours is not None:
        others &= index.ending(now + timedelta(hours=filter.within_hours)) & waiting
    if not filter.words:
        return _Selection(waiting, others, by_facet)
    typed = [LeadId(word) for word in filter.words.split()]
    with deps.store(only_reads=True) as unit:
        said = unit.leads_saying(filter.words, MOST_FOUND + 1)
        known = unit.summaries_of(set(typed))
    named = tuple(lead_id for lead_id in dict.fromkeys(typed) if lead_id in known)
    others &= index.numbered([*said[:MOST_FOUND], *named])
    return _Selection(waiting, others, by_facet, len(said) > MOST_FOUND, named)


def _in_order(view: QueueView, order: str, chosen: int, waiting: int) -> Iterator[int]:
    """The chosen rows; by stake or clock first those that wait, then the others, the newest first."""
    size = len(view.index.rows)
    if order in ("newest", "oldest"):
        return _chosen(view.order(order).numbers(), members(chosen, size))
    rest = chosen & ~waiting
    return chain(
        _chosen(view.order(order).numbers(), members(chosen & waiting, size)),
        _chosen(view.order("newest").numbers(), members(rest, size)) if rest else (),
    )


def _chosen(numbers: Iterator[int], chosen: bytes) -> Iterator[int]:
    return (number for number in numbers if chosen[number])


def _counts(view: QueueView, selection: _Selection, facet: str) -> dict[str, int]:
    left = selection.chosen(without=facet)
    counts = view.index.among(facet, left)
    return {WAITING: (selection.waiting & left).bit_count(), **counts} if facet == "status" else counts


def _items(view: QueueView, deps: Deps, rows: Sequence[QueueRow], now: datetime) -> Iterator[TriageItem]:
    with deps.store(only_reads=True) as unit:
        summaries = unit.summaries_of([row.lead_id for row in rows])
    for row in rows:
        if row.lead_id in summaries:
            ticket = view.ticket(row)
            clock = clock_words(ticket, now) if row.waits else ""
            shown = queue_item(summaries[row.lead_id], ticket)
            yield TriageItem(row, shown, clock, in_hand_of(row, view.offer(row).hold, now))
