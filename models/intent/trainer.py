"""One training of the intent model: the recipe, the network with its running average, checkpoints after every epoch."""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from insights.adapters.intent_model import read_call
from insights.adapters.intent_network import IntentNetwork, NetworkConfig, layers_of, load_encoder
from insights.domain.intents import Intent, Outcome
from models.intent import metrics
from models.intent.augment import Augmenter
from models.intent.dataset import LabelledCall
from models.intent.deciding import DecidingTurns

INTENTS, OUTCOMES = list(Intent), list(Outcome)
_TOGETHER = 4  # windows of like length that are encoded together: more would mostly encode padding


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a training gives, besides the data. ``half``: forward passes in bfloat16.

    ``pair_attention``: weight of the loss for looking away from the turns in which the sides of a minimal pair differ.
    """

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
    pair_attention: float = 0.3
    averaging: float = 0.98
    most_windows: int = 3
    half: bool = True
    seed: int = 7


class Trainer:
    """One training: a network, its optimiser, and the running average of its weights that is evaluated and kept."""

    def __init__(self, recipe: Recipe, config: NetworkConfig) -> None:
        torch.manual_seed(recipe.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        encoder, self.tokenizer = load_encoder(config.encoder)
        self.network = IntentNetwork(encoder, config).to(self.device)
        _no_attention_dropout(encoder)
        self.recipe = recipe
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
        deciding = DecidingTurns(calls)
        self.network.train()
        losses: list[float] = []
        for number, batch in enumerate(batches, start=1):
            for group in self.optimizer.param_groups:
                group["lr"] = group["top_rate"] * _schedule(self.steps, total, recipe.warm_up)
            loss = self._loss(batch, weights, deciding)
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
                say(
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

    def _loss(self, batch: list[LabelledCall], weights: torch.Tensor, deciding: DecidingTurns) -> torch.Tensor:
        read = [read_call(self.tokenizer, self.network, c.transcript, c.campaign, c.known_customer) for c in batch]
        most = self.recipe.most_windows
        kept = [(c, replace(r, windows=r.windows[:most])) for c, r in zip(batch, read, strict=True) if r.windows]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.recipe.half):
            intent, outcome, attention = self.network([read_of for _, read_of in kept], self._pad, _TOGETHER)
        intent, outcome = intent.float(), outcome.float()
        loss = functional.cross_entropy(
            intent,
            torch.tensor([INTENTS.index(call.intent) for call, _ in kept], device=self.device),
            weight=weights.to(self.device),
            label_smoothing=self.recipe.label_smoothing,
        )
        rows = [row for row, (call, _) in enumerate(kept) if call.outcome]
        if rows:
            reached = [OUTCOMES.index(call.outcome) for call, _ in kept if call.outcome]
            wanted = torch.tensor(reached, device=self.device)
            loss = loss + self.recipe.outcome_weight * functional.cross_entropy(
                outcome[rows], wanted, label_smoothing=self.recipe.label_smoothing
            )
        seen = [
            attention[row, : len(decides)].float()[torch.tensor(decides, device=self.device)].sum()
            for row, (call, _) in enumerate(kept)
            if any(decides := deciding.of(call))
        ]
        if seen:
            loss = loss - self.recipe.pair_attention * torch.log(torch.stack(seen) + 1e-3).sum() / len(kept)
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
            name: tensor.half().cpu() if name.startswith("encoder.") else tensor.cpu().clone()
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
            intent[rows], outcome[rows] = first.double().cpu().numpy(), second.double().cpu().numpy()
    return intent, outcome


@dataclass(slots=True)
class Course:
    """One training from start to end, checkpointed after every epoch in ``folder``."""

    name: str
    folder: Path
    recipe: Recipe
    config: NetworkConfig
    augmenter: Augmenter

    def run(self, train: Sequence[LabelledCall], held_out: Sequence[LabelledCall]) -> Trainer:
        """The trainer after its last epoch; what it says of the calls held out is told after every epoch."""
        trainer = Trainer(self.recipe, self.config)
        checkpoint = self.folder / f"{self.name}.pt"
        if checkpoint.is_file():
            trainer.resume(torch.load(checkpoint, weights_only=True, map_location=trainer.device))
            say(f"{self.name}: goes on after epoch {trainer.epoch}")
        weights = _class_weights(train, self.recipe.class_weight_power)
        truth = [INTENTS.index(call.intent) for call in held_out]
        while trainer.epoch < self.recipe.epochs:
            trainer.run_epoch(train, self.augmenter, weights, self.name)
            if held_out:
                figures = metrics.intent_figures(trainer.logits(held_out)[0], truth)
                say(
                    f"{self.name} epoch {trainer.epoch}: held out {len(held_out)}, accuracy {figures['accuracy']:.3f}, "
                    f"macro F1 {figures['macro_f1']:.3f}, log loss {figures['log_loss']:.3f}"
                )
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = checkpoint.with_suffix(".part")
            torch.save(trainer.state(), fresh)
            fresh.replace(checkpoint)
        return trainer


def _no_attention_dropout(encoder: torch.nn.Module) -> None:
    """Dropout of attention weights keeps torch from its fast attention on processors: half of the training's time."""
    for name, module in encoder.named_modules():
        if isinstance(module, torch.nn.Dropout) and "attention.self" in name:
            module.p = 0.0


def _class_weights(calls: Sequence[LabelledCall], power: float) -> torch.Tensor:
    count = Counter(call.intent for call in calls)
    raw = torch.tensor([(len(calls) / max(count[label], 1)) ** power for label in Intent])
    return raw / raw.mean()


def _schedule(step: int, total: int, warm_up: float) -> float:
    """Linear rise, then a half cosine down to a twentieth."""
    rise = max(1, int(total * warm_up))
    if step < rise:
        return (step + 1) / rise
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, total - rise))))


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
