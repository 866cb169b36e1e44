"""Rows of alerts, and the counts of nights, queue and feed that they are found in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Float, and_, cast, func, or_, select

from insights.adapters import tables
from insights.adapters.migrations import version_of
from insights.adapters.process_owner import is_alive
from insights.adapters.store_rows import Rows, utc
from insights.domain.alerts import Alert, Expiring, Judged
from insights.domain.feed import DeliveryState
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.screening import ScreeningCode
from insights.domain.tellings import Answer, Telling
from insights.domain.verdicts import Decision
from insights.ports_record import Lease
from insights.ports_watch import Backlog, ClosedNight

_WATCH = "watch: "
_LOOKED_THROUGH = 50
"""Proposals among which one that was heard is looked for; those of missed calls name no weights."""


class AlertRows(Rows):
    """Alerts and what they are found in; see the WatchedRecord port."""

    def put_telling(self, telling: Telling) -> None:
        values = {
            "at": utc(telling.at),
            "body": {
                "alert": telling.alert.as_json(),
                "answers": {name: answer.value for name, answer in telling.answers.items()},
                "troubles": dict(telling.troubles),
            },
            "told_at": telling.told_at and utc(telling.told_at),
            "tries": telling.tries,
        }
        self._put(tables.alerts, telling.alert.key, values)

    def telling(self, key: str) -> Telling | None:
        row = self._connection.execute(select(tables.alerts).where(tables.alerts.c.key == key)).first()
        return None if row is None else _telling(row)

    def tellings(self, newest: int) -> list[Telling]:
        table = tables.alerts
        query = select(table).order_by(table.c.at.desc(), table.c.key).limit(newest)
        return [_telling(row) for row in self._connection.execute(query)]

    def untold(self) -> list[Telling]:
        table = tables.alerts
        query = select(table).where(table.c.told_at.is_(None)).order_by(table.c.at, table.c.key)
        return [_telling(row) for row in self._connection.execute(query)]

    def noted(self, name: str) -> str | None:
        table = tables.marks
        query = select(table.c.value).where(table.c.name == _WATCH + name)
        return self._connection.execute(query).scalar_one_or_none()

    def put_noted(self, name: str, value: str) -> None:
        self._put(tables.marks, _WATCH + name, {"value": value})

    def nights_after(self, number: int) -> list[ClosedNight]:
        table = tables.nights
        query = select(table).where(table.c.number > number).order_by(table.c.number)
        return [
            ClosedNight(row.number, datetime.fromisoformat(row.as_of), row.body)
            for row in self._connection.execute(query)
        ]

    def last_night_closed(self) -> datetime | None:
        table = tables.nights
        query = select(func.max(func.coalesce(table.c.closed_at, table.c.as_of)))
        closed = self._connection.execute(query).scalar()
        return None if closed is None else datetime.fromisoformat(closed)

    def night_at_work(self, now: datetime) -> bool:
        table = tables.leases
        held = self._connection.execute(select(table).where(table.c.id == Lease.NIGHT.value)).first()
        return held is not None and held.until > utc(now) and is_alive(held.owner)

    def received_by_hour(self, source: str, since: datetime, until: datetime) -> dict[datetime, int]:
        rows, leads = tables.lead_summaries, tables.leads  # the rows are found by their receipt
        hour = func.substr(rows.c.received_at, 1, 13)  # "2026-11-20T08"
        query = (
            select(hour, func.count())
            .join(leads, leads.c.lead_id == rows.c.lead_id)
            .where(rows.c.received_at >= utc(since), rows.c.received_at < utc(until), leads.c.source == source)
            .group_by(hour)
        )
        found = self._connection.execute(query)
        return {datetime.fromisoformat(f"{told}:00").replace(tzinfo=UTC): count for told, count in found}

    def judged(self, since: datetime, until: datetime) -> list[Judged]:
        told = _group()
        query = select(*told, func.count()).where(_was_judged(since, until)).group_by(*told).order_by(*told)
        return [Judged(*row) for row in self._connection.execute(query)]

    def judged_leads(self, since: datetime, until: datetime, each: int) -> list[tuple[LeadId, Judged]]:
        table, told = tables.lead_summaries, _group()
        place = func.row_number().over(partition_by=told, order_by=(table.c.received_at.desc(), table.c.lead_id))
        some = select(table.c.lead_id, *told, place.label("place")).where(_was_judged(since, until)).subquery()
        query = select(some).where(some.c.place <= each).order_by(some.c.place, some.c.lead_id)
        return [(LeadId(row[0]), Judged(row[1], row[2], row[3], 1)) for row in self._connection.execute(query)]

    def expiring(self, now: datetime, until: datetime) -> list[Expiring]:
        table = tables.lead_summaries
        query = (
            select(table.c.lead_id, table.c.expires_at, table.c.worth)
            .where(table.c.waits, table.c.expires_at > utc(now), table.c.expires_at <= utc(until))
            .where(table.c.still_open.is_(False), table.c.reviewing_since.is_(None))
            .order_by(table.c.expires_at, table.c.lead_id)
        )
        return [
            Expiring(LeadId(lead_id), datetime.fromisoformat(expires_at), worth)
            for lead_id, expires_at, worth in self._connection.execute(query)
        ]

    def at_stake(self, now: datetime) -> dict[str, float]:
        table = tables.lead_summaries
        currency = table.c.facts["currency"].as_string()
        charged, credited = (cast(table.c.facts[name].as_string(), Float) for name in ("charged", "credited"))
        query = (
            select(currency, func.sum(charged - credited))
            .where(table.c.waits, or_(table.c.still_open, table.c.expires_at > utc(now)))
            .where(table.c.verdict == Decision.NON_BILLABLE.value)
            .group_by(currency)
        )
        return {name: float(money) for name, money in self._connection.execute(query)}

    def backlog(self, kinds: Collection[EntryKind]) -> Backlog:
        entries, deliveries = tables.entries, tables.deliveries
        dead = func.count().filter(deliveries.c.state == DeliveryState.DEAD.value)
        query = (
            select(func.count(), dead, func.min(entries.c.sequence))
            .join(deliveries, deliveries.c.sequence == entries.c.sequence, isouter=True)
            .where(entries.c.kind.in_(sorted(kinds)))
            .where(or_(deliveries.c.state.is_(None), deliveries.c.state != DeliveryState.DELIVERED.value))
        )
        in_all, lost, oldest = self._connection.execute(query).one()
        return Backlog(in_all - lost, lost, oldest)

    def count_entries(self, kind: EntryKind, since: datetime) -> int:
        table = tables.entries
        nearly = (since - timedelta(days=1)).date().isoformat()  # they carry the offsets they were told with
        query = select(table.c.at).where(table.c.kind == kind.value, table.c.at >= nearly)
        return sum(datetime.fromisoformat(at) >= since for at in self._connection.execute(query).scalars())

    def newest_versions(self) -> dict[str, str]:
        table = tables.entries
        query = select(table.c.body).where(table.c.kind == EntryKind.PROPOSAL.value)
        query = query.order_by(table.c.sequence.desc()).limit(_LOOKED_THROUGH)
        told = [body["versions"] for body in self._connection.execute(query).scalars() if body.get("versions")]
        heard = [versions for versions in told if versions.get("speech")]
        return {name: str(value) for name, value in (heard or told or [{}])[0].items() if value}

    def schema(self) -> tuple[int, int]:
        return version_of(self._connection)


def _group() -> list[Any]:
    table = tables.lead_summaries
    return [table.c.source, table.c.verdict, table.c.facts["reason"].as_string().label("reason")]


def _was_judged(since: datetime, until: datetime) -> Any:
    """Calls that were heard: what metadata decides is no model's doing. The reason is the proposed one, whatever was
    decided since."""
    table = tables.lead_summaries
    return and_(
        table.c.received_at >= utc(since),
        table.c.received_at < utc(until),
        table.c.verdict.in_([decision.value for decision in Decision]),
        table.c.facts["screening"].as_string() == ScreeningCode.READY.value,
    )


def _telling(row: Any) -> Telling:
    return Telling(
        alert=Alert.from_json(row.body["alert"]),
        at=datetime.fromisoformat(row.at),
        told_at=datetime.fromisoformat(row.told_at) if row.told_at else None,
        tries=row.tries,
        answers={name: Answer(answer) for name, answer in row.body["answers"].items()},
        troubles=dict(row.body["troubles"]),
    )
