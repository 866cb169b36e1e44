"""How far a model's answers can be trusted, by what it said of calls that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Self

from insights.domain.facts import FactKind
from insights.domain.intents import Intent
from insights.domain.scoring import wilson


@dataclass(frozen=True, slots=True)
class Reliability:
    """The record of one model on held-out calls.

    ``answers``: for each intent, all calls for which it was the most probable one: its probability (0..1) and the
    intent that a person labelled. ``fact_odds``: by how much a fact of a kind multiplies the odds of the intent it
    speaks to.
    """

    answers: Mapping[Intent, tuple[tuple[float, Intent], ...]] = field(default_factory=dict)
    fact_odds: Mapping[FactKind, float] = field(default_factory=dict)

    def floor(self, intent: Intent, right: frozenset[Intent], precision: float, confidence: float) -> float | None:
        """The lowest probability from which answers ``intent`` keep a promise of precision; None when none do.

        An answer is right when the label is one of ``right``. Going down from the surest answer, the floor is the last
        probability at which the lower bound of the share of right ones (Wilson, one-sided, with ``confidence``) still
        is ``precision`` or more.
        """
        z = NormalDist().inv_cdf(confidence)
        answers = sorted(self.answers.get(intent, ()), reverse=True)
        floor, hits = None, 0
        for count, (probability, label) in enumerate(answers, start=1):
            hits += label in right
            tied = count < len(answers) and answers[count][0] == probability
            if not tied and wilson(hits, count, z)[0] >= precision:
                floor = probability
        return floor

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, probabilities rounded to four decimals."""
        return {
            "answers": {
                intent.value: [[round(p, 4), label.value] for p, label in found]
                for intent, found in self.answers.items()
            },
            "fact_odds": {kind.value: round(odds, 4) for kind, odds in self.fact_odds.items()},
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`as_dict`. Raises KeyError, TypeError or ValueError."""
        odds = {FactKind(kind): float(value) for kind, value in dict(body["fact_odds"]).items()}
        if any(not 0 < value < float("inf") for value in odds.values()):
            raise ValueError(f"odds must be positive numbers, not {odds}")
        answers = {
            Intent(code): tuple((float(p), Intent(label)) for p, label in found)
            for code, found in dict(body["answers"]).items()
        }
        if any(not 0 <= p <= 1 for found in answers.values() for p, _ in found):
            raise ValueError("answers need probabilities from 0 to 1")
        return cls(answers, odds)
