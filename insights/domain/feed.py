"""The feed to the operator's billing system: what is told of an entry, in which order, and when it is tried again.

The billing record itself is the outbox: an entry that was posted will be delivered, whatever dies in between. It is
told at least once, under the entry's own key, so that a receiver that honours the key takes it exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from insights.domain.addresses import without_contacts
from insights.domain.leads import LeadId
from insights.domain.ledger import Entry, EntryKind, is_undoing

FED = frozenset({EntryKind.PROPOSAL, EntryKind.DECISION, EntryKind.CREDIT, EntryKind.REVERSAL, EntryKind.REOPENING})
"""Kinds of entries that the billing system is told, where ``is_told`` of the entry itself."""

MOST_TRIES = 36
"""A week of silence, at the waits below: then somebody must look."""
_LONGEST_WAIT = timedelta(hours=6)


class DeliveryState(StrEnum):
    """How far an entry got: ``dead`` ones wait until somebody sends them again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one entry. ``next_try_at`` is None for one that was never tried."""

    sequence: int
    lead_id: LeadId
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    next_try_at: datetime | None = None
    error: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One entry as the billing system reads it. ``key`` is unique for ever: the same key is the same message."""

    key: str
    sequence: int
    lead_id: LeadId
    kind: EntryKind
    at: datetime
    body: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "sequence": self.sequence,
            "lead_id": self.lead_id,
            "kind": self.kind.value,
            "at": self.at.isoformat(),
            **self.body,
        }


def is_told(entry: Entry) -> bool:
    """Whether the billing system is told of an entry. A decision stands there until another one is told, also while the
    lead is looked at again; only of one that was taken back must it hear that it is none."""
    return entry.kind in FED and (entry.kind is not EntryKind.REOPENING or is_undoing(entry))


def never_told(entry: Entry, now: datetime) -> Delivery:
    """An entry that needs no telling, as it is noted: done with, without a try."""
    return Delivery(entry.sequence, entry.lead_id, DeliveryState.DELIVERED, at=now)


def message_of(entry: Entry) -> Message:
    """What is told of an entry: amounts, reasons and quotes without addresses and phone numbers."""
    told = {name: entry.body[name] for name in _TOLD[entry.kind] if name in entry.body}
    if "evidence" in told:
        told["evidence"] = [_evidence(item) for item in told["evidence"]]
    if "doubts" in told:
        told["doubts"] = [without_contacts(doubt) for doubt in told["doubts"]]
    return Message(entry.key, entry.sequence, entry.lead_id, entry.kind, entry.at, told)


_TOLD: Mapping[EntryKind, tuple[str, ...]] = {
    EntryKind.PROPOSAL: (
        "decision", "reason", "outcome", "probability", "charge_probability", "evidence", "doubts", "versions"
    ),
    EntryKind.DECISION: ("answer", "reason", "outcome", "result", "proposal", "request", "policy"),
    EntryKind.CREDIT: ("amount", "currency", "corrects", "decision", "proactive"),
    EntryKind.REVERSAL: ("amount", "currency", "corrects", "decision"),
    EntryKind.REOPENING: ("undone", "decision"),
}  # fmt: skip


def _evidence(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, **{name: without_contacts(item[name]) for name in ("quote", "fact") if item.get(name)}}


def in_turn(pending: Iterable[tuple[Entry, Delivery | None]], now: datetime) -> Iterator[tuple[Entry, Delivery]]:
    """The entries that may be tried now, oldest first. Behind one that waits or is dead its lead's later ones wait."""
    held = set[LeadId]()
    for entry, known in pending:
        delivery = known or Delivery(entry.sequence, entry.lead_id)
        resting = delivery.next_try_at is not None and delivery.next_try_at > now
        if delivery.state is DeliveryState.DEAD or resting:
            held.add(entry.lead_id)
        if entry.lead_id not in held:
            yield entry, delivery


def delivered(delivery: Delivery, now: datetime) -> Delivery:
    return replace(
        delivery, state=DeliveryState.DELIVERED, tries=delivery.tries + 1, next_try_at=None, error="", at=now
    )


def failed(delivery: Delivery, error: str, now: datetime, *, for_good: bool, wait_s: float | None = None) -> Delivery:
    """After a try that failed: twice the wait each time, at least as long as the receiver asked for (``wait_s``,
    seconds); after the last one, or where trying again is of no use, a dead letter."""
    tries = delivery.tries + 1
    if for_good or tries >= MOST_TRIES:
        return replace(delivery, state=DeliveryState.DEAD, tries=tries, next_try_at=None, error=error, at=now)
    longest = _LONGEST_WAIT.total_seconds()
    asked = min(max(wait_s or 0.0, 0.0), longest)
    wait = timedelta(seconds=max(min(60.0 * 2 ** (tries - 1), longest), asked))
    return replace(delivery, tries=tries, next_try_at=now + wait, error=error, at=now)


def again(delivery: Delivery) -> Delivery:
    """A dead letter that is sent again, as if it had never been tried."""
    return Delivery(delivery.sequence, delivery.lead_id)
