"""What a night of so many calls needs: machines, dollars, disk, providers' accounts, and what gives out first.

Plain arithmetic over figures that were measured (docs/capacity.md tells how) or that the operator knows better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

HOUR_S = 3600
CALLRAIL_DAY, CALLRAIL_HOUR, CALLRAIL_PAGE = 10_000, 1_000, 250
"""CallRail's requests a day, an hour and account, calls a page of its listing (its API's reference, version 3)."""
CALLRAIL_SPENT = 0.95
"""The share of its quota that nights spend."""


@dataclass(frozen=True)
class NightLoad:
    """Calls with recordings in one night, their mean length in minutes, and the hours until they must be judged."""

    calls: int
    minutes: float
    hours: float


@dataclass(frozen=True)
class Machine:
    """One worker: seconds of call it hears a second, and what an hour of it costs."""

    speech_speed: float
    usd_per_hour: Decimal


@dataclass(frozen=True)
class UnitCosts:
    """Seconds and kilobytes a call.

    ``work_s``: a worker's time beside speech (fetch, judge, propose). ``lock_s``: how long what is kept of a call holds
    the one lock of all writers. ``open_s``, ``close_s``: the night's own process, one call after the other.
    """

    work_s: float
    lock_s: float
    open_s: float
    close_s: float
    memory_kb: float
    database_kb: float
    recording_kb_per_minute: float


MEASURED = UnitCosts(
    work_s=0.06,
    lock_s=0.005,
    open_s=0.0015,
    close_s=0.001,
    memory_kb=25,
    database_kb=6,
    recording_kb_per_minute=960,
)
"""CPU seconds of this version on SQLite (docs/capacity.md); recordings of 8 kHz, 16 bit, mono."""


@dataclass(frozen=True)
class Limit:
    """Something that there is one of: calls a night that it allows, and what to do about it."""

    what: str
    calls: int
    remedy: str


@dataclass(frozen=True)
class CapacityPlan:
    """What the night needs. Of ``limits`` the first one gives out first."""

    machines: int
    usd: Decimal
    night_process_hours: float
    writing_hours: float
    database_gb: float
    recordings_gb: float
    memory_gb: float
    callrail_accounts: int
    limits: tuple[Limit, ...]


def capacity_plan(load: NightLoad, machine: Machine, costs: UnitCosts, memory_gb: float = 24) -> CapacityPlan:
    """Plan a night; ``memory_gb`` of the machine that opens and closes it. Raises ValueError where no time is left."""
    alone_s = costs.open_s + costs.close_s
    shared_s = load.hours * HOUR_S - load.calls * alone_s
    if shared_s <= 0:
        raise ValueError(
            f"opening and closing a night of {load.calls:,} calls takes {load.calls * alone_s / HOUR_S:.1f} hours alone"
        )
    call_s = load.minutes * 60 / machine.speech_speed + costs.work_s
    machines = ceil(load.calls * call_s / shared_s)
    busy_hours = Decimal(str(load.calls * (call_s + alone_s) / HOUR_S))
    return CapacityPlan(
        machines=machines,
        usd=(busy_hours * machine.usd_per_hour).quantize(Decimal("0.01")),
        night_process_hours=load.calls * alone_s / HOUR_S,
        writing_hours=load.calls * costs.lock_s / HOUR_S,
        database_gb=load.calls * costs.database_kb / 1e6,
        recordings_gb=load.calls * load.minutes * costs.recording_kb_per_minute / 1e6,
        memory_gb=load.calls * costs.memory_kb / 1e6,
        callrail_accounts=ceil(load.calls / callrail_calls(load.hours)),
        limits=_limits(load, call_s, costs, memory_gb),
    )


def callrail_calls(hours: float) -> int:
    """Calls that a CallRail account's quota lets through in so many hours of a day: a request each for the recording,
    and the pages of the listing."""
    return int(min(CALLRAIL_DAY, CALLRAIL_HOUR * hours) * CALLRAIL_SPENT / (1 + 1 / CALLRAIL_PAGE))


def _limits(load: NightLoad, call_s: float, costs: UnitCosts, memory_gb: float) -> tuple[Limit, ...]:
    night_s = load.hours * HOUR_S
    limits: Sequence[Limit] = (
        Limit("one worker", int(night_s / call_s), "more workers: call-insights work --wait on each machine"),
        Limit(
            "one CallRail account's quota", callrail_calls(load.hours), "a source for each account, a night for each"
        ),
        Limit("the writers' lock", int(night_s / costs.lock_s), "a record for each group of clients"),
        Limit(
            "the night's own process",
            int(night_s / (costs.open_s + costs.close_s)),
            "several sources, a night for each, one after the other",
        ),
        Limit("the memory of the night's machine", int(memory_gb * 1e6 / costs.memory_kb), "a night for each source"),
    )
    return tuple(sorted(limits, key=lambda limit: limit.calls))
