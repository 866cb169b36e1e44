"""Rows of the running night: which leads are still to be worked, who has them in hand, what was done; how far sources
were listed, and what their webhooks hinted at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from insights.adapters import tables
from insights.adapters.process_owner import is_alive
from insights.adapters.store_rows import Rows, in_parts, utc
from insights.domain.hints import Hint
from insights.domain.leads import LeadId
from insights.domain.screening import CLOCK_SKEW
from insights.ports_record import Claimed


class WorkRows(Rows):
    """Work of the night; see the UnitOfWork port."""

    def put_work(self, source: str, as_of: datetime, lead_ids: Sequence[LeadId], now: datetime) -> None:
        work = tables.night_work
        ended = {row.lead_id: row.tries - self._is_held(row, now) for row in self._connection.execute(select(work))}
        self._connection.execute(delete(work))
        self._connection.execute(delete(tables.night_reports))
        rows = [
            {"lead_id": lead_id, "source": source, "as_of": utc(as_of), "place": place, "tries": ended.get(lead_id, 0)}
            for place, lead_id in enumerate(lead_ids)
        ]
        if rows:
            self._connection.execute(work.insert(), rows)

    def _is_held(self, row: Any, now: datetime) -> bool:
        """Whether a worker that may live has a lead in hand: it has not ended with it."""
        return row.owner is not None and row.until > utc(now) and is_alive(row.owner)

    def claim_work(self, owner: str, now: datetime, until: datetime, limit: int, alone_from: int) -> list[Claimed]:
        work = tables.night_work
        ahead = update(work).where(work.c.until > utc(until + CLOCK_SKEW))
        self._connection.execute(ahead.values(until=utc(until)))
        free, is_suspect = self._free(now), work.c.tries >= alone_from - 1
        first = select(work).where(free, ~is_suspect).order_by(work.c.place).limit(limit)
        rows = self._connection.execute(first.with_for_update(skip_locked=True)).all()
        if not rows:
            one = select(work).where(free, is_suspect).order_by(work.c.tries, work.c.place).limit(1)
            rows = self._connection.execute(one.with_for_update(skip_locked=True)).all()
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

    def _free(self, now: datetime) -> ColumnElement[bool]:
        work = tables.night_work
        held = select(work.c.owner).where(work.c.until > utc(now)).distinct()
        gone = [name for name in self._connection.execute(held).scalars() if not is_alive(name)]
        return or_(work.c.owner.is_(None), work.c.until <= utc(now), work.c.owner.in_(gone))

    def work_free(self, now: datetime) -> int:
        work = tables.night_work
        return self._connection.execute(select(func.count()).select_from(work).where(self._free(now))).scalar_one()

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

    def put_hint(self, source: str, hint: Hint) -> None:
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        row = {"source": source, "call_id": hint.call_id, "at": utc(hint.at), "settled": False}
        self._connection.execute(insert(tables.hints).values(row).on_conflict_do_nothing())

    def open_hints(self, source: str) -> list[Hint]:
        hints = tables.hints
        query = select(hints.c.call_id, hints.c.at).where(hints.c.source == source, hints.c.settled.is_(False))
        found = self._connection.execute(query.order_by(hints.c.at, hints.c.call_id))
        return [Hint(LeadId(call_id), datetime.fromisoformat(at)) for call_id, at in found]

    def settle_hints(self, source: str, call_ids: Sequence[LeadId]) -> None:
        hints = tables.hints
        for some in in_parts(call_ids):
            mine = update(hints).where(hints.c.source == source, hints.c.call_id.in_(some))
            self._connection.execute(mine.values(settled=True))

    def forget_hints(self, source: str, before: datetime) -> None:
        hints = tables.hints
        old = (hints.c.source == source) & hints.c.settled & (hints.c.at < utc(before))
        self._connection.execute(delete(hints).where(old))
