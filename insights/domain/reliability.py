"""How far a model's answers can be trusted, by what it said of calls that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Self

from insights.domain.facts import FactKind
from insights.domain.intents import Intent
from insights.domain.scoring import wilson

INTENTS = tuple(Intent)
FEWEST_OWN = 20
"""A reason with fewer answers than this above the floor is not known well enough to be proposed."""

Side = frozenset[Intent]
"""The intents for which a policy charges, or those for which it does not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said of one held-out call, a probability for each intent in their order, and a person's label."""

    probabilities: tuple[float, ...]
    label: Intent

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(INTENTS) or any(not 0 <= p <= 1 for p in self.probabilities):
            raise ValueError("an answer needs a probability from 0 to 1 for every intent")

    @property
    def said(self) -> Intent:
        """The most probable intent, the first at a tie."""
        return INTENTS[self.probabilities.index(max(self.probabilities))]

    def chance(self, side: Side) -> float:
        """The probability that the call belongs to a side of the charge."""
        return chance_of(zip(INTENTS, self.probabilities, strict=True), side)


def chance_of(probabilities: Iterable[tuple[Intent, float]], side: Side) -> float:
    """The probability (0..1) of a side of the charge: whichever of its reasons it is, the charge is the same."""
    return min(1.0, sum(p for intent, p in probabilities if intent in side))


@dataclass(frozen=True, slots=True)
class Reliability:
    """The record of one model on held-out calls. ``fact_odds``: by how much a fact of a kind multiplies the odds of the
    intent it speaks to."""

    answers: tuple[Answer, ...] = ()
    fact_odds: Mapping[FactKind, float] = field(default_factory=dict)
    _floors: dict[tuple[Intent, Side, float, float], float | None] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def floor(self, intent: Intent, side: Side, precision: float, confidence: float) -> float | None:
        """The lowest chance of being right about the charge from which answers ``intent`` keep a promise of precision;
        None when none do.

        All answers of its ``side`` keep the promise together: going down from the surest, the floor is the last chance
        at which the lower bound of the share of right ones (Wilson, one-sided, with ``confidence``) still is
        ``precision`` or more. An intent that is right less often than that among them has a higher floor of its own.
        """
        key = (intent, side, precision, confidence)
        if key not in self._floors:
            self._floors[key] = self._read_off(*key)
        return self._floors[key]

    def _read_off(self, intent: Intent, side: Side, precision: float, confidence: float) -> float | None:
        z = NormalDist().inv_cdf(confidence)
        answers = [(a.chance(side), a.label in side, a.said) for a in self.answers if a.said in side]
        answers.sort(key=lambda answer: -answer[0])
        shared = _last(answers, lambda hits, count: wilson(hits, count, z)[0] >= precision)
        own = [answer for answer in answers if answer[2] is intent and shared is not None and answer[0] >= shared]
        return _last(own, lambda hits, count: count >= FEWEST_OWN and hits / count >= precision)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, probabilities rounded to four decimals; an answer is its label and the probabilities."""
        return {
            "answers": [[answer.label.value, *(round(p, 4) for p in answer.probabilities)] for answer in self.answers],
            "fact_odds": {kind.value: round(odds, 4) for kind, odds in self.fact_odds.items()},
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`as_dict`. Raises KeyError, TypeError or ValueError."""
        odds = {FactKind(kind): float(value) for kind, value in dict(body["fact_odds"]).items()}
        if any(not 0 < value < float("inf") for value in odds.values()):
            raise ValueError(f"odds must be positive numbers, not {odds}")
        return cls(tuple(Answer(tuple(map(float, ps)), Intent(label)) for label, *ps in body["answers"]), odds)


def _last(answers: Sequence[tuple[float, bool, Intent]], keeps: Callable[[int, int], bool]) -> float | None:
    """The last chance, from the surest answer down, at which the answers so far (right ones, all) keep a promise."""
    found, hits = None, 0
    for count, (chance, right, _) in enumerate(answers, start=1):
        hits += right
        tied = count < len(answers) and answers[count][0] == chance
        if not tied and keeps(hits, count):
            found = chance
    return found
