"""How much faster two workers are than one: `PYTHONPATH=.:tests python tests/bench_workers.py [--calls 200]`.

A night over real calls is laid out, and worker processes of `call-insights`, each on a processor core of its own and
with models of its own, work it by taking leads in hand. The time counts from the moment when all have loaded their
models until nothing is left, without Prefect. Once on SQLite and once on PostgreSQL, with one worker and with two.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from bench_night import AS_OF
from night_children import plain_batch
from servers import a_server
from short_calls import make_source, pieces

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.pipeline.night import one_night, open_night
from insights.pipeline.work import leads_left, reports_of_all, share_out
from insights.ports import Deps
from insights.settings import ROOT, Settings

BATCH = 10


def parts(folder: Path, database: str) -> Deps:
    settings = Settings(
        database=database,
        recordings=folder / "recordings",
        caller_key_file=folder / "caller.key",
        speech_cache=folder.parent / "speech",
        demo_speech=True,
    )
    return bootstrap.build(settings, bootstrap.Silent())


def work(folder: Path, database: str, core: int) -> None:
    """In a process of its own: load the models, say so, wait for the word, and work until nothing is free."""
    os.sched_setaffinity(0, {core})
    deps = parts(folder, database)
    deps.speech(), deps.intent()
    print("ready", flush=True)
    sys.stdin.readline()
    while plain_batch(deps, BATCH):
        pass


def seconds_for(workers: int, source: str, folder: Path, database: str) -> float:
    """How long so many workers take for the night."""
    folder.mkdir()
    deps = parts(folder, database)
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests"))), "OMP_NUM_THREADS": "1"}
    with one_night(deps, this_process()):
        share_out(deps, open_night(deps, source, datetime.fromisoformat(AS_OF)))
        crew = [
            subprocess.Popen(
                [sys.executable, __file__, "--work", str(folder), database, str(core)],
                env=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for core in sorted(os.sched_getaffinity(0))[:workers]
        ]  # fmt: skip
        for worker in crew:
            assert worker.stdout is not None and worker.stdout.readline() == b"ready\n"
        began = time.perf_counter()
        for worker in crew:
            assert worker.stdin is not None
            worker.stdin.write(b"go\n")
            worker.stdin.close()
        assert [worker.wait() for worker in crew] == [0] * workers
        took = time.perf_counter() - began
        assert leads_left(deps) == 0
        reports = reports_of_all(deps)
        assert sum(report.reused for report in reports) == 0, "a call was worked twice"
    deps.store.engine.dispose()  # type: ignore[attr-defined]
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=12.0, help="a call's length, at most")
    options = parser.parse_args()
    calls = options.calls
    with tempfile.TemporaryDirectory(prefix="bench-workers-") as name, ExitStack() as stack:
        source = Path(name) / "source"
        source.mkdir()
        sound_s = make_source(source, calls, pieces(options.seconds))
        lend = stack.enter_context(a_server(Path(name)))
        for kind in ("SQLite", "PostgreSQL"):
            took = []
            for workers in (1, 2):
                folder = Path(name) / f"{kind}-{workers}"
                database = f"sqlite:///{folder}/record.sqlite" if kind == "SQLite" else stack.enter_context(lend())
                took.append(seconds_for(workers, str(source), folder, database))
            told = f"{took[0]:.1f} s alone, {took[1]:.1f} s with two: {took[0] / took[1]:.2f} x as fast"
            print(f"{kind}: {calls} calls of {sound_s / calls:.1f} s: {told}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main()
