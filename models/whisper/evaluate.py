"""Measures a checkpoint as it is used: installed, through the function behind ``call-insights transcribe``.

So the decoder, the speech finder and the engine are the product's; decoding is greedy, without previous text. Only for
some of the natural sentences there is a second figure by ``whisper.load_model(...).transcribe``, which shows that the
weights load there unchanged. References and hypotheses go through Whisper's ``EnglishTextNormalizer``, which joins
spoken digits into one number: digit strings are therefore also compared word by word as spoken, and counted where all
digits are right. The sets are those of ``clips.py``; an interval holds 95 % of 1,000 draws of clips with replacement.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import soundfile
import torch
from rich.console import Console
from rich.progress import track
from scipy.signal import resample_poly

import whisper
from insights import bootstrap
from insights.pipeline.transcribe import transcribe_recording
from insights.ports import Deps
from insights.settings import load_settings
from models.whisper.clips import QUICK, Clip, Sizes, make_clips
from models.whisper.corpus import WORK, read_texts
from models.whisper.export import describe, write_checkpoint, write_metadata
from models.whisper.spoken import as_spoken
from whisper.normalizers import EnglishTextNormalizer

DRAWS = 1_000
CORES = {"ctranslate2": 2, "whisper": 1}
"""Clips that are heard side by side: openai-whisper hears one at a time."""
DIRECTLY = 4
"""Every so many natural clips are also heard by whisper alone, which takes ten times as long."""
Pair = tuple[str, str]
"""What was said and what was heard."""


def installed(checkpoint: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The file as the product uses it, with metadata beside it, and the training's facts; written where it is not."""
    facts_beside = checkpoint.with_suffix(".json")
    if facts_beside.is_file():
        return checkpoint, json.loads(facts_beside.read_text(encoding="utf-8"))
    stored = torch.load(checkpoint, map_location="cpu", weights_only=True)
    path = folder / "measured.pt"
    sha256 = write_checkpoint(path, stored["dims"], stored["model_state_dict"])
    write_metadata(path.with_suffix(".json"), describe(path, sha256, stored["dims"], "to be measured", {}))
    return path, dict(stored.get("facts", {}))


def evaluate(checkpoint: Path, clips: Sequence[Clip], engine: str, direct: bool = True) -> dict[str, Any]:
    """Word error rates by set and voice, digit strings heard whole, words invented where nobody speaks, examples."""
    with tempfile.TemporaryDirectory() as scratch:
        path, facts = installed(checkpoint, Path(scratch))
        own = {"database": "sqlite://", "speech_cache": Path(scratch)}
        deps = bootstrap.build(load_settings(speech_model=str(path), speech_engine=engine, **own))
        model = deps.speech().model
        began = time.monotonic()
        with ThreadPoolExecutor(CORES[engine]) as pool:
            texts = list(_watched(pool.map(lambda clip: hear(deps, clip), clips), "clips", len(clips)))
        elapsed = time.monotonic() - began
        natural = [clip for clip in clips if clip.group == "natural"][::DIRECTLY]
        heard_directly = hear_directly(path, natural) if direct else None
    return {
        "engine": engine,
        "model": model,
        "hours": facts.get("hours", 0.0),
        **_figures(clips, texts),
        **({"direct": _set([(clip.text, text) for clip, text in zip(natural, heard_directly, strict=True)])}
           if heard_directly is not None else {}),
        "real_time_factor": round(elapsed / sum(soundfile.info(clip.path).duration for clip in clips), 3),
    }  # fmt: skip


def hear(deps: Deps, clip: Clip) -> str:
    """What ``call-insights transcribe`` writes of one recording."""
    transcript = transcribe_recording(deps, clip.path.read_bytes())[1]
    return " ".join(turn.text.strip() for turn in transcript.turns)


def hear_directly(checkpoint: Path, clips: Sequence[Clip]) -> list[str]:
    """Greedy transcripts through ``model.transcribe``, without fallback or previous text."""
    model = whisper.load_model(str(checkpoint), device="cpu")
    texts = []
    for clip in _watched(clips, "clips by whisper itself", len(clips)):
        samples, rate = soundfile.read(clip.path, dtype="float32")
        audio = resample_poly(samples, 16_000 // rate, 1).astype(np.float32)
        result = model.transcribe(audio, temperature=0.0, fp16=False, condition_on_previous_text=False, language="en")
        texts.append(str(result["text"]).strip())
    return texts


def _watched(items: Any, name: str, total: int) -> Any:
    return track(items, name, total=total, console=Console(stderr=True))


def _figures(clips: Sequence[Clip], texts: Sequence[str]) -> dict[str, Any]:
    pairs: dict[str, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    invented: dict[str, int] = defaultdict(int)
    for clip, heard in zip(clips, texts, strict=True):
        if clip.group == "nonspeech":
            invented[clip.voice] += len(heard.split())
        else:
            pairs[clip.group][clip.voice].append((clip.text, heard))
    sets = {}
    for group, voices in pairs.items():
        rows = [row for rows in voices.values() for row in rows]
        sets[group] = _set(rows) | {"by_voice": {voice: _set(rows)["wer"] for voice, rows in voices.items()}}
    if "digits" in sets:
        rows = [row for rows in pairs["digits"].values() for row in rows]
        errors, words = zip(*(_errors(said, as_spoken(heard)) for said, heard in rows), strict=True)
        sets["digits"] |= {
            "whole": round(sum(map(_whole, rows)) / len(rows), 4),
            "whole_by_voice": {voice: round(sum(map(_whole, some)) / len(some), 4)
                               for voice, some in pairs["digits"].items()},
            "wer_as_spoken": round(sum(errors) / sum(words), 4),
        }  # fmt: skip
    return {
        "wer": {group: found["wer"] for group, found in sets.items()},
        "sets": sets,
        "nonspeech": {"minutes": sum(clip.group == "nonspeech" for clip in clips), "invented_words": dict(invented)},
        "examples": [{"said": said, "heard": heard} for rows in pairs["natural"].values() for said, heard in rows[:2]],
    }


_normalise = EnglishTextNormalizer()


def _set(rows: Sequence[Pair]) -> dict[str, Any]:
    """Word error rate of these clips with its interval."""
    errors, words = np.array([_errors(_normalise(said), _normalise(heard)) for said, heard in rows]).T
    drawn = np.random.default_rng(0).integers(0, len(rows), (DRAWS, len(rows)))
    low, high = np.percentile(errors[drawn].sum(1) / words[drawn].sum(1), (2.5, 97.5))
    return {
        "wer": round(float(errors.sum() / words.sum()), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "clips": len(rows),
        "words": int(words.sum()),
    }


def _errors(said: str, heard: str) -> tuple[int, int]:
    """Words that are wrong, missing or too many, and words said."""
    found = jiwer.process_words(said, heard)
    return found.substitutions + found.deletions + found.insertions, len(said.split())


def _whole(row: Pair) -> bool:
    """Whether all digits of a string are right, however they are grouped."""
    said, heard = (_normalise(text).replace(" ", "") for text in row)
    return bool(said == heard)


def main() -> None:
    """Measure a checkpoint through the product's own path."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.evaluate", description=main.__doc__)
    parser.add_argument("checkpoint", type=Path, help="bundled.pt, run.pt, or any file in Whisper's layout")
    parser.add_argument("--engine", choices=CORES, default="ctranslate2", help="speech engine of the product")
    parser.add_argument(
        "--spoken", type=Path, nargs="*", help="texts of training (default: texts*.jsonl beside the run)"
    )
    parser.add_argument("--clips", type=Path, default=WORK / "clips", help="folder of the recordings")
    parser.add_argument("--quick", action="store_true", help="a quarter of the clips, not by whisper itself")
    parser.add_argument("--out", type=Path, default=WORK / "metrics.json")
    parser.add_argument(
        "--point", type=Path, help="also append hours trained and error rates to this curve (JSON Lines)"
    )
    options = parser.parse_args()

    torch.set_num_threads(1)  # whisper itself: two that wait for each other on busy cores are slower than one
    texts = options.spoken if options.spoken is not None else sorted(WORK.glob("texts*.jsonl"))
    clips = make_clips(read_texts(texts), options.clips, QUICK if options.quick else Sizes())
    metrics = evaluate(options.checkpoint, clips, options.engine, direct=not options.quick)
    options.out.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    if options.point is not None:
        with options.point.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"hours": metrics["hours"], **metrics["wer"]}) + "\n")
    shown = {name: metrics[name] for name in ("hours", "wer", "nonspeech", "real_time_factor")}
    shown["digits whole"] = metrics["sets"]["digits"]["whole"]
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
