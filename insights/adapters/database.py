"""Opens the database of the billing record, SQLite or PostgreSQL, with what such a record needs.

On both, a transaction that writes has the whole record to itself from its start: the chain of entries has one end.
Transactions that only read see one state and hold up nobody.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import stamina
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from insights.adapters.migrations import migrate
from insights.errors import ConfigurationError

ONLY_READS = "only_reads"
"""Execution option of a connection whose transactions only read."""
BESIDE = "beside"
"""Execution option of a connection whose transactions touch no entry of the record."""

_PATIENCE_S = 30
_WRITERS = 7_265_001
"""PostgreSQL's advisory lock that every writing transaction of this program holds until its end."""


def open_engine(url: str) -> Engine:
    """Connect and migrate; raises ConfigurationError that says what is wrong with the address or the database."""
    try:
        engine = _engine(_address(url))
        with engine.begin() as connection:
            migrate(connection)
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            f"the database address cannot be used: {error}.",
            next_step="Write it like sqlite:///var/call-insights.sqlite or postgresql://user@host/name.",
        ) from None
    except (OperationalError, OSError) as error:
        raise ConfigurationError(
            f"the database cannot be opened: {_reason(error)}.",
            next_step="Check that its folder exists and may be written, or that its server runs and lets you in.",
        ) from None
    except SQLAlchemyError as error:
        raise ConfigurationError(f"the database is not one of Call Insights: {_reason(error)}.") from None
    return engine


def _address(url: str) -> URL:
    """The parsed address, with the driver that this program comes with. Raises ArgumentError, OSError."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in ("postgresql", "postgres") else parsed


def _engine(address: URL) -> Engine:
    """SQLite: write-ahead log, full sync, transactions that take the write lock at their start (deferred ones fail
    "locked" under concurrency), and a patient busy timeout. PostgreSQL: the same by one lock of all writers."""
    if address.get_backend_name() == "postgresql":
        patience = {"options": f"-c lock_timeout={_PATIENCE_S}s -c timezone=UTC", "connect_timeout": _PATIENCE_S}
        engine = create_engine(address, connect_args=patience, pool_pre_ping=True)
        event.listen(engine, "begin", _postgresql_begins)
        return engine
    engine = create_engine(address, connect_args={"timeout": _PATIENCE_S})
    if engine.dialect.name != "sqlite":
        raise ArgumentError(f"{engine.dialect.name} is neither sqlite nor postgresql")
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    _write_ahead(connection)
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", f"busy_timeout={_PATIENCE_S}000"):
        connection.execute(f"PRAGMA {pragma}")


@stamina.retry(on=sqlite3.OperationalError, timeout=_PATIENCE_S, attempts=None, wait_max=0.5)
def _write_ahead(connection: Any) -> None:
    """A file that is being switched to its write-ahead log by somebody else is "locked" whatever the timeout says."""
    connection.execute("PRAGMA journal_mode=WAL")


def _sqlite_begins(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _only_reads(connection) else "BEGIN IMMEDIATE")


def _postgresql_begins(connection: Connection) -> None:
    if _only_reads(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    elif not connection.get_execution_options().get(BESIDE, False):
        # a process that hangs while it holds the lock would keep everybody out
        connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{_PATIENCE_S}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _only_reads(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(ONLY_READS, False))


def _reason(error: BaseException) -> str:
    """What the driver says, on one line."""
    return " ".join(str(getattr(error, "orig", error)).split()).rstrip(".")
