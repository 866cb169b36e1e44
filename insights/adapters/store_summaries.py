"""Leads in one row each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, or_, select, union_all

from insights.adapters import tables
from insights.adapters.store_rows import Rows, in_parts, utc
from insights.domain.billing import LeadState
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import LeadId
from insights.ports_record import NightNote, QueueRow, Waiting

_PLAIN = tuple(column.name for column in fields(LeadSummary) if column.name != "facts")
_NEWEST = select(func.max(tables.lead_summaries.c.version))
_PARSED_AT_ONCE = 500
"""Rows whose JSON is read in one go: names are shared among them, which halves the time."""


class SummaryRows(Rows):
    """The rows of the leads; see the UnitOfWork port."""

    def put_summary(self, summary: LeadSummary) -> None:
        values = {
            "campaign_id": summary.campaign_id,
            "received_at": utc(summary.received_at),
            "state": summary.state.value,
            "waits": summary.waits,
            "still_open": summary.still_open,
            "expirable": summary.expirable,
            "worth": summary.worth,
            "expires_at": utc(summary.expires_at),
            "due_at": summary.due_at and utc(summary.due_at),
            "facts": summary.facts,
            **_for_the_queue(summary),
            "version": self.newest_version()
            + 1,  # transactions that write come one after the other, and so do versions
        }
        self._put(tables.lead_summaries, summary.lead_id, values)

    def summary(self, lead_id: LeadId) -> LeadSummary | None:
        table = tables.lead_summaries
        row = self._connection.execute(select(table).where(table.c.lead_id == lead_id)).mappings().first()
        return None if row is None else _summary(row)

    def summaries_of(self, lead_ids: Collection[LeadId]) -> dict[LeadId, LeadSummary]:
        table = tables.lead_summaries
        found: dict[LeadId, LeadSummary] = {}
        for some in in_parts(sorted(lead_ids)):
            for row in self._connection.execute(select(table).where(table.c.lead_id.in_(some))).mappings():
                found[LeadId(row["lead_id"])] = _summary(row)
        return found

    def leads_without_summary(self) -> list[LeadId]:
        leads, rows = tables.leads, tables.lead_summaries
        query = (
            select(leads.c.lead_id)
            .join(rows, rows.c.lead_id == leads.c.lead_id, isouter=True)
            .where(rows.c.lead_id.is_(None))
            .order_by(leads.c.received_at)
        )
        return [LeadId(lead_id) for lead_id in self._connection.execute(query).scalars()]

    def expirable(self, now: datetime) -> list[LeadId]:
        table = tables.lead_summaries
        query = select(table.c.lead_id).where(table.c.expirable, table.c.expires_at <= utc(now))
        return [LeadId(lead_id) for lead_id in self._connection.execute(query.order_by(table.c.expires_at)).scalars()]

    def waiting(self, now: datetime) -> Iterator[Waiting]:
        table = tables.lead_summaries
        told = [table.c[name] for name in Waiting._fields]
        in_time, late = table.c.expires_at > utc(now), table.c.expires_at <= utc(now)
        query = union_all(  # each part by an index of its own
            select(*told).where(table.c.waits, in_time), select(*told).where(table.c.still_open, table.c.waits, late)
        )
        read = datetime.fromisoformat
        for lead_id, campaign_id, still_open, worth, expires_at, due_at in self._connection.execute(query):
            yield Waiting(lead_id, campaign_id, still_open, worth, read(expires_at), read(due_at) if due_at else None)

    def summaries(self, received_from: datetime | None, received_to: datetime | None) -> Iterator[LeadSummary]:
        table = tables.lead_summaries
        told = [table.c[name] for name in _PLAIN]
        query = select(*told, cast(table.c.facts, Text)).order_by(table.c.received_at, table.c.lead_id)
        if received_from is not None:
            query = query.where(table.c.received_at >= utc(received_from))
        if received_to is not None:
            query = query.where(table.c.received_at < utc(received_to))
        for some in self._connection.execute(query).partitions(_PARSED_AT_ONCE):
            all_facts = json.loads(f"[{','.join(row[-1] for row in some)}]")
            for row, facts in zip(some, all_facts, strict=True):
                yield _read(row[:-1], facts)

    def newest_version(self) -> int:
        return self._connection.execute(_NEWEST).scalar() or 0

    def summaries_of_client(self, client_id: str, received_from: datetime) -> Iterator[LeadSummary]:
        table = tables.lead_summaries
        query = select(table).where(table.c.client_id == client_id, table.c.received_at >= utc(received_from))
        for row in self._connection.execute(query.order_by(table.c.received_at.desc(), table.c.lead_id)).mappings():
            yield _summary(row)

    def queue_rows(self, after: int, received_from: datetime) -> Iterator[QueueRow]:
        table = tables.lead_summaries
        told = [table.c[name] for name in QueueRow._fields]
        query = select(*told).where(table.c.version > after).order_by(table.c.version)
        if after == 0:
            query = query.where(or_(table.c.received_at >= utc(received_from), table.c.waits))
        for row in self._connection.execute(query):
            values = row._asdict()
            for name in ("received_at", "expires_at", "due_at", "reviewing_since"):
                values[name] = datetime.fromisoformat(values[name]) if values[name] else None
            yield QueueRow(**values)

    def row_version(self, lead_id: LeadId) -> int:
        table = tables.lead_summaries
        query = select(table.c.version).where(table.c.lead_id == lead_id)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def put_night(self, as_of: datetime, body: Mapping[str, Any], closed_at: datetime) -> None:
        self._connection.execute(tables.nights.insert().values(as_of=utc(as_of), body=body, closed_at=utc(closed_at)))

    def nights(self, limit: int) -> list[NightNote]:
        table = tables.nights
        query = select(table).order_by(table.c.as_of.desc(), table.c.number.desc()).limit(limit)
        return [NightNote(datetime.fromisoformat(row.as_of), row.body) for row in self._connection.execute(query)]


def _for_the_queue(summary: LeadSummary) -> dict[str, Any]:
    """What the queue is filtered and counted by, as columns of its own."""
    facts = summary.facts
    return {
        "client_id": facts["client_id"] or summary.campaign_id,
        "trade": facts["trade"],
        "source": facts["source"] or "unknown",
        "verdict": facts["verdict"] or ("failed" if facts["failure"] else "none"),
        "reason": facts["decided_reason"] or facts["reason"],
        "probability": facts["probability"],
        "reviewer": facts["in_hand_of"] or facts["decided_by"],
        "reviewing_since": facts["in_hand_since"] or None,
    }


def _summary(row: Any) -> LeadSummary:
    return _read([row[name] for name in _PLAIN], row["facts"])


def _read(values: Sequence[Any], facts: Mapping[str, Any]) -> LeadSummary:
    """A row by its columns, in the order of ``_PLAIN``."""
    lead_id, campaign_id, received_at, state, waits, still_open, expirable, worth, expires_at, due_at = values
    return LeadSummary(
        lead_id=LeadId(lead_id),
        campaign_id=campaign_id,
        received_at=datetime.fromisoformat(received_at),
        state=LeadState(state),
        waits=waits,
        still_open=still_open,
        expirable=expirable,
        worth=worth,
        expires_at=datetime.fromisoformat(expires_at),
        due_at=datetime.fromisoformat(due_at) if due_at else None,
        facts=facts,
    )
