"""Takes phone numbers out of what was said, written or spoken, and leaves zips, prices and street numbers alone."""

from __future__ import annotations

import re

from insights.domain.spoken import DigitRun, digit_runs

IN_THEIR_PLACE = "555-0100"
"""A number that belongs to nobody: the words around it still read like a call in which a number is told."""

_SOCIAL_SECURITY = re.compile(r"\d{3}[\s.–—-]{1,3}\d{2}[\s.–—-]{1,3}\d{4}")


def without_phone_numbers(text: str) -> str:
    """The text with every run of 7, 10, 11 or more digits replaced, and every nine that are written as a social
    security number.

    Runs of up to six digits are zips, prices and house numbers; eight or nine are a zip with a house number after it.
    So is not a zip said twice in a row. A zip with a street number of five digits is taken for a phone number: a wrong
    mask costs a training little.
    """
    kept, end = "", 0
    for run in digit_runs(text):
        if _is_somebodys(run, text[run.start : run.end]):
            kept += text[end : run.start] + IN_THEIR_PLACE
            end = run.end
    return kept + text[end:]


def _is_somebodys(run: DigitRun, said: str) -> bool:
    said_twice = run.digits == run.digits[:5] * 2
    length = len(run.digits)
    return length == 7 or (length >= 10 and not said_twice) or _SOCIAL_SECURITY.fullmatch(said) is not None
