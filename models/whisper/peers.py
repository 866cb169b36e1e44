"""The transcribers that the benchmark compares, each in a process of its own that answers a line for a line.

``python -m models.whisper.peers NAME --checkpoint FILE --cache FOLDER`` reads JSON lists of recordings from standard
input and answers each with ``{"wall_s", "cpu_s", "peak_mb", "texts"}``. Loading is done before the first line and not
counted, but for the command line, which loads anew each time. With ``--decoded`` the recordings are decoded before the
clock starts: what is left is the way from samples to text.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from insights.adapters.audio_decode import CagedDecoder
from insights.pipeline.listen import LISTENERS

Recording = Any
"""A path, or with ``--decoded`` the samples: float32 ``[n_samples]`` at 16,000 Hz (peers), DecodedAudio (ours)."""
Transcribe = Callable[[list[Recording]], list[str]]

CORES = len(os.sched_getaffinity(0))


def ours(checkpoint: str, cache: Path) -> Transcribe:
    """The whole of our way from a stored recording to a stored transcript, SQLite database and all."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from insights.bootstrap import build, speech_engine
    from insights.domain.campaigns import Campaign
    from insights.domain.leads import CampaignId, Lead, LeadId
    from insights.pipeline.transcribe import transcribe_leads
    from insights.settings import load_settings

    settings = load_settings(speech_model=checkpoint, speech_cache=cache, speech_engine="ctranslate2")
    engine = speech_engine(settings)
    campaign = Campaign(CampaignId("C-1"), "Blue Pipe Plumbing", "plumbing")
    lead = Lead(LeadId("L"), campaign.campaign_id, datetime(2026, 11, 20, tzinfo=UTC), True, True)

    def transcribe(files: list[Recording]) -> list[str]:
        # A database of its own each time: what was heard once would not be heard again.
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            own = {"database": f"sqlite:///{folder}/record.sqlite", "recordings": Path(folder) / "recordings"}
            deps = replace(build(settings.model_copy(update=own)), speech=lambda: engine)
            ids = [LeadId(f"L-{number}") for number in range(len(files))]
            with deps.store() as unit:
                unit.put_campaign(campaign, lead.received_at)
                for lead_id, file in zip(ids, files, strict=True):
                    kept = deps.recordings.keep(Path(file).read_bytes())
                    unit.put_lead(replace(lead, lead_id=lead_id), "bench")
                    unit.put_recording(lead_id, kept.sha256)
                unit.commit()
            texts: dict[LeadId, str] = {}
            for done in transcribe_leads(deps, ids):
                if done.failure is not None and done.failure.code != "silent":
                    raise done.failure
                turns = done.transcript.turns if done.transcript else ()  # digital silence is refused, by name
                texts[done.lead_id] = " ".join(turn.text for turn in turns)
            return [texts[lead_id] for lead_id in ids]

    return transcribe


def ours_decoded(checkpoint: str, cache: Path) -> Transcribe:
    """Our way from decoded samples to turns: finding speech, batches over all calls."""
    from insights.bootstrap import build
    from insights.pipeline.listen import call_sound
    from insights.settings import load_settings

    settings = load_settings(
        database="sqlite://", speech_model=checkpoint, speech_cache=cache, speech_engine="ctranslate2"
    )
    deps = build(settings)
    engine = deps.speech()

    def transcribe(files: list[Recording]) -> list[str]:
        with ThreadPoolExecutor(LISTENERS) as pool:
            sounds = list(pool.map(lambda audio: call_sound(deps, audio, "en"), files))
        heard = iter(engine.hear([clip for sound in sounds for clip in sound.clips]))
        return [" ".join(next(heard).text for _ in sound.clips) for sound in sounds]

    return transcribe


_COMMAND = """
import runpy, sys
peak = sys.argv.pop(1)
try:
    runpy.run_module("whisper", run_name="__main__")
finally:
    from models.whisper.peers import peak_mb
    open(peak, "w").write(str(peak_mb()))
"""
"""Runs the command as ``python -m whisper`` does and leaves its peak memory in a file."""
_command_mb = 0.0


def whisper_command(checkpoint: str, cache: Path) -> Transcribe:
    """The ``whisper`` command as it is shipped: beam of 5, five tries at rising temperature, previous text given."""

    def transcribe(files: list[Recording]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", _COMMAND, f"{folder}/peak", *files]
            command += ["--model", checkpoint, "--output_format", "txt"]
            command += ["--output_dir", folder, "--verbose", "False", "--device", "cpu"]
            command += ["--language", "en"]  # the checkpoint knows no other, and the command warns without it
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            global _command_mb
            _command_mb = max(_command_mb, float((Path(folder) / "peak").read_text(encoding="utf-8")))
            return [(Path(folder) / f"{Path(file).stem}.txt").read_text(encoding="utf-8") for file in files]

    return transcribe


def whisper_greedy(checkpoint: str, cache: Path) -> Transcribe:
    """openai-whisper's ``transcribe`` at its quickest: greedy, one temperature, no previous text."""
    import whisper

    model = whisper.load_model(checkpoint, device="cpu")

    def transcribe(files: list[Recording]) -> list[str]:
        return [
            str(
                model.transcribe(file, temperature=0.0, fp16=False, condition_on_previous_text=False, language="en")[
                    "text"
                ]
            )
            for file in files
        ]

    return transcribe


def faster_default(checkpoint: str, cache: Path) -> Transcribe:
    """faster-whisper in 8 bits with its defaults (beam of 5, previous text given)."""
    model = _faster(checkpoint, cache)
    return lambda files: [" ".join(part.text for part in model.transcribe(file)[0]) for file in files]


def faster_batched(checkpoint: str, cache: Path, batch: int = 8, beam: int = 5) -> Transcribe:
    """faster-whisper's batched pipeline with voice detection."""
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(_faster(checkpoint, cache))
    return lambda files: [
        " ".join(part.text for part in pipeline.transcribe(file, batch_size=batch, beam_size=beam)[0]) for file in files
    ]


def _faster(checkpoint: str, cache: Path) -> Any:
    from faster_whisper import WhisperModel

    from insights.adapters.whisper_conversion import converted
    from insights.adapters.whisper_weights import find_checkpoint

    folder = converted(find_checkpoint(checkpoint), "int8", cache)
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=CORES)


OURS, COMMAND = "call-insights", "whisper command"
PEERS: dict[str, Callable[[str, Path], Transcribe]] = {
    OURS: ours,
    COMMAND: whisper_command,
    "openai-whisper greedy": whisper_greedy,
    "faster-whisper default": faster_default,
    "faster-whisper batched": faster_batched,
    "faster-whisper batched 4 greedy": lambda checkpoint, cache: faster_batched(checkpoint, cache, 4, 1),
    "faster-whisper batched 8 greedy": lambda checkpoint, cache: faster_batched(checkpoint, cache, 8, 1),
    "faster-whisper batched 16 greedy": lambda checkpoint, cache: faster_batched(checkpoint, cache, 16, 1),
}


DECODED: dict[str, Callable[[str, Path], Transcribe]] = {
    **{name: peer for name, peer in PEERS.items() if name not in (OURS, COMMAND)},
    OURS: ours_decoded,
}
"""The systems that can be given samples."""


def _samples(name: str, file: str) -> Recording:
    """What a system is given with ``--decoded``; the peers mix channels, as they do with files."""
    audio = CagedDecoder().decode(Path(file).read_bytes())
    return audio if name == OURS else audio.samples.mean(axis=0)


def peak_mb() -> float:
    """The most memory this process has held, in MB. (``ru_maxrss`` would count the process that started it too.)"""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _cpu_s() -> float:
    """Seconds of processor of this process and its ended children."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    """Answer lists of recordings on standard input with texts and costs."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.peers", description=main.__doc__)
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--decoded", action="store_true", help="count from decoded samples on")
    options = parser.parse_args()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the systems print themselves must not stand between the answers
    transcribe = (DECODED if options.decoded else PEERS)[options.name](options.checkpoint, options.cache)
    for line in iter(sys.stdin.readline, ""):
        files = json.loads(line)
        if options.decoded:
            files = [_samples(options.name, file) for file in files]
        before, began = _cpu_s(), time.perf_counter()
        texts = transcribe(files)
        wall = time.perf_counter() - began
        peak = _command_mb if options.name == COMMAND else peak_mb()
        answer = {"wall_s": wall, "cpu_s": _cpu_s() - before, "peak_mb": peak, "texts": texts}
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
