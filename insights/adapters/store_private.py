"""Whose call a lead is, what is deleted of it, and who looked at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from insights.adapters import tables
from insights.adapters.store_rows import Rows, in_parts, utc
from insights.adapters.word_index import drop_words
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.ports_record import Access

_TOMBSTONE = select(tables.entries.c.sequence).where(
    tables.entries.c.lead_id == bindparam("lead"), tables.entries.c.kind == EntryKind.DELETION.value
)


class PrivateRows(Rows):
    """Callers, deletions and accesses; see the UnitOfWork port."""

    def leads_of_caller(self, caller: str, before: datetime | None = None, limit: int | None = None) -> list[LeadId]:
        table = tables.leads
        query = select(table.c.lead_id).where(table.c.caller == caller)
        query = query.order_by(table.c.received_at.desc()).limit(limit)
        if before is not None:
            query = query.where(table.c.received_at < utc(before))
        return [LeadId(lead_id) for lead_id in self._connection.execute(query).scalars()]

    def leads_with_recording(self, sha256: str) -> list[LeadId]:
        table = tables.recordings
        query = select(table.c.lead_id).where(table.c.sha256 == sha256).order_by(table.c.lead_id)
        return [LeadId(lead_id) for lead_id in self._connection.execute(query).scalars()]

    def is_deleted(self, lead_id: LeadId) -> bool:
        return self._connection.execute(_TOMBSTONE, {"lead": lead_id}).first() is not None

    def drop_texts(self, lead_id: LeadId) -> None:
        table = tables.texts
        self._connection.execute(table.delete().where(table.c.lead_id == lead_id))

    def drop_heard(self, audio_sha256: str, keys: Collection[str]) -> None:
        heard, contents, made = tables.transcripts, tables.transcript_contents, tables.transcript_recordings
        of_recording = select(made.c.key).where(made.c.audio_sha256 == audio_sha256)
        every = sorted({*keys, *self._connection.execute(of_recording).scalars()})
        drop_words(self._connection, every)
        for table in (heard, contents, made):
            for some in in_parts(every):
                self._connection.execute(table.delete().where(table.c.key.in_(some)))

    def drop_facts(self, keys: Collection[str]) -> None:
        for some in in_parts(sorted(keys)):
            self._connection.execute(tables.facts.delete().where(tables.facts.c.key.in_(some)))

    def note_access(self, access: Access) -> None:
        values = {
            "at": utc(access.at),
            "who": access.who[:200],
            "role": access.role,
            "what": access.what,
            "lead_id": access.lead_id,
        }
        self._connection.execute(tables.accesses.insert().values(**values))

    def accesses(self, lead_id: LeadId | None, since: datetime | None, newest: int | None = None) -> Iterator[Access]:
        table = tables.accesses
        query = select(table).where(*_accesses_of(lead_id, since))
        if newest is None:
            rows: Iterable[Any] = self._connection.execute(query.order_by(table.c.number))
        else:
            rows = reversed(self._connection.execute(query.order_by(table.c.number.desc()).limit(newest)).all())
        for row in rows:
            yield Access(datetime.fromisoformat(row.at), row.who, row.role, row.what, LeadId(row.lead_id))

    def count_accesses(self, lead_id: LeadId | None, since: datetime | None) -> int:
        query = select(func.count()).select_from(tables.accesses).where(*_accesses_of(lead_id, since))
        return self._connection.execute(query).scalar_one()


def _accesses_of(lead_id: LeadId | None, since: datetime | None) -> list[ColumnElement[bool]]:
    table = tables.accesses
    of_lead = [] if lead_id is None else [or_(table.c.lead_id == lead_id, table.c.lead_id == "")]
    return of_lead + ([] if since is None else [table.c.at >= utc(since)])
