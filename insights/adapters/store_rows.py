"""What all parts of a unit of work share: its connection, and rows that hold one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, Table, bindparam, select

T = TypeVar("T")


_CODECS: dict[Any, TypeAdapter[Any]] = {}


def codec(kind: Any) -> TypeAdapter[Any]:
    if kind not in _CODECS:
        _CODECS[kind] = TypeAdapter(kind)
    return _CODECS[kind]


def write_body(value: object) -> Any:
    return codec(type(value)).dump_python(value, mode="json")


def read_body(kind: type[T], body: object) -> T:
    value: T = codec(kind).validate_python(body)
    return value


def utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


TOGETHER = 500
"""Rows that are asked for by name at once."""


def in_parts(names: Sequence[T]) -> Iterator[Sequence[T]]:
    """The names in parts that one query can carry."""
    return (names[at : at + TOGETHER] for at in range(0, len(names), TOGETHER))


class Rows:
    """One transaction's rows."""

    _connection: Connection

    def _put(self, table: Table, key: str | int, values: dict[str, Any]) -> None:
        """Insert or replace the row of one primary key."""
        row = _row(table)
        if self._connection.execute(row.update, {"of": key, **values}).rowcount == 0:
            self._connection.execute(row.insert, {row.key: key, **values})

    def _get(self, table: Table, key: str) -> Any:
        return self._connection.execute(_row(table).read, {"of": key}).scalar_one_or_none()

    def _drop(self, table: Table, key: str) -> None:
        self._connection.execute(_row(table).delete, {"of": key})


class _Row:
    """Statements about one row of a table. A night runs them hundreds of thousands of times, and to build one costs
    more than to run it."""

    def __init__(self, table: Table) -> None:
        column = next(iter(table.primary_key.columns))
        self._table, self._is_it, self.key = table, column == bindparam("of"), column.name
        self.insert, self.update = table.insert(), table.update().where(self._is_it)
        self.delete = table.delete().where(self._is_it)

    @cached_property
    def read(self) -> Select[Any]:
        """Of a table with documents."""
        return select(self._table.c.body).where(self._is_it)


_row = cache(_Row)
