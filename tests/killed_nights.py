"""Nights that are killed at random moments, and what must be the same on their record as on an undisturbed night's."""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from night_children import Plan

from insights.domain.ledger import EntryKind
from insights.ports import Deps

TESTS = Path(__file__).parent
PATIENCE_S = 300.0
TICK_S = 0.01
WHILE_AT_WORK = 0.9
"""Of this share of the kills the clock starts when the night has opened its database, of the others when it is born."""


class Child:
    """One night or helper, alive until it ends or is killed."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.pid, self._own = pid, folder / str(pid)
        try:
            self._fd = os.pidfd_open(pid)
        except ProcessLookupError:  # it ended before anybody looked
            self._fd = -1

    def alive(self, within_s: float = 0.0) -> bool:
        """Whether it is still alive after so long."""
        if self._fd >= 0 and select.select([self._fd], [], [], within_s)[0]:
            os.close(self._fd)
            self._fd = -1
        return self._fd >= 0

    def kill(self) -> bool:
        """Kill it with SIGKILL; whether that ended it, and it had not come to its end by itself."""
        if self._fd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._fd, signal.SIGKILL)
        assert not self.alive(PATIENCE_S)
        return self.end() is None

    def end(self) -> dict[str, Any] | None:
        """How it came to its end by itself; None where it was killed."""
        try:
            told: dict[str, Any] = json.loads(self._own.with_suffix(".end").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return told

    def steps(self) -> list[str]:
        """The stages of its steps so far."""
        try:
            return [
                line.split()[0] for line in self._own.with_suffix(".steps").read_text(encoding="utf-8").splitlines()
            ]
        except FileNotFoundError:
            return []

    def last_step(self) -> str:
        """The stage of its last step; "start" before the first one."""
        return (self.steps() or ["start"])[-1]

    def wait_for_work(self) -> None:
        """Wait until it has opened its database and begins."""
        while not self.steps() and self.alive(TICK_S):
            pass


class Family:
    """The process that children are copied from."""

    def __init__(self, plan: Plan, process: subprocess.Popen[str]) -> None:
        self.plan, self._process, self.children = plan, process, list[Child]()

    def start(self, role: str) -> Child:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(role, file=self._process.stdin, flush=True)
        self.children.append(Child(int(self._process.stdout.readline()), Path(self.plan.folder)))
        return self.children[-1]

    def left_behind(self) -> list[str]:
        """What lives of this family beside its first process: nobody ended it."""
        return [words for pid, words in of_session(self._process.pid).items() if pid != self._process.pid]


def of_session(leader: int) -> dict[int, str]:
    """The processes that live of what one process started, by their numbers with their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            if folder.name.isdigit():
                state, _, _, session = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:4]
                if int(session) == leader and state not in "ZX":
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


@contextmanager
def a_family(plan: Plan, **environment: str) -> Iterator[Family]:
    Path(plan.folder).mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(TESTS / "night_children.py"), json.dumps(asdict(plan))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": str(TESTS.parent), "OMP_NUM_THREADS": "1", **environment},
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        family = Family(plan, process)
        try:
            yield family
        finally:
            for child in family.children:
                child.kill()


@dataclass
class Toll:
    """What the killing of one night was."""

    kills: Counter[str] = field(default_factory=Counter)
    starts: Counter[str] = field(default_factory=Counter)
    ended_early: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        where = ", ".join(f"{stage} {count}" for stage, count in self.kills.most_common())
        return (
            f"{self.kills.total()} kills ({where}) in {self.seconds:.0f} s; started: {self.starts['night']} nights, "
            f"{self.starts['helper']} helpers; {self.ended_early} nights came to their end before the last kill"
        )


def undisturbed(family: Family) -> tuple[dict[str, Any], float]:
    """One night to its end: its summary, and the seconds it was at work."""
    night = family.start("night")
    night.wait_for_work()
    began = time.monotonic()
    assert not night.alive(PATIENCE_S)
    end = night.end()
    assert end is not None and "done" in end, end
    return end["done"], time.monotonic() - began


@dataclass(frozen=True)
class Pace:
    """How long a night is at work, one that finds everything done, and how many proposals there are in the end.

    From this the lives of a night that is to be killed are drawn: evenly from 0 to what gets, on the average, all of
    its work done in so many lives. Each life first finds again what was done, and then works on.
    """

    whole_s: float
    again_s: float
    proposals: int

    def longest(self, standing: int, lives: int) -> float:
        share = min(1.0, standing / self.proposals)
        again = self.again_s * (0.5 + share / 2)
        fresh = max(0.0, self.whole_s - self.again_s) * (1 - share) / max(1, lives)
        return again + fresh + math.sqrt((again + fresh) ** 2 - again**2)


def kill_at_random(family: Family, deps: Deps, pace: Pace, wished: int, rng: Random) -> Toll:
    """Kill nights and their helpers until at least so many kills have landed; nobody is alive then."""
    toll, began = Toll(), time.monotonic()
    living: dict[str, Child] = {}
    while toll.kills.total() < wished:
        for role in ("night", "helper"):
            if role in living and not living[role].alive():
                end = living.pop(role).end()
                assert end is not None and "done" in end, f"a {role} that nobody killed: {end}"
                toll.ended_early += role == "night"
            if role not in living and (role == "night" or rng.random() < 0.5):
                living[role] = family.start(role)
                toll.starts[role] += 1
        longest = pace.longest(proposals(deps), wished - toll.kills.total())
        if rng.random() < WHILE_AT_WORK:
            living["night"].wait_for_work()
        living["night"].alive(rng.uniform(0, longest))
        victims = rng.choice((["night"], ["helper"], ["night", "helper"]))
        for role in victims if set(victims) & set(living) else ["night"]:
            if role in living and living[role].alive() and living[role].kill():
                toll.kills[living.pop(role).last_step()] += 1
    for child in living.values():
        if child.kill():
            toll.kills[child.last_step()] += 1
    toll.seconds = time.monotonic() - began
    return toll


def proposals(deps: Deps) -> int:
    with deps.store(only_reads=True) as unit:
        return sum(1 for _ in unit.entries_of([EntryKind.PROPOSAL]))


def what_stands(deps: Deps) -> dict[str, Any]:
    """All that a night leaves, in a form that two records share when the same happened on them.

    Left out, because the wall clock, chance or the number of starts decides it: an entry's sequence, hashes and salts
    (leads are worked in another order), the day on which the policy accepted (``posted_on``), when a failure was seen,
    a row's version, and of the night's summary what one process did itself (``stages``, ``audio_s``,
    ``proposals_posted``, ``expired_unreviewed``, ``auto_accepted``).
    """
    entries: dict[str, list[Any]] = {}
    with deps.store(only_reads=True) as unit:
        for entry in unit.entries():
            body = {name: value for name, value in entry.body.items() if name != "posted_on"}
            told = (entry.key, entry.kind.value, entry.at.isoformat(), entry.actor, body)
            entries.setdefault(entry.lead_id, []).append(told)
        leads = unit.lead_ids()
        failures = {lead: unit.failure(lead) for lead in leads}
        night = dict(unit.nights(1)[0].body)
        found: dict[str, Any] = {
            "entries": entries,
            "rows": {lead: row and asdict(row) for lead, row in ((lead, unit.summary(lead)) for lead in leads)},
            "screenings": {lead: unit.screening(lead) for lead in leads},
            "recordings": {lead: unit.recording(lead) for lead in leads},
            "failures": {lead: (f.stage, f.code, f.message, f.transient) for lead, f in failures.items() if f},
            "work left": unit.work_left(),
            "lease": unit.night_at_work(deps.clock.now()),
        }
    for own in ("stages", "audio_s", "proposals_posted", "expired_unreviewed", "auto_accepted"):
        night.pop(own)
    found["night"] = night
    return json.loads(json.dumps(found, default=str, sort_keys=True))  # type: ignore[no-any-return]


def differences(one: Any, two: Any, where: str = "") -> list[str]:
    """Where two forms differ, each place named with both values."""
    if isinstance(one, dict) and isinstance(two, dict):
        names = sorted(one.keys() | two.keys())
        return [line for name in names for line in differences(one.get(name), two.get(name), f"{where}/{name}")]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        pairs = enumerate(zip(one, two, strict=True))
        return [line for n, pair in pairs for line in differences(*pair, f"{where}/{n}")]
    return [] if one == two else [f"{where}: {one!r:.300} is now {two!r:.300}"]


def half_written(folder: Path) -> list[str]:
    """Files in a folder of recordings that are neither a recording nor made of one."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and path.name.startswith(".")]
