"""Trains the small checkpoint on the pool of spoken utterances; stops and resumes at any time.

    python -m models.whisper.corpus
    python -m models.whisper.train --minutes 120

The run's folder holds ``run.pt`` (weights in Whisper's layout, helper heads, optimiser, progress) and
``curve.jsonl`` (losses). The same command goes on where a stopped run ended. ``--init`` starts a new run from the
weights of a checkpoint in Whisper's layout; the helper heads then settle first while the rest stands still.

It reckons in bfloat16 where the processor can. On a graphics card (``--device cuda``) one process trains on larger
batches, and a thread puts the next ones together. All but the card itself was tried on a processor; no card was there.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import torch

from models.whisper.corpus import WORK
from models.whisper.crew import Crew, work_together
from models.whisper.network import TrainedWhisper, Weights, dimensions
from models.whisper.spelling import Spelling
from models.whisper.voices import TRAINING_VOICES
from models.whisper.windows import Batch, Batches, Pool, made_ahead

CODE_VERSION = "1"
AHEAD = 8
"""Batches that wait for a graphics card."""
HELPERS = ("phone_norm", "phone_head", "token_head", "token_blank")


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0
    seconds: float = 0.0
    audio_seconds: float = 0.0


class Run:
    """One training run in a folder: model, optimiser, progress, checkpoint and curve."""

    def __init__(self, options: argparse.Namespace, crew: Crew) -> None:
        self.options, self.crew = options, crew
        self.folder: Path = options.run
        self.device = torch.device(options.device)
        torch.manual_seed(options.seed)
        self.spelling = Spelling(options.merges)
        self.dims = dimensions(options.width, options.encoder_layers, options.decoder_layers)
        self.model = TrainedWhisper(self.dims, self.spelling).to(self.device)
        self.origin = "trained from random weights"
        self.progress = Progress()
        if options.init is not None:
            stored = torch.load(options.init, map_location="cpu", weights_only=True)
            self.model.load_whisper_state(stored["model_state_dict"])
            self.origin = options.origin or f"continued from {options.init.name}"
        self.optimizer = torch.optim.AdamW(self._groups(), lr=options.lr, betas=(0.9, 0.98), fused=True)
        if (self.folder / "run.pt").exists():
            self._resume()
        # Another stream of data in each worker and after each resumption, the same one for the same seed.
        stream = f"{options.seed}-{crew.rank}-{self.progress.step}"
        self.rng = Random(stream)
        torch.manual_seed(self.rng.getrandbits(31))

    def _groups(self) -> list[dict[str, Any]]:
        """Matrices decay, vectors do not; helper heads are apart because they may learn alone at first."""
        groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                groups.setdefault((name.startswith(HELPERS), parameter.ndim > 1), []).append(parameter)
        return [
            {"params": parameters, "weight_decay": 0.02 if matrix else 0.0, "helper": helper}
            for (helper, matrix), parameters in groups.items()
        ]

    def set_rate(self) -> float:
        """Warm up, then fall along a cosine to a twentieth at the end of the planned time."""
        options, step = self.options, self.progress.step
        done = min(1.0, self.progress.seconds / (options.minutes * 60))
        rate: float = options.lr * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in self.optimizer.param_groups:
            settle = options.settle if options.init is not None else 0
            own_step = step + 1 if group["helper"] else step + 1 - settle
            group["lr"] = rate * min(1.0, max(0.0, own_step / options.warm_up))
        return rate

    def learn(self, batch: Batch, seconds: float, stop: bool) -> tuple[dict[str, float], bool]:
        """One step of the crew; returns the mean losses, and whether any worker was asked to stop.

        ``seconds`` is the computing time since the last step.
        """
        batch = batch.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=knows_bfloat16(self.device)):
            losses = self.model.losses(batch, self._disturb(batch.inputs))
        weights = asdict(Weights())
        total = losses["words"] + sum(weight * losses[name] for name, weight in weights.items())
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        figures = [float(stop), seconds, batch.seconds, *(float(value.detach()) for value in losses.values())]
        stops, seconds, heard, *means = self.crew.average(self.model.parameters(), figures)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.progress.step += 1
        self.progress.seconds += seconds
        self.progress.audio_seconds += heard * self.crew.size
        return dict(zip(losses, means, strict=True)) | {"gradient": float(norm)}, stops > 0

    def _disturb(self, inputs: torch.Tensor) -> torch.Tensor:
        """Replace some of the decoder's input tokens, so that it listens instead of reciting."""
        rate = torch.rand(len(inputs), 1, device=inputs.device) * self.options.noise
        hit = (torch.rand(inputs.shape, device=inputs.device) < rate) & (inputs < self.spelling.text_count)
        wrong = torch.randint(0, self.spelling.text_count, inputs.shape, device=inputs.device)
        return torch.where(hit, wrong, inputs)

    def facts(self) -> dict[str, Any]:
        """What the metadata and the card tell about this run so far."""
        return {
            "code_version": CODE_VERSION,
            "training": self.origin,
            "steps": self.progress.step,
            "hours": round(self.progress.audio_seconds / 3600, 1),
            "minutes": round(self.progress.seconds / 60, 1),
            "merges": self.spelling.merges,
            "bfloat16": knows_bfloat16(self.device),
            "voices": TRAINING_VOICES,
            "seed": self.options.seed,
        }

    def save(self) -> None:
        """Write ``run.pt`` in one step."""
        helpers = {name: value for name, value in self.model.state_dict().items() if name.startswith(HELPERS)}
        partial = self.folder / "run.partial"
        torch.save(
            {
                "dims": asdict(self.dims),
                "model_state_dict": self.model.whisper_state(),
                "facts": self.facts(),
                "helpers": helpers,
                "optimizer": self.optimizer.state_dict(),
                "progress": asdict(self.progress),
                "origin": self.origin,
            },
            partial,
        )
        os.replace(partial, self.folder / "run.pt")

    def _resume(self) -> None:
        stored = torch.load(self.folder / "run.pt", map_location="cpu", weights_only=True)
        self.model.load_whisper_state(stored["model_state_dict"])
        self.model.load_state_dict(stored["helpers"], strict=False)
        self.optimizer.load_state_dict(stored["optimizer"])
        self.progress = Progress(**stored["progress"])
        self.origin = stored["origin"]
        if self.crew.leads:
            print(f"resumed at step {self.progress.step}", flush=True)

    def log(self, rate: float, window: list[dict[str, float]], pool: Pool) -> None:
        """Append the mean losses since the last line to the curve and print them."""
        means = {name: round(sum(row[name] for row in window) / len(window), 4) for name in window[0]}
        line = {
            "step": self.progress.step,
            "minutes": round(self.progress.seconds / 60, 1),
            "audio_hours": round(self.progress.audio_seconds / 3600, 2),
            "pool_hours": round(pool.hours, 1),
            "rate": round(rate, 6),
            **means,
        }
        with (self.folder / "curve.jsonl").open("a", encoding="utf-8") as curve:
            curve.write(json.dumps(line) + "\n")
        print(" ".join(f"{name} {value}" for name, value in line.items()), flush=True)


def knows_bfloat16(device: torch.device) -> bool:
    """Whether the device reckons in bfloat16 itself: about twice as fast; processors that imitate it are slower."""
    return device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()


def train(options: argparse.Namespace, crew: Crew) -> None:
    """Train until the planned minutes of computing are used, or a signal asks to stop."""
    torch.set_num_threads(options.threads)
    run = Run(options, crew)
    pool = Pool(options.pool, run.rng)
    pool.refresh()
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: asked.append(number))
    window: list[dict[str, float]] = []
    saved = clock = time.monotonic()
    batches: Iterable[Batch] = Batches(pool, run.spelling, run.rng, options.batch_seconds)
    for batch in batches if run.device.type == "cpu" else made_ahead(batches, AHEAD):
        rate = run.set_rate()
        now = time.monotonic()
        losses, stopped = run.learn(batch, now - clock, bool(asked))
        clock = now
        window.append(losses)
        finished = stopped or run.progress.seconds > options.minutes * 60
        if crew.leads and run.progress.step % options.log_every == 0:
            run.log(rate, window, pool)
            window = []
        if crew.leads and (finished or now - saved > options.save_every * 60):
            run.save()
            saved = now
        if finished:
            break
    if crew.leads:
        print(f"stopped at step {run.progress.step}; the same command goes on", flush=True)


def main() -> None:
    """Train the small Whisper checkpoint; run the same command again to resume."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.train", description=main.__doc__)
    parser.add_argument("--pool", type=Path, default=WORK / "pool", help="shards made by synthesis.py")
    parser.add_argument("--run", type=Path, default=WORK / "run", help="folder of this run")
    parser.add_argument("--init", type=Path, help="checkpoint in Whisper's layout to start a new run from")
    parser.add_argument("--origin", help="one sentence on the --init checkpoint, kept in the metadata")
    parser.add_argument("--minutes", type=float, default=180.0, help="computing time planned for the whole run")
    parser.add_argument("--lr", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument("--warm-up", type=int, default=200, help="steps until the peak")
    parser.add_argument("--settle", type=int, default=60, help="steps for the helper heads alone after --init")
    parser.add_argument("--noise", type=float, default=0.35, help="largest share of wrong input tokens in a window")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a card if there is one"
    )
    parser.add_argument("--batch-seconds", type=float, help="audio in a worker's batch (default 36; on a card 600)")
    parser.add_argument("--merges", type=int, default=1000, help="merges of the vocabulary that are used")
    parser.add_argument("--width", type=int, default=192, help="channels, a multiple of 64")
    parser.add_argument("--encoder-layers", type=int, default=6)
    parser.add_argument("--decoder-layers", type=int, default=3)
    parser.add_argument("--workers", type=int, help="processes, each with batches of its own (default 2; on a card 1)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-every", type=int, default=25, help="steps between lines of the curve")
    parser.add_argument("--save-every", type=float, default=2.0, help="minutes between checkpoints")
    options = parser.parse_args()
    if options.device == "auto":
        options.device = "cuda" if torch.cuda.is_available() else "cpu"
    on_card = options.device == "cuda"
    options.batch_seconds = options.batch_seconds or (600.0 if on_card else 36.0)
    options.workers = options.workers or (1 if on_card else 2)
    if on_card and options.workers > 1:
        parser.error("one process trains on a graphics card: leave --workers out")
    options.run.mkdir(parents=True, exist_ok=True)
    work_together(partial(train, options), options.workers, options.run / "meeting")


if __name__ == "__main__":
    main()
