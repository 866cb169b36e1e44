"""The billing record's entries: append-only, in one hash chain. What they add up to is told by `domain.billing`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from insights.domain.leads import LeadId, checked_id
from insights.domain.sealing import SealedText, opened, sealed, seals

_SEAL = re.compile("[0-9a-f]{64}")
GENESIS = "0" * 64
"""The hash before the first entry."""


class EntryKind(StrEnum):
    """What an entry says."""

    CHARGE = "charge"
    PROPOSAL = "proposal"
    REQUEST = "request"
    REVIEW_STARTED = "review_started"
    REVIEW_LEFT = "review_left"
    INFORMATION_ASKED = "information_asked"
    INFORMATION_GIVEN = "information_given"
    DECISION = "decision"
    CREDIT = "credit"
    REVERSAL = "reversal"
    EXPIRY = "expiry"
    WITHDRAWAL = "withdrawal"
    REOPENING = "reopening"
    SECOND_LOOK = "second_look"
    DELETION = "deletion"


PRIVATE: Mapping[EntryKind, frozenset[str]] = {
    EntryKind.PROPOSAL: frozenset({"quote", "fact", "doubts", "finding"}),
    EntryKind.REQUEST: frozenset({"explanation", "quote", "fact", "name"}),
    EntryKind.INFORMATION_ASKED: frozenset({"fact"}),
    EntryKind.INFORMATION_GIVEN: frozenset({"text", "name"}),
    EntryKind.DECISION: frozenset({"note", "letter"}),
    EntryKind.WITHDRAWAL: frozenset({"note"}),
    EntryKind.REOPENING: frozenset({"note"}),
    EntryKind.SECOND_LOOK: frozenset({"note"}),
}
"""Names under which the bodies of entries hold what callers, clients and reviewers said or wrote."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the billing record. ``key`` is unique for ever: posting it again changes nothing.

    ``body`` is plain JSON (amounts are decimal strings); ``previous`` is the hash of the entry before. ``sealed`` is
    the body as it stands in the chain, other people's words sealed (see `domain.sealing`), and ``texts`` those words by
    seal; None and nothing in entries of versions that kept them in the chain.
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
    sealed: Mapping[str, Any] | None = None
    texts: Mapping[str, SealedText] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.sha256:
            object.__setattr__(self, "sha256", self.computed_sha256())

    def computed_sha256(self) -> str:
        """SHA-256 over every field of the chain but the hash itself, in canonical JSON."""
        content = [
            self.sequence, self.key, self.lead_id, self.kind, self.at.isoformat(), self.actor, self.chained,
            self.previous,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def chained(self) -> Mapping[str, Any]:
        """The body as it stands in the chain."""
        return self.body if self.sealed is None else self.sealed


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has a place in the chain."""

    key: str
    lead_id: LeadId
    kind: EntryKind
    at: datetime
    actor: str
    body: Mapping[str, Any]

    def after(self, last: Entry | None, salt: Callable[[], str]) -> Entry:
        """The entry that follows ``last`` (None: the first one); every call of ``salt`` gives another random text."""
        chained, texts = sealed(self.body, PRIVATE.get(self.kind, frozenset()), salt)
        return Entry(
            sequence=last.sequence + 1 if last else 1,
            key=self.key,
            lead_id=self.lead_id,
            kind=self.kind,
            at=self.at,
            actor=self.actor,
            body=self.body,
            previous=last.sha256 if last else GENESIS,
            sealed=chained,
            texts=texts,
        )


def is_undoing(entry: Entry) -> bool:
    """Whether an entry takes the decision before it back, as if it had never been made: a reopening says so."""
    return entry.kind is EntryKind.REOPENING and entry.body.get("undone") is True


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
        elif not _said_what_is_sealed(entry):
            yield ChainFault(entry.sequence, "its words are not those that were posted")
        if entry.key in keys:
            yield ChainFault(entry.sequence, f"its key {entry.key!r} stands twice")
        keys.add(entry.key)
        previous, expected = entry.sha256, entry.sequence + 1


def words_in_chain(entry: Entry) -> bool:
    """Whether people's words stand in the chain itself, as versions before this one kept them."""
    return bool(sealed(entry.chained, PRIVATE.get(entry.kind, frozenset()), str)[1])


def _said_what_is_sealed(entry: Entry) -> bool:
    """Texts that were deleted may be missing; none may be another one."""
    kept = all(text.seal == seal for seal, text in entry.texts.items())
    return kept and (entry.sealed is None or opened(entry.sealed, entry.texts) == entry.body)


def entry_row(entry: Entry) -> dict[str, Any]:
    """An entry as plain JSON: a line of an exported record. ``texts`` holds salt and text by seal."""
    return {
        "sequence": entry.sequence,
        "key": entry.key,
        "lead_id": entry.lead_id,
        "kind": entry.kind.value,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "body": entry.chained,
        "previous": entry.previous,
        "sha256": entry.sha256,
        "texts": {seal: [text.salt, text.text] for seal, text in entry.texts.items()},
    }


def entry_of(row: Any) -> Entry:
    """The entry of a line of an exported record; lines of older versions have no texts. Raises ValueError where it is
    none."""
    kinds = {
        "sequence": int, "key": str, "lead_id": str, "kind": str, "at": str, "actor": str, "body": dict,
        "previous": str, "sha256": str, "texts": dict,
    }  # fmt: skip
    if isinstance(row, dict):
        row = {"texts": {}, **row}
    if not isinstance(row, dict) or set(row) != set(kinds):
        raise ValueError(f"an entry has the fields {', '.join(kinds)}")
    for name, kind in kinds.items():
        if type(row[name]) is not kind:
            raise ValueError(f"{name} is {row[name]!r}, not of type {kind.__name__}")
    at = datetime.fromisoformat(row["at"])
    if at.tzinfo is None:
        raise ValueError(f"at {row['at']!r} has no UTC offset")
    texts: dict[str, SealedText] = {}
    for seal in seals(row["body"]):
        if not isinstance(seal, str) or not _SEAL.fullmatch(seal):
            raise ValueError(f"{seal!r} is no seal of a text")
    for seal, parts in row["texts"].items():
        if not isinstance(parts, list) or [type(part) for part in parts] != [str, str]:
            raise ValueError(f"the text {seal!r} is not salt and text")
        texts[seal] = SealedText(*parts)
    return Entry(
        sequence=row["sequence"],
        key=row["key"],
        lead_id=LeadId(checked_id(row["lead_id"], "lead_id")),
        kind=EntryKind(row["kind"]),
        at=at,
        actor=row["actor"],
        body=opened(row["body"], texts),
        previous=row["previous"],
        sha256=row["sha256"],
        sealed=row["body"],
        texts=texts,
    )
