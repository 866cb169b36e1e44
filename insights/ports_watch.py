"""What those who watch over the nights need from the database: alerts, figures, what they noted at the last look."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from insights.domain.leads import LeadId

if TYPE_CHECKING:
    from insights.domain.alerts import Expiring, Judged
    from insights.domain.ledger import EntryKind
    from insights.domain.tellings import Telling


class ClosedNight(NamedTuple):
    """A night's summary under its number; later ones have greater numbers."""

    number: int
    as_of: datetime
    body: Mapping[str, Any]


class Backlog(NamedTuple):
    """Entries that the billing system was not told: those that wait, those that are dead letters, and the sequence of
    the oldest of both (None: there is none)."""

    waiting: int
    dead: int
    oldest: int | None


class WatchedRecord(Protocol):
    """The part of a unit of work that alerts, metrics and readiness are made of."""

    # alerts
    def put_telling(self, telling: Telling) -> None:
        """Keep an alert with what became of it, instead of what stands under its key."""

    def telling(self, key: str) -> Telling | None: ...
    def tellings(self, newest: int) -> list[Telling]:
        """The newest alerts first."""

    def untold(self) -> list[Telling]:
        """The alerts that some channel has not taken yet, oldest first."""

    # what the watch notes for its next look
    def noted(self, name: str) -> str | None: ...
    def put_noted(self, name: str, value: str) -> None: ...

    # figures
    def nights_after(self, number: int) -> list[ClosedNight]:
        """The nights that were closed after the one of a number, in their order."""

    def last_night_closed(self) -> datetime | None:
        """When the last night closed (of an older version's night: the instant it worked at); None: none ever did."""

    def night_at_work(self, now: datetime) -> bool:
        """Whether a living process holds the night's lease."""

    def received_by_hour(self, source: str, since: datetime, until: datetime) -> dict[datetime, int]:
        """Leads of a source of leads received in a period (its end excluded), by the hour that they came in (UTC)."""

    def judged(self, since: datetime, until: datetime) -> list[Judged]:
        """The calls received in a period that a model judged, counted by marketing source, verdict and proposed
        reason."""

    def judged_leads(self, since: datetime, until: datetime, each: int) -> list[tuple[LeadId, Judged]]:
        """Of each such group the newest leads, at most so many."""

    def expiring(self, now: datetime, until: datetime) -> list[Expiring]:
        """The leads that nobody has looked at and whose review window ends in a period, soonest first."""

    def at_stake(self, now: datetime) -> dict[str, float]:
        """What stays charged of the leads that are proposed as not billable and still wait, by currency."""

    def backlog(self, kinds: Collection[EntryKind]) -> Backlog: ...
    def count_entries(self, kind: EntryKind, since: datetime) -> int:
        """Entries of a kind from an instant on."""

    def newest_versions(self) -> dict[str, str]:
        """The versions that the newest proposals were made by; empty where there is none."""

    def schema(self) -> tuple[int, int]:
        """The newest migration of the database, and the newest one that this program knows."""
