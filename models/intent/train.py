"""Trains the intent model on labelled calls: `python -m models.intent.train`.

The trades are dealt into folds. For each fold a training of its own reads all other trades, so that every call is
judged once by a model that never saw its trade: these judgements calibrate the probabilities and carry the promise of
precision (see `models.intent.calibrate`). The weights that are kept are trained on all calls with the same recipe.

Trainings run side by side, one core each. Every epoch is checkpointed under ``--work``; the same command goes on where
it stopped. ``--only NAME`` runs just one of them (``fold-1`` ... ``all``).

    python -m models.intent.train
    python -m models.intent.train --workers 4 --epochs 5 --out /tmp/candidate
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from insights import __version__
from insights.adapters.intent_model import META, WEIGHTS, WORD_TENSORS, encoder_sha256, model_name
from insights.adapters.intent_network import NetworkConfig, encoder_location
from insights.adapters.intent_turns import signs_sha256
from insights.adapters.intent_words import WordReader
from insights.domain.intents import Intent, Outcome
from models.intent.augment import Augmenter, Noise
from models.intent.calibrate import calibrated, meta_text
from models.intent.dataset import (
    HEARD_FILE,
    SEED,
    TRAIN_FILE,
    LabelledCall,
    file_sha256,
    heard_turns,
    read_calls,
    trade_folds,
)
from models.intent.held_out import HELD_OUT, Judged, read_judged, write_judged
from models.intent.lifeline import end_with
from models.intent.trainer import Course, Recipe, Trainer, say
from models.intent.words import fit_words

ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.parent:
        end_with(options.parent)
    torch.set_num_threads(options.threads)
    calls = [call for file in options.train for call in read_calls(file)]
    heard = heard_turns(options.heard) if options.heard.is_file() else {}
    recipe = Recipe(
        epochs=options.epochs,
        batch=options.batch,
        encoder_rate=options.encoder_rate,
        head_rate=options.head_rate,
        seed=options.seed,
    )
    config = NetworkConfig(encoder=options.encoder, frozen_layers=options.frozen_layers)
    data = {
        "calls": len(calls),
        "train_sha256": [file_sha256(file) for file in options.train],
        "heard_calls": len(heard),
        "heard_sha256": file_sha256(options.heard) if heard else "",
        "pairs": len({call.pair for call in calls} - {""}),
    }
    setting = {
        "network": config.as_dict(),
        "recipe": asdict(recipe),
        "noise": asdict(Noise()),
        "folds": options.folds,
        "data": data,
        "signs_sha256": signs_sha256(),
    }
    folder = options.work / hashlib.sha256(json.dumps(setting, sort_keys=True).encode()).hexdigest()[:12]
    folds = trade_folds(calls, options.folds, recipe.seed)
    augmenter = Augmenter(calls, Noise(), heard)
    if options.only:
        out = set(folds[int(options.only.removeprefix("fold-")) - 1]) if options.only != ALL else set[int]()
        course = Course(options.only, folder, recipe, config, augmenter)
        train = [call for at, call in enumerate(calls) if at not in out]
        judge = [call for at, call in enumerate(calls) if at in out]
        _run(course, train, judge, heard)
        return 0
    names = [*(f"fold-{number}" for number in range(1, options.folds + 1)), ALL]
    say(f"{len(calls)} calls, {len(heard)} of them also as heard; {len(names)} trainings; checkpoints in {folder}")
    _run_all([ALL, *names[:-1]], options, arguments)

    trainer = Course(ALL, folder, recipe, config, augmenter).run(calls, [])
    words = fit_words(calls, augmenter, recipe.seed)
    judged = [row for name in names[:-1] for row in read_judged(folder / f"{name}.{HELD_OUT}")]
    meta = {
        **setting,
        "encoder_sha256": encoder_sha256(encoder_location(config.encoder)),
        "trainings_seconds_by_epoch": [epoch["seconds"] for epoch in trainer.history],
        "prior": _prior(calls),
    }
    meta.update(calibrated(judged, calls, heard))
    write_weights(options.out, {**trainer.tensors(), **_word_tensors(words)}, meta, judged)
    say(f"weights in {options.out}; now: python -m models.intent.evaluate && python -m models.intent.card")
    return 0


def _run(
    course: Course, train: Sequence[LabelledCall], judge: Sequence[LabelledCall], heard: dict[str, Any]
) -> Trainer:
    """One training; what it and its word reader say of the calls held out is kept beside the checkpoint."""
    trainer = course.run(train, judge)
    done = course.folder / f"{course.name}.{HELD_OUT}"
    if judge and not done.is_file():
        words = fit_words(train, course.augmenter, course.recipe.seed)
        rows: list[Judged] = []
        also = [call.with_turns(turns) for call in judge for turns in heard.get(call.call_id, [])[:1]]
        for calls, by_ear in ((list(judge), False), (also, True)):
            intent, outcome = trainer.logits(calls)
            for at, call in enumerate(calls):
                by_words = words.logits(call.transcript)
                rows.append(Judged(call.call_id, course.name, by_ear, intent[at], outcome[at], by_words))
        write_judged(done, rows)
    return trainer


def _run_all(names: Sequence[str], options: argparse.Namespace, arguments: Sequence[str] | None) -> None:
    """Every training in a process of its own, ``options.workers`` at a time. Raises CalledProcessError."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def run(name: str) -> None:
        command = [sys.executable, "-m", "models.intent.train", *given, "--only", name, "--threads", "1"]
        command += ["--parent", str(os.getpid())]
        subprocess.run(command, check=True, env=environment)

    with ThreadPoolExecutor(options.workers) as pool:
        list(pool.map(run, names))


def write_weights(
    folder: Path, tensors: dict[str, torch.Tensor], meta: dict[str, Any], judged: Sequence[Judged]
) -> None:
    """Store tensors, metadata and the held-out judgements; the name of the model comes from the hash of the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    data = save({name: tensor.contiguous() for name, tensor in tensors.items()})
    digest = hashlib.sha256(data).hexdigest()
    full = {
        "model": model_name(digest, meta),
        "sha256": digest,
        "created": datetime.now(UTC).date().isoformat(),
        "code_version": __version__,
        "labels": {"intent": [str(label) for label in Intent], "outcome": [str(label) for label in Outcome]},
        **meta,
    }
    write_judged(folder / HELD_OUT, judged)
    for name, content in ((WEIGHTS, data), (META, meta_text(full).encode())):
        part = folder / f"{name}.part"
        part.write_bytes(content)
        os.replace(part, folder / name)


def _word_tensors(words: WordReader) -> dict[str, torch.Tensor]:
    rarity, weight, bias = (torch.from_numpy(array) for array in words.arrays)
    return dict(zip(WORD_TENSORS, (rarity.half(), weight.half(), bias), strict=True))


def _prior(calls: Sequence[LabelledCall]) -> dict[str, dict[str, float]]:
    """Label shares, the answer for a call in which nothing can be read."""
    intents = Counter(call.intent for call in calls)
    outcomes = Counter(call.outcome for call in calls if call.outcome)
    return {
        "intent": {str(label): intents[label] / len(calls) for label in Intent},
        "outcome": {str(label): outcomes[label] / outcomes.total() for label in Outcome},
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    about, _, example = (__doc__ or "").rpartition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m models.intent.train",
        description=about,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    standard = Recipe()
    parser.add_argument("--train", type=Path, nargs="+", default=[TRAIN_FILE], help="labelled calls, JSON Lines")
    parser.add_argument("--heard", type=Path, default=HEARD_FILE, help="the same calls as a recogniser heard them")
    parser.add_argument("--out", type=Path, default=SEED.parent / "weights", help="folder for weights and metadata")
    parser.add_argument("--work", type=Path, default=Path("var/intent-training"), help="folder for checkpoints")
    parser.add_argument("--encoder", default=NetworkConfig().encoder, help="installed package, folder or hub name")
    parser.add_argument("--frozen-layers", type=int, default=NetworkConfig().frozen_layers, help="kept as they come")
    parser.add_argument("--epochs", type=int, default=standard.epochs)
    parser.add_argument("--batch", type=int, default=standard.batch, help="calls a batch")
    parser.add_argument("--encoder-rate", type=float, default=standard.encoder_rate, help="top layer's learning rate")
    parser.add_argument("--head-rate", type=float, default=standard.head_rate, help="learning rate of the heads")
    parser.add_argument("--folds", type=int, default=4, choices=range(2, 11), metavar="2-10")
    parser.add_argument("--only", default="", metavar="NAME", help="run just this training, write no weights")
    parser.add_argument("--seed", type=int, default=standard.seed)
    parser.add_argument("--parent", type=int, default=0, metavar="PID", help="end when this parent process ends")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="trainings at the same time")
    parser.add_argument("--threads", type=int, default=1, help="torch threads of one training")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
