"""The requests to a provider that all machines of one record made, so that they share its quota.

A night that was killed and started again goes on counting, too. Their clocks must agree to the minute or so, as they
must for leases.
"""

from __future__ import annotations

from collections.abc import Callable

import stamina
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import OperationalError

from insights.adapters.database_trouble import busy
from insights.adapters.request_pace import Counts, Decided
from insights.adapters.tables import request_counts
from insights.errors import DatabaseBusy

_PATIENCE_S = 180.0


class CountsOfAll:
    """Requests to one account, counted in the database. Raises DatabaseBusy and DiskFull."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine, self._account = engine, account

    # A listing of a thousand pages must not be lost to a database that was away for a moment.
    @stamina.retry(on=DatabaseBusy, timeout=_PATIENCE_S, attempts=None)
    def change(self, decide: Callable[[Counts], Decided]) -> Decided:
        table = request_counts
        mine = table.c.account == self._account
        try:
            with self._engine.begin() as connection:  # one writer at a time, as everywhere
                found = {row.minute: row.requests for row in connection.execute(select(table).where(mine))}
                counts = Counts(found)
                decided = decide(counts)
                changed = {minute for minute in found.keys() | counts if found.get(minute) != counts.get(minute)}
                connection.execute(delete(table).where(mine, table.c.minute.in_(changed)))
                for minute in changed & counts.keys():
                    row = {"account": self._account, "minute": minute, "requests": counts[minute]}
                    connection.execute(table.insert().values(row))
        except OperationalError as error:
            raise busy(error) from None
        return decided
