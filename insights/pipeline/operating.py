"""The figures by which an operator watches over the nights, read from the record in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from insights.domain.feed import FED
from insights.domain.ledger import EntryKind
from insights.ports import Deps
from insights.ports_record import UnitOfWork

SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LastNight:
    """The newest night: the instant it worked at, leads and proposals, failures by code, seconds of audio heard, and of
    work by stage."""

    as_of: datetime
    leads_seen: int
    proposals: int
    failures: Mapping[str, int]
    audio_s: float
    stage_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Operating:
    """``waiting``: leads for a person, of which nobody has looked at ``expiring`` and their window ends within 24
    hours; ``at_stake`` by currency, of leads proposed as not billable that wait; ``decisions`` of the last 24 hours;
    messages to billing that wait and that are dead (None where it is told nothing); alerts not told."""

    now: datetime
    night: LastNight | None
    waiting: int
    expiring: int
    at_stake: Mapping[str, float]
    decisions: int
    feed_waiting: int | None
    feed_dead: int | None
    alerts_untold: int
    versions: Mapping[str, str] = field(default_factory=dict)


def operating(deps: Deps, now: datetime, *, feeds: bool) -> Operating:
    """The figures at an instant. ``feeds``: a billing system is told of what is posted. Raises DatabaseBusy."""
    with deps.store(only_reads=True) as unit:
        backlog = unit.backlog(FED) if feeds else None
        return Operating(
            now=now,
            night=_last_night(unit),
            waiting=sum(1 for _ in unit.waiting(now)),
            expiring=len(unit.expiring(now, now + SOON)),
            at_stake=unit.at_stake(now),
            decisions=unit.count_entries(EntryKind.DECISION, now - SOON),
            feed_waiting=backlog and backlog.waiting,
            feed_dead=backlog and backlog.dead,
            alerts_untold=len(unit.untold()),
            versions=_versions(unit),
        )


def _versions(unit: UnitOfWork) -> dict[str, str]:
    """Without what marks one client's own policy: the same part of all of them is told."""
    return {name: told.partition("+")[0] if name == "policy" else told for name, told in unit.newest_versions().items()}


def _last_night(unit: UnitOfWork) -> LastNight | None:
    for night in unit.nights(1):
        body = night.body
        return LastNight(
            as_of=night.as_of,
            leads_seen=body["leads_seen"],
            proposals=body["proposals_posted"],
            failures=Counter(row["code"] for row in body["failures"]),
            audio_s=body["audio_s"],
            stage_s={stage: told["seconds"] for stage, told in body["stages"].items()},
        )
    return None


def is_ready(deps: Deps) -> bool:
    """Whether the database answers and its tables are those of this program. Raises DatabaseBusy."""
    with deps.store(only_reads=True) as unit:
        applied, newest = unit.schema()
    return applied == newest
