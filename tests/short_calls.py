"""Sources of many short real calls: seconds of speech cut from the recordings of the fixtures, no two alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from recordings import wav

from insights.adapters.audio_decode import CagedDecoder
from insights.adapters.speech_finder import RATE, SileroSpeechFinder
from insights.domain.recordings import Span
from insights.settings import ROOT

AUDIO = ROOT / "fixtures" / "audio"
AROUND_S = 0.3
LONGEST_S = 2.8
MOST_PAUSE = 4_000
"""Samples at 8,000 Hz."""

Piece = tuple[dict[str, Any], np.ndarray[Any, np.dtype[np.float32]]]
"""The row of a lead of the fixtures, and some seconds of its call at 8,000 Hz."""


def pieces(longest_s: float = LONGEST_S) -> list[Piece]:
    """What one side of the fixtures' calls said, with the pauses around it, in pieces of so many seconds at most; those
    that would be shorter than half are left out."""
    decoder, finder, found = CagedDecoder(), SileroSpeechFinder(), list[Piece]()
    for line in (AUDIO / "leads.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not (row.get("recording") or "").endswith(".wav") or not (AUDIO / row["recording"]).stat().st_size:
            continue
        audio = decoder.decode((AUDIO / row["recording"]).read_bytes())
        for channel, spans in groupby(sorted(finder.listen(audio).speech, key=_of_channel), key=_of_channel):
            for first, last in _stretches(list(spans), longest_s - 2 * AROUND_S):
                start, end = (int(at * RATE) for at in (max(first - AROUND_S, 0.0), last + AROUND_S))
                found.append((row, audio.samples[channel, start:end:2]))
    return found


def _of_channel(span: Span) -> int:
    return span.channel


def _stretches(spans: list[Span], longest_s: float) -> Iterator[tuple[float, float]]:
    """Start and end of neighbouring spans that fit together into so many seconds."""
    while spans:
        held = [span for span in spans if span.end - spans[0].start <= longest_s]
        if held and held[-1].end - held[0].start >= longest_s / 2:
            yield held[0].start, held[-1].end
        spans = spans[max(len(held), 1) :]


def make_source(folder: Path, leads: int, of: Sequence[Piece]) -> float:
    """A folder with so many leads, ``N-0`` and on; how many seconds of sound. Each recording has a loudness, a hiss and
    a pause before the first word of its own: what was heard or judged once is kept under its content."""
    rng, sound_s = np.random.default_rng(3), 0.0
    with (folder / "leads.jsonl").open("w", encoding="utf-8") as table:
        for number in range(leads):
            row, piece = of[number % len(of)]
            samples = np.concatenate([np.zeros(rng.integers(MOST_PAUSE)), piece])
            heard = samples * rng.uniform(0.6, 1.0) + rng.uniform(-1e-4, 1e-4, samples.size)
            data = wav((np.clip(heard, -1, 1) * 32_767).astype("<i2").tobytes())
            name = f"recordings/{number // 1000}/N-{number}.wav"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
            sound_s += samples.size / 8_000
            told = {
                "lead_id": f"N-{number}", "recording": name, "recording_sha256": hashlib.sha256(data).hexdigest(),
                "duration_s": round(samples.size / 8_000, 2), "caller_number": f"+1555{number:07}",
                "agent_channel": None,
            }  # fmt: skip
            table.write(json.dumps({**row, **told}) + "\n")
    (folder / "campaigns.json").write_bytes((AUDIO / "campaigns.json").read_bytes())
    return sound_s
