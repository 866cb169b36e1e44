"""Nights and helpers as children of one warm process: ``python tests/night_children.py PLAN`` with the plan as JSON.

The process imports and loads everything that may be shared, and makes a fresh copy of itself for every line of its
standard input (``night`` or ``helper``), so that a kill falls into a night's own work. It prints each copy's process
id. A copy tells every step in ``PID.steps``, and how it ended in ``PID.end``; a killed one leaves none.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from builders import NOW, a_campaign, a_lead
from fakes import ListedSource
from office import JOB, LENIENT, NEED, PITCH, Office

from flows.patience import patiently
from insights import bootstrap
from insights.adapters.database import open_engine
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.bootstrap_sources import lead_source
from insights.domain.leads import LeadId
from insights.errors import InsightsError
from insights.pipeline.night import NightSummary, close_night, hold_night, one_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE
from insights.pipeline.work import finish_batch, holder, leads_left, reports_of_all, share_out, take_batch
from insights.ports import Deps, Quarantined
from insights.settings import Settings

POLL_S = 0.05
LATE = """fastapi prefect.flow_engine prefect.task_engine prefect.utilities.visualization faster_whisper.vad
insights.adapters.ctranslate2_engine insights.adapters.speech_check insights.adapters.caller_keys""".split()
"""What a real night imports only when it needs it, which takes longer than many of these nights live."""


@dataclass(frozen=True)
class Plan:
    """Where a night's children work. ``source`` empty: an Office with its fakes, without Prefect; else the real parts
    and the real flow over that folder, with converted speech weights in ``speech``."""

    folder: str
    database: str
    source: str = ""
    as_of: str = NOW.isoformat()
    batch_size: int = 4
    speech: str = ""

    @property
    def settings(self) -> Settings:
        own = Path(self.folder)
        return Settings(
            database=self.database,
            recordings=own / "recordings",
            caller_key_file=own / "caller.key",
            speech_cache=Path(self.speech),
            demo_speech=True,
        )


def a_long_list() -> ListedSource:
    """A source with a bit of everything: calls of which the policy accepts some by itself, the same recording twice, a
    call nobody answered, one that is no sound, one that never comes, a row nobody can read, and calls of last week."""
    accepts = {"reasons": ["solicitor"], "floor": 0.5, "daily_leads": 4, "daily_amount": 1000.0}
    scripts = [f"{script} I call for the {n}. time." for n in range(3) for script in (NEED, PITCH, JOB, PITCH)]
    recordings = {f"N{number:02}": script for number, script in enumerate(scripts)}
    recordings |= {"TWIN": scripts[0], "BROKEN": "broken", "GONE": JOB, "OLD1": JOB, "OLD2": f"{JOB} Still?"}
    week_old = {"received_at": NOW - timedelta(days=8, hours=1)}
    leads = [
        a_lead(
            lead_id=LeadId(name), recording=f"{name}.wav", agent_channel=1, **(week_old if name[:3] == "OLD" else {})
        )
        for name in recordings
    ]
    leads.append(a_lead(lead_id=LeadId("MISSED"), answered=False))
    kept = {name: script.encode() for name, script in recordings.items()}
    source = ListedSource(leads, [a_campaign(policy={**LENIENT, "auto_accept": accepts})], kept)
    source.quarantined = (Quarantined("leads.csv line 7", "answered is missing", "L9"),)
    source.unsteady = {"GONE": 1_000_000}
    return source


class Steps:
    """Progress that a process which is killed leaves behind."""

    def __init__(self, path: Path) -> None:
        self._told = path.open("w", encoding="utf-8", buffering=1)

    def stage(self, name: str, total: int) -> None:
        self._told.write(f"{name} begins\n")

    def step(self, name: str, lead_id: str, audio_s: float = 0.0) -> None:
        self._told.write(f"{name} {lead_id}\n")

    def failed(self, name: str, lead_id: str, code: str, transient: bool) -> None: ...


def plain_night(deps: Deps, source: str, as_of: datetime, size: int) -> NightSummary:
    """A night as the flow runs it, without Prefect around it."""
    owner = this_process()
    with one_night(deps, owner):
        night = open_night(deps, source, as_of)
        share_out(deps, night)
        while patiently(leads_left)(deps):
            patiently(hold_night)(deps, owner)
            if not plain_batch(deps, size):
                time.sleep(POLL_S)
        return close_night(deps, night, reports_of_all(deps))


def plain_batch(deps: Deps, size: int) -> bool:
    batch = take_batch(deps, this_process(), size)
    if batch is None:
        return False
    hold = holder(deps, batch)
    stages = [patiently(run_stage)(deps, stage, batch.source, batch.lead_ids, batch.as_of, hold) for stage in PIPELINE]
    patiently(finish_batch)(deps, batch, stages)
    return True


def office_work(plan: Plan) -> Callable[[str, Steps], Any]:
    """What a child does with an Office's parts."""
    open_engine("sqlite://").dispose()  # loads the driver
    as_of = datetime.fromisoformat(plan.as_of)

    def work(role: str, steps: Steps) -> Any:
        office = Office(Path(plan.folder), SqlStore(open_engine(plan.database)), a_long_list())
        deps = replace(office.deps, progress=steps)
        office.clock.instant = as_of
        if role == "night":
            return asdict(plain_night(deps, office.source.uri, as_of, plan.batch_size))
        return sum(iter(lambda: plain_batch(deps, plan.batch_size), False))

    return work


def real_work(plan: Plan) -> Callable[[str, Steps], Any]:
    """What a child does with the real parts and Prefect.

    Torch is kept to one thread (OMP_NUM_THREADS), so that what it loaded here works in a copy; the engines with threads
    of their own are loaded by each copy, as by every process.
    """
    for name in LATE:
        import_module(name)
    from flows.nightly_triage import night_helper, nightly_triage
    from insights.adapters.policy_files import load_policies
    from insights.adapters.service_matcher import MiniLmServiceMatcher
    from insights.adapters.us_places import UsPlaces

    settings, services = plan.settings, MiniLmServiceMatcher()
    model = bootstrap.intent_model(settings)
    services.match(["a pipe leaks"], a_campaign())
    UsPlaces().zip_place("43215")
    lead_source(settings, load_policies(), plan.source).listing()
    as_of = datetime.fromisoformat(plan.as_of)

    def work(role: str, steps: Steps) -> Any:
        built = bootstrap.build(settings, steps)
        bootstrap.adopt(replace(built, intent=lambda: model, services=services))
        if role == "night":
            return asdict(nightly_triage(plan.source, as_of, plan.batch_size))
        return night_helper(plan.batch_size)

    return work


def live(plan: Plan, role: str, work: Callable[[str, Steps], Any]) -> int:
    """A copy's whole life; its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    mine = Path(plan.folder, str(os.getpid()))
    try:
        end = {"done": work(role, Steps(mine.with_suffix(".steps")))}
    except InsightsError as error:
        end = {"error": type(error).__name__, "message": str(error)}
    except BaseException as error:
        end = {"surprise": repr(error)}
    part = mine.with_suffix(".part")
    part.write_text(json.dumps(end), encoding="utf-8")
    part.rename(mine.with_suffix(".end"))
    return int("done" not in end)


def main() -> None:
    plan = Plan(**json.loads(sys.argv[1]))
    work = real_work(plan) if plan.source else office_work(plan)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # copies that end are gone at once
    print("ready", flush=True)
    for line in sys.stdin:
        copy = os.fork()
        if copy == 0:
            status = 1
            try:
                status = live(plan, line.strip(), work)
            finally:
                os._exit(status)
        print(copy, flush=True)


if __name__ == "__main__":
    main()
