"""The database behind the UnitOfWork port: SQLite today, the same SQL on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Table, create_engine, event, or_, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from insights.adapters import tables
from insights.adapters.process_owner import is_alive
from insights.domain.billing import LeadState
from insights.domain.campaigns import EVER, Campaign, CampaignVersion, campaign_as_of
from insights.domain.facts import Fact
from insights.domain.feed import Delivery, DeliveryState
from insights.domain.intents import IntentScores
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import CampaignId, Lead, LeadId
from insights.domain.ledger import GENESIS, Draft, Entry, EntryKind, entry_row
from insights.domain.reliability import Reliability
from insights.domain.screening import Screening
from insights.domain.transcript import Transcript
from insights.errors import ConfigurationError, RecordBroken
from insights.ports import Failure, Lease, Waiting

T = TypeVar("T")


_CODECS: dict[Any, TypeAdapter[Any]] = {}


def _codec(kind: Any) -> TypeAdapter[Any]:
    if kind not in _CODECS:
        _CODECS[kind] = TypeAdapter(kind)
    return _CODECS[kind]


def _write(value: object) -> Any:
    return _codec(type(value)).dump_python(value, mode="json")


def _read(kind: type[T], body: object) -> T:
    value: T = _codec(kind).validate_python(body)
    return value


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def open_engine(url: str) -> Engine:
    """Connect and migrate; raises ConfigurationError that says what is wrong with the address or the database.

    SQLite gets what a billing record needs: write-ahead log, full sync, transactions that take the write lock at
    their start (deferred ones fail "locked" under concurrency), and a patient busy timeout.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": 30} if parsed.get_backend_name() == "sqlite" else {})
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _sqlite_connected)
            event.listen(engine, "begin", _sqlite_begins)
        with engine.begin() as connection:
            tables.migrate(connection)
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            f"the database address cannot be used: {error}.",
            next_step="Write it like sqlite:///var/call-insights.sqlite.",
        ) from None
    except (OperationalError, OSError) as error:
        reason = str(getattr(error, "orig", error))
        raise ConfigurationError(
            f"the database cannot be opened: {reason}.", next_step="Check that its folder exists and may be written."
        ) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error))
        raise ConfigurationError(f"the database is not one of Call Insights: {reason}.") from None
    return engine


def _sqlite_connected(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begins(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class SqlStore:
    """Opens units of work on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine)


class SqlUnitOfWork:
    """One transaction; nothing is kept unless ``commit`` was called."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._campaigns: dict[CampaignId, list[CampaignVersion]] = {}

    def __enter__(self) -> SqlUnitOfWork:
        self._connection = self._engine.connect()
        self._transaction = self._connection.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transaction.is_active:
            self._transaction.rollback()
        self._connection.close()

    def commit(self) -> None:
        self._transaction.commit()

    def _put(self, table: Table, key: str | int, values: dict[str, Any]) -> None:
        """Insert or replace the row of one primary key."""
        column = next(iter(table.primary_key.columns))
        found = self._connection.execute(table.update().where(column == key).values(**values))
        if found.rowcount == 0:
            self._connection.execute(table.insert().values({column.name: key, **values}))

    def _get(self, table: Table, key: str) -> Any:
        column = next(iter(table.primary_key.columns))
        return self._connection.execute(select(table.c.body).where(column == key)).scalar_one_or_none()

    def put_campaign(self, campaign: Campaign, seen_at: datetime) -> None:
        known = self._versions(campaign.campaign_id)
        if known and known[-1].campaign == campaign:
            return
        since = max(seen_at, known[-1].since + timedelta(microseconds=1)) if known else EVER
        known.append(CampaignVersion(since, campaign))
        row = {"campaign_id": campaign.campaign_id, "since": _utc(since), "body": _write(campaign)}
        self._connection.execute(tables.campaign_versions.insert().values(**row))

    def campaign(self, campaign_id: CampaignId, at: datetime) -> Campaign | None:
        known = self._versions(campaign_id)
        return campaign_as_of(known, at) if known else None

    def _versions(self, campaign_id: CampaignId) -> list[CampaignVersion]:
        """All versions, oldest first; read once a transaction, as every lead of a night asks for them."""
        if campaign_id not in self._campaigns:
            table = tables.campaign_versions
            query = select(table).where(table.c.campaign_id == campaign_id).order_by(table.c.since)
            self._campaigns[campaign_id] = [
                CampaignVersion(datetime.fromisoformat(row["since"]), _read(Campaign, row["body"]))
                for row in self._connection.execute(query).mappings()
            ]
        return self._campaigns[campaign_id]

    def put_lead(self, lead: Lead, source: str) -> None:
        values = {
            "campaign_id": lead.campaign_id,
            "source": source,
            "received_at": _utc(lead.received_at),
            "body": _write(lead),
        }
        self._put(tables.leads, lead.lead_id, values)

    def lead(self, lead_id: LeadId) -> Lead | None:
        body = self._get(tables.leads, lead_id)
        return None if body is None else _read(Lead, body)

    def lead_ids(self, received_from: datetime | None = None, received_to: datetime | None = None) -> list[LeadId]:
        received_at = tables.leads.c.received_at
        query = select(tables.leads.c.lead_id).order_by(received_at, tables.leads.c.lead_id)
        if received_from is not None:
            query = query.where(received_at >= _utc(received_from))
        if received_to is not None:
            query = query.where(received_at < _utc(received_to))
        return [LeadId(row) for row in self._connection.execute(query).scalars()]

    def put_screening(self, screening: Screening) -> None:
        self._put(tables.screenings, screening.lead_id, {"body": _write(screening)})

    def screening(self, lead_id: LeadId) -> Screening | None:
        body = self._get(tables.screenings, lead_id)
        return None if body is None else _read(Screening, body)

    def put_recording(self, lead_id: LeadId, sha256: str) -> None:
        self._put(tables.recordings, lead_id, {"sha256": sha256})

    def recording(self, lead_id: LeadId) -> str | None:
        table = tables.recordings
        return self._connection.execute(select(table.c.sha256).where(table.c.lead_id == lead_id)).scalar_one_or_none()

    def put_failure(self, failure: Failure) -> None:
        self._put(tables.failures, failure.lead_id, {"body": _write(failure)})

    def failure(self, lead_id: LeadId) -> Failure | None:
        body = self._get(tables.failures, lead_id)
        return None if body is None else _read(Failure, body)

    def clear_failure(self, lead_id: LeadId) -> None:
        self._connection.execute(tables.failures.delete().where(tables.failures.c.lead_id == lead_id))

    def put_transcript(self, key: str, transcript: Transcript) -> None:
        self._put(tables.transcripts, key, {"body": _write(transcript)})
        self._put(tables.transcript_contents, transcript.sha256, {"key": key})

    def transcript(self, key: str) -> Transcript | None:
        body = self._get(tables.transcripts, key)
        return None if body is None else _read(Transcript, body)

    def transcript_saying(self, sha256: str) -> Transcript | None:
        table = tables.transcript_contents
        key = self._connection.execute(select(table.c.key).where(table.c.sha256 == sha256)).scalar_one_or_none()
        found = None if key is None else self.transcript(key)
        return found if found is not None and found.sha256 == sha256 else None

    def put_scores(self, key: str, scores: IntentScores) -> None:
        self._put(tables.scores, key, {"body": _write(scores)})

    def scores(self, key: str) -> IntentScores | None:
        body = self._get(tables.scores, key)
        return None if body is None else _read(IntentScores, body)

    def put_facts(self, key: str, facts: tuple[Fact, ...]) -> None:
        self._put(tables.facts, key, {"body": _codec(tuple[Fact, ...]).dump_python(facts, mode="json")})

    def facts(self, key: str) -> tuple[Fact, ...] | None:
        body = self._get(tables.facts, key)
        return None if body is None else _read(tuple[Fact, ...], body)

    def put_reliability(self, model: str, reliability: Reliability) -> None:
        table = tables.reliabilities
        if self._connection.execute(select(table.c.model).where(table.c.model == model)).first() is None:
            self._connection.execute(table.insert().values(model=model, body=reliability.as_dict()))

    def reliability(self, model: str) -> Reliability | None:
        body = self._get(tables.reliabilities, model)
        return None if body is None else Reliability.from_dict(body)

    def post(self, draft: Draft) -> bool:
        table = tables.entries
        if self._connection.execute(select(table.c.sequence).where(table.c.key == draft.key)).first():
            return False
        self._connection.execute(table.insert().values(**entry_row(draft.after(self._last_entry()))))
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
        self._connection.execute(table.insert().values(**entry_row(entry)))
        return True

    def _last_entry(self) -> Entry | None:
        table = tables.entries
        last = self._connection.execute(select(table).order_by(table.c.sequence.desc()).limit(1)).mappings().first()
        return None if last is None else _entry(last)

    def entries(self, lead_id: LeadId | None = None) -> Iterator[Entry]:
        table = tables.entries
        query = select(table).order_by(table.c.sequence)
        if lead_id is not None:
            query = query.where(table.c.lead_id == lead_id)
        for row in self._connection.execute(query).mappings():
            yield _entry(row)

    def newest_entries_of(self, actor: str) -> Iterator[Entry]:
        table = tables.entries
        query = select(table).where(table.c.actor == actor).order_by(table.c.sequence.desc())
        for row in self._connection.execute(query).mappings():
            yield _entry(row)

    def put_summary(self, summary: LeadSummary) -> None:
        values = {
            "campaign_id": summary.campaign_id,
            "received_at": _utc(summary.received_at),
            "state": summary.state.value,
            "waits": summary.waits,
            "still_open": summary.still_open,
            "worth": summary.worth,
            "expires_at": _utc(summary.expires_at),
            "due_at": summary.due_at and _utc(summary.due_at),
            "facts": summary.facts,
        }
        self._put(tables.lead_summaries, summary.lead_id, values)

    def summary(self, lead_id: LeadId) -> LeadSummary | None:
        table = tables.lead_summaries
        row = self._connection.execute(select(table).where(table.c.lead_id == lead_id)).mappings().first()
        return None if row is None else _summary(row)

    def waiting(self) -> Iterator[Waiting]:
        table = tables.lead_summaries
        told = [table.c[name] for name in Waiting.__dataclass_fields__]
        for row in self._connection.execute(select(*told).where(table.c.waits)):
            lead_id, campaign_id, received_at, still_open, worth, expires_at, due_at = row
            yield Waiting(
                LeadId(lead_id),
                CampaignId(campaign_id),
                datetime.fromisoformat(received_at),
                bool(still_open),
                worth,
                datetime.fromisoformat(expires_at),
                datetime.fromisoformat(due_at) if due_at else None,
            )

    def summaries(self, received_from: datetime | None, received_to: datetime | None) -> Iterator[LeadSummary]:
        table = tables.lead_summaries
        query = select(table).order_by(table.c.received_at, table.c.lead_id)
        if received_from is not None:
            query = query.where(table.c.received_at >= _utc(received_from))
        if received_to is not None:
            query = query.where(table.c.received_at < _utc(received_to))
        for row in self._connection.execute(query).mappings():
            yield _summary(row)

    def switch(self, name: str) -> bool:
        table = tables.switches
        found = self._connection.execute(select(table.c.is_on).where(table.c.name == name)).scalar_one_or_none()
        return found is None or bool(found)

    def put_switch(self, name: str, on: bool, by: str, at: datetime) -> None:
        self._put(tables.switches, name, {"is_on": on, "by": by, "at": _utc(at)})

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
        for row in self._connection.execute(query).mappings():
            yield _entry(row), None if row["delivery_state"] is None else _delivery(row)

    def put_delivery(self, delivery: Delivery) -> None:
        values = {
            "lead_id": delivery.lead_id,
            "state": delivery.state.value,
            "tries": delivery.tries,
            "next_try_at": delivery.next_try_at and _utc(delivery.next_try_at),
            "error": delivery.error[:500],
            "at": delivery.at and _utc(delivery.at),
        }
        self._put(tables.deliveries, delivery.sequence, values)

    def take_lease(self, lease: Lease, owner: str, now: datetime, until: datetime) -> str | None:
        table = tables.leases
        held = self._connection.execute(select(table).where(table.c.id == lease.value)).first()
        if held is not None and held.owner != owner and held.until > _utc(now) and is_alive(held.owner):
            return str(held.owner)
        self._connection.execute(table.delete().where(table.c.id == lease.value))
        self._connection.execute(table.insert().values(id=lease.value, owner=owner, until=_utc(until)))
        return None

    def end_lease(self, lease: Lease, owner: str) -> None:
        table = tables.leases
        self._connection.execute(table.delete().where(table.c.id == lease.value, table.c.owner == owner))


def _summary(row: Any) -> LeadSummary:
    return LeadSummary(
        lead_id=LeadId(row["lead_id"]),
        campaign_id=row["campaign_id"],
        received_at=datetime.fromisoformat(row["received_at"]),
        state=LeadState(row["state"]),
        waits=bool(row["waits"]),
        still_open=bool(row["still_open"]),
        worth=row["worth"],
        expires_at=datetime.fromisoformat(row["expires_at"]),
        due_at=datetime.fromisoformat(row["due_at"]) if row["due_at"] else None,
        facts=row["facts"],
    )


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


def _entry(row: Any) -> Entry:
    return Entry(
        sequence=row["sequence"],
        key=row["key"],
        lead_id=LeadId(row["lead_id"]),
        kind=EntryKind(row["kind"]),
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        body=row["body"],
        previous=row["previous"],
        sha256=row["sha256"],
    )
