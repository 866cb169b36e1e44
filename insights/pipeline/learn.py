"""Learn from decisions: gather the pool, train a candidate, compare it with the current model, promote it or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from insights.domain.lessons import Lesson, choose_pool, lesson_counts, replayed
from insights.domain.promotion import Pair, PromotionReport, compare_models
from insights.domain.scoring import LabelledTranscript
from insights.domain.weights_history import WeightsEvent, WeightsEventKind, taught_until
from insights.errors import ConfigurationError, InsightsError, NotEnoughDecisions, TrainingFailed
from insights.pipeline.lessons import gather_decisions
from insights.pipeline.predict import judge, scored
from insights.ports import IntentModel, LearnDeps, TrainingOptions

PROMOTED = "promoted"


@dataclass(frozen=True)
class Pool:
    """What the next training would read and be judged on. ``new`` decisions came since the last training."""

    lessons: list[Lesson]
    replay: list[Lesson]
    decided: int
    new: int
    decided_until: datetime | None
    passed_over: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The pool in numbers and by lead, without a word that was said."""
        return {
            "decided": self.decided,
            "new": self.new,
            "pool": lesson_counts(self.lessons),
            "replay": lesson_counts(self.replay),
            "passed_over": self.passed_over,
            "leads": [lesson.lead_id for lesson in self.lessons],
        }


@dataclass(frozen=True)
class Order:
    """How to learn. ``keep``: never promote; ``by``: who asks, for the history."""

    by: str
    keep: bool = False
    training: TrainingOptions = field(default_factory=TrainingOptions)


def gather_pool(parts: LearnDeps, gold: Sequence[LabelledTranscript]) -> Pool:
    """What a training would read now; nothing is trained."""
    decisions = gather_decisions(parts.deps)
    before = taught_until(parts.shelf.history())
    return Pool(
        lessons=choose_pool(decisions.lessons, {call.call_id for call in gold}),
        replay=replayed(decisions.lessons, parts.deps.clock.now()),
        decided=len(decisions.lessons),
        new=sum(before is None or lesson.decided_at > before for lesson in decisions.lessons),
        decided_until=max((lesson.decided_at for lesson in decisions.lessons), default=None),
        passed_over=decisions.passed_over,
    )


def learn(parts: LearnDeps, order: Order) -> dict[str, Any]:
    """Train a candidate and put it in force if it is good enough; the report, which lies beside the weights as well.

    ``settled`` says in words what became of the candidate, ``promoted`` whether it is in force.
    Raises NotEnoughDecisions, TrainingFailed, and what loading weights raises. Killed at any point, the weights that
    were in force still are, or the new ones are in full; the same call goes on.
    """
    if parts.pinned is not None and not order.keep:
        raise ConfigurationError(
            f"the setting intent_model names {parts.pinned}: promoted weights would not be used.",
            next_step="Unset it, or train with --keep.",
        )
    with parts.shelf.one_training():
        before = parts.shelf.current()
        gold = parts.gold()
        pool = gather_pool(parts, gold)
        _check(pool, parts.least_new)
        current = parts.deps.intent()
        weights = parts.trainer.train([lesson.call for lesson in pool.lessons], order.training)
        candidate = _loaded(parts, weights)
        if candidate.model == current.model:
            parts.trainer.clean_up()
            raise TrainingFailed(
                f"the training gave the very weights that are in force ({current.model}): it read nothing new.",
                next_step="Decide more leads first.",
            )
        comparison = _compare(parts, current, candidate, gold, pool.replay)
        report = {
            "at": parts.deps.clock.now().isoformat(timespec="seconds"),
            "by": order.by,
            **comparison.as_dict(),
            "learnt_from": pool.as_dict(),
        }
        parts.shelf.keep(candidate.model, weights, report)
        settled = _settle(parts, order, comparison, before, pool)
        parts.trainer.clean_up()
    return {**report, "promoted": settled == PROMOTED, "settled": settled}


def _check(pool: Pool, least_new: int) -> None:
    if not pool.decided:
        raise NotEnoughDecisions(
            "no decided call is on this billing record: there is nothing to learn from.",
            next_step="Let reviewers decide leads first; --database names another record.",
        )
    if pool.new < least_new or not pool.lessons:
        raise NotEnoughDecisions(
            f"{pool.new} new decisions since the last training, {len(pool.lessons)} calls to train on; "
            f"at least {least_new} new ones are needed.",
            next_step="Decide more leads, or lower the setting retrain_decisions.",
        )


def _loaded(parts: LearnDeps, weights: Path) -> IntentModel:
    try:
        return parts.load(weights)
    except InsightsError as error:
        raise TrainingFailed(f"the training gave weights that cannot be used: {error}") from error


def _compare(
    parts: LearnDeps,
    current: IntentModel,
    candidate: IntentModel,
    gold: Sequence[LabelledTranscript],
    replay: Sequence[Lesson],
) -> PromotionReport:
    """Gold calls under the policy of today, replayed ones under the policy of their own day."""
    now = parts.deps.clock.now()
    return compare_models(
        current.model,
        candidate.model,
        list(_pairs(parts, "gold", current, candidate, [(call, now) for call in gold])),
        list(_pairs(parts, "replay", current, candidate, [(one.call, one.received_at) for one in replay])),
        parts.deps.policies.at(now).proposals.precision,
    )


def _pairs(
    parts: LearnDeps,
    name: str,
    current: IntentModel,
    candidate: IntentModel,
    calls: Sequence[tuple[LabelledTranscript, datetime]],
) -> Iterator[Pair]:
    deps = parts.deps
    deps.progress.stage(name, len(calls))
    for call, instant in calls:
        policy = deps.policies.at(instant, call.campaign.policy if call.campaign else None)
        price = call.campaign.price.amount if call.campaign and call.campaign.price else Decimal(0)
        assert call.label is not None
        first, second = (
            judge(
                call.transcript,
                call.campaign,
                call.known_customer,
                model,
                deps.places,
                policy,
                deps.code_version,
                deps.services,
            )
            for model in (current, candidate)
        )
        deps.progress.step(name, call.call_id)
        yield scored(call.call_id, first, call.label, price), scored(call.call_id, second, call.label, price)


def _settle(parts: LearnDeps, order: Order, report: PromotionReport, before: WeightsEvent | None, pool: Pool) -> str:
    """Promote the candidate if it passed, nobody objects, and it was compared with what is still in force."""
    previous = before.model if before else None
    now = parts.deps.clock.now()
    event = WeightsEvent(WeightsEventKind.PROMOTED, report.candidate, now, order.by, previous, pool.decided_until)
    if not report.passed:
        parts.shelf.note(replace(event, kind=WeightsEventKind.KEPT))
        return "kept beside: it did not pass"
    if order.keep:
        settled = "kept beside, as asked"
    elif parts.shelf.promote(event, before):
        return PROMOTED
    else:
        settled = "kept beside: other weights were put in force meanwhile"
    parts.shelf.note(replace(event, kind=WeightsEventKind.KEPT, decided_until=None))  # its decisions teach again
    return settled
