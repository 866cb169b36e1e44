"""The billing record's entries and what became of them on their way to billing."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, or_, select

from insights.adapters import tables
from insights.adapters.store_rows import TOGETHER, Rows, in_parts, utc
from insights.domain.billing import Kept
from insights.domain.feed import Delivery, DeliveryState
from insights.domain.leads import LeadId
from insights.domain.ledger import GENESIS, Draft, Entry, EntryKind, entry_row
from insights.domain.sealing import SealedText, opened, seals
from insights.errors import RecordBroken

_END = "end of the record"
# Every lead of a night asks these; to build a statement costs more than to run it.
_POSTED = select(tables.entries.c.sequence).where(tables.entries.c.key == bindparam("posted"))
_LAST = select(tables.entries).order_by(tables.entries.c.sequence.desc()).limit(1)
_OF_LEAD = (
    select(tables.entries).where(tables.entries.c.lead_id == bindparam("lead")).order_by(tables.entries.c.sequence)
)
_WORDS = select(tables.texts.c.seal, tables.texts.c.salt, tables.texts.c.text).where(
    tables.texts.c.seal.in_(bindparam("seals", expanding=True))
)


class EntryRows(Rows):
    """The chain of entries; see the UnitOfWork port."""

    def post(self, draft: Draft) -> bool:
        if self._connection.execute(_POSTED, {"posted": draft.key}).first():
            return False
        self._write(draft.after(self._last_entry(), _salt))
        return True

    def restore(self, entry: Entry) -> bool:
        last, table = self._last_entry(), tables.entries
        if last is not None and entry.sequence <= last.sequence:
            standing = self._connection.execute(
                select(table.c.sha256).where(table.c.sequence == entry.sequence)
            ).scalar()
            if standing != entry.sha256:
                raise RecordBroken(f"another entry {entry.sequence} stands on this record.")
            return False
        if entry.sequence != (last.sequence + 1 if last else 1) or entry.previous != (last.sha256 if last else GENESIS):
            raise RecordBroken(f"entry {entry.sequence} does not follow from the last one of this record.")
        self._write(entry)
        if entry.kind is EntryKind.DELETION and Kept.WORDS.value in entry.body["what"]:
            self._connection.execute(tables.texts.delete().where(tables.texts.c.lead_id == entry.lead_id))
        return True

    def _write(self, entry: Entry) -> None:
        row, table = entry_row(entry), tables.texts
        del row["texts"]
        self._connection.execute(tables.entries.insert(), row)
        self._put(tables.marks, _END, {"value": f"{entry.sequence} {entry.sha256}"})
        standing = select(table.c.seal).where(table.c.seal.in_(sorted(entry.texts)))
        known = set(self._connection.execute(standing).scalars()) if entry.texts else set[str]()
        words = [
            {"seal": seal, "lead_id": entry.lead_id, "salt": kept.salt, "text": kept.text}
            for seal, kept in entry.texts.items()
            if seal not in known
        ]
        if words:
            self._connection.execute(table.insert(), words)

    def posted_last(self) -> tuple[int, str] | None:
        told = self._connection.execute(select(tables.marks.c.value).where(tables.marks.c.name == _END)).scalar()
        if told is None:
            return None
        sequence, sha256 = told.split()
        return int(sequence), sha256

    def _last_entry(self) -> Entry | None:
        last = self._connection.execute(_LAST).mappings().first()
        return None if last is None else _entry(last, {})

    def entries(self, lead_id: LeadId | None = None) -> Iterator[Entry]:
        if lead_id is not None:
            yield from self._opened(_OF_LEAD, {"lead": lead_id})
            return
        query = select(tables.entries).order_by(tables.entries.c.sequence)
        yield from self._opened(query.execution_options(stream_results=True))  # years of them do not fit into memory

    def newest_entries_of(self, actor: str) -> Iterator[Entry]:
        table = tables.entries
        query = select(table).where(table.c.actor == actor).order_by(table.c.sequence.desc())
        yield from self._opened(query.execution_options(stream_results=True))

    def entries_of(self, kinds: Collection[EntryKind]) -> Iterator[Entry]:
        table = tables.entries
        query = select(table).where(table.c.kind.in_(sorted(kinds))).order_by(table.c.sequence)
        yield from self._opened(query.execution_options(stream_results=True))

    def undelivered(self, kinds: Collection[EntryKind]) -> Iterator[tuple[Entry, Delivery | None]]:
        entries, deliveries = tables.entries, tables.deliveries
        told = [column.label(f"delivery_{column.name}") for column in deliveries.c]
        query = (
            select(entries, *told)
            .join(deliveries, deliveries.c.sequence == entries.c.sequence, isouter=True)
            .where(entries.c.kind.in_(sorted(kinds)))
            .where(or_(deliveries.c.state.is_(None), deliveries.c.state != DeliveryState.DELIVERED.value))
            .order_by(entries.c.sequence)
        )
        for row, entry in self._rows(query):
            yield entry, None if row["delivery_state"] is None else _delivery(row)

    def _opened(self, query: Executable, values: Mapping[str, Any] | None = None) -> Iterator[Entry]:
        return (entry for _, entry in self._rows(query, values))

    def _rows(self, query: Executable, values: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, Entry]]:
        """Rows and their entries with their words, fetched for some hundred entries at a time."""
        with self._connection.execute(query, values) as found:  # closed also where the reader stops early
            for rows in found.mappings().partitions(TOGETHER):
                wanted = [seal for row in rows for seal in seals(row["body"])]
                texts: dict[str, SealedText] = {}
                for some in in_parts(wanted):
                    for seal, salt, text in self._connection.execute(_WORDS, {"seals": some}):
                        texts[seal] = SealedText(salt, text)
                for row in rows:
                    yield row, _entry(row, texts)

    def put_delivery(self, delivery: Delivery) -> None:
        values = {
            "lead_id": delivery.lead_id,
            "state": delivery.state.value,
            "tries": delivery.tries,
            "next_try_at": delivery.next_try_at and utc(delivery.next_try_at),
            "error": delivery.error[:500],
            "at": delivery.at and utc(delivery.at),
        }
        self._put(tables.deliveries, delivery.sequence, values)


def _delivery(row: Any) -> Delivery:
    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    return Delivery(
        sequence=row["sequence"],
        lead_id=LeadId(row["lead_id"]),
        state=DeliveryState(row["delivery_state"]),
        tries=row["delivery_tries"],
        next_try_at=instant("delivery_next_try_at"),
        error=row["delivery_error"],
        at=instant("delivery_at"),
    )


def _salt() -> str:
    return secrets.token_hex(16)


def _entry(row: Any, texts: Mapping[str, SealedText]) -> Entry:
    own = {seal: texts[seal] for seal in seals(row["body"]) if seal in texts}
    return Entry(
        sequence=row["sequence"],
        key=row["key"],
        lead_id=LeadId(row["lead_id"]),
        kind=EntryKind(row["kind"]),
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        body=opened(row["body"], own),
        previous=row["previous"],
        sha256=row["sha256"],
        sealed=row["body"],
        texts=own,
    )
