"""How a long night holds up: `PYTHONPATH=.:tests python tests/bench_night.py 1000 10000`.

For each size it makes a folder of so many leads, each with a call of some seconds of its own cut from the recordings of
the fixtures (`--seconds`: at most so long), and runs the flow `nightly-triage` over it in a process of its own, models
and Prefect loaded before. It prints the time by stage, what the night spent besides the stages (opening, sharing out,
Prefect, closing), on the clock and of the processors, and the memory as the night went on. Files go to a temporary
folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from builders import a_campaign
from servers import a_server
from short_calls import AUDIO, LONGEST_S, make_source, pieces

from insights import bootstrap
from insights.domain.leads import LeadId
from insights.pipeline.triage import PIPELINE, Outcome, Stage
from insights.ports import Deps
from insights.settings import ROOT, load_settings
from insights.terminal import LiveProgress, console

AS_OF = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["as_of"]
SAMPLE_S = 1.0
MARKS = 20
"""So often the process tells how far it is."""


@dataclass
class Spent:
    """Seconds on the clock, and of the process's processor time."""

    wall: float = 0.0
    cpu: float = 0.0


@dataclass
class Sample:
    """How far the night was, and the memory of its process and of those it started, in bytes."""

    done: int
    seconds: float
    own: int
    children: int


@dataclass
class Watch:
    """What is noted while a night runs."""

    leads: int
    done: int = 0
    began: float = field(default_factory=time.perf_counter)
    stages: dict[str, Spent] = field(default_factory=dict)
    parts: dict[str, Spent] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def measured(self, name: str, stage: Stage) -> Stage:
        """The stage, with the time noted that it takes itself."""
        spent = self.stages.setdefault(name, Spent())

        def work(deps: Deps, source_uri: str, lead_ids: Sequence[LeadId], as_of: datetime) -> Iterator[Outcome]:
            going = stage(deps, source_uri, lead_ids, as_of)
            while True:
                wall, cpu = time.perf_counter(), time.process_time()
                outcome = next(going, None)
                spent.wall += time.perf_counter() - wall
                spent.cpu += time.process_time() - cpu
                if outcome is None:
                    return
                self.done += name == list(PIPELINE)[-1]
                yield outcome

        return work

    def noted(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """A part of the night around the stages, with its time noted."""

        def part(*words: Any) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            done = work(*words)
            self.parts[name] = Spent(time.perf_counter() - wall, time.process_time() - cpu)
            return done

        return part

    def sample(self, over: threading.Event) -> None:
        told = 0
        while True:
            own, children = rss(os.getpid()), sum(map(rss, descendants(os.getpid())))
            now = Sample(self.done, round(time.perf_counter() - self.began, 1), own, children)
            self.samples.append(now)
            if self.done * MARKS // self.leads > told:
                told = self.done * MARKS // self.leads
                print(json.dumps(asdict(now)), file=sys.stderr, flush=True)
            if over.wait(SAMPLE_S):
                return


def rss(pid: int) -> int:
    """Bytes of memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    try:
        own = [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return own + [further for child in own for further in descendants(child)]


def cpu_of_others() -> dict[str, float]:
    """Processor seconds of the living processes that this one started."""
    spent = {"decoder": 0.0, "prefect": 0.0}
    for pid in descendants(os.getpid()):
        try:
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            whose = "decoder" if b"audio_child" in Path(f"/proc/{pid}/cmdline").read_bytes() else "prefect"
        except (FileNotFoundError, ProcessLookupError):
            continue
        spent[whose] += sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")
    return spent


def run_night(source: str, database: str, leads: int) -> None:
    """In a process of its own: one night. Prints what it took as JSON."""
    os.environ |= {
        "PREFECT_HOME": str(Path("prefect").resolve()),
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "CALL_INSIGHTS_DEMO_SPEECH": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "900",  # a machine with other work takes its time
    }
    from flows.deployments import quiet_prefect

    quiet_prefect()
    began = time.perf_counter()
    progress = LiveProgress(console(stderr=True))
    deps = bootstrap.use(load_settings(database=database), progress)
    deps.speech(), deps.intent(), deps.services.match(["a pipe leaks"], a_campaign())
    from prefect import flow

    from flows import nightly_triage as nightly

    flow(lambda: None, name="start")()  # Prefect's own server
    load_s = time.perf_counter() - began
    print(f"loaded in {load_s:.0f} s", file=sys.stderr, flush=True)

    watch, over = Watch(leads), threading.Event()
    for name, stage in PIPELINE.items():
        PIPELINE[name] = watch.measured(name, stage)
    for name in ("open_night", "close_night"):
        setattr(nightly, name, watch.noted(name, getattr(nightly, name)))
    sampler = threading.Thread(target=watch.sample, args=(over,))
    sampler.start()
    wall, cpu, others = time.perf_counter(), time.process_time(), cpu_of_others()
    try:
        with progress:
            summary = nightly.nightly_triage(source, datetime.fromisoformat(AS_OF))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        others = {name: spent - others[name] for name, spent in cpu_of_others().items()}
    finally:
        over.set()
        sampler.join()
    told = {
        "leads": summary.leads_seen, "standing": summary.proposals_standing, "failed": len(summary.failures),
        "audio_s": summary.audio_s, "reused": {name: total["reused"] for name, total in summary.stages.items()},
        "load_s": load_s, "wall": wall, "cpu": cpu, "cpu_of_others": others,
        "stages": {name: asdict(spent) for name, spent in watch.stages.items()},
        "parts": {name: asdict(spent) for name, spent in watch.parts.items()},
        "samples": [asdict(sample) for sample in watch.samples],
    }  # fmt: skip
    print(json.dumps(told))


def a_night(leads: int, seconds: float, database: str, folder: Path) -> dict[str, Any]:
    """One night over so many leads with calls of so many seconds at most; what it took."""
    source = folder / "source"
    source.mkdir(parents=True)
    sound_s = make_source(source, leads, pieces(seconds))
    print(f"{leads} leads, {sound_s / leads:.1f} s of sound each", flush=True)
    words = [sys.executable, str(Path(__file__).resolve()), "--night", str(source), database, str(leads)]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests")))}
    ran = subprocess.run(words, cwd=folder, env=here, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def show(told: dict[str, Any]) -> None:
    leads, stages, samples, others = told["leads"], told["stages"], told["samples"], told["cpu_of_others"]
    work, cpu = (sum(spent[what] for spent in stages.values()) for what in ("wall", "cpu"))
    besides, besides_cpu = told["wall"] - work, told["cpu"] - cpu + others["prefect"]
    whole_cpu = told["cpu"] + sum(others.values())
    print(f"{leads} leads, {told['audio_s'] / 60:.0f} min heard: {told['standing']} proposals, {told['failed']} failed")
    print(f"{'':<28} {'seconds':>9} {'ms a call':>10} {'CPU s':>9} {'ms a call':>10}")
    for name, spent in stages.items():
        print(line(f"{name} ({told['reused'][name]:.0f} found)", spent["wall"], spent["cpu"], leads))
    print(line("the decoder beside them", 0.0, others["decoder"], leads))
    print(line("besides the stages", besides, besides_cpu, leads))
    for name, spent in told["parts"].items():
        print(line(f"... {name}", spent["wall"], spent["cpu"], leads))
    print(line("... Prefect's server", 0.0, others["prefect"], leads))
    print(f"{'... of the whole':<28} {besides / told['wall']:>20.2%} {besides_cpu / whole_cpu:>20.2%}")
    opening = told["parts"]["open_night"]  # a lead's first stage is in it: it is registered, screened and charged
    rest, rest_cpu = besides - opening["wall"], besides_cpu - opening["cpu"]
    print(line("besides stages and opening", rest, rest_cpu, leads))
    print(f"{'... of the whole':<28} {rest / told['wall']:>20.2%} {rest_cpu / whole_cpu:>20.2%}")
    print(line("the whole night", told["wall"], whole_cpu, leads))
    print(f"{'loaded before it':<28} {told['load_s']:>9.1f}")
    print(f"{'as it went on':<28} {'own MB':>9} {'others MB':>10} {'ms a call':>9}")
    last = samples[0]
    for tenth in range(1, 11):
        at = next((s for s in samples if s["done"] >= tenth * leads / 10), samples[-1])
        pace = (at["seconds"] - last["seconds"]) / max(at["done"] - last["done"], 1) * 1000
        print(f"{f'at {tenth * 10} %':<28} {at['own'] / 1e6:>9.0f} {at['children'] / 1e6:>10.0f} {pace:>9.0f}")
        last = at
    most = [max(s[of] for s in samples) / 1e6 for of in ("own", "children")]
    print(f"{'most':<28} {most[0]:>9.0f} {most[1]:>10.0f}")


def line(what: str, wall: float, cpu: float, leads: int) -> str:
    return f"{what:<28} {wall:>9.1f} {wall / leads * 1000:>10.2f} {cpu:>9.1f} {cpu / leads * 1000:>10.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("leads", type=int, nargs="*", default=[1000], help="a night for each of these numbers")
    parser.add_argument("--seconds", type=float, default=LONGEST_S, help="a call's length, at most")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server instead of SQLite")
    options = parser.parse_args()
    nights: list[dict[str, Any]] = []
    for number, leads in enumerate(options.leads):
        with tempfile.TemporaryDirectory(prefix="bench-night-") as folder, ExitStack() as stack:
            database = f"sqlite:///{folder}/record.sqlite"
            if options.postgresql:
                database = stack.enter_context(stack.enter_context(a_server(Path(folder)))())
            nights.append(a_night(leads, options.seconds, database, Path(folder) / "night"))
            show(nights[-1])
        if number:
            wall, cpu = (nights[-1][what] / nights[-2][what] for what in ("wall", "cpu"))
            print(f"from {options.leads[number - 1]} to {leads} leads: {wall:.2f} x the time, {cpu:.2f} x the CPU time")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--night"]:
        run_night(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
