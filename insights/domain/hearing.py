"""Decides whether what a speech engine wrote can have been said, or is marked unclear."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    """Why a text is marked unclear instead of being printed as fact."""

    LOOP = "loop"
    """The same words over and over: the decoder ran in a circle."""
    TOO_FAST = "too_fast"
    """More words than a mouth can say in the time."""
    UNSURE = "unsure"
    """The engine itself gives its words little chance."""
    PROMPT = "prompt"
    """The words to expect, given back word for word."""


@dataclass(frozen=True, slots=True)
class HearingGuards:
    """Limits beyond which a text is doubted.

    ``max_compression`` is Whisper's own repetition measure (zlib ratio, 2.4 in its transcribe); ``max_words_per_s``
    is faster than people speak; ``min_confidence`` is the mean token probability; ``max_repeats`` is how often the
    same three words may follow each other; ``prompt_words`` in a row out of the prompt are an echo of it when they
    are all that was heard.
    """

    max_compression: float = 2.4
    max_words_per_s: float = 6.5
    min_confidence: float = 0.2
    max_repeats: int = 3
    prompt_words: int = 4


def doubt(text: str, seconds: float, confidence: float, prompt: str, guards: HearingGuards) -> Doubt | None:
    """Why ``text``, heard in ``seconds`` of speech, is not to be trusted; None where it may stand."""
    words = text.lower().split()
    if not words:
        return None
    if _repeats(words) > guards.max_repeats or _compression(text) > guards.max_compression:
        return Doubt.LOOP
    if len(words) > guards.max_words_per_s * max(seconds, 0.5) + 2:
        return Doubt.TOO_FAST
    if confidence < guards.min_confidence:
        return Doubt.UNSURE
    if len(words) >= guards.prompt_words and " ".join(words) in " ".join(prompt.lower().split()):
        return Doubt.PROMPT
    return None


def confidence_of(mean_log_probability: float) -> float:
    """Mean token probability, 0..1; NaN stays NaN, so that weights which answer with no number are noticed."""
    if not math.isfinite(mean_log_probability):
        return math.nan
    return math.exp(min(0.0, mean_log_probability))


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def _repeats(words: Sequence[str]) -> int:
    """The most often that one run of three words follows itself directly."""
    most = 1
    for start in range(len(words) - 5):
        count = 1
        while words[start : start + 3] == words[start + 3 * count : start + 3 * count + 3]:
            count += 1
        most = max(most, count)
    return most
