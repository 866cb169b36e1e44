"""Whether two calls are the same robocall: how many runs of words their transcripts share."""

from __future__ import annotations

from insights.domain.spoken_words import spoken_words
from insights.domain.transcript import Speaker, Transcript

_BUSINESS = (Speaker.AGENT, Speaker.IVR)

RUN = 4
"""Words of one run. Mis-heard words break a few runs, other scripts share hardly any."""
ALIKE = 0.5
"""Share of the shorter call's runs from which on two calls are the same script."""
FEWEST = 8
"""Runs below which a call is too short to be told from another."""


def word_runs(transcript: Transcript) -> frozenset[str]:
    """All runs of words of a call, as a recogniser writes them; what the business says is the same in all its calls."""
    said = [turn for turn in transcript.turns if not turn.unclear and turn.speaker not in _BUSINESS]
    words = " ".join(spoken_words(turn.text) for turn in said).split()
    return frozenset(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def same_script(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the word runs of two calls come from one recorded script; recordings may be cut at both ends."""
    shorter = min(len(one), len(other))
    return shorter >= FEWEST and len(one & other) >= ALIKE * shorter
