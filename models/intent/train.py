"""Trains the intent model on labelled calls: `python -m models.intent.train`.

First the clients of a fold are kept out of a training of their own, for one fold or (``--folds 5``) for each in turn:
that gives figures and temperatures from calls that were not trained on. Then the weights that are kept are trained on
all calls with the same recipe. Every epoch is checkpointed under ``--work``; the same command goes on where it stopped,
and ``--only NAME`` runs just one of the trainings (``fold-1`` ... ``all``), so that several can run side by side.

    python -m models.intent.train
    python -m models.intent.train --init models/intent/weights --init-work var/intent-training/FOLDER \\
        --heard heard.jsonl --epochs 3
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch.nn import functional

from insights import __version__
from insights.adapters.intent_model import META, WEIGHTS, WORD_TENSORS, encoder_sha256, read_call, read_meta
from insights.adapters.intent_network import IntentNetwork, NetworkConfig, encoder_location, layers_of, load_encoder
from insights.adapters.intent_words import WordReader
from insights.domain.intents import Intent, Outcome
from models.intent import metrics
from models.intent.augment import Augmenter, Noise
from models.intent.dataset import (
    SEED,
    TEST_FILE,
    TRAIN_FILE,
    LabelledCall,
    client_folds,
    file_sha256,
    heard_turns,
    read_calls,
)
from models.intent.words import fit_words

INTENTS, OUTCOMES = list(Intent), list(Outcome)
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a training gives, besides the data."""

    epochs: int = 7
    batch: int = 8
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.85
    weight_decay: float = 0.02
    warm_up: float = 0.1
    label_smoothing: float = 0.05
    class_weight_power: float = 0.25
    outcome_weight: float = 0.5
    averaging: float = 0.98
    most_windows: int = 3
    seed: int = 7


class Trainer:
    """One training: a network, its optimiser, and the running average of its weights that is evaluated and kept."""

    def __init__(self, recipe: Recipe, config: NetworkConfig, init: dict[str, torch.Tensor] | None) -> None:
        torch.manual_seed(recipe.seed)
        encoder, self.tokenizer = load_encoder(config.encoder)
        self.network = IntentNetwork(encoder, config)
        self.recipe = recipe
        if init is not None:
            self._start_from(init)
        self.average = {name: own.detach().clone() for name, own in self._trained()}
        self.optimizer = torch.optim.AdamW(self._rates(), weight_decay=recipe.weight_decay)
        self.epoch = 0
        self.steps = 0
        self.history: list[dict[str, float]] = []

    def _trained(self) -> Iterator[tuple[str, torch.nn.Parameter]]:
        for name, own in self.network.named_parameters():
            if own.requires_grad:
                yield name, own

    def _start_from(self, tensors: dict[str, torch.Tensor]) -> None:
        for name, own in self._trained():
            own.data.copy_(tensors[name])

    def _rates(self) -> list[dict[str, Any]]:
        """Lower layers learn more slowly, the heads much faster."""
        recipe = self.recipe
        layers = layers_of(self.network.encoder)
        rate_of = {
            id(own): recipe.encoder_rate * recipe.layer_decay ** (len(layers) - 1 - depth)
            for depth, layer in enumerate(layers)
            for own in layer.parameters()
        }
        return [
            {"params": [own], "lr": rate, "top_rate": rate}
            for _, own in self._trained()
            for rate in [rate_of.get(id(own), recipe.head_rate)]
        ]

    def run_epoch(self, calls: Sequence[LabelledCall], augmenter: Augmenter, weights: torch.Tensor, name: str) -> None:
        """One pass over the calls, each as a fresh noisy copy."""
        recipe, began = self.recipe, time.monotonic()
        rng = Random(f"{recipe.seed}-{self.epoch}")
        torch.manual_seed(recipe.seed * 1000 + self.epoch)
        batches = self._batches([augmenter.noisy(call, rng) for call in calls], rng)
        total = len(batches) * recipe.epochs
        self.network.train()
        losses: list[float] = []
        for number, batch in enumerate(batches, start=1):
            for group in self.optimizer.param_groups:
                group["lr"] = group["top_rate"] * _schedule(self.steps, total, recipe.warm_up)
            loss = self._loss(batch, weights)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([own for _, own in self._trained()], 1.0)
            self.optimizer.step()
            self.steps += 1
            keep = min(recipe.averaging, self.steps / (self.steps + 10))
            with torch.no_grad():
                for key, own in self._trained():
                    self.average[key].lerp_(own, 1 - keep)
            losses.append(loss.item())
            if number % 20 == 0 or number == len(batches):
                spent = time.monotonic() - began
                _say(
                    f"{name} epoch {self.epoch + 1}/{recipe.epochs} batch {number}/{len(batches)} "
                    f"loss {sum(losses[-20:]) / len(losses[-20:]):.3f} {spent:.0f} s, epoch done in "
                    f"{spent / number * (len(batches) - number):.0f} s, training in "
                    f"{spent / number * (total - self.epoch * len(batches) - number):.0f} s"
                )
        self.epoch += 1
        self.history.append({"loss": round(sum(losses) / len(losses), 4), "seconds": round(time.monotonic() - began)})

    def _batches(self, calls: list[LabelledCall], rng: Random) -> list[list[LabelledCall]]:
        """Batches of calls of like length; the two sides of a pair meet in one batch."""
        units: dict[str, list[LabelledCall]] = {}
        for call in calls:
            units.setdefault(call.pair or f"single {call.call_id}", []).append(call)
        order = sorted(units.values(), key=lambda unit: max(c.transcript.words for c in unit) * rng.uniform(0.85, 1.15))
        batches: list[list[LabelledCall]] = [[]]
        for unit in order:
            if len(batches[-1]) + len(unit) > self.recipe.batch and batches[-1]:
                batches.append([])
            batches[-1] += unit
        rng.shuffle(batches)
        return batches

    def _loss(self, batch: list[LabelledCall], weights: torch.Tensor) -> torch.Tensor:
        read = [read_call(self.tokenizer, self.network, c.transcript, c.campaign, c.known_customer) for c in batch]
        most = self.recipe.most_windows
        kept = [(c, replace(r, windows=r.windows[:most])) for c, r in zip(batch, read, strict=True) if r.windows]
        intent, outcome, _ = self.network([read_of for _, read_of in kept], self._pad)
        loss = functional.cross_entropy(
            intent,
            torch.tensor([INTENTS.index(call.intent) for call, _ in kept]),
            weight=weights,
            label_smoothing=self.recipe.label_smoothing,
        )
        rows = [row for row, (call, _) in enumerate(kept) if call.outcome]
        if rows:
            wanted = torch.tensor([OUTCOMES.index(call.outcome) for call, _ in kept if call.outcome])
            loss = loss + self.recipe.outcome_weight * functional.cross_entropy(
                outcome[rows], wanted, label_smoothing=self.recipe.label_smoothing
            )
        return loss

    @property
    def _pad(self) -> int:
        return int(self.tokenizer.pad_token_id or 0)

    def logits(self, calls: Sequence[LabelledCall]) -> tuple[metrics.Array, metrics.Array]:
        """Intent and outcome logits of the averaged weights, as they are when stored (half precision)."""
        own = {name: parameter.detach().clone() for name, parameter in self._trained()}
        stored = self.tensors()
        with torch.no_grad():
            for name, parameter in self._trained():
                parameter.copy_(stored[name])
        found = logits_of(self.network, self.tokenizer, calls)
        with torch.no_grad():
            for name, parameter in self._trained():
                parameter.copy_(own[name])
        return found

    def tensors(self) -> dict[str, torch.Tensor]:
        """What training changed: the encoder's layers in half precision, the heads in full."""
        return {
            name: tensor.half() if name.startswith("encoder.") else tensor.clone()
            for name, tensor in self.average.items()
        }

    def state(self) -> dict[str, Any]:
        trained = {name: own.detach() for name, own in self._trained()}
        return {
            "trained": trained,
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "steps": self.steps,
            "history": self.history,
        }

    def resume(self, state: dict[str, Any]) -> None:
        self._start_from(state["trained"])
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.steps, self.history = state["epoch"], state["steps"], state["history"]


def logits_of(
    network: IntentNetwork, tokenizer: Any, calls: Sequence[LabelledCall], batch: int = 16
) -> tuple[metrics.Array, metrics.Array]:
    """Intent logits ``[n, 8]`` and outcome logits ``[n, 7]`` of calls, in their order; zeros where nothing was said."""
    network.eval()
    read = [read_call(tokenizer, network, c.transcript, c.campaign, c.known_customer) for c in calls]
    order = sorted((at for at, call in enumerate(read) if call.windows), key=lambda at: len(read[at].windows[0].tokens))
    intent, outcome = np.zeros((len(calls), len(Intent))), np.zeros((len(calls), len(Outcome)))
    with torch.inference_mode():
        for at in range(0, len(order), batch):
            rows = order[at : at + batch]
            first, second, _ = network([read[row] for row in rows], int(tokenizer.pad_token_id or 0))
            intent[rows], outcome[rows] = first.double().numpy(), second.double().numpy()
    return intent, outcome


@dataclass(slots=True)
class Course:
    """One training from start to end, checkpointed after every epoch in ``folder``."""

    name: str
    folder: Path
    recipe: Recipe
    config: NetworkConfig
    init: dict[str, torch.Tensor] | None
    augmenter: Augmenter

    def run(
        self, train: Sequence[LabelledCall], held_out: Sequence[LabelledCall]
    ) -> tuple[Trainer, list[tuple[metrics.Array, metrics.Array]]]:
        """The trainer after its last epoch and, an epoch each, the logits of the calls held out."""
        trainer = Trainer(self.recipe, self.config, self.init)
        checkpoint = self.folder / f"{self.name}.pt"
        logits: list[tuple[metrics.Array, metrics.Array]] = []
        if checkpoint.is_file():
            state = torch.load(checkpoint, weights_only=True)
            trainer.resume(state)
            logits = [(intent.numpy(), outcome.numpy()) for intent, outcome in state["logits"]]
            _say(f"{self.name}: goes on after epoch {trainer.epoch}")
        weights = _class_weights(train, self.recipe.class_weight_power)
        truth = [INTENTS.index(call.intent) for call in held_out]
        while trainer.epoch < self.recipe.epochs:
            trainer.run_epoch(train, self.augmenter, weights, self.name)
            if held_out:
                logits.append(trainer.logits(held_out))
                figures = metrics.intent_figures(logits[-1][0], truth, 1.0)
                _say(
                    f"{self.name} epoch {trainer.epoch}: held out {len(held_out)}, accuracy {figures['accuracy']:.3f}, "
                    f"macro F1 {figures['macro_f1']:.3f}, log loss {figures['log_loss']:.3f}"
                )
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = checkpoint.with_suffix(".part")
            told = [tuple(torch.from_numpy(table) for table in epoch) for epoch in logits]
            torch.save({**trainer.state(), "logits": told}, fresh)
            fresh.replace(checkpoint)
        return trainer, logits


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    calls = [call for file in options.train for call in read_calls(file)]
    init = options.init
    config = NetworkConfig(encoder=options.encoder)
    if init is not None:
        config = NetworkConfig.from_dict(read_meta(init)["network"])
    recipe = Recipe(
        epochs=options.epochs,
        batch=options.batch,
        encoder_rate=options.encoder_rate,
        head_rate=options.head_rate,
        seed=options.seed,
    )
    heard = heard_turns(options.heard) if options.heard else {}
    noise = Noise()
    data = {"train_sha256": _joined_sha256(options.train), "heard_sha256": file_sha256(options.heard) if heard else ""}
    start = (file_sha256(init / WEIGHTS) if init else "") + (options.init_work.name if options.init_work else "")
    key = json.dumps([asdict(recipe), config.as_dict(), asdict(noise), data, start], sort_keys=True)
    folder = options.work / hashlib.sha256(key.encode()).hexdigest()[:12]
    _say(f"{len(calls)} calls, {len(heard)} of them also as heard; checkpoints in {folder}")
    augmenter = Augmenter(calls, noise, heard)

    held_out: list[LabelledCall] = []
    parts: list[tuple[metrics.Array, ...]] = []
    for number, fold in enumerate(client_folds(calls, FOLDS, recipe.seed)[: options.folds], start=1):
        if options.only in ("", f"fold-{number}"):
            out = set(fold)
            kept_out, rest = [calls[at] for at in fold], [call for at, call in enumerate(calls) if at not in out]
            name = f"fold-{number}"
            earlier = _earlier(options.init_work, name)
            _, logits = Course(name, folder, recipe, config, earlier, augmenter).run(rest, kept_out)
            held_out += kept_out
            if not options.only:
                parts.append((*logits[-1], word_logits(fit_words(rest, augmenter, recipe.seed), kept_out)))
    if options.only not in ("", "all"):
        return 0
    earlier = load_file(init / WEIGHTS) if init else None
    trainer, _ = Course("all", folder, recipe, config, earlier, augmenter).run(calls, [])
    if options.only:
        return 0
    words = fit_words(calls, augmenter, recipe.seed)
    intent, outcome, by_words = (np.concatenate([part[head] for part in parts]) for head in (0, 1, 2))
    how = (
        f"{options.folds} of {FOLDS} folds by client: each call is judged by a training with the same recipe that saw "
        "no call of its client"
    )
    report = _report(intent, outcome, by_words, held_out, how)
    _say(metrics.readable(report["validation"]["intent"]))
    test = _test_report(trainer, words, options.test, report)
    meta = {
        "network": config.as_dict(),
        "encoder_sha256": encoder_sha256(encoder_location(config.encoder)),
        "recipe": asdict(recipe),
        "noise": asdict(noise),
        "started_from": start,
        "data": {**data, "calls": len(calls), "heard_calls": len(heard), "pairs": len({c.pair for c in calls} - {""})},
        "trainings_seconds_by_epoch": [epoch["seconds"] for epoch in trainer.history],
        "prior": _prior(calls),
        **report,
        "test": test,
    }
    write_weights(options.out, {**trainer.tensors(), **_word_tensors(words)}, meta)
    _say(f"weights in {options.out}")
    return 0


def _earlier(work: Path | None, name: str) -> dict[str, torch.Tensor] | None:
    """The averaged weights of an earlier training of this fold. A fold never starts from weights that were trained on
    the calls it holds out: without its own earlier training it starts from the plain encoder."""
    if work is None or not (work / f"{name}.pt").is_file():
        return None
    average: dict[str, torch.Tensor] = torch.load(work / f"{name}.pt", weights_only=True)["average"]
    return average


def write_weights(folder: Path, tensors: dict[str, torch.Tensor], meta: dict[str, Any]) -> None:
    """Store tensors and metadata; the name of the model comes from the hash of the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    data = save({name: tensor.contiguous() for name, tensor in tensors.items()})
    digest = hashlib.sha256(data).hexdigest()
    full = {
        "model": f"intent-{digest[:10]}",
        "sha256": digest,
        "created": datetime.now(UTC).date().isoformat(),
        "code_version": __version__,
        "labels": {"intent": [str(label) for label in Intent], "outcome": [str(label) for label in Outcome]},
        **meta,
    }
    for name, content in ((WEIGHTS, data), (META, (json.dumps(full, indent=1) + "\n").encode())):
        part = folder / f"{name}.part"
        part.write_bytes(content)
        os.replace(part, folder / name)


def word_logits(words: WordReader, calls: Sequence[LabelledCall]) -> metrics.Array:
    """The word reader's log probabilities ``[n, 8]``."""
    return np.array([words.logits(call.transcript) for call in calls], dtype=np.float64)


def _word_tensors(words: WordReader) -> dict[str, torch.Tensor]:
    rarity, weight, bias = (torch.from_numpy(array) for array in words.arrays)
    return dict(zip(WORD_TENSORS, (rarity.half(), weight.half(), bias), strict=True))


def _report(
    intent: metrics.Array, outcome: metrics.Array, words: metrics.Array, calls: Sequence[LabelledCall], how: str
) -> dict[str, dict[str, Any]]:
    """Blend, temperatures and figures from logits of calls that were not trained on."""
    truth = np.array([INTENTS.index(call.intent) for call in calls])
    rows = [at for at, call in enumerate(calls) if call.outcome]
    reached = np.array([OUTCOMES.index(call.outcome) for call in calls if call.outcome])
    share = metrics.fit_blend(intent, words, truth)
    both = intent + share * words
    warm, warm_outcome = metrics.fit_temperature(both, truth), metrics.fit_temperature(outcome[rows], reached)
    alone = {
        name: metrics.intent_figures(logits, truth.tolist(), metrics.fit_temperature(logits, truth))
        for name, logits in (("network", intent), ("words", words))
    }
    return {
        "blend": {"words": round(share, 4)},
        "temperature": {"intent": round(warm, 4), "outcome": round(warm_outcome, 4)},
        "validation": {
            "how": how,
            "intent": metrics.intent_figures(both, truth.tolist(), warm),
            "outcome": metrics.outcome_figures(outcome[rows], reached.tolist(), warm_outcome),
            "alone": {
                name: {key: figures[key] for key in ("accuracy", "macro_f1", "log_loss")}
                for name, figures in alone.items()
            },
        },
    }


def _test_report(trainer: Trainer, words: WordReader, path: Path, fitted: dict[str, Any]) -> dict[str, Any]:
    if not path.is_file():
        return {}
    calls = read_calls(path)
    intent, outcome = trainer.logits(calls)
    both = intent + fitted["blend"]["words"] * word_logits(words, calls)
    warm, warm_outcome = fitted["temperature"]["intent"], fitted["temperature"]["outcome"]
    rows = [at for at, call in enumerate(calls) if call.outcome]
    reached = [OUTCOMES.index(call.outcome) for call in calls if call.outcome]
    return {
        "sha256": file_sha256(path),
        "intent": metrics.intent_figures(both, [INTENTS.index(call.intent) for call in calls], warm),
        "outcome": metrics.outcome_figures(outcome[rows], reached, warm_outcome),
    }


def _prior(calls: Sequence[LabelledCall]) -> dict[str, dict[str, float]]:
    """Label shares, the answer for a call in which nothing can be read."""
    intents = Counter(call.intent for call in calls)
    outcomes = Counter(call.outcome for call in calls if call.outcome)
    return {
        "intent": {str(label): intents[label] / len(calls) for label in Intent},
        "outcome": {str(label): outcomes[label] / outcomes.total() for label in Outcome},
    }


def _class_weights(calls: Sequence[LabelledCall], power: float) -> torch.Tensor:
    count = Counter(call.intent for call in calls)
    raw = torch.tensor([(len(calls) / max(count[label], 1)) ** power for label in Intent])
    return raw / raw.mean()


def _joined_sha256(paths: Sequence[Path]) -> str:
    hashes = [file_sha256(path) for path in paths]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _schedule(step: int, total: int, warm_up: float) -> float:
    """Linear rise, then a half cosine down to a twentieth."""
    rise = max(1, int(total * warm_up))
    if step < rise:
        return (step + 1) / rise
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, total - rise))))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.intent.train",
        description=(__doc__ or "").split("\n\n")[0],
        epilog=(__doc__ or "").split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    standard = Recipe()
    parser.add_argument("--train", type=Path, nargs="+", default=[TRAIN_FILE], help="labelled calls, JSON Lines")
    parser.add_argument("--test", type=Path, default=TEST_FILE, help="sealed calls: reported at the end, never used")
    parser.add_argument("--heard", type=Path, help="recogniser transcripts of the same ids, JSON Lines (id, turns)")
    parser.add_argument("--init", type=Path, help="folder of weights to start from, instead of the plain encoder")
    parser.add_argument("--init-work", type=Path, help="checkpoints of the training behind --init, for the folds")
    parser.add_argument("--out", type=Path, default=SEED.parent / "weights", help="folder for weights and metadata")
    parser.add_argument("--work", type=Path, default=Path("var/intent-training"), help="folder for checkpoints")
    parser.add_argument("--encoder", default=NetworkConfig().encoder, help="installed package, folder or hub name")
    parser.add_argument("--epochs", type=int, default=standard.epochs)
    parser.add_argument("--batch", type=int, default=standard.batch, help="calls a batch")
    parser.add_argument("--encoder-rate", type=float, default=standard.encoder_rate, help="top layer's learning rate")
    parser.add_argument("--head-rate", type=float, default=standard.head_rate, help="learning rate of the heads")
    parser.add_argument("--folds", type=int, default=1, choices=range(1, FOLDS + 1), help="folds to hold out in turn")
    parser.add_argument("--only", default="", metavar="NAME", help="run just this training, write no weights")
    parser.add_argument("--seed", type=int, default=standard.seed)
    parser.add_argument("--threads", type=int, default=2, help="torch threads; 1 where the cores are shared")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
