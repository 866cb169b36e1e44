"""Reads an exported billing record (JSON Lines)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from insights.domain.ledger import Entry, entry_of
from insights.errors import InputError


def read_entries(path: Path) -> Iterator[Entry]:
    """The entries of a file, in its order. Raises InputError that names the line."""
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}.")
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _entry(line, f"{path} line {number}")
    except UnicodeDecodeError:
        raise InputError(f"{path} cannot be read as text.") from None


def _entry(line: str, where: str) -> Entry:
    try:
        return entry_of(json.loads(line))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is no entry of a billing record: {error}.") from None
