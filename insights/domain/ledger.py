"""The billing record: append-only entries in one hash chain, and the fold that tells a lead's present state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from insights.domain.intents import Outcome
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason

GENESIS = "0" * 64
"""The hash before the first entry."""


class EntryKind(StrEnum):
    """What an entry says."""

    CHARGE = "charge"
    PROPOSAL = "proposal"
    DECISION = "decision"


class Answer(StrEnum):
    """What a reviewer does with a proposal. ``ask``: the client is asked for a missing fact, nothing is decided yet."""

    ACCEPT = "accept"
    OVERRIDE = "override"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the billing record. ``key`` is unique for ever: posting it again changes nothing.

    ``body`` is plain JSON (amounts are decimal strings); ``previous`` is the hash of the entry before.
    """

    sequence: int
    key: str
    lead_id: LeadId
    kind: EntryKind
    at: datetime
    actor: str
    body: Mapping[str, Any]
    previous: str
    sha256: str = field(default="")

    def __post_init__(self) -> None:
        if not self.sha256:
            object.__setattr__(self, "sha256", self.computed_sha256())

    def computed_sha256(self) -> str:
        """SHA-256 over every field but the hash itself, in canonical JSON."""
        content = [
            self.sequence, self.key, self.lead_id, self.kind, self.at.isoformat(), self.actor, self.body, self.previous
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has a place in the chain."""

    key: str
    lead_id: LeadId
    kind: EntryKind
    at: datetime
    actor: str
    body: Mapping[str, Any]

    def after(self, last: Entry | None) -> Entry:
        """The entry that follows ``last`` (None: the first one)."""
        return Entry(
            sequence=last.sequence + 1 if last else 1,
            key=self.key,
            lead_id=self.lead_id,
            kind=self.kind,
            at=self.at,
            actor=self.actor,
            body=self.body,
            previous=last.sha256 if last else GENESIS,
        )


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A place where the chain does not hold, with what is wrong there."""

    sequence: int
    problem: str


def check_chain(entries: Iterable[Entry]) -> Iterator[ChainFault]:
    """Every gap, reordering, edit and doubled key, in the order of the record. A sound record yields nothing."""
    previous, expected, keys = GENESIS, 1, set[str]()
    for entry in entries:
        if entry.sequence != expected:
            yield ChainFault(expected, f"expected entry {expected}, found {entry.sequence}: a gap or a reordering")
        if entry.previous != previous:
            yield ChainFault(entry.sequence, "does not follow from the entry before it")
        if entry.sha256 != entry.computed_sha256():
            yield ChainFault(entry.sequence, "its content was changed after it was posted")
        if entry.key in keys:
            yield ChainFault(entry.sequence, f"its key {entry.key!r} stands twice")
        keys.add(entry.key)
        previous, expected = entry.sha256, entry.sequence + 1


@dataclass(frozen=True, slots=True)
class Decided:
    """A reviewer's word on a lead: the reason it has, and the outcome where the reviewer told one.

    ``proposal`` is the one that stood at that instant, None when a lead was decided before anything was proposed.
    """

    answer: Answer
    reason: Reason
    outcome: Outcome | None
    at: datetime
    proposal: Mapping[str, Any] | None

    @classmethod
    def of(cls, entry: Entry, proposal: Mapping[str, Any] | None) -> Decided | None:
        """The decision of an entry ``{"answer", "reason", "outcome"}``; None where a fact was asked for.

        Raises KeyError or ValueError for a body that is no decision.
        """
        answer = Answer(entry.body["answer"])
        if answer is Answer.ASK:
            return None
        told = entry.body.get("outcome")
        return cls(answer, Reason(entry.body["reason"]), Outcome(told) if told else None, entry.at, proposal)


@dataclass(frozen=True, slots=True)
class BillingRecord:
    """The present state of one lead: what was charged, what the pipeline proposes and what a reviewer decided.

    A proposal moves no money.
    """

    lead_id: LeadId
    charged: str = "0"
    currency: str = "USD"
    proposal: Mapping[str, Any] | None = None
    proposals: int = 0
    decided: Decided | None = None

    @property
    def state(self) -> str:
        """``decided`` once a reviewer has, else ``proposed``, ``charged``, or ``empty`` when nothing was posted."""
        if self.decided is not None:
            return "decided"
        if self.proposal is not None:
            return "proposed"
        return "charged" if self.charged != "0" else "empty"


def fold_ledger(lead_id: LeadId, entries: Iterable[Entry]) -> BillingRecord:
    """The present state of a lead from its entries, oldest first; other leads' entries are passed over.

    The last proposal is the standing one and the last decision the one that holds; earlier ones stay on the record.
    """
    record = BillingRecord(lead_id)
    for entry in entries:
        if entry.lead_id != lead_id:
            continue
        if entry.kind is EntryKind.CHARGE:
            record = replace(record, charged=entry.body["amount"], currency=entry.body["currency"])
        elif entry.kind is EntryKind.PROPOSAL:
            record = replace(record, proposal=entry.body, proposals=record.proposals + 1)
        else:
            record = replace(record, decided=Decided.of(entry, record.proposal) or record.decided)
    return record
