"""Compares our transcription with its peers: same calls, same checkpoint, same machine, turn about in one run.

    make bench                                    # all of it, about an hour on 2 cores
    python -m models.whisper.bench --rounds 1 --growth 10,100 --no-write

Every system runs in a process of its own; one works at a time, and the order turns from round to round, so that a busy
moment of the machine hits all alike. Speed is given as ratios within a round, never as seconds to be compared with
another day's. Prints the tables and writes ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import jiwer
import numpy as np
import soundfile
from rich.console import Console
from rich.table import Table

from insights.adapters.audio_decode import CagedDecoder
from insights.adapters.whisper_conversion import converted
from insights.adapters.whisper_weights import BUNDLED, find_checkpoint
from insights.settings import ROOT
from models.whisper.nonspeech import HARDER_KINDS, KINDS, nonspeech
from models.whisper.peers import COMMAND, CORES, DECODED, OURS, PEERS
from models.whisper.telephone import LINE_RATE

FIXTURES = ROOT / "fixtures" / "audio"
PAGE = ROOT / "docs" / "benchmarks.md"
SLOW = (COMMAND, "faster-whisper default")
"""Systems that hear only the first minutes of non-speech: they make up text without end, and the rate is clear soon."""


@dataclass(frozen=True)
class Call:
    """One recording, what is said in it, and its length."""

    path: Path
    text: str
    seconds: float


@dataclass
class Measured:
    """What one system did in all rounds: seconds of wall and processor a round, its texts, its peak memory."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    peak_mb: float = 0.0


class Worker:
    """A system in its own process."""

    def __init__(self, name: str, checkpoint: str, cache: Path, decoded: bool = False) -> None:
        command = [
            sys.executable,
            "-m",
            "models.whisper.peers",
            name,
            "--checkpoint",
            checkpoint,
            "--cache",
            str(cache),
        ]
        self._process = subprocess.Popen(
            [*command, *(["--decoded"] if decoded else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )

    def transcribe(self, paths: Sequence[Path]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([str(path) for path in paths]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a system died; run python -m models.whisper.peers NAME by hand to see why")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def workers(names: Sequence[str], checkpoint: str, cache: Path, warm: Path, decoded: bool = False) -> Iterator[dict[str, Worker]]:  # fmt: skip  # noqa: E501
    """All systems, loaded: each has answered one short recording."""
    running = {name: Worker(name, checkpoint, cache, decoded) for name in names}
    for worker in running.values():
        worker.transcribe([warm])
    try:
        yield running
    finally:
        for worker in running.values():
            worker.end()


def spoken_calls(count: int) -> list[Call]:
    """Fixture calls with their scripts, spread over the list; formats and channels as they come."""
    told = json.loads((FIXTURES / "manifest.json").read_text(encoding="utf-8"))["leads"]
    calls = []
    for entry in told.values():
        if entry.get("recording") and entry.get("script") and entry.get("label"):
            path = FIXTURES / entry["recording"]
            text = " ".join(turn["text"] for turn in entry["script"])
            calls.append(Call(path, text, entry["seconds"]))
    step = max(1, len(calls) // count)
    return calls[::step][:count]


def many_calls(count: int, folder: Path) -> list[Path]:
    """``count`` recordings of their own bytes: fixture calls turned down by a hair each, mu-law at 8 kHz."""
    calls = spoken_calls(40)
    paths = []
    for number in range(count):
        path = folder / f"many-{number}.wav"
        if not path.exists():
            audio = CagedDecoder().decode(calls[number % len(calls)].path.read_bytes())
            quieter = audio.samples[:, ::2].T * (1 - 0.0004 * (number + 1))
            soundfile.write(path, quieter, LINE_RATE, subtype="ULAW")
        paths.append(path)
    return paths


def nothing_said(minutes: float, folder: Path) -> list[Path]:
    """Recordings without speech, a minute each, all kinds in turn."""
    kinds = (*KINDS, *HARDER_KINDS)
    paths = []
    for number in range(round(minutes)):
        path = folder / f"nothing-{number}.wav"
        kind = kinds[number % len(kinds)]
        wave = np.clip(nonspeech(60.0, Random(f"bench {kind} {number}"), kind), -1, 1)
        soundfile.write(path, wave, LINE_RATE, subtype="PCM_16")
        paths.append(path)
    return paths


def word_error_rate(calls: Sequence[Call], texts: Sequence[str]) -> float:
    """Share of words wrong, references and texts through Whisper's ``EnglishTextNormalizer``."""
    from whisper.normalizers import EnglishTextNormalizer

    normalise = EnglishTextNormalizer()
    return float(jiwer.wer([normalise(call.text) for call in calls], [normalise(text) for text in texts]))


def turn_about(running: dict[str, Worker], paths: Sequence[Path], rounds: int, say: Console) -> dict[str, Measured]:
    """Each system over all recordings in every round, the order turned by one each time."""
    names = list(running)
    found = {name: Measured() for name in names}
    for number in range(rounds):
        for name in [*names[number % len(names) :], *names[: number % len(names)]]:
            answer = running[name].transcribe(paths)
            measured = found[name]
            measured.wall.append(answer["wall_s"])
            measured.cpu.append(answer["cpu_s"])
            measured.texts, measured.peak_mb = answer["texts"], answer["peak_mb"]
            say.print(f"round {number + 1} of {rounds}: {name} {answer['wall_s']:.1f} s")
    return found


def ratios(slow: Sequence[float], fast: Sequence[float]) -> str:
    """The median of the rounds' ratios, and their smallest and largest."""
    each = sorted(a / b for a, b in zip(slow, fast, strict=True))
    return f"{statistics.median(each):.1f} x ({each[0]:.1f}-{each[-1]:.1f})"


def speed_rows(found: dict[str, Measured], calls: Sequence[Call]) -> list[list[str]]:
    seconds = sum(call.seconds for call in calls)
    return [
        [
            name,
            f"{seconds / statistics.median(m.wall):.0f}",
            "1" if name == OURS else ratios(m.wall, found[OURS].wall),
            f"{3600 * statistics.median(m.cpu) / seconds:.0f}",
            f"{100 * word_error_rate(calls, m.texts):.1f}",
            f"{m.peak_mb:.0f}",
        ]
        for name, m in found.items()
    ]


def show(say: Console, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Print a table; the same as Markdown."""
    table = Table(title=title, title_justify="left")
    for place, name in enumerate(head):
        table.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row)
    say.print(table)
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *("| " + " | ".join(r) + " |" for r in rows)]
    return f"## {title}\n\n" + "\n".join(lines) + "\n"


SPEED_HEAD = ("system", "seconds of call a second", "ours is faster by", "CPU s per hour", "words wrong %", "peak MB")


def main() -> None:
    """Run the comparison and write its page."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.bench", description=main.__doc__)
    parser.add_argument("--checkpoint", default=str(ROOT / BUNDLED))
    parser.add_argument("--calls", type=int, default=5, help="fixture calls that every system hears")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", default="10,100,1000", help="numbers of calls for our own growth")
    parser.add_argument("--nothing", type=float, default=30.0, help="minutes without speech")
    parser.add_argument("--no-write", action="store_true", help="print only, leave docs/benchmarks.md alone")
    options = parser.parse_args()
    say = Console(width=120)
    calls = spoken_calls(options.calls)
    minutes = sum(call.seconds for call in calls) / 60
    paths = [call.path for call in calls]
    parts: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder, cache = Path(scratch), Path(scratch) / "cache"
        converted(find_checkpoint(options.checkpoint), "int8", cache)  # once for all; not what is measured
        short = min(calls, key=lambda call: call.seconds).path
        with workers(list(PEERS), options.checkpoint, cache, short) as running:
            start = running[COMMAND].transcribe([nothing_said(1, folder)[0]])["wall_s"]
            found = turn_about(running, paths, options.rounds, say)
            title = f"From recording to text: {len(calls)} calls, {minutes:.1f} minutes, {options.rounds} rounds"
            parts.append(show(say, title, SPEED_HEAD, speed_rows(found, calls)))
            parts.append(
                f"The command loads its model anew each time: {start:.1f} s with a minute of silence, counted.\n"
            )
            invented = []
            quiet = nothing_said(options.nothing, folder)
            for name, worker in running.items():
                some = quiet[:11] if name in SLOW else quiet
                words = sum(len(text.split()) for text in worker.transcribe(some)["texts"])
                invented.append([name, f"{len(some)}", f"{words}", f"{words / len(some):.1f}"])
            head = ("system", "minutes without speech", "words invented", "a minute")
            parts.append(show(say, "Words that nobody said", head, invented))
        with workers(list(DECODED), options.checkpoint, cache, short, decoded=True) as running:
            found = turn_about(running, paths, options.rounds, say)
            title = "From decoded samples to text"
            parts.append(show(say, title, SPEED_HEAD, speed_rows(found, calls)))
        rows, last = [], None
        for count in (int(number) for number in options.growth.split(",")):
            many = many_calls(count, folder)
            with workers([OURS], options.checkpoint, cache, short) as running:
                answer = running[OURS].transcribe(many)
            times = f"{answer['wall_s'] / last[1]:.1f} x for {count / last[0]:.0f} x the calls" if last else ""
            rows.append([str(count), f"{answer['wall_s']:.1f}", times, f"{answer['peak_mb']:.0f}"])
            last = count, answer["wall_s"]
        parts.append(show(say, "Growth of ours", ("calls", "seconds", "growth", "peak MB"), rows))
    if not options.no_write:
        PAGE.write_text(page(parts, options.checkpoint), encoding="utf-8")
        say.print(f"written to {PAGE.relative_to(ROOT)}")


def page(parts: Sequence[str], checkpoint: str) -> str:
    """The page ``docs/benchmarks.md``."""
    import ctranslate2
    import faster_whisper

    import whisper
    from insights import __version__

    found = find_checkpoint(checkpoint)
    versions = f"openai-whisper {whisper.__version__}, faster-whisper {faster_whisper.__version__}"
    intro = f"""# Benchmarks of transcription

Made by `make bench` (`models/whisper/bench.py`), not edited by hand. Same calls, same checkpoint, same machine, systems
turn about within one run, each in a process of its own. Compare the ratios, not the seconds: they are medians over the
rounds, with the smallest and largest.

- Checkpoint {found.identity}; {CORES} cores, {platform.machine()}.
- Call Insights {__version__} on CTranslate2 {ctranslate2.__version__}, against {versions}.
- "Ours" goes the whole way from a stored recording to a stored transcript, database writes included.
- Words wrong: the fixture calls' scripts as reference, Whisper's `EnglishTextNormalizer` for all. Peers hear a mix of
  both channels, as they do by themselves; ours hears each channel.

The bundled checkpoint is small and was trained on windows as long as the speech. Systems that show it windows of 30 s
get poorer text from it and spend time on second tries that a better checkpoint would need less often. The greedy rows
try once: they show what is left of the difference without second tries.
"""
    return intro + "\n" + "\n".join(parts)


if __name__ == "__main__":
    main()
