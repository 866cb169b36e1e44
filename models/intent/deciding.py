"""Which turns of a minimal pair's side decide: those whose words the other side does not have (pure).

The network is told to look there while it trains. Nothing of this is needed to read a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from insights.domain.spoken_words import spoken_words
from insights.domain.transcript import Turn
from models.intent.dataset import LabelledCall

_NEW = 0.5
"""Share of the newest turn's news from which on a turn counts as deciding."""


class DecidingTurns:
    """Knows the sides of every pair as they were written."""

    def __init__(self, calls: Sequence[LabelledCall]) -> None:
        self._sides: dict[str, list[LabelledCall]] = {}
        for call in calls:
            if call.pair:
                self._sides.setdefault(call.pair, []).append(call)

    def of(self, call: LabelledCall) -> list[bool]:
        """For every turn of ``call`` (a noisy copy of a side), whether it decides; empty when the call has no pair."""
        others = [side for side in self._sides.get(call.pair, ()) if side.intent is not call.intent]
        if not others:
            return []
        known = {piece for side in others for turn in side.transcript.turns for piece in _pieces(turn)}
        news = [float(len(_pieces(turn) - known)) for turn in call.transcript.turns]
        most = max(news, default=0.0)
        return [most > 0 and count >= _NEW * most for count in news]


def _pieces(turn: Turn) -> set[tuple[str, ...]]:
    """Words and pairs of neighbouring words of a turn."""
    words = spoken_words(turn.text).split()
    return {(word,) for word in words} | set(pairwise(words))
