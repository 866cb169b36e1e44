"""Writes MODEL_CARD.md from what training and evaluation left beside the weights: `python -m models.intent.card`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from insights.adapters.intent_model import read_meta
from insights.errors import InsightsError
from models.intent.dataset import SEED
from models.intent.evaluate import EVALUATION

_TEXT = """# Model card: the intent model

Made from `weights/meta.json` and `weights/evaluation.json` by `python -m models.intent.card`; do not edit by hand.

| | |
| --- | --- |
| model | `{model}`, weights SHA-256 `{sha256}` |
| made | {created}, code version {code_version} |
| encoder | `{encoder}`, SHA-256 `{encoder_short}`; embeddings and the lowest {frozen} layers as they come |
| trained part | the other encoder layers (half precision on disk) and the heads |
| windows | {window_tokens} tokens with {header_tokens} at most for the campaign's header, {overlap} turns overlap |
| readers | {network} times the network, plus {words} times a linear model over words and word pairs |

## What it is for
It reads the transcript of an answered call together with what the campaign offered, and says why the caller called
(eight reasons), which outcome a new customer's call reached (seven), and which turns it looked at. Its probabilities
feed a *proposal*; the rules, the evidence in quotes, and a person or an explicit policy stand between it and a charge.

## What it is not for
- Deciding about money by itself, judging agents or callers, or finding out who somebody is.
- Calls that metadata decides (missed calls, paused campaigns): these are never transcribed.
- Languages other than English; a few words of another language within a call are all it has seen.
- Calls in which nothing was said: it then answers with the label shares of its training data.

## Data
{calls} hand-written calls ({pairs} minimal pairs: two calls on one story that differ in what decides), labelled by the
guide in the domain notes, in `seed/train.jsonl`; as a speech recogniser heard them: {heard}. Training adds
noise: misheard, dropped, merged and split words, mono lines, merged turns, cut ends, hold lines, missing campaigns,
renamed towns. The sealed sets come from trades and clients that training never saw; they chose nothing. No call of a
real person is in the data.

## Figures

"Right" of a proposal means: right about the charge. Intervals are 95 % Wilson intervals.

### Held out by trade, in training
Each of the {calls} calls is judged by one of {folds} trainings that saw no call of its trade, client or pair; blend,
biases and odds of facts of a fold are fitted on the other folds. From these answers the promise chooses its floors.

{held_out}

The network alone is right in {alone_network:.3f} of them, the words alone in {alone_words:.3f}. Outcomes of
{outcome_calls} new customers: accuracy {outcome_accuracy:.3f}, macro F1 {outcome_f1:.3f}. {heard_line}

{sets}
## Odds of facts
By how much a fact, found with a quote, multiplies the odds of the reason it speaks to, beside what the model has read:

| fact | odds |
| --- | --- |
{odds}

## Limits
- The calls were written, not recorded: reasons are more evenly spread than on real lines, where most callers are new
  customers, so that more of the non-billable proposals will be wrong there. Expect a shift, and measure on decided
  calls before any policy accepts proposals by itself.
- Town names that are neither in the campaign nor well known carry little; whether a place lies outside the area is for
  the place rules to check.
- Reasons told in one passing sentence (a former purchase, who gave the number) are the hard ones; see the recall above.
- Calibration was fitted on calls like the training calls. It drifts with the recogniser and the mix of clients.
- Each turn weight says where the network looked, not why; quotes for evidence are checked elsewhere.

## Making it again
`python -m models.intent.train` trains, `python -m models.intent.calibrate` fits the calibration again when facts are
found differently, `python -m models.intent.evaluate` measures the sealed sets, `python -m models.intent.card` writes
this page, `python -m models.intent.validate` looks for faults in the seed calls.
"""

_TITLES = {
    "test": "Test: mixed calls of trades never seen",
    "test_heard": "The same calls, spoken over a telephone line and heard by the bundled recogniser",
    "robocalls": "Recorded sales scripts and scams, without an agent, cut at both ends",
}
_PLOTS = """
![Mistakes about the charge by coverage](plots/{name}-risk.svg)
![How far probabilities hold](plots/{name}-calibration.svg)
![What is taken for what](plots/{name}-confusion.svg)
"""


def card(meta: dict[str, Any], evaluation: dict[str, Any]) -> str:
    """The page for one set of metadata and the figures of the same weights. Raises ValueError when they differ."""
    if evaluation["model"] != meta["model"]:
        raise ValueError(f"the evaluation is of {evaluation['model']}, the weights are {meta['model']}")
    network, data, held_out = meta["network"], meta["data"], meta["held_out"]
    first = next(iter(evaluation["sets"]))
    sets = ""
    for name, figures in evaluation["sets"].items():
        sets += f"### {_TITLES.get(name, name)}\n{_scores(figures)}\n"
        sets += _PLOTS.format(name=name) if name == first else ""
        sets += "\n"
    heard = held_out["heard"]
    return _TEXT.format(
        model=meta["model"],
        sha256=meta["sha256"],
        created=meta["created"],
        code_version=meta["code_version"],
        encoder=network["encoder"],
        encoder_short=str(meta["encoder_sha256"])[:12] or "unknown",
        frozen=network["frozen_layers"],
        window_tokens=network["window_tokens"],
        header_tokens=network["header_tokens"],
        overlap=network["overlap_turns"],
        network=meta["blend"]["network"],
        words=meta["blend"]["words"],
        calls=data["calls"],
        pairs=data["pairs"],
        heard=data["heard_calls"],
        folds=meta["folds"],
        held_out=_table(held_out["intent"]),
        alone_network=held_out["alone"]["network"],
        alone_words=held_out["alone"]["words"],
        outcome_calls=held_out["outcome"]["calls"],
        outcome_accuracy=held_out["outcome"]["accuracy"],
        outcome_f1=held_out["outcome"]["macro_f1"],
        heard_line=f"As the recogniser heard {heard['calls']} of the calls: accuracy {heard['accuracy']:.3f}, macro F1 "
        f"{heard['macro_f1']:.3f}."
        if heard
        else "",
        sets=sets,
        odds="\n".join(f"| `{kind}` | {odds:.2f} |" for kind, odds in meta["reliability"]["fact_odds"].items()),
    )


def _table(figures: dict[str, Any]) -> str:
    rows = [
        ("calls", figures["calls"]),
        ("accuracy", f"{figures['accuracy']:.3f}"),
        ("macro F1", f"{figures['macro_f1']:.3f}"),
        ("billable or not, accuracy", f"{figures['billable_accuracy']:.3f}"),
        ("calibration error", f"{figures['calibration_error']:.3f}"),
    ]
    lines = ["| figure | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += ["| reason | calls | precision | recall | F1 |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{name}` | {row['calls']} | {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} |"
        for name, row in figures["reasons"].items()
    ]
    return "\n".join(lines)


def _scores(figures: dict[str, Any]) -> str:
    over, under = figures["over_credited"], figures["under_credited"]
    rows = [
        ("calls", figures["n"]),
        ("accuracy", _with_interval(figures, "accuracy")),
        ("macro F1", f"{figures['macro_f1']:.3f}"),
        ("billable or not, accuracy", f"{figures['billable_accuracy']:.3f}"),
        ("outcome of new customers, accuracy", f"{figures['outcome_accuracy']:.3f}"),
        ("calibration error", f"{figures['calibration_error']:.3f}"),
        ("coverage: calls that got a proposal", f"{figures['coverage']:.3f}"),
        ("proposals that were right", _with_interval(figures, "proposal_precision")),
        ("non-billable proposals that were right", _with_interval(figures, "non_billable_precision")),
        ("non-billable calls that got such a proposal", f"{figures['non_billable_coverage']:.3f}"),
        ("credited by mistake", f"{over['leads']} leads, ${over['amount']} at $45 a lead"),
        ("charged by mistake", f"{under['leads']} leads, ${under['amount']}"),
    ]
    lines = ["| figure | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += ["| reason | calls | precision | recall | F1 |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{name}` | {row['n']} | {_with_interval(row, 'precision', 2)} | {_with_interval(row, 'recall', 2)} | "
        f"{row['f1']:.2f} |"
        for name, row in figures["per_reason"].items()
    ]
    return "\n".join(lines)


def _with_interval(figures: dict[str, Any], name: str, digits: int = 3) -> str:
    low, high = figures[f"{name}_interval"]
    return f"{figures[name]:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.intent.card", description=__doc__)
    parser.add_argument("--weights", type=Path, default=SEED.parent / "weights", help="folder of weights")
    parser.add_argument("--out", type=Path, default=SEED.parent / "MODEL_CARD.md")
    options = parser.parse_args(arguments)
    try:
        evaluation = json.loads((options.weights / EVALUATION).read_text(encoding="utf-8"))
        options.out.write_text(card(read_meta(options.weights), evaluation), encoding="utf-8")
    except (InsightsError, KeyError, ValueError, OSError) as trouble:
        print(f"no card: {trouble}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
