"""Calibrates the intent model on its held-out judgements: `python -m models.intent.calibrate`.

Fits how the two readers are blended, a bias for each reason, and by how much each kind of fact multiplies the odds of
its reason, so that the probabilities say how often they are right. Then lists, reason by reason, how sure and how right
the answers were: from this list the policy's promise of precision chooses its floors. No training: run it again
whenever facts are found differently.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from insights.adapters.intent_model import META, model_name, read_meta
from insights.adapters.service_matcher import MiniLmServiceMatcher
from insights.adapters.us_places import UsPlaces
from insights.domain.facts import FactKind, ServiceMatcher, extract_facts
from insights.domain.intents import Intent, Outcome
from insights.domain.reliability import Answer, Reliability
from insights.domain.transcript import Turn
from insights.domain.weighing import SPEAKS_TO
from insights.errors import InsightsError
from models.intent import metrics
from models.intent.dataset import HEARD_FILE, SEED, TRAIN_FILE, LabelledCall, SeedFault, heard_turns, read_calls
from models.intent.held_out import HELD_OUT, Judged, matrix, read_judged

INTENTS, OUTCOMES = list(Intent), list(Outcome)
MEASURED = tuple(kind for kind in SPEAKS_TO if kind not in (FactKind.KNOWN_CUSTOMER, FactKind.NOTHING_SAID))
"""Kinds whose odds are fitted. Those from metadata are the policy's to say: written calls hold too few of them."""

_BELIEVED = 0.5
"""Share of the fitted log odds of facts that is kept: their phrases were chosen on these very calls, so they look surer
here than on calls of other people."""
_SCALE = (-4.0, 3.0)  # natural logarithms between which a reader's factor lies: neither ever falls silent
_CALM = 0.02  # weight of the squares of biases and log odds in the loss: keeps what few calls tell near nothing


@dataclass(frozen=True, slots=True)
class Calibration:
    """``network`` and ``words`` scale the readers' logits, ``bias`` ``[8]`` is added, ``odds`` are logs, by kind."""

    network: float
    words: float
    bias: metrics.Array
    odds: metrics.Array

    def logits(self, intent: metrics.Array, words: metrics.Array, facts: metrics.Array) -> metrics.Array:
        """Calibrated logits ``[n, 8]`` from both readers' ``[n, 8]`` and the kinds found ``[n, kinds]`` (0 or 1)."""
        return self.network * intent + self.words * words + self.bias + facts @ (self.odds[:, None] * _SPEAKS)


_SPEAKS = np.array([[float(SPEAKS_TO[kind] is intent) for intent in Intent] for kind in MEASURED])


def fit(intent: metrics.Array, words: metrics.Array, facts: metrics.Array, truth: metrics.Array) -> Calibration:
    """The calibration that makes the labels ``truth`` ``[n]`` most likely (vector scaling, Guo et al. 2017).

    Twice: first everything, then, with the part of the odds that is believed (``_BELIEVED``), the rest around it.
    """
    blend, kinds = 2 + len(INTENTS), len(MEASURED)

    def fitted(odds: metrics.Array | None) -> Calibration:
        def unpack(x: metrics.Array) -> Calibration:
            return Calibration(
                float(np.exp(x[0])), float(np.exp(x[1])), x[2:blend], x[blend:] if odds is None else odds
            )

        def loss(x: metrics.Array) -> float:
            table = metrics.probabilities(unpack(x).logits(intent, words, facts), 1.0)
            return float(-np.log(table[np.arange(len(truth)), truth] + 1e-12).mean() + _CALM * (x[2:] ** 2).mean())

        free = blend + (kinds if odds is None else 0)
        bounds = [_SCALE, _SCALE, *[(None, None)] * (free - 2)]
        return unpack(minimize(loss, np.zeros(free), method="L-BFGS-B", bounds=bounds).x)

    return fitted(_BELIEVED * fitted(None).odds)


def calibrated(
    judged: Sequence[Judged], calls: Sequence[LabelledCall], heard: dict[str, list[tuple[Turn, ...]]]
) -> dict[str, Any]:
    """The part of the metadata that held-out calls decide. Figures and answers of a fold come from a calibration
    fitted on the other folds."""
    by_id = {call.call_id: call for call in calls}
    read = [by_id[row.call_id].with_turns(heard[row.call_id][0]) if row.heard else by_id[row.call_id] for row in judged]
    truth = np.array([INTENTS.index(call.intent) for call in read])
    intent, words = matrix(judged, "intent"), matrix(judged, "words")
    services = MiniLmServiceMatcher()
    facts = np.array([_kinds_found(call, services) for call in read], dtype=np.float64)
    final = fit(intent, words, facts, truth)
    folds = np.array([row.fold for row in judged])
    logits = np.zeros_like(intent)
    for fold in sorted(set(folds)):
        own = folds == fold
        fitted = fit(intent[~own], words[~own], facts[~own], truth[~own])
        logits[own] = fitted.logits(intent[own], words[own], facts[own])
    written = np.array([not row.heard for row in judged])
    customers = [at for at, call in enumerate(read) if call.outcome is not None and written[at]]
    reached = np.array([OUTCOMES.index(outcome) for at in customers if (outcome := read[at].outcome)])
    outcome = matrix(judged, "outcome")[customers]
    warm = metrics.fit_temperature(outcome, reached)
    table = metrics.probabilities(logits, 1.0)
    reliability = Reliability(
        tuple(Answer(tuple(map(float, row)), call.intent) for row, call in zip(table, read, strict=True)),
        {kind: float(np.exp(odds)) for kind, odds in zip(MEASURED, final.odds, strict=True)},
    )
    return {
        "blend": {
            "network": round(final.network, 4),
            "words": round(final.words, 4),
            "bias": {label.value: round(float(bias), 4) for label, bias in zip(INTENTS, final.bias, strict=True)},
        },
        "outcome_temperature": round(warm, 4),
        "reliability": reliability.as_dict(),
        "held_out": {
            "intent": metrics.intent_figures(logits[written], truth[written]),
            "heard": metrics.intent_figures(logits[~written], truth[~written]) if (~written).any() else None,
            "outcome": metrics.outcome_figures(outcome, reached, warm),
            "alone": {
                name: metrics.intent_figures(numbers[written], truth[written])["accuracy"]
                for name, numbers in (("network", intent), ("words", words))
            },
        },
    }


def _kinds_found(call: LabelledCall, services: ServiceMatcher) -> list[bool]:
    found = {fact.kind for fact in extract_facts(call.transcript, call.campaign, UsPlaces(), services=services)}
    return [kind in found for kind in MEASURED]


def meta_text(meta: dict[str, Any]) -> str:
    """JSON to read and to compare: a line a value, lists of plain values on one line."""
    text = json.dumps(meta, indent=1) + "\n"
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.intent.calibrate", description=__doc__)
    parser.add_argument("--weights", type=Path, default=SEED.parent / "weights", help="folder of weights")
    parser.add_argument("--train", type=Path, nargs="+", default=[TRAIN_FILE], help="the calls it was trained on")
    parser.add_argument("--heard", type=Path, default=HEARD_FILE, help="the same calls as a recogniser heard them")
    options = parser.parse_args(arguments)
    try:
        meta = read_meta(options.weights)
        calls = [call for file in options.train for call in read_calls(file)]
        heard = heard_turns(options.heard)
        meta.update(calibrated(read_judged(options.weights / HELD_OUT), calls, heard))
        meta["model"] = model_name(meta["sha256"], meta)
    except (InsightsError, SeedFault, OSError, KeyError, ValueError) as trouble:
        print(f"no calibration: {trouble}", file=sys.stderr)
        return 2
    part = options.weights / f"{META}.part"
    part.write_text(meta_text(meta), encoding="utf-8")
    os.replace(part, options.weights / META)
    print(metrics.readable(meta["held_out"]["intent"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
