"""The requests to a provider that all machines of one record made, so that they share its quota.

A night that was killed and started again goes on counting, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import OperationalError

from insights.adapters.database_trouble import busy
from insights.adapters.request_pace import Counts
from insights.adapters.tables import request_counts


class CountsOfAll:
    """Requests to one account, counted in the database. Raises DatabaseBusy and DiskFull."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine, self._account = engine, account

    @contextmanager
    def counted(self, since: int) -> Iterator[Counts]:
        table = request_counts
        mine = table.c.account == self._account
        try:
            with self._engine.begin() as connection:  # one writer at a time, as everywhere
                connection.execute(delete(table).where(mine, table.c.minute < since))
                found = {row.minute: row.requests for row in connection.execute(select(table).where(mine))}
                counts = Counts(found)
                yield counts
                for minute in counts:
                    if counts[minute] != found.get(minute):
                        connection.execute(delete(table).where(mine, table.c.minute == minute))
                        row = {"account": self._account, "minute": minute, "requests": counts[minute]}
                        connection.execute(table.insert().values(row))
        except OperationalError as error:
            raise busy(error) from None
