"""What all parts of a unit of work share: its connection, and rows that hold one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, select

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
        column = next(iter(table.primary_key.columns))
        found = self._connection.execute(table.update().where(column == key).values(**values))
        if found.rowcount == 0:
            self._connection.execute(table.insert().values({column.name: key, **values}))

    def _get(self, table: Table, key: str) -> Any:
        column = next(iter(table.primary_key.columns))
        return self._connection.execute(select(table.c.body).where(column == key)).scalar_one_or_none()
