"""Names what a database cannot help: others hold it, its disk is full, it went away, its file is damaged."""

from __future__ import annotations

import sqlite3

from sqlalchemy.engine import ExceptionContext

from insights.adapters.disk_space import disk_failed, disk_full
from insights.errors import DatabaseBusy, InsightsError, RecordBroken

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BROKEN = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
_DISK_FULL = "53100"
_OTHERS = ("40001", "40P01", "53300", "55P03", "57P03")
"""PostgreSQL's states: could not serialize, deadlock, too many connections, lock not available, starting or ending."""


def named(context: ExceptionContext) -> InsightsError | None:
    """The trouble as DatabaseBusy, DiskFull or RecordBroken; None where the driver's own error says it best."""
    error = context.original_exception
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error, context)
    state = getattr(error, "sqlstate", None)
    if state == _DISK_FULL:
        return disk_full("the database server")
    if state in _OTHERS:
        return busy(error)
    if context.is_disconnect and context.connection is not None:
        return DatabaseBusy(
            f"the connection to the database was lost: {reason(error)}.",
            code="database_gone",
            next_step="See that its server runs, then give the same command again: what was finished is kept.",
        )
    return None


def is_held(error: Exception) -> bool:
    """Whether SQLite's file is locked by somebody else."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _HELD


def busy(error: BaseException) -> DatabaseBusy:
    """Others hold it, or it cannot be reached now."""
    return DatabaseBusy(f"the database is busy: {reason(error)}.", next_step="Try again in a minute.")


def damaged(place: str, what: str) -> RecordBroken:
    """SQLite's file is not as SQLite wrote it."""
    return RecordBroken(
        f"the file {place} is damaged: {what}.",
        code="database_damaged",
        next_step="Let nothing write to it, and restore the last backup (docs/operations.md).",
    )


def reason(error: BaseException) -> str:
    """What the driver says, on one line."""
    return " ".join(str(getattr(error, "orig", error)).split()).rstrip(".")


def _of_sqlite(error: sqlite3.Error, context: ExceptionContext) -> InsightsError | None:
    code: int = getattr(error, "sqlite_errorcode", 0)
    if is_held(error):
        return busy(error)
    place = str(context.engine.url.database) if context.engine else "the database"
    if code in _NO_ROOM:
        return disk_full(place)
    if code & 0xFF == sqlite3.SQLITE_CORRUPT:
        return damaged(place, reason(error))
    if code & 0xFF in _BROKEN:
        return disk_failed(place, reason(error))
    return None
