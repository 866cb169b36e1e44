"""Figures of quality from probabilities and labels: accuracy, macro F1, calibration, precision of confident answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from insights.domain.intents import Intent, Outcome

CONFIDENT = 0.85
"""Answers at least this sure are the ones whose precision and coverage are reported."""

Array = np.ndarray[Any, np.dtype[np.float64]]


def probabilities(logits: Array, temperature: float) -> Array:
    """Softmax of ``logits`` ``[n, classes]`` divided by the temperature."""
    scaled = logits / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_temperature(logits: Array, labels: Array) -> float:
    """The one number that makes probabilities fit held-out labels best (Guo et al. 2017), between 0.25 and 8."""

    def loss(log_temperature: float) -> float:
        table = probabilities(logits, float(np.exp(log_temperature)))
        return float(-np.log(table[np.arange(len(labels)), labels] + 1e-12).mean())

    found = minimize_scalar(loss, bounds=(float(np.log(0.25)), float(np.log(8))), method="bounded")
    return float(np.exp(found.x))


def calibration_error(table: Array, labels: Array, bins: int = 10) -> float:
    """Expected calibration error: mean gap between the top probability and how often it is right, over equal bins."""
    top, right = table.max(axis=1), table.argmax(axis=1) == labels
    bin_of = np.minimum((top * bins).astype(int), bins - 1)
    gaps = [
        abs(top[bin_of == at].mean() - right[bin_of == at].mean()) * (bin_of == at).mean()
        for at in range(bins)
        if (bin_of == at).any()
    ]
    return float(sum(gaps))


def intent_figures(logits: Array, labels: Sequence[int] | Array) -> dict[str, Any]:
    """All figures for the intents. Rows of ``confusion`` are the true reasons, in the order of ``Intent``."""
    truth = np.asarray(labels)
    table = probabilities(logits, 1.0)
    said = table.argmax(axis=1)
    every = list(range(len(Intent)))
    precision, recall, f1, support = precision_recall_fscore_support(truth, said, labels=every, zero_division=0.0)
    sure = table.max(axis=1) >= CONFIDENT
    billable = list(Intent).index(Intent.NEW_CUSTOMER)
    refused = sure & (said != billable)
    return {
        "calls": len(truth),
        "accuracy": _round((said == truth).mean()),
        "macro_f1": _round(f1_score(truth, said, labels=every, average="macro", zero_division=0.0)),
        "billable_accuracy": _round(((said == billable) == (truth == billable)).mean()),
        "log_loss": _round(-np.log(table[np.arange(len(truth)), truth] + 1e-12).mean()),
        "calibration_error": _round(calibration_error(table, truth)),
        "confident_from": CONFIDENT,
        "confident_coverage": _round(sure.mean()),
        "confident_precision": _round((said == truth)[sure].mean()) if sure.any() else None,
        "confident_non_billable": int(refused.sum()),
        "confident_non_billable_precision": _round((said == truth)[refused].mean()) if refused.any() else None,
        "confident_non_billable_but_billable": int((truth[refused] == billable).sum()),
        "reasons": {
            str(intent): {
                "calls": int(support[at]),
                "precision": _round(precision[at]),
                "recall": _round(recall[at]),
                "f1": _round(f1[at]),
            }
            for at, intent in enumerate(Intent)
        },
        "confusion": confusion_matrix(truth, said, labels=every).tolist(),
    }


def outcome_figures(logits: Array, labels: Sequence[int] | Array, temperature: float) -> dict[str, Any]:
    """Figures for the outcomes over new customers' calls only."""
    truth = np.asarray(labels)
    if not len(truth):
        return {"calls": 0}
    table = probabilities(logits, temperature)
    said = table.argmax(axis=1)
    every = list(range(len(Outcome)))
    return {
        "calls": len(truth),
        "accuracy": _round((said == truth).mean()),
        "macro_f1": _round(f1_score(truth, said, labels=every, average="macro", zero_division=0.0)),
        "calibration_error": _round(calibration_error(table, truth)),
        "calibration_error_before_temperature": _round(calibration_error(probabilities(logits, 1.0), truth)),
        "confusion": confusion_matrix(truth, said, labels=every).tolist(),
    }


def readable(figures: dict[str, Any]) -> str:
    """The intent figures as a table for people."""
    lines = [
        f"calls {figures['calls']}   accuracy {figures['accuracy']:.3f}   macro F1 {figures['macro_f1']:.3f}   "
        f"billable or not {figures['billable_accuracy']:.3f}",
        f"calibration error {figures['calibration_error']:.3f}   log loss {figures['log_loss']:.3f}",
        f"at {figures['confident_from']:.2f} and surer: {figures['confident_coverage']:.1%} of the calls, "
        f"{_percent(figures['confident_precision'])} of them right; non-billable among them: "
        f"{figures['confident_non_billable']}, {_percent(figures['confident_non_billable_precision'])} right",
        "",
        f"{'reason':22}{'calls':>6}{'precision':>11}{'recall':>8}{'F1':>7}   said instead",
    ]
    names = [str(intent) for intent in Intent]
    for at, (name, row) in enumerate(figures["reasons"].items()):
        wrong = {names[to]: n for to, n in enumerate(figures["confusion"][at]) if n and to != at}
        instead = ", ".join(f"{n} {to}" for to, n in sorted(wrong.items(), key=lambda item: -item[1]))
        lines.append(
            f"{name:22}{row['calls']:>6}{row['precision']:>11.2f}{row['recall']:>8.2f}{row['f1']:>7.2f}   {instead}"
        )
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _round(value: Any) -> float:
    return round(float(value), 4)
