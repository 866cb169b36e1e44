"""Speaks a corpus into shards of log-mel frames: ``NAME-00012.npy`` (frames) and ``NAME-00012.jsonl`` (what is said).

A shard holds 300 utterances and is complete once its ``.jsonl`` exists, so the work can be stopped, resumed, shared
among workers, and read by a training that is already running. A shard's name is its seed.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from multiprocessing import Process
from pathlib import Path
from random import Random

import numpy as np
import soundfile
import torch

from models.whisper.telephone import log_mel, over_the_line
from models.whisper.voices import analyse, choose_take, speak

SHARD_TEXTS = 300
SHORTEST_S, LONGEST_S = 0.12, 14.0


def make_shard(texts: list[str], name: str, pool: Path) -> float:
    """Speak ``texts`` into the shard ``name`` of ``pool``; return the hours of audio in it."""
    rng = Random(name)
    takes = [choose_take(rng) for _ in texts]
    frames = []
    records = []
    offset = 0
    with tempfile.TemporaryDirectory() as folder:
        analyses = analyse(texts, Path(folder))
        paths = speak(texts, takes, Path(folder))
        for text, take, analysis, path in zip(texts, takes, analyses, paths, strict=True):
            if analysis is None or not path.exists() or path.stat().st_size < 1000:
                continue
            speech, rate = soundfile.read(path, dtype="float64")
            if not SHORTEST_S * rate < len(speech) < LONGEST_S * rate or np.abs(speech).max() < 1e-3:
                continue
            line, start, end = over_the_line(speech, rate, rng)
            mel = log_mel(line)
            records.append(
                {
                    "text": text,
                    "voice": take.voice,
                    "offset": offset,
                    "frames": len(mel),
                    "start": round(start, 3),
                    "end": round(end, 3),
                    "phones": " ".join(analysis.phones),
                    "words": [round(start + share * (end - start), 2) for _, share in analysis.word_spans],
                }
            )
            frames.append(mel)
            offset += len(mel)
    np.save(pool / f"{name}.npy", np.concatenate(frames))
    partial = pool / f"{name}.partial"
    partial.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    os.replace(partial, pool / f"{name}.jsonl")
    return offset / 360_000


def speak_corpus(texts_path: Path, pool: Path, workers: int) -> None:
    """Speak a text file of the corpus into ``pool`` with so many processes; shards that are there are kept.

    Raises SystemExit when a worker failed.
    """
    pool.mkdir(parents=True, exist_ok=True)
    processes = [Process(target=_fill_pool, args=(texts_path, pool, worker, workers)) for worker in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    codes = [process.exitcode for process in processes]
    if any(codes):
        raise SystemExit(f"a worker failed (exit codes {codes}); the same command goes on where it stopped")


def _fill_pool(texts_path: Path, pool: Path, worker: int, workers: int) -> None:
    """Make every ``workers``-th shard of a text file that does not exist yet; tell how far all workers are."""
    torch.set_num_threads(1)
    texts = [json.loads(line)["text"] for line in texts_path.read_text(encoding="utf-8").splitlines()]
    names = [f"{texts_path.stem}-{number:05d}" for number in range(math.ceil(len(texts) / SHARD_TEXTS))]
    began, at_first = time.monotonic(), _made(pool, names)
    for number, name in enumerate(names):
        if number % workers != worker or (pool / f"{name}.jsonl").exists():
            continue
        hours = make_shard(texts[number * SHARD_TEXTS : (number + 1) * SHARD_TEXTS], name, pool)
        made = _made(pool, names)
        left = (time.monotonic() - began) / 60 / max(1, made - at_first) * (len(names) - made)
        print(f"{name}: {made} of {len(names)} shards, {hours:.2f} h in this one, {left:.0f} min left", flush=True)


def _made(pool: Path, names: list[str]) -> int:
    return sum((pool / f"{name}.jsonl").exists() for name in names)
