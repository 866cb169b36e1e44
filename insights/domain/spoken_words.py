"""Text as a speech recogniser prints it, and the digits that number words spell.

Hand-written calls say "$89"; a recogniser that spells says "eighty nine dollars". Both must read the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from insights.domain.spoken import TENS, UNITS

_DIGITS_OF = {word: str(value) for value, word in enumerate(UNITS)} | {"oh": "0", "o": "0"}
_TENS_OF = {word: value for value, word in enumerate(TENS, start=2)}
_RANKS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_SIGNS = {"&": " and ", "%": " percent ", "@": " at ", "#": " number "}

_MONEY = re.compile(r"\$\s?(\d[\d,]*)(?:\.(\d\d))?")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_RANK = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)\b")
_GLUED = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")
_NOT_SPOKEN = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")  # innermost only: "((((" costs no more than other text


def cardinal(number: int) -> str:
    """Words of a whole number below a million: 934 -> "nine hundred thirty four"."""
    if number < 20:
        return UNITS[number]
    if number < 100:
        tens, unit = divmod(number, 10)
        return TENS[tens - 2] + (f" {UNITS[unit]}" if unit else "")
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    head, rest = divmod(number, size)
    return f"{cardinal(head)} {name}" + (f" {cardinal(rest)}" if rest else "")


def spoken_words(text: str) -> str:
    """Text as a speech recogniser prints it: ``[a-z']`` words with single blanks, numbers as words.

    Makes a hand-written "It's $89, ZIP 78664." and a heard "it's eighty nine dollars zip seven eight six six four"
    the same. Zip codes, three digits and longer groups are read digit by digit, four digits in pairs.
    """
    text = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    text = _NOT_SPOKEN.sub(" ", text)
    if any(mark.isdigit() for mark in text):
        text = _MONEY.sub(_say_money, text)
        text = _CLOCK.sub(_say_clock, text)
        text = _RANK.sub(lambda found: f" {_rank(int(found[1]))} ", text)
        text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
        text = _GLUED.sub(" ", text)
        text = re.sub(r"\d+", lambda found: f" {_say_number(found[0])} ", text)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"[^a-z' ]", " ", text)
    text = re.sub(r"(?<![a-z])'+|'+(?![a-z])", " ", text)
    return " ".join(text.split())


def _say_money(found: re.Match[str]) -> str:
    dollars, cents = int(found[1].replace(",", "")[:6]), int(found[2] or 0)
    return f" {cardinal(dollars)} dollars " + (f"and {cardinal(cents)} cents " if cents else "")


def _say_clock(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    tail = "o'clock" if minute == 0 else (f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute))
    return f" {cardinal(hour)} {tail} "


def _rank(number: int) -> str:
    words = cardinal(number).split()
    last = words[-1]
    words[-1] = _RANKS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join(words)


def _say_number(digits: str) -> str:
    if digits.startswith("0") or len(digits) == 3 or len(digits) > 4:
        return " ".join(UNITS[int(digit)] for digit in digits)
    if len(digits) == 4 and digits[1:] != "000":
        first, second = int(digits[:2]), int(digits[2:])
        if second == 0:
            return f"{cardinal(first)} hundred"
        return f"{cardinal(first)} {'oh ' if second < 10 else ''}{cardinal(second)}"
    return cardinal(int(digits))


def spoken_digits(words: Sequence[str]) -> list[str]:
    """The digit strings that runs of number words spell: "seven eight six sixty four" -> ["78664"]."""
    found: list[str] = []
    run = ""
    tens = 0
    for word in (*words, ""):
        if tens and word in _DIGITS_OF and 0 < int(_DIGITS_OF[word]) < 10:
            run, tens = run + str(tens * 10 + int(_DIGITS_OF[word])), 0
            continue
        if tens:
            run, tens = run + str(tens * 10), 0
        if word in _TENS_OF:
            tens = _TENS_OF[word]
        elif word in _DIGITS_OF:
            run += _DIGITS_OF[word]
        elif run:
            found.append(run)
            run = ""
    return found
