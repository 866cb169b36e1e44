"""What an alert is, under which key it is told once, and from which limits on there is one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

from insights.domain.leads import LeadId

MOST_LEADS = 20
"""Leads that an alert names; its figures count all of them."""


class Severity(StrEnum):
    """``critical``: money or a night is being lost now; ``warning``: somebody should look today."""

    WARNING = "warning"
    CRITICAL = "critical"


class Kind(StrEnum):
    """What an alert is about."""

    FAILURES = "failures"
    SOURCE_STOPPED = "source_stopped"
    SOURCE_COUNT = "source_count"
    SOURCE_DRIFT = "source_drift"
    SPAM_BURST = "spam_burst"
    EXPIRING = "expiring"
    MODEL_DRIFT = "model_drift"
    NO_NIGHT = "no_night"
    FEED_LATE = "feed_late"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on somebody is told. Each says why it stands where it stands."""

    failure_share: float = 0.1
    """Of the calls to be heard: a tenth is far more than bad recordings make up (some 1 to 3 %), and far less than the
    share at which the night itself counts as failed."""
    least_failures: int = 5
    """Fewer are named in the night's summary, and a small office would be told of every single one."""
    count_spreads: float = 3.5
    """Robust deviations from the median: the usual cut of the modified z-score (Iglewicz and Hoaglin, 1993)."""
    count_change: float = 0.4
    """Of the median: a steady source moves by many deviations before anybody cares."""
    least_change: int = 10
    """Leads more or fewer: below it, it is not worth a call."""
    least_weekdays: int = 5
    """The same weekday is known well enough from so many weeks on."""
    least_days: int = 7
    """Before that, days of all kinds are compared, once each weekday was among them."""
    days: int = 14
    """So many of them: longer ago, campaigns were others."""
    weeks: int = 8
    """So many of the same weekday, for the same reason."""
    surely: float = 3.29
    """Normal deviations of the Wilson bounds of both shares (99.9 %): shares are compared daily, for every source."""
    least_spam: int = 8
    """Solicitors of one source in a day; fewer are the daily noise."""
    spam_times: float = 2.0
    """As many times its usual share: a burst, not a bad day."""
    least_usual: int = 50
    """Judged leads of a source before today, without which nobody knows its usual share."""
    expiry_calls: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=4))
    """Time left to the first lead of a group when it is told: a working day to listen, and a last call."""
    expiry_group: timedelta = timedelta(hours=8)
    """Leads that expire within one such stretch are told together, not each quarter of an hour."""
    least_judged: int = 100
    """Calls that the model judged on each side of a comparison: with fewer, chance moves the mix as much."""
    doubt_change: float = 0.1
    """Share of calls left to people, more than usual or less: a tenth of the calls is hours of a reviewer's day."""
    stability: float = 0.25
    """Population stability index from which the mix of reasons counts as another one (see ``population_stability``)."""
    confidence: float = 0.999
    """Chance alone passes the index of two samples of one population in one of a thousand comparisons."""
    night_age: timedelta = timedelta(hours=26)
    """A day, and two hours for a late start and a clock that changed."""
    longest_night: timedelta = timedelta(hours=10)
    """A night still at work is given so long beyond that: then it would meet the next one."""
    feed_age: timedelta = timedelta(hours=1)
    """The feed goes every five minutes and rests up to an hour after failed tries: a longer wait is no hiccup."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding. ``key`` is the same whenever the same is found again, so that it is told once; ASCII, at most 100
    characters. Nothing in it is personal: ``leads`` are ids, at most 20, and ``figures`` numbers, codes and names of
    sources."""

    kind: Kind
    key: str
    severity: Severity
    headline: str
    next_step: str
    leads: tuple[LeadId, ...] = ()
    figures: Mapping[str, float | int | str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "leads": list(self.leads), "figures": dict(self.figures)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        return cls(
            kind=Kind(body["kind"]),
            key=body["key"],
            severity=Severity(body["severity"]),
            headline=body["headline"],
            next_step=body["next_step"],
            leads=tuple(LeadId(name) for name in body["leads"]),
            figures=dict(body["figures"]),
        )


class Judged(NamedTuple):
    """So many calls of a marketing source that the model judged alike; ``reason`` is the proposed one."""

    source: str
    verdict: str
    reason: str
    leads: int


class Expiring(NamedTuple):
    """A lead that waits for a person, that nobody has looked at, and when its review window ends."""

    lead_id: LeadId
    expires_at: datetime
    worth: float


def trial_alert(now: datetime) -> Alert:
    """An alert that says only that alerts arrive."""
    return Alert(
        Kind.TEST,
        key_of(Kind.TEST, now.isoformat()),
        Severity.WARNING,
        "This is a test: alerts of Call Insights arrive here.",
        "Nothing to do.",
    )


def place(source: str) -> str:
    """A source as it may be told: on one line, without user, password and query."""
    shown = re.sub(r"//[^/@]*@", "//", source).partition("?")[0]
    return "".join(letter for letter in shown if letter.isprintable())[:120] or "unknown"


def key_of(kind: Kind, *parts: object) -> str:
    """The key of a finding of a kind: of the same parts the same one."""
    told = json.dumps(parts, sort_keys=True, default=str).encode()
    return f"{kind.value}:{hashlib.sha256(told).hexdigest()[:24]}"
