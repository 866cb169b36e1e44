"""Numbers and spelled names as people say them, wherever they stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_DIGITS = {word: str(value) for value, word in enumerate(UNITS[:10])} | {"oh": "0", "o": "0"}
_TEENS = {word: str(value) for value, word in enumerate(UNITS[10:], start=10)}
_TENS = {word: str(value) for value, word in enumerate(TENS, start=2)}
_REPEATS = {"double": 2, "triple": 3}
_FILLER = r"(?:um|uh|uhm|er|erm)"
_WORD = re.compile(rf"\d+|(?<![A-Za-z])(?!{_FILLER}\b)[A-Za-z]+", re.IGNORECASE)
_JOINED = re.compile(rf"[\s,.–—-]{{0,3}}(?:{_FILLER}[\s,.–—-]{{1,3}}){{0,2}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DigitRun:
    """A run of digits such as ``30301`` with its place (``start``, ``end`` characters) in the text."""

    digits: str
    start: int
    end: int


def digit_runs(text: str) -> list[DigitRun]:
    """Digits said in a row: "three oh three oh one", "30301", "double five one", "thirty three oh one".

    A single spoken word such as "one" counts as a run too; callers look for the lengths they need. "oh" counts only
    inside a run, because it is an exclamation elsewhere. An "um" does not end a run.
    """
    runs: list[DigitRun] = []
    digits: list[str] = []
    start, end, repeat, open_tens = 0, 0, 1, False
    for match in [*_WORD.finditer(text), None]:
        token = match.group().lower() if match else ""
        value, repeats = _value(token), _REPEATS.get(token)
        if match is None or not _JOINED.fullmatch(text, end, match.start()):  # a new run at best
            if digits:
                runs.append(DigitRun("".join(digits), start, end))
            digits, repeat, open_tens = [], 1, False
        exclaimed = token in ("oh", "o") and not digits and repeat == 1
        if match is None or exclaimed or (value is None and repeats is None):
            if digits:
                runs.append(DigitRun("".join(digits), start, end))
            digits, repeat, open_tens = [], 1, False
            continue
        if not digits and repeat == 1:
            start = match.start()
        end = match.end()
        if value is None:
            repeat, open_tens = repeats or 1, False
        elif open_tens and token in _DIGITS and value != "0":
            digits[-1], open_tens = value, False
        else:
            digits += value * repeat
            repeat, open_tens = 1, token in _TENS
    return runs


def _value(token: str) -> str | None:
    if token.isdigit():
        return token
    if token in _TENS:
        return _TENS[token] + "0"
    return _DIGITS.get(token) or _TEENS.get(token)


@dataclass(frozen=True, slots=True)
class SpelledRun:
    """A word that was spelled, such as ``bolton``, with its place (``start``, ``end`` characters) in the text."""

    word: str
    start: int
    end: int


_LETTER = r"(?:double\s{1,3})?[A-Za-z](?![A-Za-z'])(?:,?\s{1,3}(?:as\s{1,3}in|like|for)\s{1,3}[A-Za-z]{2,})?"
_SPELLED = re.compile(rf"(?<![A-Za-z']){_LETTER}(?:[\s,.-]{{1,3}}{_LETTER}){{3,}}", re.IGNORECASE)
_ONE_LETTER = re.compile(_LETTER, re.IGNORECASE)


def spelled_runs(text: str) -> list[SpelledRun]:
    """Words spelled letter by letter: "B-O-L-T-O-N", "d u b l i n", "b as in boy, o, double l", of 4 letters and more.

    Three letters in a row are more often an article and an abbreviation ("a US citizen").
    """
    runs = []
    for match in _SPELLED.finditer(text):
        letters = ""
        for letter in _ONE_LETTER.finditer(match.group()):
            said = letter.group().lower()
            twice = said.startswith("double")
            letters += (said.removeprefix("double").strip()[0]) * (2 if twice else 1)
        runs.append(SpelledRun(letters, match.start(), match.end()))
    return runs
