"""A night on engines of many machines: the workers of a Prefect work pool, and a Dask cluster. Both are real here, each
machine a process with a folder of its own; the commands are those of docs/operations.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from real_nights import a_prefect_server
from short_calls import AUDIO, make_source, pieces
from sqlalchemy import select

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.adapters.tables import night_reports
from insights.domain.ledger import EntryKind, check_chain

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent
PATIENCE_S = 1200.0
AS_OF = datetime.fromisoformat(json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["as_of"])
CALLS = 60
"""So many that whoever has loaded its models later still finds some."""


@dataclass(frozen=True)
class Machines:
    """Folders of the machines, and what they have in common: the database, the recordings, the Prefect server."""

    folder: Path
    api: str

    @property
    def source(self) -> str:
        return str(self.folder / "source")

    @property
    def address(self) -> str:
        return f"sqlite:///{self.folder / 'record.sqlite'}"

    def environment(self) -> dict[str, str]:
        common = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PREFECT_API_URL": self.api,
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "CALL_INSIGHTS_SOURCE": self.source,
            "CALL_INSIGHTS_DATABASE": self.address,
            "CALL_INSIGHTS_RECORDINGS": str(self.folder / "recordings"),
            "CALL_INSIGHTS_CALLER_KEY_FILE": str(self.folder / "caller.key"),
            "CALL_INSIGHTS_BATCH_SIZE": "1",
        }
        return {**os.environ, **common}

    def run(self, *words: str, **more: str) -> str:
        """A command on the operator's own machine; what it printed."""
        folder = self.folder / "operator"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            words,
            cwd=folder,
            env={**self.environment(), "PREFECT_HOME": str(folder / "prefect"), **more},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def machine(self, name: str, *words: str) -> Iterator[Path]:
        """A machine that runs a command until it is stopped; its folder."""
        folder = self.folder / name
        folder.mkdir()
        environment = {**self.environment(), "PREFECT_HOME": str(folder / "prefect")}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=log)
            try:
                yield folder
            finally:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def owners(self) -> set[str]:
        """Who did something for the night; and every call was done once."""
        engine = open_engine(self.address)
        with engine.connect() as connection:
            reports = connection.execute(select(night_reports.c.owner, night_reports.c.body)).all()
        with SqlStore(engine)(only_reads=True) as unit:
            entries = list(unit.entries())
        engine.dispose()
        assert sorted(entry.lead_id for entry in entries if entry.kind is EntryKind.PROPOSAL) == sorted(
            f"N-{n}" for n in range(CALLS)
        )
        assert list(check_chain(entries)) == []
        done = [(stage["done"], stage["reused"]) for _, body in reports for stage in body["stages"]]
        assert done == [(1, 0)] * 4 * CALLS, "no call was done by two"
        return {owner for owner, _ in reports}


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    (tmp_path / "source").mkdir()
    make_source(tmp_path / "source", CALLS, pieces())
    with a_prefect_server(tmp_path / "prefect") as server:
        yield Machines(tmp_path, server.api)


def until(there: Path) -> str:
    """What a file holds, as soon as it holds something."""
    latest = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest:
        if there.is_file() and there.read_text():
            return there.read_text()
        time.sleep(0.2)
    raise AssertionError(f"{there.name} never came")


def test_a_night_of_a_work_pool_calls_a_helper_from_another_machine(machines: Machines) -> None:
    worker = ("prefect", "worker", "start", "--pool", "calls", "--type", "process", "--work-queue", "nights")
    machines.run("prefect", "work-pool", "create", "calls", "--type", "process")
    machines.run(sys.executable, "-m", "flows.deployments", "--pool", "calls", "--helpers", "1")
    with (
        machines.machine("first", *worker, "--limit", "1") as first,
        machines.machine("second", *worker, "--limit", "1") as second,
    ):
        as_of = json.dumps(AS_OF.isoformat())
        machines.run("prefect", "deployment", "run", "nightly-triage/nightly", "--param", f"as_of={as_of}", "--watch")
        assert machines.owners()
        ended = states(machines.api)
        latest = time.monotonic() + PATIENCE_S
        while len(ended) < 2 or set(ended.values()) & {"SCHEDULED", "PENDING", "RUNNING"}:
            assert time.monotonic() < latest, ended
            time.sleep(1)
            ended = states(machines.api)
    assert ended == {"nightly-triage": "COMPLETED", "night-helper": "COMPLETED"}
    for folder in (first, second):
        assert not (folder / "flows").exists(), "the program is installed there, not copied"


def states(api: str) -> dict[str, str]:
    """How the runs of each flow stand."""
    flows = {flow["id"]: flow["name"] for flow in httpx.post(f"{api}/flows/filter", json={}).json()}
    runs = httpx.post(f"{api}/flow_runs/filter", json={}).json()
    return {flows[run["flow_id"]]: run["state_type"] for run in runs if not run["auto_scheduled"]}


def test_the_workers_of_a_dask_cluster_share_a_night(machines: Machines) -> None:
    known = machines.folder / "scheduler.json"
    scheduler = ("dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file")
    with machines.machine("scheduler", *scheduler, str(known)):
        address = json.loads(until(known))["address"]
        worker = ("dask", "worker", address, "--nthreads", "1", "--nworkers", "2", "--no-dashboard")
        with machines.machine("cluster", *worker, "--preload", "flows.nightly_triage") as cluster:
            latest = time.monotonic() + PATIENCE_S
            while (cluster / "log").read_text().count("Registered to:") < 2:
                assert time.monotonic() < latest, (cluster / "log").read_text()
                time.sleep(0.5)
            night = ("call-insights", "nightly", "--as-of", AS_OF.isoformat(), "--json")
            told = json.loads(machines.run(*night, CALL_INSIGHTS_DASK_SCHEDULER=address))
    assert told["failures"] == [] and told["proposals_posted"] == CALLS
    assert len(machines.owners()) > 1, "one of them did it all"


def test_a_night_whose_cluster_is_gone_works_alone(machines: Machines) -> None:
    gone = {"CALL_INSIGHTS_DASK_SCHEDULER": "tcp://127.0.0.1:9", "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"}
    told = json.loads(machines.run("call-insights", "nightly", "--as-of", AS_OF.isoformat(), "--json", **gone))
    assert told["proposals_posted"] == CALLS
    assert len(machines.owners()) == 1
