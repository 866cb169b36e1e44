"""Measures the stored weights, rules and policy together on calls they never saw: `python -m models.intent.evaluate`.

Every set is judged as `call-insights evaluate` judges it. Writes `evaluation.json` beside the weights and the plots of
the first set; `python -m models.intent.card` makes the model card from them. Other files can be named instead:

    python -m models.intent.evaluate
    python -m models.intent.evaluate calls.jsonl --mistakes --no-write
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights import __version__
from insights.adapters.intent_model import SafetensorsIntentModel
from insights.adapters.policy_files import load_policies
from insights.adapters.service_matcher import MiniLmServiceMatcher
from insights.adapters.transcript_rows import LabelledTranscript, read_transcripts
from insights.adapters.us_places import UsPlaces
from insights.domain.money import Money
from insights.domain.policy import Policy
from insights.domain.scoring import Scored, score
from insights.errors import InsightsError
from insights.pipeline.predict import judge, scored
from models.intent.dataset import SEED, SETS

EVALUATION = "evaluation.json"
PLOTS = SEED.parent / "plots"
PRICE = Money.parse("45.00")


@dataclass(frozen=True, slots=True)
class Measured:
    """One set: its figures and the calls that were judged wrongly."""

    figures: dict[str, Any]
    mistakes: list[Scored]


def measure(model: SafetensorsIntentModel, policy: Policy, calls: Sequence[LabelledTranscript]) -> Measured:
    """Judge labelled calls as the product would and score the verdicts."""
    rows, services = [], MiniLmServiceMatcher()
    for call in calls:
        assert call.label is not None
        campaign = call.campaign and replace(call.campaign, price=PRICE)
        verdict = judge(
            call.transcript, campaign, call.known_customer, model, UsPlaces(), policy, __version__, services
        )
        rows.append(scored(call.call_id, verdict, call.label, PRICE.amount))
    return Measured(score(rows), [row for row in rows if row.reason != row.label_reason])


def main(arguments: Sequence[str] | None = None) -> int:
    about, _, example = (__doc__ or "").rpartition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m models.intent.evaluate",
        description=about,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", type=Path, nargs="*", help="labelled transcripts, JSON Lines; else the sealed sets")
    parser.add_argument("--weights", type=Path, default=SEED.parent / "weights", help="folder of weights")
    parser.add_argument("--mistakes", action="store_true", help="list the calls that were judged wrongly")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    named = {path.stem: path for path in options.files} or SETS
    try:
        model = SafetensorsIntentModel.load(options.weights)
        policy = load_policies().at(datetime.now(UTC))
        found = {name: measure(model, policy, read_transcripts(path, labelled=True)) for name, path in named.items()}
    except InsightsError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    from insights import terminal

    for name, measured in found.items():
        terminal.console().print(f"\n[bold]{name}[/]: {model.model} under policy {policy.version}")
        for table in terminal.evaluation_tables(measured.figures):
            terminal.console().print(table)
        if options.mistakes:
            for wrong in measured.mistakes:
                print(
                    f"{wrong.call_id:12} is {wrong.label_reason}, said {wrong.reason} ({wrong.confidence:.2f}), "
                    f"verdict {wrong.decision}"
                )
    if not options.no_write and not options.files:
        from insights.plots import evaluation_plots

        body = {"model": model.model, "policy": policy.version, "sets": {n: m.figures for n, m in found.items()}}
        (options.weights / EVALUATION).write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
        first = next(iter(found))
        for path in evaluation_plots(found[first].figures, PLOTS, first):
            print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
