"""Names of recordings without the caller's number in them, and which file such a name is."""

from __future__ import annotations

import re

CALLER = "{caller}"
"""Stands in a recording's name where the caller's number stood: callers are kept only as keyed hashes."""

_MOST = 3
_NUMBER = "[0-9](?:[-. ]?[0-9]){6,9}"


def without_caller(name: str, number: str) -> str:
    """The name with the last ten digits of the caller's number taken out, however they are parted in it."""
    digits = _digits(number)[-10:]
    if len(digits) < 7 or digits not in _digits(name):
        return name
    return re.sub("[-. ]?".join(digits), CALLER, name)


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def beginning(name: str) -> str:
    """What stands before the number."""
    return name.partition(CALLER)[0]


def is_same(name: str, found: str) -> bool:
    """Whether a file's name is the kept name with some number in its place. A row that asks for more numbers than a
    name holds asks for endless guesses, and gets none."""
    if name.count(CALLER) > _MOST:
        return False
    return re.fullmatch(_NUMBER.join(map(re.escape, name.split(CALLER))), found) is not None
