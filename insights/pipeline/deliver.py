"""Tell the operator's billing system what was posted: in order for each lead, at least once, under the entry's key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from insights.domain.feed import (
    FED,
    Delivery,
    DeliveryState,
    again,
    delivered,
    failed,
    in_turn,
    is_told,
    message_of,
    never_told,
)
from insights.domain.leads import LeadId
from insights.domain.ledger import Entry, EntryKind
from insights.errors import FeedRefused, FeedUnavailable, InsightsError
from insights.ports import BillingSink, Deps
from insights.ports_record import Lease, UnitOfWork

TOGETHER = 100
"""Messages between two times that their delivery is noted: so many may be told twice after a kill."""
_SILENT = 3  # receivers that do not answer so many times in a row are left alone until the next run
_LEASE = timedelta(hours=1)


class FeedIsRunning(InsightsError):
    """Another process delivers from this database; two at once could change the order."""


@dataclass(frozen=True, slots=True)
class FeedRun:
    """What one run did: messages told, tries that failed, and why it stopped early (empty: it did not)."""

    delivered: int
    failed: int
    stopped: str = ""


def deliver_pending(deps: Deps, sink: BillingSink, owner: str) -> FeedRun:
    """Deliver all that may be tried now, and close the sink. Raises FeedIsRunning."""
    told = missed = silent = 0
    stopped = ""
    with closing(sink), _one_feed(deps, owner):
        _pass_over(deps)
        with deps.store(only_reads=True) as unit:
            pending = list(in_turn(_undelivered(unit), deps.clock.now()))
        held = set[LeadId]()
        for some in _in_batches(pending):
            notes = list[Delivery]()
            for entry, delivery in some:
                if entry.lead_id in held or stopped:
                    continue
                try:
                    sink.send(message_of(entry))
                except (FeedUnavailable, FeedRefused) as error:
                    held.add(entry.lead_id)
                    missed += 1
                    final = isinstance(error, FeedRefused)
                    silent = 0 if final else silent + 1
                    wait = None if isinstance(error, FeedRefused) else error.wait_s
                    notes.append(failed(delivery, error.message, deps.clock.now(), for_good=final, wait_s=wait))
                    stopped = error.message if silent >= _SILENT else ""
                else:
                    silent = 0
                    notes.append(delivered(delivery, deps.clock.now()))
            sink.flush()
            _hold(deps, owner)
            told += sum(note.state is DeliveryState.DELIVERED for note in notes)
            with deps.store() as unit:
                for note in notes:
                    unit.put_delivery(note)
                unit.commit()
    return FeedRun(told, missed, stopped)


def feed_state(deps: Deps) -> dict[str, Any]:
    """How many entries wait and how many are dead letters, with every dead one and why; and the oldest that waits."""
    with deps.store(only_reads=True) as unit:
        pending = list(_undelivered(unit))
    dead = [(entry, known) for entry, known in pending if known and known.state is DeliveryState.DEAD]
    waiting = [entry for entry, known in pending if not known or known.state is DeliveryState.WAITING]
    return {
        "waiting": len(waiting),
        "oldest_waiting_at": waiting[0].at.isoformat() if waiting else None,
        "dead": [
            {"sequence": entry.sequence, "lead_id": entry.lead_id, "key": entry.key, "tries": known.tries,
             "error": known.error}
            for entry, known in dead
        ],
    }  # fmt: skip


def send_again(deps: Deps, lead_id: LeadId | None = None) -> int:
    """Give the dead letters of a lead, or of all, new tries; how many."""
    with deps.store() as unit:
        dead = [
            known
            for entry, known in _undelivered(unit)
            if known and known.state is DeliveryState.DEAD and lead_id in (None, entry.lead_id)
        ]
        for known in dead:
            unit.put_delivery(again(known))
        unit.commit()
    return len(dead)


def skip_waiting(deps: Deps) -> int:
    """Count everything that waits as told; how many. For a billing system that knows the past already."""
    now = deps.clock.now()
    with deps.store() as unit:
        waiting = [known or Delivery(entry.sequence, entry.lead_id) for entry, known in _undelivered(unit)]
        for delivery in waiting:
            unit.put_delivery(delivered(delivery, now))
        unit.commit()
    return len(waiting)


def _undelivered(unit: UnitOfWork) -> Iterator[tuple[Entry, Delivery | None]]:
    return ((entry, known) for entry, known in unit.undelivered(FED) if is_told(entry))


def _pass_over(deps: Deps) -> None:
    """Note the entries that are never told, so that they are read once and not at each delivery."""
    with deps.store() as unit:
        for entry, _ in list(unit.undelivered(frozenset({EntryKind.REOPENING}))):
            if not is_told(entry):
                unit.put_delivery(never_told(entry, deps.clock.now()))
        unit.commit()


def _in_batches(pending: list[tuple[Entry, Delivery]]) -> Iterator[tuple[tuple[Entry, Delivery], ...]]:
    return (tuple(pending[at : at + TOGETHER]) for at in range(0, len(pending), TOGETHER))


def _hold(deps: Deps, owner: str) -> None:
    """Take the feed's lease, or hold it for longer. Raises FeedIsRunning."""
    now: datetime = deps.clock.now()
    with deps.store() as unit:
        holder = unit.take_lease(Lease.FEED, owner, now, now + _LEASE)
        unit.commit()
    if holder is not None:
        raise FeedIsRunning(f"another process delivers from this database ({holder}).", next_step="Let it finish.")


@contextmanager
def _one_feed(deps: Deps, owner: str) -> Iterator[None]:
    _hold(deps, owner)
    try:
        yield
    finally:
        with deps.store() as unit:
            unit.end_lease(Lease.FEED, owner)
            unit.commit()
