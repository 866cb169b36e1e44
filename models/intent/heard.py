"""Speaks training calls with synthetic voices over a telephone line and writes down what a recogniser hears.

    python -m models.intent.heard --calls 400 --out var/intent-training/heard.jsonl

The intent model learns the recogniser's own errors from the result (``train.py --heard``), and sealed calls as heard
are labelled transcripts to evaluate on. Works with any Whisper: ``--speech-model`` takes an official name or a
checkpoint's path, ``--engine`` either engine. Resumable: calls that stand in the file already, heard by the same
weights in the same engine, are not spoken again. Needs flite and espeak-ng.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import soundfile
from scipy.signal import resample_poly

from insights.bootstrap import speech_engine
from insights.ports import Clip, HeardClip, SpeechEngine
from insights.settings import load_settings
from models.intent.dataset import TRAIN_FILE
from models.whisper.corpus import chunks
from models.whisper.telephone import LINE_RATE, over_the_line
from models.whisper.voices import Take, speak, takes_of_call

RATE = 16_000
BATCH_CALLS = 25
LONGEST_S = 16.0
HEARD_BY = "heard_by"


def hear_calls(engine: SpeechEngine, calls: Sequence[dict[str, Any]], rng: Random) -> list[dict[str, Any]]:
    """The calls with each turn's text as ``engine`` hears it; turns in which nothing was heard are left out."""
    pieces: list[tuple[int, int, str, Take]] = []
    for number, call in enumerate(calls):
        takes = takes_of_call([turn["speaker"] for turn in call["turns"]], rng)
        for place, (turn, take) in enumerate(zip(call["turns"], takes, strict=True)):
            pieces += [(number, place, chunk, take) for chunk in chunks(turn["text"])]
    clips: list[Clip] = []
    kept: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = speak([piece[2] for piece in pieces], [piece[3] for piece in pieces], Path(folder))
        for (number, place, _, _), path in zip(pieces, paths, strict=True):
            if not path.exists() or path.stat().st_size < 1000:
                continue
            speech, rate = soundfile.read(path, dtype="float64")
            if len(speech) > LONGEST_S * rate or np.abs(speech).max(initial=0) < 1e-3:
                continue
            line, _, _ = over_the_line(speech, rate, rng)
            clips.append(Clip(resample_poly(line, RATE // LINE_RATE, 1).astype(np.float32)))
            kept.append((number, place))
    told: dict[tuple[int, int], list[HeardClip]] = {}
    for place_of_turn, heard in zip(kept, engine.hear(clips), strict=True):
        if heard.text.strip():
            told.setdefault(place_of_turn, []).append(heard)
    return [{**_as_heard(call, number, told), HEARD_BY: heard_by(engine)} for number, call in enumerate(calls)]


def heard_by(engine: SpeechEngine) -> str:
    """Engine and weights, as transcripts of nights name them."""
    return f"{engine.name}: {engine.model}"


def _as_heard(call: dict[str, Any], number: int, told: dict[tuple[int, int], list[HeardClip]]) -> dict[str, Any]:
    """The call with its label and other turns: confidence is the mean over words, as in the pipeline."""
    turns = []
    for place, turn in enumerate(call["turns"]):
        clips = told.get((number, place), ())
        words = [len(clip.text.split()) for clip in clips]
        if clips:
            sure = sum(clip.confidence * count for clip, count in zip(clips, words, strict=True)) / sum(words)
            text = " ".join(clip.text.strip() for clip in clips)
            turns.append({"speaker": turn["speaker"], "text": text, "confidence": round(sure, 4)})
    return {**call, "turns": turns}


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def main() -> None:
    """Write the calls of a seed file as the configured recogniser hears them."""
    parser = argparse.ArgumentParser(prog="python -m models.intent.heard", description=main.__doc__)
    parser.add_argument("--seed-file", type=Path, default=TRAIN_FILE, help="labelled calls to speak")
    parser.add_argument("--out", type=Path, default=Path("var/intent-training/heard.jsonl"))
    parser.add_argument("--calls", type=int, default=400, help="speak so many calls, drawn at random")
    parser.add_argument("--speech-model", default=load_settings().speech_model, help="Whisper name or checkpoint path")
    parser.add_argument("--engine", help="speech engine: ctranslate2 (fast) or whisper (reference)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    calls = list(_lines(options.seed_file))
    Random(options.seed).shuffle(calls)
    engine = speech_engine(load_settings(speech_model=options.speech_model, speech_engine=options.engine))
    before = _lines(options.out) if options.out.exists() else ()
    done = {record["id"] for record in before if record.get(HEARD_BY) == heard_by(engine)}
    left = [call for call in calls[: options.calls] if call["id"] not in done]
    began = time.monotonic()
    for first in range(0, len(left), BATCH_CALLS):
        some = left[first : first + BATCH_CALLS]
        heard = hear_calls(engine, some, Random(f"{options.seed}-{some[0]['id']}"))
        with options.out.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in heard))
        share = (first + len(some)) / len(left)
        minutes = (time.monotonic() - began) / 60
        print(f"{first + len(some)} of {len(left)} calls, {minutes / share - minutes:.1f} min left", flush=True)


if __name__ == "__main__":
    main()
