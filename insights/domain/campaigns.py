"""Campaigns: the advertised offer, looked up as it was when the lead was received."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from insights.domain.leads import CampaignId, checked_id
from insights.domain.money import Money


@dataclass(frozen=True, slots=True)
class Pause:
    """A period in which the campaign was paused, ``end`` excluded (None: still paused)."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError("a pause needs instants with a UTC offset")
        if self.end is not None and self.end.astimezone(UTC) <= self.start.astimezone(UTC):
            raise ValueError(f"pause ends at {self.end.isoformat()}, not after its start {self.start.isoformat()}")

    def covers(self, instant: datetime) -> bool:
        """Instants, never wall clocks: two times of one zone compare as instants also where the clocks change."""
        at = instant.astimezone(UTC)
        return self.start.astimezone(UTC) <= at and (self.end is None or at < self.end.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class ServiceArea:
    """Where the client works: city names, five-digit zips and a two-letter state. Empty parts say nothing."""

    cities: tuple[str, ...] = ()
    zips: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """The offer a client pays leads for. ``policy`` holds the client's overrides of the default policy."""

    campaign_id: CampaignId
    client: str
    trade: str
    client_id: str = ""
    services: tuple[str, ...] = ()
    not_offered: tuple[str, ...] = ()
    service_area: ServiceArea = ServiceArea()
    price: Money | None = None
    time_zone: str = "UTC"
    pauses: tuple[Pause, ...] = ()
    known_customers: frozenset[str] = frozenset()
    policy: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_id(self.campaign_id, "campaign_id")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError):
            raise ValueError(f"time_zone {self.time_zone!r} is not an IANA time zone such as America/Chicago") from None

    def paused_at(self, instant: datetime) -> Pause | None:
        """The pause in force at an instant, if any."""
        return next((pause for pause in self.pauses if pause.covers(instant)), None)

    def knows(self, caller_number: str) -> bool:
        """Whether the client's customer list holds this number (E.164; an empty number is nobody's)."""
        return bool(caller_number) and caller_number in self.known_customers


EVER = datetime(1, 1, 1, tzinfo=UTC)
"""From when on the first version of a campaign holds: nothing is known of a time before it."""


def version_at(since: Sequence[datetime], instant: datetime) -> int:
    """Which of a campaign's versions holds at an instant; each holds ``since`` an instant on until the next, the first
    from ever."""
    return max(bisect_right(since, instant) - 1, 0)


def with_newest_pauses(campaign: Campaign, newest: Campaign) -> Campaign:
    """A version with the pauses that are known by now.

    Pauses carry their own beginnings and ends, so the newest version knows them best: one that began at noon and was
    told at night paused the leads of the afternoon.
    """
    return replace(campaign, pauses=newest.pauses)
