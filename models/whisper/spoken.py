"""Turns written English into the words a caller says: lower case, numbers as words, no punctuation."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from num2words import num2words

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPOKEN_SIGNS = {"&": " and ", "%": " percent ", "+": " plus ", "@": " at ", "#": " number ", "°": " degrees "}
_NOT_SPOKEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>")
_MONEY = re.compile(r"\$\s?(\d[\d,]*)(?:\.(\d\d))?(?:\s?(k|million|grand)\b)?", re.IGNORECASE)
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_ORDINAL = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)\b", re.IGNORECASE)
_DASHED = re.compile(r"(?<=\d)[-./](?=\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_NUMBER = re.compile(r"\d+")
_GLUED = re.compile(r"(?<=\d)(?=[a-zA-Z])|(?<=[a-zA-Z])(?=\d)")


def cardinal(number: int) -> str:
    """Words of a whole number as Americans say it: 934 -> "nine hundred thirty four"."""
    return _plain(num2words(number)).replace(" and ", " ")


def ordinal(number: int) -> str:
    """Words of a rank: 23 -> "twenty third"."""
    return _plain(num2words(number, to="ordinal")).replace(" and ", " ")


def one_by_one(digits: str, rng: Random | None = None) -> str:
    """Digits read singly; with ``rng`` a zero may be "oh" throughout this string."""
    zero = "oh" if rng is not None and rng.random() < 0.45 else "zero"
    return " ".join(zero if digit == "0" else DIGITS[int(digit)] for digit in digits)


def money(dollars: int, cents: int = 0) -> str:
    """Words of a price: 1500 -> "one thousand five hundred dollars"."""
    words = f"{cardinal(dollars)} {'dollar' if dollars == 1 else 'dollars'}"
    return f"{words} and {cardinal(cents)} cents" if cents else words


def clock(hour: int, minute: int) -> str:
    """Words of a time of day: 3, 5 -> "three oh five"; 3, 0 -> "three o'clock"."""
    if minute == 0:
        return f"{cardinal(hour)} o'clock"
    return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"


def as_spoken(text: str) -> str:
    """Write a transcript's turn as spoken words: ``[a-z']`` words separated by single blanks.

    Long digit groups (zip codes, parts of a phone number) are read digit by digit, short ones as numbers.
    """
    text = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode()
    text = _NOT_SPOKEN.sub(" ", text)
    text = _MONEY.sub(_say_money, text)
    text = _CLOCK.sub(lambda found: f" {clock(int(found[1]), int(found[2]))} ", text)
    text = _ORDINAL.sub(lambda found: f" {ordinal(int(found[1]))} ", text)
    text = _THOUSANDS.sub("", text)
    text = _DASHED.sub(" ", text)
    text = _GLUED.sub(" ", text)
    text = _NUMBER.sub(lambda found: f" {_say_number(found[0])} ", text)
    for sign, words in SPOKEN_SIGNS.items():
        text = text.replace(sign, words)
    return _plain(text)


def _say_money(found: re.Match[str]) -> str:
    dollars, cents, unit = int(found[1].replace(",", "")), int(found[2] or 0), (found[3] or "").lower()
    if unit:
        return f" {cardinal(dollars)} {'thousand' if unit == 'k' else unit} dollars "
    return f" {money(dollars, cents)} "


def _say_number(digits: str) -> str:
    if digits.startswith("0") or len(digits) in (3, 5) or len(digits) > 5:
        return one_by_one(digits)
    if len(digits) == 4 and digits[2:] != "00" and digits[1] != "0":
        second = one_by_one(digits[2:]) if digits[2] == "0" else cardinal(int(digits[2:]))
        return f"{cardinal(int(digits[:2]))} {second}"
    return cardinal(int(digits))


def _plain(text: str) -> str:
    text = re.sub(r"[^a-z' ]", " ", text.lower())
    text = re.sub(r"(?<![a-z])'+|'+(?![a-z])", " ", text)
    return " ".join(text.split())
