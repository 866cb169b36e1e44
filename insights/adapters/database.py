"""Opens the database of the billing record, SQLite or PostgreSQL, with what such a record needs.

On both, a transaction that writes has the whole record to itself from its start: the chain of entries has one end.
Transactions that only read see one state and hold up nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import stamina
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from insights.adapters.database_trouble import damaged, is_held, named, reason
from insights.adapters.disk_space import room_at
from insights.adapters.migrations import migrate, version_of
from insights.errors import ConfigurationError

ONLY_READS = "only_reads"
"""Execution option of a connection whose transactions only read."""
BESIDE = "beside"
"""Execution option of a connection whose transactions touch no entry of the record."""

_PATIENCE_S = 30
_WRITERS = 7_265_001
"""PostgreSQL's advisory lock that every writing transaction of this program holds until its end."""


def open_engine(url: str) -> Engine:
    """Connect and migrate; raises ConfigurationError that says what is wrong with the address or the database, and
    DatabaseBusy or DiskFull. Everything that is done on the engine later raises the last two as well."""
    with _in_our_words():
        address = _address(url)
        if file := _file(address):
            with room_at(file.parent):
                file.parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(address, _sqlite_connected)
        try:
            with engine.begin() as connection:
                migrate(connection)
        except BaseException:
            engine.dispose()
            raise
        return engine


def open_to_read(url: str) -> Engine:
    """Connect and change nothing, not even the version; a record that is not there yet is an empty one in memory.

    Raises what ``open_engine`` raises, and ConfigurationError for a record of another version.
    """
    with _in_our_words():
        address = _address(url)
        if (file := _file(address)) and not file.is_file():
            return open_engine("sqlite://")
        engine = _engine(address, _sqlite_connected_to_read)
        with engine.connect().execution_options(**{ONLY_READS: True}) as connection:
            applied, newest = version_of(connection)
    if applied == newest:
        return engine
    engine.dispose()
    if applied == 0:
        return open_engine("sqlite://")
    raise ConfigurationError(
        f"the database has migration {applied}, and this program {newest}.",
        next_step="A real night, or call-insights doctor, brings an older one to the newest.",
    )


def check_pages(engine: Engine) -> None:
    """Read SQLite's whole file; PostgreSQL looks after its own. Raises RecordBroken."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(**{ONLY_READS: True}) as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if found != "ok":
            raise damaged(str(engine.url.database), str(found).splitlines()[-1].strip("* "))


def record_file(url: str) -> Path | None:
    """The file that an address names, None where it names a server or memory. Raises ConfigurationError."""
    with _in_our_words():
        return _file(_address(url))


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What drivers raise, as ConfigurationError."""
    try:
        yield
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            f"the database address cannot be used: {error}.",
            next_step="Write it like sqlite:///var/call-insights.sqlite or postgresql://user@host/name.",
        ) from None
    except (OperationalError, OSError) as error:
        raise ConfigurationError(
            f"the database cannot be opened: {reason(error)}.",
            next_step="Check that its folder exists and may be written, or that its server runs and lets you in.",
        ) from None
    except SQLAlchemyError as error:
        raise ConfigurationError(f"the database is not one of Call Insights: {reason(error)}.") from None


def _address(url: str) -> URL:
    """The parsed address, with the driver that this program comes with. Raises ArgumentError."""
    try:
        parsed = make_url(url)
    except ValueError:  # it holds what was taken for the port, and that may be the end of a password
        raise ArgumentError(
            "it cannot be read, or its port is no number; in a password write @ : / as %40 %3A %2F"
        ) from None
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in ("postgresql", "postgres") else parsed


def _file(address: URL) -> Path | None:
    """SQLite's file; None where there is none."""
    in_memory = address.database in (None, "", ":memory:")
    return None if in_memory or address.get_backend_name() != "sqlite" else Path(str(address.database))


def _engine(address: URL, sqlite_connected: Callable[[Any, Any], None]) -> Engine:
    """No error tells what stood in a query: callers' words may.

    SQLite: write-ahead log, full sync, transactions that take the write lock at their start (deferred ones fail
    "locked" under concurrency), and a patient busy timeout. PostgreSQL: the same by one lock of all writers."""
    if address.get_backend_name() == "postgresql":
        patience = {"options": f"-c lock_timeout={_PATIENCE_S}s -c timezone=UTC", "connect_timeout": _PATIENCE_S}
        engine = create_engine(address, connect_args=patience, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "begin", _postgresql_begins)
        event.listen(engine, "handle_error", named)
        return engine
    engine = create_engine(address, connect_args={"timeout": _PATIENCE_S}, hide_parameters=True)
    if engine.dialect.name != "sqlite":
        raise ArgumentError(f"{engine.dialect.name} is neither sqlite nor postgresql")
    event.listen(engine, "connect", sqlite_connected)
    event.listen(engine, "begin", _sqlite_begins)
    event.listen(engine, "handle_error", named)
    return engine


def _sqlite_connected(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    _write_ahead(connection)
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", f"busy_timeout={_PATIENCE_S}000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_connected_to_read(connection: Any, _record: Any) -> None:
    """Not SQLite's own mode for that (``mode=ro``): it leaves its two files beside the record."""
    connection.isolation_level = None
    for pragma in ("query_only=ON", f"busy_timeout={_PATIENCE_S}000"):
        connection.execute(f"PRAGMA {pragma}")


@stamina.retry(on=is_held, timeout=_PATIENCE_S, attempts=None, wait_max=0.5)
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
