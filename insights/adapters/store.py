"""The database behind the UnitOfWork port: SQLite today, the same SQL on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from insights.adapters import tables
from insights.adapters.process_owner import is_alive
from insights.adapters.store_entries import EntryRows
from insights.adapters.store_rows import codec, read_body, utc, write_body
from insights.adapters.store_summaries import SummaryRows
from insights.domain.campaigns import EVER, Campaign, CampaignVersion, campaign_as_of
from insights.domain.facts import Fact
from insights.domain.intents import IntentScores
from insights.domain.leads import CampaignId, Lead, LeadId
from insights.domain.reliability import Reliability
from insights.domain.screening import Screening
from insights.domain.transcript import Transcript
from insights.errors import ConfigurationError
from insights.ports_record import Failure, Lease


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


class SqlUnitOfWork(EntryRows, SummaryRows):
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

    def put_campaign(self, campaign: Campaign, seen_at: datetime) -> None:
        known = self._versions(campaign.campaign_id)
        if known and known[-1].campaign == campaign:
            return
        since = max(seen_at, known[-1].since + timedelta(microseconds=1)) if known else EVER
        known.append(CampaignVersion(since, campaign))
        row = {"campaign_id": campaign.campaign_id, "since": utc(since), "body": write_body(campaign)}
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
                CampaignVersion(datetime.fromisoformat(row["since"]), read_body(Campaign, row["body"]))
                for row in self._connection.execute(query).mappings()
            ]
        return self._campaigns[campaign_id]

    def put_lead(self, lead: Lead, source: str) -> None:
        values = {
            "campaign_id": lead.campaign_id,
            "source": source,
            "received_at": utc(lead.received_at),
            "body": write_body(lead),
        }
        self._put(tables.leads, lead.lead_id, values)

    def lead(self, lead_id: LeadId) -> Lead | None:
        body = self._get(tables.leads, lead_id)
        return None if body is None else read_body(Lead, body)

    def lead_ids(self, received_from: datetime | None = None, received_to: datetime | None = None) -> list[LeadId]:
        received_at = tables.leads.c.received_at
        query = select(tables.leads.c.lead_id).order_by(received_at, tables.leads.c.lead_id)
        if received_from is not None:
            query = query.where(received_at >= utc(received_from))
        if received_to is not None:
            query = query.where(received_at < utc(received_to))
        return [LeadId(row) for row in self._connection.execute(query).scalars()]

    def put_screening(self, screening: Screening) -> None:
        self._put(tables.screenings, screening.lead_id, {"body": write_body(screening)})

    def screening(self, lead_id: LeadId) -> Screening | None:
        body = self._get(tables.screenings, lead_id)
        return None if body is None else read_body(Screening, body)

    def put_recording(self, lead_id: LeadId, sha256: str) -> None:
        self._put(tables.recordings, lead_id, {"sha256": sha256})

    def recording(self, lead_id: LeadId) -> str | None:
        table = tables.recordings
        return self._connection.execute(select(table.c.sha256).where(table.c.lead_id == lead_id)).scalar_one_or_none()

    def put_failure(self, failure: Failure) -> None:
        self._put(tables.failures, failure.lead_id, {"body": write_body(failure)})

    def failure(self, lead_id: LeadId) -> Failure | None:
        body = self._get(tables.failures, lead_id)
        return None if body is None else read_body(Failure, body)

    def clear_failure(self, lead_id: LeadId) -> None:
        self._connection.execute(tables.failures.delete().where(tables.failures.c.lead_id == lead_id))

    def put_transcript(self, key: str, transcript: Transcript) -> None:
        self._put(tables.transcripts, key, {"body": write_body(transcript)})
        self._put(tables.transcript_contents, transcript.sha256, {"key": key})

    def transcript(self, key: str) -> Transcript | None:
        body = self._get(tables.transcripts, key)
        return None if body is None else read_body(Transcript, body)

    def transcript_saying(self, sha256: str) -> Transcript | None:
        table = tables.transcript_contents
        key = self._connection.execute(select(table.c.key).where(table.c.sha256 == sha256)).scalar_one_or_none()
        found = None if key is None else self.transcript(key)
        return found if found is not None and found.sha256 == sha256 else None

    def put_scores(self, key: str, scores: IntentScores) -> None:
        self._put(tables.scores, key, {"body": write_body(scores)})

    def scores(self, key: str) -> IntentScores | None:
        body = self._get(tables.scores, key)
        return None if body is None else read_body(IntentScores, body)

    def put_facts(self, key: str, facts: tuple[Fact, ...]) -> None:
        self._put(tables.facts, key, {"body": codec(tuple[Fact, ...]).dump_python(facts, mode="json")})

    def facts(self, key: str) -> tuple[Fact, ...] | None:
        body = self._get(tables.facts, key)
        return None if body is None else read_body(tuple[Fact, ...], body)

    def put_reliability(self, model: str, reliability: Reliability) -> None:
        table = tables.reliabilities
        if self._connection.execute(select(table.c.model).where(table.c.model == model)).first() is None:
            self._connection.execute(table.insert().values(model=model, body=reliability.as_dict()))

    def reliability(self, model: str) -> Reliability | None:
        body = self._get(tables.reliabilities, model)
        return None if body is None else Reliability.from_dict(body)

    def switch(self, name: str) -> bool:
        table = tables.switches
        found = self._connection.execute(select(table.c.is_on).where(table.c.name == name)).scalar_one_or_none()
        return found is None or bool(found)

    def put_switch(self, name: str, on: bool, by: str, at: datetime) -> None:
        self._put(tables.switches, name, {"is_on": on, "by": by, "at": utc(at)})

    def take_lease(self, lease: Lease, owner: str, now: datetime, until: datetime) -> str | None:
        table = tables.leases
        held = self._connection.execute(select(table).where(table.c.id == lease.value)).first()
        if held is not None and held.owner != owner and held.until > utc(now) and is_alive(held.owner):
            return str(held.owner)
        self._connection.execute(table.delete().where(table.c.id == lease.value))
        self._connection.execute(table.insert().values(id=lease.value, owner=owner, until=utc(until)))
        return None

    def end_lease(self, lease: Lease, owner: str) -> None:
        table = tables.leases
        self._connection.execute(table.delete().where(table.c.id == lease.value, table.c.owner == owner))
