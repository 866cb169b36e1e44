"""Figures of the stored weights on any labelled file: `python -m models.intent.evaluate FILE...`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from insights.adapters.intent_model import SafetensorsIntentModel
from insights.domain.intents import Intent, Outcome
from insights.errors import InsightsError
from models.intent import metrics
from models.intent.dataset import SEED, TEST_FILE, LabelledCall, SeedFault, heard_turns, read_calls


def evaluate(model: SafetensorsIntentModel, calls: Sequence[LabelledCall]) -> dict[str, Any]:
    """Figures of a model on labelled calls, as it would serve them: its temperatures are already in."""
    scores = [model.score(call.transcript, call.campaign, call.known_customer) for call in calls]
    logits = np.log(np.array([[score.probabilities[intent] for intent in Intent] for score in scores]) + 1e-12)
    named = [(score, call.outcome) for score, call in zip(scores, calls, strict=True) if call.outcome]
    outcomes = np.log(np.array([[score.outcomes[outcome] for outcome in Outcome] for score, _ in named]) + 1e-12)
    mistakes = [
        {
            "id": call.call_id,
            "label": str(call.intent),
            "said": str(score.top),
            "probability": round(score.probabilities[score.top], 3),
        }
        for score, call in zip(scores, calls, strict=True)
        if score.top is not call.intent
    ]
    return {
        "model": model.model,
        "intent": metrics.intent_figures(logits, [list(Intent).index(call.intent) for call in calls], 1.0),
        "outcome": metrics.outcome_figures(outcomes, [list(Outcome).index(outcome) for _, outcome in named], 1.0),
        "mistakes": mistakes,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m models.intent.evaluate",
        description=__doc__,
        epilog="Example: python -m models.intent.evaluate models/intent/seed/test.jsonl --mistakes",
    )
    parser.add_argument("files", type=Path, nargs="*", default=[TEST_FILE], help="labelled calls, JSON Lines")
    parser.add_argument("--weights", type=Path, default=SEED.parent / "weights", help="folder of weights")
    parser.add_argument("--heard", type=Path, help="judge these recogniser transcripts of the same ids instead")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--mistakes", action="store_true", help="list the calls that were judged wrongly")
    options = parser.parse_args(arguments)
    try:
        calls = [call for file in options.files for call in read_calls(file)]
        if options.heard:
            heard = heard_turns(options.heard)
            calls = [call.with_turns(heard[call.call_id][0]) for call in calls if call.call_id in heard]
        found = evaluate(SafetensorsIntentModel.load(options.weights), calls)
    except (InsightsError, SeedFault, OSError) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(found))
        return 0
    outcome = found["outcome"]
    print(f"{found['model']} on {', '.join(map(str, options.files))}\n")
    print(metrics.readable(found["intent"]))
    if outcome["calls"]:
        print(
            f"\noutcomes of {outcome['calls']} new customers: accuracy {outcome['accuracy']:.3f}, "
            f"macro F1 {outcome['macro_f1']:.3f}, calibration error {outcome['calibration_error']:.3f}"
        )
    if options.mistakes:
        print()
        for wrong in found["mistakes"]:
            print(f"{wrong['id']:18} is {wrong['label']}, said {wrong['said']} ({wrong['probability']:.2f})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
