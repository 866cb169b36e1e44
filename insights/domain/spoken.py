"""Numbers as people say them: runs of spoken or written digits, wherever they stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8",
    "ninety": "9",
}  # fmt: skip
_REPEATS = {"double": 2, "triple": 3}
_WORD = re.compile(r"\d+|[A-Za-z]+")
_JOINED = re.compile(r"[\s,.-]{0,3}")


@dataclass(frozen=True, slots=True)
class DigitRun:
    """A run of digits such as ``30301`` with its place (``start``, ``end`` characters) in the text."""

    digits: str
    start: int
    end: int


def digit_runs(text: str) -> list[DigitRun]:
    """Digits said in a row: "three oh three oh one", "30301", "double five one", "thirty three oh one".

    A single spoken word such as "one" counts as a run too; callers look for the lengths they need. "oh" counts only
    inside a run, because it is an exclamation elsewhere.
    """
    runs: list[DigitRun] = []
    digits, start, end, repeat, open_tens = "", 0, 0, 1, False
    for match in [*_WORD.finditer(text), None]:
        token = match.group().lower() if match else ""
        value, repeats = _value(token), _REPEATS.get(token)
        if match is None or not _JOINED.fullmatch(text, end, match.start()):  # a new run at best
            if digits:
                runs.append(DigitRun(digits, start, end))
            digits, repeat, open_tens = "", 1, False
        exclaimed = token in ("oh", "o") and not digits and repeat == 1
        if match is None or exclaimed or (value is None and repeats is None):
            if digits:
                runs.append(DigitRun(digits, start, end))
            digits, repeat, open_tens = "", 1, False
            continue
        if not digits and repeat == 1:
            start = match.start()
        end = match.end()
        if value is None:
            repeat, open_tens = repeats or 1, False
        elif open_tens and token in _DIGITS and value != "0":
            digits, open_tens = digits[:-1] + value, False
        else:
            digits, repeat, open_tens = digits + value * repeat, 1, token in _TENS
    return runs


def _value(token: str) -> str | None:
    if token.isdigit():
        return token
    if token in _TENS:
        return _TENS[token] + "0"
    return _DIGITS.get(token) or _TEENS.get(token)
