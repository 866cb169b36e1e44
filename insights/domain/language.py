"""Tells whether a transcript reads like English, the one language the classifier was trained on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from insights.domain.spoken_words import spoken_words
from insights.domain.transcript import Speaker, Transcript

_NOT_SAID = re.compile(
    r"[a-z]{2,20}_[a-z]{2,20}|\b\w{1,20} ?={1,3} ?\w{1,20}|[{$]\{"
    r"|\b(?:ignore|disregard|forget) (?:(?:all|any|the|your|of|my) ){0,3}(?:previous|prior|above|earlier) "
    r"(?:instructions|prompts?)",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(
    (
        "a about all am an and are be been but call calling can could did do does don't for from get go got "
        "had has have he hello her here hi him his how i i'm if in is it it's just know like me my need no "
        "not of oh ok okay on one or our out please she so thank thanks that that's the their them then "
        "there they this to uh um up us want was we well were what when who will with would yeah yes you "
        "your"
    ).split()
)


def words_of_people(transcript: Transcript) -> list[str]:
    """What people said, word by word: no machine's greeting, and no text that failed the speech guards."""
    said = (turn.text for turn in transcript.turns if turn.speaker is not Speaker.IVR and not turn.unclear)
    return [word for text in said for word in spoken_words(text).split()]


def not_said(transcript: Transcript) -> str:
    """The first words that nobody says on a telephone: names of fields, assignments, orders to a program. "" for none.

    Text in a transcript is never obeyed; but what holds such text is no call to judge.
    """
    found = (_NOT_SAID.search(turn.text) for turn in transcript.turns)
    return next((match.group() for match in found if match), "")


def english_share(words: Sequence[str]) -> float:
    """Share (0..1) of the words that are small words of English; 0 without words.

    English calls have a third or more, also when they are badly heard; Spanish, French or German ones and markup less
    than a tenth (measured on the seed calls).
    """
    return sum(word in _SMALL_WORDS for word in words) / len(words) if words else 0.0
