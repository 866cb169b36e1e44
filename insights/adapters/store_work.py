"""Rows of the running night: which leads are still to be worked, who has them in hand, what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from insights.adapters import tables
from insights.adapters.process_owner import is_alive
from insights.adapters.store_rows import Rows, utc
from insights.domain.leads import LeadId
from insights.ports_record import Claimed


class WorkRows(Rows):
    """Work of the night; see the UnitOfWork port."""

    def put_work(self, source: str, as_of: datetime, lead_ids: Sequence[LeadId]) -> None:
        self._connection.execute(delete(tables.night_work))
        self._connection.execute(delete(tables.night_reports))
        rows = [
            {"lead_id": lead_id, "source": source, "as_of": utc(as_of), "place": place, "tries": 0}
            for place, lead_id in enumerate(lead_ids)
        ]
        if rows:
            self._connection.execute(tables.night_work.insert(), rows)

    def claim_work(self, owner: str, now: datetime, until: datetime, limit: int) -> list[Claimed]:
        work = tables.night_work
        held = select(work.c.owner).where(work.c.until > utc(now)).distinct()
        gone = [name for name in self._connection.execute(held).scalars() if not is_alive(name)]
        free = or_(work.c.owner.is_(None), work.c.until <= utc(now), work.c.owner.in_(gone))
        found = select(work).where(free).order_by(work.c.place).limit(limit).with_for_update(skip_locked=True)
        rows = self._connection.execute(found).all()
        claimed = [
            Claimed(LeadId(row.lead_id), row.source, datetime.fromisoformat(row.as_of), row.tries + 1) for row in rows
        ]
        taken = update(work).where(work.c.lead_id.in_([row.lead_id for row in rows]))
        self._connection.execute(taken.values(owner=owner, until=utc(until), tries=work.c.tries + 1))
        return claimed

    def give_back_work(self, owner: str, lead_ids: Collection[LeadId]) -> None:
        work = tables.night_work
        mine = update(work).where(work.c.owner == owner, work.c.lead_id.in_(lead_ids))
        self._connection.execute(mine.values(owner=None, until=None, tries=work.c.tries - 1))

    def keep_work(self, owner: str, until: datetime) -> None:
        work = tables.night_work
        self._connection.execute(update(work).where(work.c.owner == owner).values(until=utc(until)))

    def finish_work(self, owner: str, lead_ids: Collection[LeadId], report: Mapping[str, Any]) -> None:
        work = tables.night_work
        done = self._connection.execute(delete(work).where(work.c.owner == owner, work.c.lead_id.in_(lead_ids)))
        if done.rowcount:
            self._connection.execute(tables.night_reports.insert().values(owner=owner, body=dict(report)))

    def work_left(self) -> int:
        return self._connection.execute(select(func.count()).select_from(tables.night_work)).scalar_one()

    def work_reports(self) -> list[Mapping[str, Any]]:
        reports = tables.night_reports
        return list(self._connection.execute(select(reports.c.body).order_by(reports.c.number)).scalars())

    def source_cursor(self, source: str) -> datetime | None:
        cursors = tables.source_cursors
        until = self._connection.execute(select(cursors.c.until).where(cursors.c.source == source)).scalar_one_or_none()
        return None if until is None else datetime.fromisoformat(until)

    def put_source_cursor(self, source: str, until: datetime) -> None:
        self._put(tables.source_cursors, source, {"until": utc(until)})
