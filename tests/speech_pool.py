"""A pool of training shards without any synthesiser: tones for speech."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np

from models.whisper.telephone import LINE_RATE, Wave, log_mel

VOICES = ("slt", "rms", "kal")
TEXTS = ("hello this is ann", "my sink leaks", "can you come out today", "no", "the number is five five five")


def a_tone(seconds: float, pitch: float) -> Wave:
    """A sine at 8 kHz, half of full scale."""
    tone: Wave = 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * LINE_RATE)) / LINE_RATE)
    return tone


def a_pool(folder: Path, count: int) -> Path:
    """A folder with one shard of so many utterances of a second or two, in three voices."""
    rng = Random(count)
    folder.mkdir(parents=True, exist_ok=True)
    frames, records, offset = [], [], 0
    for number in range(count):
        text, seconds = TEXTS[number % len(TEXTS)], 1 + rng.random()
        mel = log_mel(a_tone(seconds, rng.uniform(200, 2_000)))
        words = text.split()
        record = {
            "text": text, "voice": VOICES[number % len(VOICES)], "offset": offset, "frames": len(mel),
            "start": 0.1, "end": seconds - 0.1, "phones": "hh ax l ow",
            "words": [round(0.1 + (seconds - 0.2) * (place + 1) / len(words), 2) for place in range(len(words))],
        }  # fmt: skip
        records.append(json.dumps(record) + "\n")
        frames.append(mel)
        offset += len(mel)
    np.save(folder / "tones-00000.npy", np.concatenate(frames))
    (folder / "tones-00000.jsonl").write_text("".join(records), encoding="utf-8")
    return folder
