"""Leads told by the names of their recordings, read by the ``pattern`` of ``source.toml``."""

from __future__ import annotations

import re
from typing import Any

from insights.adapters.bucket_rows import ALIASES
from insights.adapters.linear_patterns import MAX_LETTERS, LinearPattern

_STAMP = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[T_ -]?(\d\d)[-:.]?(\d\d)(?:[-:.]?(\d\d)(?:\.\d{1,6})?)?(Z|([+-]\d\d)[-:]?(\d\d))?"
)


class NamePattern:
    """What a recording's name tells, by named groups that are called like the columns of ``leads`` or of a manifest.

    The pattern fits the whole last part of a name, or with a ``/`` in it the whole name below the source. Raises
    ValueError for a pattern that is none, or that does not tell ``lead_id`` and ``received_at``.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = LinearPattern(pattern)
        self._whole = "/" in pattern
        self.tells = {ALIASES.get(group, group) for group in self._pattern.groups}
        """The columns, by the names of ``leads``."""
        for needed in ("lead_id", "received_at"):
            if needed not in self.tells:
                raise ValueError(f"the pattern has no group (?P<{needed}>...)")

    def row(self, name: str) -> dict[str, Any] | str:
        """The row that a name tells; a text without the name that says why where it tells none."""
        read = name if self._whole else name.rpartition("/")[2]
        if len(read) > MAX_LETTERS:
            return f"its name is longer than {MAX_LETTERS} letters"
        found = self._pattern.match(read)
        if found is None:
            return "its name does not fit the pattern of source.toml"
        row: dict[str, Any] = {ALIASES.get(group, group): value for group, value in found.items()}
        return {**row, "received_at": date_time(row["received_at"]), "recording": name}


def date_time(text: str) -> str:
    """A date-time as names hold it (``2026-11-19T08-12-40-06-00``, ``20261119-081240``) as ISO 8601 writes it; what
    is none stays as it is."""
    found = _STAMP.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, second, offset, hours, minutes = found.groups()
    offset = "+00:00" if offset == "Z" else f"{hours}:{minutes}" if offset else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{offset}"


def masked(name: str) -> str:
    """A file's name that can be shown and kept: without its digits, which may be a caller's number, and not longer
    than a line."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in re.sub(r"\d", "#", name))
    return plain if len(plain) <= 120 else f"{plain[:60]}…{plain[-59:]}"
