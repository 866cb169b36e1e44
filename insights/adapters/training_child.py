"""Runs the training program of the intent model in a child process, its progress passed on and kept in a log."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from insights.adapters.transcript_rows import write_transcripts
from insights.domain.scoring import LabelledTranscript
from insights.errors import ConfigurationError, InputError, TrainingFailed
from insights.ports import TrainingOptions

PROGRAM = "models.intent.train"
LAST_LINES = 8


class ChildTrainer:
    """The ``IntentTrainer`` port over ``python -m models.intent.train``.

    ``root`` is the project's root, where the program lies. ``workshop`` keeps pool, log, checkpoints and new weights
    until ``clean_up``; ``say`` is told every line of the program.
    """

    def __init__(self, root: Path, seed: Path, workshop: Path, say: Callable[[str], None]) -> None:
        self._root, self._seed, self._workshop, self._say = root, seed.absolute(), workshop.absolute(), say

    def train(self, pool: Sequence[LabelledTranscript], options: TrainingOptions) -> Path:
        """See the port. The program's checkpoints are named by what it reads, so the same pool goes on, another starts.

        Raises TrainingFailed with the last lines of the log, InputError without a seed, ConfigurationError where the
        training program is not installed.
        """
        if not (self._root / PROGRAM.replace(".", "/")).with_suffix(".py").is_file():
            raise ConfigurationError(
                f"there is no {PROGRAM} in {self._root}.", next_step="Train in a checkout of the project."
            )
        if not self._seed.is_file():
            raise InputError(
                f"there is no file {str(self._seed)!r} of labelled calls.",
                next_step="Check the setting training_calls.",
            )
        self._workshop.mkdir(parents=True, exist_ok=True)
        write_transcripts(self._workshop / "pool.jsonl", pool)
        weights, log = self._workshop / "weights", self._workshop / "training.log"
        shutil.rmtree(weights, ignore_errors=True)
        command = [sys.executable, "-m", PROGRAM, "--train", str(self._seed), str(self._workshop / "pool.jsonl")]
        command += ["--out", str(weights), "--work", str(self._workshop / "checkpoints"), "--parent", str(os.getpid())]
        for name, value in (("epochs", options.epochs), ("folds", options.folds), ("workers", options.workers)):
            command += [] if value is None else [f"--{name}", str(value)]
        status, last = self._run(command, log)
        if status != 0:
            raise TrainingFailed(
                f"the training ended with status {status}; its last lines:\n  " + "\n  ".join(last) + "\n",
                next_step=f"The whole log lies at {log}; the same command goes on where the training stopped.",
            )
        return weights

    def _run(self, command: Sequence[str], log: Path) -> tuple[int, list[str]]:
        """The exit status and the last lines. An exception here ends the child with its children; where we are killed,
        the program ends itself (``--parent``)."""
        last: deque[str] = deque(maxlen=LAST_LINES)
        program = subprocess.Popen(  # noqa: S603 - our own program; what came from outside is in files
            command,
            cwd=self._root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert program.stdout is not None
        try:
            with program.stdout, log.open("w", encoding="utf-8") as file:
                for line in program.stdout:
                    file.write(line)
                    file.flush()
                    last.append(line.rstrip())
                    self._say(line.rstrip())
            return program.wait(), list(last)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGTERM)
            program.wait()
            raise

    def clean_up(self) -> None:
        """The log stays; pool, checkpoints and the workshop's copy of the weights go."""
        forget_pool(self._workshop)
        for name in ("weights", "checkpoints"):
            shutil.rmtree(self._workshop / name, ignore_errors=True)


def forget_pool(workshop: Path) -> None:
    """Delete the calls of a training; one that failed starts anew without them."""
    (workshop / "pool.jsonl").unlink(missing_ok=True)
