"""The database behind the UnitOfWork port: the same SQL on SQLite and on PostgreSQL."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from types import TracebackType

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from insights.adapters import tables
from insights.adapters.database import BESIDE, ONLY_READS
from insights.adapters.database_trouble import busy
from insights.adapters.process_owner import is_alive
from insights.adapters.store_accounts import AccountRows
from insights.adapters.store_alerts import AlertRows
from insights.adapters.store_entries import EntryRows
from insights.adapters.store_private import PrivateRows
from insights.adapters.store_rows import codec, read_body, utc, write_body
from insights.adapters.store_search import SearchRows
from insights.adapters.store_summaries import SummaryRows
from insights.adapters.store_work import WorkRows
from insights.adapters.word_index import add_words, forget_dropped_words, searchable
from insights.domain.campaigns import EVER, Campaign, version_at, with_newest_pauses
from insights.domain.facts import Fact
from insights.domain.intents import IntentScores
from insights.domain.leads import CampaignId, Lead, LeadId
from insights.domain.reliability import Reliability
from insights.domain.screening import CLOCK_SKEW, Screening
from insights.domain.transcript import Transcript
from insights.ports_record import Failure, Lease

_MANY = 8
MOST_VERSIONS = 2000
"""Campaign versions a process keeps in memory; some carry long customer lists."""


class SqlStore:
    """Opens units of work on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._versions: dict[tuple[CampaignId, datetime], Campaign] = {}

    def __call__(self, only_reads: bool = False, beside: bool = False) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine, self._versions, {ONLY_READS: only_reads, BESIDE: beside})

    def wipe(self) -> bool:
        """SQLite overwrites what it deletes, and its log is folded into the file; PostgreSQL vacuums by itself."""
        if self.engine.dialect.name != "sqlite":
            return True
        with self.engine.begin() as writing:
            forget_dropped_words(writing)
        with closing(self.engine.raw_connection()) as connection:
            busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


class SqlUnitOfWork(EntryRows, SummaryRows, PrivateRows, SearchRows, AccountRows, WorkRows, AlertRows):
    """One transaction; nothing is kept unless ``commit`` was called."""

    def __init__(
        self, engine: Engine, versions: dict[tuple[CampaignId, datetime], Campaign], options: dict[str, bool]
    ) -> None:
        self._engine, self._versions, self._options = engine, versions, options
        self._told: set[tuple[CampaignId, datetime]] = set()
        self._histories: dict[CampaignId, list[datetime]] = {}

    def __enter__(self) -> SqlUnitOfWork:
        try:
            self._connection = self._engine.connect().execution_options(**self._options)
        except OperationalError as error:
            raise busy(error) from None
        try:
            self._transaction = self._connection.begin()
        except BaseException as error:
            self._connection.close()
            if isinstance(error, OperationalError):
                raise busy(error) from None
            raise
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
        since = self._since(campaign.campaign_id)
        if since and (seen_at <= since[-1] or self._version(campaign.campaign_id, since[-1]) == campaign):
            return  # nothing new; what an older night was told is older than what stands
        told_at = seen_at if since else EVER
        row = {"campaign_id": campaign.campaign_id, "since": utc(told_at), "body": write_body(campaign)}
        self._connection.execute(tables.campaign_versions.insert().values(**row))
        since.append(told_at)
        self._told.add((campaign.campaign_id, told_at))

    def campaign(self, campaign_id: CampaignId, at: datetime) -> Campaign | None:
        since = self._since(campaign_id)
        if not since:
            return None
        held = self._version(campaign_id, since[version_at(since, at)])
        return with_newest_pauses(held, self._version(campaign_id, since[-1]))

    def _since(self, campaign_id: CampaignId) -> list[datetime]:
        """When the versions of a campaign began, oldest first; asked once a transaction, and for all of them at once by
        who asks for many."""
        if campaign_id not in self._histories:
            table = tables.campaign_versions
            query = select(table.c.campaign_id, table.c.since).order_by(table.c.campaign_id, table.c.since)
            if len(self._histories) < _MANY:
                query = query.where(table.c.campaign_id == campaign_id)
            for name, told in groupby(self._connection.execute(query), key=itemgetter(0)):
                self._histories.setdefault(name, [datetime.fromisoformat(since) for _, since in told])
        return self._histories.setdefault(campaign_id, [])

    def _version(self, campaign_id: CampaignId, since: datetime) -> Campaign:
        """A version, read once a process: it never changes, and every lead of a night asks for it."""
        key = (campaign_id, since)
        if key not in self._versions:
            table = tables.campaign_versions
            query = select(table.c.body).where(table.c.campaign_id == campaign_id, table.c.since == utc(since))
            found: Campaign = read_body(Campaign, self._connection.execute(query).scalar_one())
            if key in self._told:
                return found  # it may still be rolled back
            if len(self._versions) >= MOST_VERSIONS:
                self._versions.clear()
            self._versions[key] = found
        return self._versions[key]

    def put_lead(self, lead: Lead, source: str) -> None:
        values = {
            "campaign_id": lead.campaign_id,
            "source": source,
            "received_at": utc(lead.received_at),
            "body": write_body(lead),
            "caller": lead.caller_number,
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
        self._drop(tables.failures, lead_id)

    def put_transcript(self, key: str, transcript: Transcript, audio_sha256: str = "") -> None:
        self._put(tables.transcripts, key, {"body": write_body(transcript)})
        self._put(tables.transcript_recordings, key, {"audio_sha256": audio_sha256})
        self._put(tables.transcript_contents, transcript.sha256, {"key": key})
        add_words(self._connection, key, " ".join(turn.text for turn in transcript.turns))

    def transcript(self, key: str) -> Transcript | None:
        body = self._get(tables.transcripts, key)
        return None if body is None else read_body(Transcript, body)

    def transcript_saying(self, sha256: str) -> Transcript | None:
        table = tables.transcript_contents
        key = self._connection.execute(select(table.c.key).where(table.c.sha256 == sha256)).scalar_one_or_none()
        found = None if key is None else self.transcript(key)
        return found if found is not None and found.sha256 == sha256 else None

    def newest_transcript(self, audio_sha256: str) -> Transcript | None:
        made = tables.transcript_recordings
        query = select(made.c.key).join(searchable, searchable.c.key == made.c.key)  # numbered as they were kept
        query = query.where(made.c.audio_sha256 == audio_sha256).order_by(searchable.c.number.desc()).limit(1)
        key = self._connection.execute(query).scalar_one_or_none()
        return None if key is None else self.transcript(key)

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
            if held.until > utc(until + CLOCK_SKEW):
                self._connection.execute(table.update().where(table.c.id == lease.value).values(until=utc(until)))
            return str(held.owner)
        self._connection.execute(table.delete().where(table.c.id == lease.value))
        self._connection.execute(table.insert().values(id=lease.value, owner=owner, until=utc(until)))
        return None

    def lease(self, lease: Lease) -> tuple[str, datetime] | None:
        table = tables.leases
        held = self._connection.execute(select(table).where(table.c.id == lease.value)).first()
        return None if held is None else (held.owner, datetime.fromisoformat(held.until))

    def end_lease(self, lease: Lease, owner: str) -> None:
        table = tables.leases
        self._connection.execute(table.delete().where(table.c.id == lease.value, table.c.owner == owner))
