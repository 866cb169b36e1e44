"""What the trainings said of calls whose trade they never saw: the ground on which calibration and promise stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HELD_OUT = "held_out.jsonl"

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Judged:
    """One call as one training judged it: the network's logits over intents ``[8]`` and outcomes ``[7]`` and the word
    reader's ``[8]``. ``heard``: the transcript was the recogniser's, not the written one."""

    call_id: str
    fold: str
    heard: bool
    intent: Numbers
    outcome: Numbers
    words: Numbers


def write_judged(path: Path, rows: Iterable[Judged]) -> None:
    """A line a call, numbers rounded to three decimals. The file appears whole or not at all."""
    lines = [
        json.dumps(
            {
                "id": row.call_id,
                "fold": row.fold,
                "heard": row.heard,
                **{name: [round(float(n), 3) for n in getattr(row, name)] for name in ("intent", "outcome", "words")},
            }
        )
        for row in rows
    ]
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(path)


def read_judged(path: Path) -> list[Judged]:
    """The rows of a file. Raises OSError, ValueError or KeyError."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Judged(
            row["id"],
            row["fold"],
            row["heard"],
            *(np.array(row[name], dtype=np.float64) for name in ("intent", "outcome", "words")),
        )
        for row in rows
    ]


def matrix(rows: Sequence[Judged], name: str) -> Numbers:
    """One reader's numbers of all rows ``[n, labels]``."""
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)
