"""Takes phone numbers out of what was said, written or spoken, and leaves zips, prices and street numbers alone."""

from __future__ import annotations

from insights.domain.spoken import digit_runs

IN_THEIR_PLACE = "555-0100"
"""A number that belongs to nobody: the words around it still read like a call in which a number is told."""


def without_phone_numbers(text: str) -> str:
    """The text with every run of 7, 10, 11 or more digits replaced.

    Runs of up to six digits are zips, prices and house numbers; eight or nine are a zip with a house number after it.
    So is not a zip said twice in a row. A zip with a street number of five digits is taken for a phone number: a wrong
    mask costs a training little.
    """
    kept, end = "", 0
    for run in digit_runs(text):
        said_twice = run.digits == run.digits[:5] * 2
        if len(run.digits) == 7 or (len(run.digits) >= 10 and not said_twice):
            kept += text[end : run.start] + IN_THEIR_PLACE
            end = run.end
    return kept + text[end:]
