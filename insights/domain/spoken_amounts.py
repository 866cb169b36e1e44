"""Amounts of money as people say them: "$89", "eighty nine dollars", "forty five hundred bucks"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from insights.domain.spoken import TENS, UNITS

_SMALL = {word: value for value, word in enumerate(UNITS)}
_TENS = {word: 10 * value for value, word in enumerate(TENS, start=2)}
_ONES = frozenset({"a"})  # "a hundred and eighty"
_INSIDE = frozenset({"a", "and", "oh", "hundred", "thousand"})
_TOKEN = re.compile(r"\$ ?\d(?:[\d,]{0,10}\d)?(?:\.\d\d?)?|\d(?:[\d,]{0,10}\d)?(?:\.\d\d?)?|[A-Za-z]+")
_GAP = re.compile(r"[\s-]{1,3}")
_UNIT = frozenset({"dollars", "bucks"})
_LONGEST = 10  # words of one amount


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of dollars in digits (``89``, ``89.50``) with its place (``start``, ``end`` characters) in the text."""

    value: str
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """The amounts of a text, in order. Words that are no one number ("a few dollars", "five six bucks") give none."""
    found: list[Amount] = []
    run: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        token = match.group().lower()
        if run and not _GAP.fullmatch(text, run[-1].end(), match.start()):
            run = []
        if token.startswith("$"):
            found.append(Amount(_digits(token), *match.span()))
        elif token in _UNIT and run and (value := _number([word.group().lower() for word in run])):
            found.append(Amount(value, run[0].start(), match.end()))
        starts = token[0].isdigit() or token in _SMALL or token in _TENS or token in _ONES
        goes_on = starts or (bool(run) and token in _INSIDE)
        run = [*run[1 - _LONGEST :], match] if goes_on else []
    return found


def _digits(token: str) -> str:
    """``$1,200`` and ``1200.00`` as ``1200``; cents stay when there are any."""
    whole, _, cents = token.lstrip("$ ").replace(",", "").partition(".")
    return str(int(whole)) + (f".{cents:0<2}" if int(cents or 0) else "")


def _number(words: Sequence[str]) -> str:
    """The number that words say, hundreds often left out: "one twenty nine" is 129, "fourteen fifty" 1450; else "" ."""
    if any(word[0].isdigit() for word in words):
        return _digits(words[0]) if len(words) == 1 else ""
    total, current, last = 0, 0, ""
    for word in words:
        value = _TENS.get(word, _SMALL.get(word))
        if word == "thousand" and not total:
            total, current = max(current, 1) * 1000, 0
        elif word == "hundred" and current < 100:
            current = max(current, 1) * 100
        elif word == "oh":
            current *= 10
        elif value is not None and last == "oh" and value < 10:
            current = current * 10 + value
        elif value is not None and (current % 100 == 0 or (last in _TENS and value < 10)):
            current += value
        elif value is not None and value >= 10 and current < 100:
            current = current * 100 + value
        elif word not in ("a", "and"):
            return ""
        last = last if word == "and" else word
    return str(total + current) if total + current else ""
