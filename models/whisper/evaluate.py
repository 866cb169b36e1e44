"""Measures a checkpoint as it is used: ``whisper.load_model`` and greedy decoding, word error rate by set and voice.

Sets: held-out natural sentences (turns of calls that training never heard) in each core voice, the same in voices that
training never heard, digit strings, and sounds without speech, where every word is an invented one. References
and hypotheses go through Whisper's ``EnglishTextNormalizer``, which joins spoken digits into one number; digit strings
are therefore also compared word by word as spoken. Recordings are made once and kept beside the run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import jiwer
import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

import whisper
from models.whisper.corpus import WORK
from models.whisper.nonspeech import KINDS, nonspeech
from models.whisper.spoken import as_spoken
from models.whisper.telephone import LINE_RATE, over_the_line
from models.whisper.voices import CORE_VOICES, HELD_OUT_VOICES, plain_take, speak
from whisper.normalizers import EnglishTextNormalizer

NONSPEECH_S = 6.0


@dataclass(frozen=True)
class Clip:
    """One recording of the evaluation and what is said in it (nothing in a non-speech clip)."""

    path: Path
    group: str
    voice: str
    text: str


def make_clips(texts: dict[str, list[str]], folder: Path, per_voice: int) -> list[Clip]:
    """Record the evaluation's clips into ``folder``, the same ones every time; existing files are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    natural = [text for text in texts["natural"] if len(text.split()) >= 3]
    plan = [("natural", voice, _some(natural, per_voice, voice)) for voice in CORE_VOICES]
    plan += [("held_out_voice", voice, _some(natural, per_voice, voice)) for voice in HELD_OUT_VOICES]
    plan += [("digits", voice, _some(texts["digits"], per_voice // 2, voice)) for voice in CORE_VOICES]
    clips = []
    for group, voice, chosen in plan:
        named = [folder / f"{group}-{voice.replace(':', '-')}-{_short_hash(text)}.wav" for text in chosen]
        clips += [Clip(path, group, voice, text) for path, text in zip(named, chosen, strict=True)]
        if all(path.exists() for path in named):
            continue
        rng = Random(f"{group} {voice}")
        with tempfile.TemporaryDirectory() as scratch:
            spoken = speak(chosen, [plain_take(voice, rng) for _ in chosen], Path(scratch))
            for source, path in zip(spoken, named, strict=True):
                speech, rate = soundfile.read(source, dtype="float64")
                soundfile.write(path, over_the_line(speech, rate, rng)[0], LINE_RATE, subtype="PCM_16")
    for kind in KINDS:
        for number in range(3):
            path = folder / f"nonspeech-{kind}-{number}.wav"
            if not path.exists():
                wave = nonspeech(NONSPEECH_S, Random(f"{kind} {number}"), kind)
                soundfile.write(path, wave, LINE_RATE, subtype="PCM_16")
            clips.append(Clip(path, "nonspeech", kind, ""))
    return clips


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _some(texts: list[str], count: int, voice: str) -> list[str]:
    return Random(f"choice {voice}").sample(texts, len(texts))[:count]


def transcribe_clip(model: whisper.Whisper, path: Path) -> str:
    """Greedy transcript of one clip through ``model.transcribe``, without fallback or previous text."""
    samples, rate = soundfile.read(path, dtype="float32")
    audio = resample_poly(samples, 16_000 // rate, 1).astype(np.float32)
    result = model.transcribe(audio, temperature=0.0, fp16=False, condition_on_previous_text=False, language="en")
    return str(result["text"]).strip()


def evaluate(checkpoint: Path, clips: list[Clip]) -> dict[str, Any]:
    """Word error rate by set and by voice, invented words on non-speech, and some examples."""
    model = whisper.load_model(str(checkpoint), device="cpu")
    normalise = EnglishTextNormalizer()
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    digits: list[tuple[str, str]] = []
    began = time.monotonic()
    seconds = 0.0
    for clip in clips:
        heard = transcribe_clip(model, clip.path)
        pairs[clip.group, clip.voice].append((normalise(clip.text), normalise(heard)))
        if clip.group == "digits":
            digits.append((clip.text, as_spoken(heard)))
        seconds += soundfile.info(clip.path).duration
    elapsed = time.monotonic() - began

    groups: dict[str, Any] = {}
    for group in ("natural", "held_out_voice", "digits"):
        voices = {voice: _rate(rows) for (name, voice), rows in pairs.items() if name == group}
        everything = [row for (name, _), rows in pairs.items() if name == group for row in rows]
        groups[group] = {
            "wer": _rate(everything),
            "clips": len(everything),
            "by_voice": voices,
        }
    groups["digits"]["wer_as_spoken"] = _rate(digits)
    invented = {kind: sum(len(heard.split()) for _, heard in rows)
                for (group, kind), rows in pairs.items() if group == "nonspeech"}  # fmt: skip
    examples = [rows[number] for (group, _), rows in pairs.items() if group == "natural" for number in (0, 1)]
    return {
        "wer": {group: found["wer"] for group, found in groups.items()},
        "sets": groups,
        "nonspeech": {"clips": 3 * len(KINDS), "seconds_each": NONSPEECH_S, "invented_words": invented},
        "real_time_factor": round(elapsed / seconds, 3),
        "examples": [{"said": said, "heard": heard} for said, heard in examples],
    }


def _rate(rows: list[tuple[str, str]]) -> float:
    spoken = [(said, heard) for said, heard in rows if said]
    return round(float(jiwer.wer([said for said, _ in spoken], [heard for _, heard in spoken])), 4)


def main() -> None:
    """Measure a checkpoint on held-out sentences, digits, unheard voices and non-speech."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.evaluate", description=main.__doc__)
    parser.add_argument("checkpoint", type=Path, help="bundled.pt, run.pt, or any file in Whisper's layout")
    parser.add_argument("--held-out", type=Path, default=WORK / "held-out.json", help="texts written by corpus.py")
    parser.add_argument("--clips", type=Path, default=WORK / "clips", help="folder of the evaluation's recordings")
    parser.add_argument("--per-voice", type=int, default=24, help="natural clips a voice (digit strings: half)")
    parser.add_argument("--out", type=Path, default=WORK / "metrics.json")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    clips = make_clips(json.loads(arguments.held_out.read_text(encoding="utf-8")), arguments.clips, arguments.per_voice)
    metrics = evaluate(arguments.checkpoint, clips)
    arguments.out.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({name: metrics[name] for name in ("wer", "nonspeech", "real_time_factor")}, indent=2))


if __name__ == "__main__":
    main()
