"""Decides whether a candidate's weights take over: no reason worse beyond noise, and the promise of precision kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from insights.domain.intents import Intent
from insights.domain.scoring import Scored, score

ALPHA = 0.05
"""A difference that chance makes less often than this is beyond noise."""
FEW_MISTAKES = 5
"""Where fewer mistakes than this may be expected, one more or less says little: the promise is tested, not compared."""

Pair = tuple[Scored, Scored]
"""One labelled call as the current model judged it, and as the candidate did."""


class Measure(StrEnum):
    """What is compared: the share of calls whose reason is right, that got a right proposal, of a reason's calls found,
    of its answers right."""

    ACCURACY = "accuracy"
    PROPOSED = "right proposals"
    RECALL = "recall"
    PRECISION = "precision"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of both models over the same ``n`` calls of a set; ``reason`` is empty for all calls.

    ``current`` and ``candidate`` are shares (0..1), None where a model never answered with the reason. ``lost`` calls
    only the current model gets right, ``won`` ones only the candidate; for a precision these are the calls of other
    reasons for which only one of them raises a false alarm. ``p``: how often chance loses at least so many of them.
    """

    calls: str
    measure: Measure
    reason: str
    n: int
    current: float | None
    candidate: float | None
    lost: int
    won: int
    p: float

    @property
    def worse(self) -> bool:
        """Worse beyond noise. More false alarms alone are no worse precision where right answers grew as well."""
        before = 1.0 if self.current is None else self.current
        return self.p < ALPHA and self.candidate is not None and self.candidate < before

    def __str__(self) -> str:
        what = f"{self.measure} of {self.reason}" if self.reason else self.measure
        return (
            f"{what} on {self.calls} {shown(self.current)} -> {shown(self.candidate)} "
            f"({self.lost} lost, {self.won} won, p = {self.p:.3f})"
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """The candidate's non-billable proposals in one set: ``right`` of ``n`` are on leads labelled non-billable.

    ``target`` is the precision that the policy promises; ``p``: how often a model that just keeps it is wrong at least
    so often.
    """

    calls: str
    target: float
    n: int
    right: int
    p: float

    @property
    def precision(self) -> float | None:
        return self.right / self.n if self.n else None

    @property
    def kept(self) -> bool:
        """The precision reaches the target, or there are too few proposals to say that it does not."""
        if self.precision is None or self.precision >= self.target:
            return True
        return self.n * (1 - self.target) < FEW_MISTAKES and self.p >= ALPHA

    def __str__(self) -> str:
        return (
            f"precision of non-billable proposals on {self.calls} {shown(self.precision)} "
            f"({self.right} of {self.n}) is below the promise of {self.target:.2f}"
        )


@dataclass(frozen=True)
class PromotionReport:
    """Everything that was compared, and what follows from it. ``figures``: of each set, headline figures of each model.

    ``changed`` lists the calls on which the two models' verdicts differ.
    """

    current: str
    candidate: str
    comparisons: tuple[Comparison, ...]
    promises: tuple[Promise, ...]
    figures: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    changed: tuple[Mapping[str, str], ...] = field(repr=False)

    @property
    def faults(self) -> list[str]:
        """Why the candidate may not take over, each in words; empty when it may."""
        nothing = ["no gold call was judged"] if not self.figures["gold"]["candidate"]["calls"] else []
        worse = [str(found) for found in self.comparisons if found.worse]
        return nothing + worse + [str(promise) for promise in self.promises if not promise.kept]

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def conclusion(self) -> str:
        """What follows, in one line."""
        if self.faults:
            return f"{self.candidate} stays beside {self.current}: " + "; ".join(self.faults)
        gold, replay = (int(self.figures[calls]["candidate"]["calls"] or 0) for calls in ("gold", "replay"))
        ground = f"{gold} gold and {replay} replayed calls" if replay else f"{gold} gold calls (there was no replay)"
        return (
            f"{self.candidate} may take over from {self.current}: on {ground} no reason is worse beyond noise, "
            "and the promise of precision is kept"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "current": self.current,
            "candidate": self.candidate,
            "passed": self.passed,
            "conclusion": self.conclusion,
            "faults": self.faults,
            "figures": self.figures,
            "promises": [
                {**asdict(promise), "precision": promise.precision, "kept": promise.kept} for promise in self.promises
            ],
            "comparisons": [{**asdict(found), "worse": found.worse} for found in self.comparisons],
            "changed": list(self.changed),
        }


def compare_models(
    current: str, candidate: str, gold: Sequence[Pair], replay: Sequence[Pair], target: float
) -> PromotionReport:
    """Compare two models, call by call, on the gold set and on the replay; ``target``: the promised precision (0..1).

    An empty replay compares nothing, an empty gold set promotes nothing. Raises ValueError for a pair of two calls.
    """
    sets = {"gold": gold, "replay": replay}
    for first, second in (*gold, *replay):
        if (first.call_id, first.label_reason) != (second.call_id, second.label_reason):
            raise ValueError(f"{first.call_id!r} and {second.call_id!r} are not the same labelled call")
    return PromotionReport(
        current,
        candidate,
        comparisons=tuple(found for calls, pairs in sets.items() for found in _compared(calls, pairs)),
        promises=tuple(_promise(calls, [second for _, second in pairs], target) for calls, pairs in sets.items()),
        figures={
            calls: {
                "current": _figures([first for first, _ in pairs]),
                "candidate": _figures([second for _, second in pairs]),
            }
            for calls, pairs in sets.items()
        },
        changed=tuple(
            _change(calls, first, second)
            for calls, pairs in sets.items()
            for first, second in pairs
            if (first.decision, first.reason) != (second.decision, second.reason)
        ),
    )


def _compared(calls: str, pairs: Sequence[Pair]) -> Iterator[Comparison]:
    """Accuracy and right proposals over all calls, recall of every labelled reason, precision of every reason that
    either model gives."""
    if not pairs:
        return
    right = [(first.reason == first.label_reason, second.reason == second.label_reason) for first, second in pairs]
    shares = [sum(model) / len(right) for model in zip(*right, strict=True)]
    yield _comparison(calls, Measure.ACCURACY, "", right, shares[0], shares[1])
    proposed = [(_rightly_proposed(first), _rightly_proposed(second)) for first, second in pairs]
    shares = [sum(model) / len(proposed) for model in zip(*proposed, strict=True)]
    yield _comparison(calls, Measure.PROPOSED, "", proposed, shares[0], shares[1])
    for intent in Intent:
        reason = intent.value
        own = [outcome for (first, _), outcome in zip(pairs, right, strict=True) if first.label_reason == reason]
        if own:
            found = [sum(model) for model in zip(*own, strict=True)]
            yield _comparison(calls, Measure.RECALL, reason, own, found[0] / len(own), found[1] / len(own))
        others = [pair for pair in pairs if pair[0].label_reason != reason]
        quiet = [(first.reason != reason, second.reason != reason) for first, second in others]
        precisions = [_precision([pair[model] for pair in pairs], reason) for model in (0, 1)]
        if precisions != [None, None]:
            yield _comparison(calls, Measure.PRECISION, reason, quiet, precisions[0], precisions[1])


def _comparison(
    calls: str,
    measure: Measure,
    reason: str,
    right: Sequence[tuple[bool, bool]],
    current: float | None,
    candidate: float | None,
) -> Comparison:
    """The exact one-sided test of McNemar (1947): of the calls that divide the models, half are lost by chance."""
    lost = sum(first and not second for first, second in right)
    won = sum(second and not first for first, second in right)
    p = at_least(lost, lost + won, 0.5)
    return Comparison(calls, measure, reason, len(right), current, candidate, lost, won, p)


def _rightly_proposed(call: Scored) -> bool:
    return call.decision == ("billable" if call.label_billable else "non_billable")


def _precision(calls: Sequence[Scored], reason: str) -> float | None:
    said = [call.label_reason == reason for call in calls if call.reason == reason]
    return sum(said) / len(said) if said else None


def _promise(calls: str, judged: Sequence[Scored], target: float) -> Promise:
    proposed = [call for call in judged if call.decision == "non_billable"]
    right = sum(not call.label_billable for call in proposed)
    return Promise(calls, target, len(proposed), right, at_least(len(proposed) - right, len(proposed), 1 - target))


def at_least(count: int, trials: int, share: float) -> float:
    """How often chance gives ``count`` or more successes in ``trials``, each with probability ``share`` (in 0..1)."""
    if count <= 0:
        return 1.0
    logs = (
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(share)
        + (trials - k) * math.log1p(-share)
        for k in range(count, trials + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))


def _figures(calls: Sequence[Scored]) -> dict[str, float | None]:
    found = score(calls)
    return {
        "calls": found["n"],
        "accuracy": found["accuracy"],
        "coverage": found["coverage"],
        "non_billable_precision": found["non_billable_precision"] if found["decisions"].get("non_billable") else None,
        "over_credited_leads": found["over_credited"]["leads"],
        "under_credited_leads": found["under_credited"]["leads"],
    }


def _change(calls: str, first: Scored, second: Scored) -> dict[str, str]:
    return {
        "calls": calls,
        "id": first.call_id,
        "label": first.label_reason,
        "current": f"{first.decision}: {first.reason}",
        "candidate": f"{second.decision}: {second.reason}",
    }


def shown(share: float | None) -> str:
    """A share with two decimals, or a dash where there is none."""
    return "-" if share is None else f"{share:.2f}"
