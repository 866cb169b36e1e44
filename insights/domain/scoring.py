"""Scores predictions against labels: accuracy, coverage, calibration, and money credited or charged by mistake."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent, Outcome
from insights.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of a call."""

    billable: bool
    reason: Intent
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class LabelledTranscript:
    """A call, what its client offered, and its label; None where nobody labelled it."""

    call_id: str
    transcript: Transcript
    campaign: Campaign | None
    known_customer: bool
    label: Label | None


@dataclass(frozen=True, slots=True)
class Scored:
    """One labelled call beside its prediction. ``price`` is the price of the lead; ``confidence`` is 0..1."""

    call_id: str
    label_reason: str
    label_billable: bool
    label_outcome: str | None
    decision: str
    reason: str
    outcome: str | None
    confidence: float
    price: Decimal
    charge_probability: float | None = None
    """That the prediction is right about the charge (0..1); None where only the reason's is known."""

    @property
    def sureness(self) -> float:
        """How sure the prediction is about the charge."""
        return self.confidence if self.charge_probability is None else self.charge_probability


def wilson(successes: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson score interval of a share, 95 % by default (E. B. Wilson, 1927); ``(0, 1)`` for no trials."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = successes / n, z * z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equal-width bins, weighed by their size.

    After Naeini et al. (2015). 0.0 for no pairs.
    """
    found = calibration_bins(pairs, bins)
    return sum(cell.n * abs(cell.confidence - cell.right) for cell in found) / len(pairs) if pairs else 0.0


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Of the surest share ``coverage`` (0..1) of the calls, all at least ``confidence`` sure about the charge, the
    share ``risk`` was wrong about it."""

    coverage: float
    risk: float
    confidence: float


def risk_curve(calls: Sequence[Scored]) -> tuple[RiskPoint, ...]:
    """The selective risk by coverage, the surest calls first (El-Yaniv and Wiener, 2010); a point a confidence."""
    ranked = sorted(calls, key=lambda call: -call.sureness)
    points, wrong = [], 0
    for count, call in enumerate(ranked, start=1):
        wrong += (call.reason in _BILLABLE) != call.label_billable
        if count == len(ranked) or ranked[count].sureness < call.sureness:
            points.append(RiskPoint(count / len(ranked), wrong / count, call.sureness))
    return tuple(points)


@dataclass(frozen=True, slots=True)
class Bin:
    """Calls of like confidence: how many, how sure on average and how often right (0..1)."""

    n: int
    confidence: float
    right: float


def calibration_bins(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> tuple[Bin, ...]:
    """The bins behind :func:`calibration_error`, empty ones left out."""
    sums: dict[int, list[float]] = {}
    for confidence, right in pairs:
        cell = sums.setdefault(min(int(confidence * bins), bins - 1), [0, 0.0, 0.0])
        cell[0] += 1
        cell[1] += confidence
        cell[2] += right
    return tuple(Bin(int(n), total / n, hits / n) for _, (n, total, hits) in sorted(sums.items()))


def score(calls: Sequence[Scored]) -> dict[str, Any]:
    """The evaluation of a labelled file as one JSON document.

    ``coverage``: share of calls with a proposal (not ``needs_review``). ``proposal_precision``: share of those whose
    billable-or-not is right. ``non_billable_precision``: share of non-billable proposals on leads labelled
    non-billable; ``non_billable_coverage``: share of the leads so labelled that got such a proposal.
    ``over_credited``: money of billable leads proposed as non-billable; ``under_credited``: money of non-billable
    leads proposed as billable; both also in leads.
    """
    n = len(calls)
    reasons = sorted({call.label_reason for call in calls} | {call.reason for call in calls})
    right = [call.reason == call.label_reason for call in calls]
    proposed = [call for call in calls if call.decision != "needs_review"]
    credits = [call for call in proposed if call.decision == "non_billable"]
    over = [call for call in credits if call.label_billable]
    under = [call for call in proposed if call.decision == "billable" and not call.label_billable]
    per_reason = {reason: _per_reason(calls, reason) for reason in reasons}
    labelled = [reason for reason in reasons if any(call.label_reason == reason for call in calls)]
    sure = [(call.confidence, ok) for call, ok in zip(calls, right, strict=True)]
    outcomes = [call for call in calls if call.label_outcome and call.reason == call.label_reason]
    confusion: dict[str, dict[str, int]] = {}
    for call in calls:
        row = confusion.setdefault(call.label_reason, {})
        row[call.reason] = row.get(call.reason, 0) + 1
    return {
        "n": n,
        "accuracy": _share(sum(right), n),
        "accuracy_interval": wilson(sum(right), n),
        "macro_f1": _share(sum(per_reason[reason]["f1"] for reason in labelled), len(labelled)),
        "billable_accuracy": _share(sum((c.reason in _BILLABLE) == c.label_billable for c in calls), n),
        "outcome_accuracy": _share(sum(c.outcome == c.label_outcome for c in outcomes), len(outcomes)),
        "coverage": _share(len(proposed), n),
        "proposal_precision": _share(len(proposed) - len(over) - len(under), len(proposed)),
        "proposal_precision_interval": wilson(len(proposed) - len(over) - len(under), len(proposed)),
        "non_billable_precision": _share(len(credits) - len(over), len(credits)),
        "non_billable_precision_interval": wilson(len(credits) - len(over), len(credits)),
        "non_billable_coverage": _share(len(credits) - len(over), sum(not call.label_billable for call in calls)),
        "calibration_error": calibration_error(sure),
        "calibration": [asdict(cell) for cell in calibration_bins(sure)],
        "risk_coverage": [asdict(point) for point in risk_curve(calls)],
        "per_reason": per_reason,
        "decisions": dict(Counter(call.decision for call in calls)),
        "confusion": confusion,
        "over_credited": {"leads": len(over), "amount": str(sum((c.price for c in over), Decimal(0)))},
        "under_credited": {"leads": len(under), "amount": str(sum((c.price for c in under), Decimal(0)))},
    }


_BILLABLE = frozenset({"new_customer", "missed_call"})


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def _per_reason(calls: Sequence[Scored], reason: str) -> dict[str, Any]:
    said = [call for call in calls if call.reason == reason]
    true = [call for call in calls if call.label_reason == reason]
    hits = sum(call.label_reason == reason for call in said)
    precision, recall = _share(hits, len(said)), _share(hits, len(true))
    return {
        "n": len(true),
        "predicted": len(said),
        "precision": precision,
        "precision_interval": wilson(hits, len(said)),
        "recall": recall,
        "recall_interval": wilson(hits, len(true)),
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
    }
