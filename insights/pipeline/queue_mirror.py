"""The queue's rows of one process, kept in memory: asked for once, then only for what changed, before every use."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import chain, compress
from threading import Lock

from insights.domain.campaigns import EVER
from insights.domain.leads import CampaignId, LeadId
from insights.domain.number_sets import first_of, members, number_set
from insights.domain.priority import Ticket
from insights.pipeline.queue_index import Entry, QueueIndex
from insights.pipeline.review import OfferNow, offer_now, ticket_of
from insights.ports import Deps
from insights.ports_record import QueueRow, UnitOfWork

RECENT = timedelta(days=92)
"""Leads that do not wait are kept so long after their receipt."""
_OFFERS_HOLD = timedelta(minutes=1)
_RANKS_HOLD = timedelta(seconds=15)
"""So long the stakes of all that waits are not weighed anew, only those of what changed: urgency moves slowly."""


@dataclass(frozen=True, slots=True)
class Offers:
    """The campaigns as they were at an instant, and their clients' names by the client's id. ``checks``: their next
    balance checks in UTC; ``until``: the first of them, from which on all this is old."""

    at: datetime
    by_campaign: Mapping[CampaignId, OfferNow]
    clients: Mapping[str, str]
    checks: Mapping[CampaignId, datetime] = field(init=False)
    until: datetime = field(init=False)

    def __post_init__(self) -> None:
        checks = {name: offer.next_balance_check.astimezone(UTC) for name, offer in self.by_campaign.items()}
        object.__setattr__(self, "checks", checks)
        object.__setattr__(self, "until", min(checks.values(), default=self.at))


@dataclass(frozen=True, slots=True)
class Ranks:
    """The leads that wait by what is at stake at an instant, the highest first: ``(rank, number)``."""

    at: datetime
    entries: Sequence[Entry]


class QueueView:
    """The queue at one instant; it never changes, so that many may read it."""

    def __init__(self, index: QueueIndex, offers: Offers, ranks: Ranks) -> None:
        self.index, self.offers, self.ranks = index, offers, ranks

    def offer(self, row: QueueRow) -> OfferNow:
        return self.offers.by_campaign[row.campaign_id]

    def ticket(self, row: QueueRow) -> Ticket:
        return ticket_of(row, self.offer(row).next_balance_check)

    def order(self, name: str) -> QueueOrder:
        """One of the orders of ``QueueFilter``; those by stake and by clock hold only what waits."""
        if name in ("newest", "oldest"):
            return QueueOrder(self.index.by_receipt, descending=name == "newest")
        return QueueOrder(self._by_clock if name == "clock" else self.ranks.entries)

    def place(self, name: str, lead_id: LeadId) -> Entry | None:
        """Where in an order a lead stands, or stood when it still waited; None where nobody knows."""
        row = self.index.row(lead_id)
        if name in ("newest", "oldest"):
            return row and (row.received_at, lead_id)
        waited = row if row and row.waits else self.index.stood.get(lead_id)
        if waited is None or waited.campaign_id not in self.offers.by_campaign:
            return None
        rank = _rank(waited, self.offers, self.ranks.at)
        return (rank,) if name == "stake" else rank[1:]

    @cached_property
    def _by_clock(self) -> Sequence[Entry]:
        return sorted((left, lead_id, number) for (_, left, lead_id), number in self.ranks.entries)


class QueueOrder:
    """Rows in an order, from which one may walk on from any place."""

    def __init__(self, entries: Sequence[Entry], *, descending: bool = False) -> None:
        self._entries, self._descending = entries, descending

    def numbers(self) -> Iterator[int]:
        return (entry[-1] for entry in (reversed(self._entries) if self._descending else self._entries))

    def onwards(self, place: Entry) -> Iterator[int]:
        """From a place to the end, then from the beginning to the place."""
        below, above = self._parted(place)
        parts = (reversed(below), reversed(above)) if self._descending else (above, below)
        return (entry[-1] for entry in chain(*parts))

    def backwards(self, place: Entry) -> Iterator[int]:
        """From a place to the beginning, the nearest first."""
        below, above = self._parted(place)
        return (entry[-1] for entry in (above if self._descending else reversed(below)))

    def _parted(self, place: Entry) -> tuple[Sequence[Entry], Sequence[Entry]]:
        """What sorts before a place, and the rest, with whatever stands at it."""
        at = bisect_left(self._entries, place)
        return self._entries[:at], self._entries[at:]


class QueueMirror:
    """Holds the rows of leads that wait or were received lately. Threads may share it: one of them asks the store while
    the others wait a moment, and what they get never changes. ``zone``: whose days leads are received on."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone, self._lock = zone, Lock()
        self._begun = self._done = 0
        self._version, self._newest = 0, LeadId("")
        self._view = self._nothing()

    def view(self, deps: Deps, now: datetime) -> QueueView:
        """The queue as the store has it now. Raises DatabaseBusy."""
        seen = self._begun
        with self._lock:
            if self._done <= seen:  # else somebody began to ask after we came: theirs is as new as ours would be
                self._begun += 1
                number = self._begun
                with deps.store(only_reads=True) as unit:
                    self._view = self._asked(deps, unit, now)
                self._done = number
            return self._view

    def _asked(self, deps: Deps, unit: UnitOfWork, now: datetime) -> QueueView:
        view, version = self._view, self._version
        if self._newest and unit.row_version(self._newest) < version:
            # versions only grow: the rows were made anew, or this is an older copy of the database
            view, version = self._nothing(), 0
        told = list(unit.queue_rows(version, now - RECENT))
        index, changed = view.index.changed(told, now - RECENT)
        offers = _offers(deps, unit, index, view.offers, now)
        if offers.checks != view.offers.checks or not view.ranks.at <= now <= view.ranks.at + _RANKS_HOLD:
            ranks = Ranks(now, sorted(_ranked(index, index.waiting(now), offers, now)))
        elif changed:
            ranks = _ranked_again(index, changed, offers, view.ranks)
        else:
            ranks = view.ranks
        if told:
            self._version, self._newest = told[-1].version, told[-1].lead_id
        if index is view.index and offers is view.offers and ranks is view.ranks:
            return view  # with all that was worked out from it
        return QueueView(index, offers, ranks)

    def _nothing(self) -> QueueView:
        return QueueView(QueueIndex(self._zone), Offers(EVER, {}, {}), Ranks(EVER, ()))


def _offers(deps: Deps, unit: UnitOfWork, index: QueueIndex, known: Offers, now: datetime) -> Offers:
    """The campaigns of all rows: those that are known, for a minute and while no balance check passes."""
    campaigns = index.sets.get("campaign", {}).keys()
    fresh = known.at <= now <= known.at + _OFFERS_HOLD and now < known.until
    if fresh and campaigns <= known.by_campaign.keys():
        return known
    by_campaign = {CampaignId(name): offer_now(deps, unit, CampaignId(name), now) for name in sorted(campaigns)}
    clients = {}
    for name, offer in by_campaign.items():
        row = index.rows[first_of(index.found("campaign", name))]
        if row is not None:
            clients[row.client_id] = offer.client
    return Offers(now, by_campaign, clients)


def _rank(row: QueueRow, offers: Offers, at: datetime) -> tuple[float, timedelta, LeadId]:
    return ticket_of(row, offers.checks[row.campaign_id]).rank(at)


def _ranked(index: QueueIndex, numbers: int, offers: Offers, at: datetime) -> Iterator[Entry]:
    """A set of rows with their ranks."""
    size, at = len(index.rows), at.astimezone(UTC)  # instants of one zone are compared without asking it
    for number, row in zip(
        *(compress(each, members(numbers, size)) for each in (range(size), index.rows)), strict=True
    ):
        if row is not None:
            yield _rank(row, offers, at), number


def _ranked_again(index: QueueIndex, changed: Collection[int], offers: Offers, known: Ranks) -> Ranks:
    """The ranks with those of some rows made anew."""
    entries = [entry for entry in known.entries if entry[-1] not in changed]
    waiting = index.waiting(known.at) & number_set(changed, len(index.rows))
    for entry in _ranked(index, waiting, offers, known.at):
        insort(entries, entry)
    return Ranks(known.at, entries)
