"""Writes MODEL_CARD.md from the metadata of the weights: `python -m models.intent.card`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from insights.adapters.intent_model import read_meta
from insights.errors import InsightsError
from models.intent.dataset import SEED

_TEXT = """# Model card: the intent model

Made from `weights/meta.json` by `python -m models.intent.card`; do not edit by hand.

| | |
| --- | --- |
| model | `{model}`, weights SHA-256 `{sha256}` |
| made | {created}, code version {code_version} |
| encoder | `{encoder}`, SHA-256 `{encoder_short}`; embeddings and the lowest {frozen} layers as they come |
| trained part | the other encoder layers (half precision on disk) and the heads |
| windows | {window_tokens} tokens with {header_tokens} at most for the campaign's header, {overlap} turns overlap |
| readers | the network, plus {blend} times a linear model over words and word pairs |
| temperatures | intent {temperature_intent}, outcome {temperature_outcome} |

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
renamed towns. The {test_calls} test calls in `seed/test.jsonl` come from trades and clients that training never saw;
they chose nothing. No call of a real person is in the data.

## Figures

### Held out by client
{validation_how}.
The same calls fitted the temperatures and the blend of the two readers, so these figures lean to the kind side.

{validation_table}

For comparison, {alone}.

Outcomes of {validation_outcome_calls} new customers: accuracy {validation_outcome_accuracy}, macro F1
{validation_outcome_f1}, calibration error {validation_outcome_ece}.

### Test: trades never seen
{test_table}

Outcomes of {test_outcome_calls} new customers: accuracy {test_outcome_accuracy}, macro F1 {test_outcome_f1},
calibration error {test_outcome_ece}.

With {test_calls} calls a share is uncertain by about {margin} either way (95 %).

## Limits
- The calls were written, not recorded: wording is cleaner and reasons are more evenly spread than on real lines.
  Expect a shift, and measure on decided calls before any policy accepts proposals by itself.
- Town names that are neither in the campaign nor well known carry little; whether a place lies outside the area is for
  the place rules to check.
- Reasons told in one passing sentence (a former purchase, who gave the number) are the hard ones; see the recall above.
- Calibration was fitted on calls like the training calls. It drifts with the recogniser and the mix of clients.
- Each turn weight says where the network looked, not why; quotes for evidence are checked elsewhere.

## Making it again
`python -m models.intent.train` trains, `python -m models.intent.evaluate FILE` measures, `python -m models.intent.card`
writes this page, `python -m models.intent.validate` looks for faults in the seed calls.
"""


def card(meta: dict[str, Any]) -> str:
    """The page for one set of metadata."""
    network, data = meta["network"], meta["data"]
    validation, test = meta["validation"], meta["test"]
    calls = test["intent"]["calls"]
    accuracy = test["intent"]["accuracy"]
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
        blend=meta["blend"]["words"],
        alone="; ".join(
            f"{name} alone: accuracy {row['accuracy']:.3f}, macro F1 {row['macro_f1']:.3f}"
            for name, row in validation["alone"].items()
        ),
        temperature_intent=meta["temperature"]["intent"],
        temperature_outcome=meta["temperature"]["outcome"],
        calls=data["calls"],
        pairs=data["pairs"],
        heard=data["heard_calls"],
        test_calls=calls,
        validation_how=validation["how"][0].upper() + validation["how"][1:],
        validation_table=_table(validation["intent"]),
        test_table=_table(test["intent"]),
        margin=f"{1.96 * (accuracy * (1 - accuracy) / calls) ** 0.5:.2f}",
        **_outcomes("validation", validation["outcome"]),
        **_outcomes("test", test["outcome"]),
    )


def _outcomes(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name}_outcome_calls": figures["calls"],
        f"{name}_outcome_accuracy": f"{figures['accuracy']:.3f}",
        f"{name}_outcome_f1": f"{figures['macro_f1']:.3f}",
        f"{name}_outcome_ece": f"{figures['calibration_error']:.3f}",
    }


def _table(figures: dict[str, Any]) -> str:
    rows = [
        ("calls", figures["calls"]),
        ("accuracy", f"{figures['accuracy']:.3f}"),
        ("macro F1", f"{figures['macro_f1']:.3f}"),
        ("billable or not, accuracy", f"{figures['billable_accuracy']:.3f}"),
        (
            "calibration error (before temperature)",
            f"{figures['calibration_error']:.3f} ({figures['calibration_error_before_temperature']:.3f})",
        ),
        (
            f"answers at {figures['confident_from']} or surer: share of calls, right among them",
            f"{figures['confident_coverage']:.3f}, {_share(figures['confident_precision'])}",
        ),
        (
            "of these non-billable: calls, right among them, truly billable",
            f"{figures['confident_non_billable']}, {_share(figures['confident_non_billable_precision'])}, "
            f"{figures['confident_non_billable_but_billable']}",
        ),
    ]
    lines = ["| figure | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += ["| reason | calls | precision | recall | F1 |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{name}` | {row['calls']} | {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} |"
        for name, row in figures["reasons"].items()
    ]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.intent.card", description=__doc__)
    parser.add_argument("--weights", type=Path, default=SEED.parent / "weights", help="folder of weights")
    parser.add_argument("--out", type=Path, default=SEED.parent / "MODEL_CARD.md")
    options = parser.parse_args(arguments)
    try:
        options.out.write_text(card(read_meta(options.weights)), encoding="utf-8")
    except (InsightsError, KeyError, OSError) as trouble:
        print(f"no card: {trouble}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
