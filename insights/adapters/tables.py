"""The database's tables, and the ordered migrations that make them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)

from insights.adapters.word_index import add_words, make_word_index, searchable

metadata = MetaData()

schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
)
campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign_id", String(100), primary_key=True),
    Column("since", String(40), primary_key=True),  # UTC, ISO 8601
    Column("body", JSON, nullable=False),
)
leads = Table(
    "leads",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("campaign_id", String(100), nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", String(40), nullable=False),  # UTC, ISO 8601: sorts as text on both databases
    Column("body", JSON, nullable=False),
    Column("caller", String(80)),  # a keyed hash; null in rows of older versions
    Index("leads_by_caller", "caller"),
    Index("leads_by_caller_and_receipt", "caller", "received_at"),
)
screenings = Table(
    "screenings", metadata, Column("lead_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
recordings = Table(
    "recordings",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Index("recordings_by_content", "sha256"),
)
failures = Table(
    "failures", metadata, Column("lead_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
transcripts = Table(
    "transcripts", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False)
)
transcript_contents = Table(
    "transcript_contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
)
transcript_recordings = Table(
    "transcript_recordings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("audio_sha256", String(64), nullable=False),
    Index("transcripts_by_recording", "audio_sha256"),
)
scores = Table("scores", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False))
facts = Table("facts", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False))
reliabilities = Table(
    "reliabilities", metadata, Column("model", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
lead_summaries = Table(
    "lead_summaries",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("campaign_id", String(100), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("state", String(40), nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("still_open", Boolean, nullable=False),
    Column("expirable", Boolean, nullable=False),
    Column("worth", Float, nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("due_at", String(40)),
    Column("facts", JSON, nullable=False),
    # what the review app's queue is filtered and counted by; ``version`` grows with every change of any row
    Column("client_id", String(100), nullable=False),
    Column("trade", String(200), nullable=False),
    Column("source", Text, nullable=False),
    Column("verdict", String(40), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("probability", Float),
    Column("reviewer", Text, nullable=False),
    Column("reviewing_since", String(40)),
    Column("version", Integer, nullable=False),
    Index("summaries_by_version", "version"),
    Index("summaries_by_client", "client_id", "received_at"),
    Index("summaries_waiting", "waits", "expires_at"),
    Index("summaries_still_open", "still_open", "expires_at"),
    Index("summaries_by_receipt", "received_at"),
)
switches = Table(
    "switches",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
)
entries = Table(
    "entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("lead_id", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("entries_by_lead", "lead_id", "sequence"),
    Index("entries_by_actor", "actor", "sequence"),
)
texts = Table(
    "texts",
    metadata,
    Column("seal", String(64), primary_key=True),
    Column("lead_id", String(100), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("text", JSON, nullable=False),  # as JSON: PostgreSQL's own texts cannot hold every character
    Index("texts_by_lead", "lead_id"),
)
accesses = Table(
    "accesses",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("who", Text, nullable=False),
    Column("role", String(40), nullable=False),
    Column("what", String(100), nullable=False),
    Column("lead_id", String(100), nullable=False),
    Index("accesses_by_lead", "lead_id", "number"),
)
marks = Table(
    "marks",  # what the record knows of itself: its end, and which key its callers are known by
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", String(100), nullable=False),
)
nights = Table(
    "nights",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("as_of", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Index("nights_by_instant", "as_of"),
)
users = Table(
    "users",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("role", String(40), nullable=False),
    Column("client_id", String(100), nullable=False),
    Column("password", Text, nullable=False),  # its argon2 hash
    Column("disabled", Boolean, nullable=False),
    Column("created_at", String(40), nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("form_token", String(64), nullable=False),
    Index("sessions_by_name", "name"),
)
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("address", String(100), nullable=False),
    Index("sign_in_failures_by_instant", "at"),
)
saved_views = Table(
    "saved_views",
    metadata,
    Column("owner", String(100), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("query", Text, nullable=False),
)
deliveries = Table(
    "deliveries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("lead_id", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", String(40)),
    Column("error", Text, nullable=False),
    Column("at", String(40)),
)
leases = Table(
    "night_lease",  # the first lease there was; the others came to live with it
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(200), nullable=False),
    Column("until", String(40), nullable=False),
)


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def _transcripts_by_content(connection: Connection) -> None:
    """Name every transcript by the hash that the verdicts on it carry."""
    transcript_contents.create(connection, checkfirst=True)
    keys = connection.execute(select(transcripts.c.key)).scalars().all()
    for key in keys:  # one at a time: years of transcripts do not fit into memory
        body = connection.execute(select(transcripts.c.body).where(transcripts.c.key == key)).scalar_one()
        told = ("speaker", "text", "start", "end", "confidence", "unclear")
        said = json.dumps([[turn[name] for name in told] for turn in body["turns"]], ensure_ascii=False)
        sha256 = hashlib.sha256(said.encode()).hexdigest()
        known = select(transcript_contents.c.key).where(transcript_contents.c.sha256 == sha256)
        if connection.execute(known).first() is None:
            connection.execute(transcript_contents.insert().values(sha256=sha256, key=key))


def _deliveries(connection: Connection) -> None:
    deliveries.create(connection, checkfirst=True)


def _campaign_history(connection: Connection) -> None:
    """Campaigns as they were known so far become the version that holds from ever."""
    campaign_versions.create(connection, checkfirst=True)
    if not inspect(connection).has_table("campaigns"):
        return
    old = Table("campaigns", MetaData(), autoload_with=connection)
    for row in connection.execute(select(old.c.campaign_id, old.c.body)).all():
        body = json.loads(row.body) if isinstance(row.body, str) else row.body
        since = "0001-01-01T00:00:00.000000+00:00"
        connection.execute(campaign_versions.insert().values(campaign_id=row.campaign_id, since=since, body=body))
    old.drop(connection)


def _stored_facts(connection: Connection) -> None:
    facts.create(connection, checkfirst=True)
    reliabilities.create(connection, checkfirst=True)


def _switches(connection: Connection) -> None:
    """The switches, and an index for what the policy accepted today."""
    switches.create(connection, checkfirst=True)
    for index in entries.indexes:
        index.create(connection, checkfirst=True)


def _lead_summaries(connection: Connection) -> None:
    lead_summaries.create(connection, checkfirst=True)


def _empty_summaries(connection: Connection) -> None:
    """The rows lack what is told by now; they are made again when missing."""
    lead_summaries.drop(connection, checkfirst=True)
    lead_summaries.create(connection)


def _private_words(connection: Connection) -> None:
    """Words beside the chain, callers as keyed hashes, who looked at what, which recording a transcript was made of."""
    for table in (texts, accesses, transcript_recordings, marks):
        table.create(connection, checkfirst=True)
    standing = {column["name"] for column in inspect(connection).get_columns(leads.name)}
    if leads.c.caller.name not in standing:
        connection.exec_driver_sql(f"ALTER TABLE {leads.name} ADD COLUMN caller VARCHAR(80)")
    proposals = select(entries.c.body).where(entries.c.kind == "proposal")
    made = {
        body["transcript_key"]: body["audio_sha256"]
        for body in connection.execute(proposals).scalars()
        if body.get("transcript_key")
    }
    known = set(connection.execute(select(transcript_recordings.c.key)).scalars())
    for key, audio_sha256 in made.items():
        if key not in known:
            connection.execute(transcript_recordings.insert().values(key=key, audio_sha256=audio_sha256))
    _empty_summaries(connection)  # edited after its release: rows only emptied would lack the columns that came later
    for index in (*leads.indexes, *recordings.indexes):
        index.create(connection, checkfirst=True)


def _review_app(connection: Connection) -> None:
    """Accounts, sessions, saved views, nights, and the words of transcripts to be searched for."""
    _empty_summaries(connection)
    for table in (searchable, nights, users, sessions, sign_in_failures, saved_views):
        table.create(connection, checkfirst=True)
    for index in leads.indexes:
        index.create(connection, checkfirst=True)
    make_word_index(connection)
    known = set(connection.execute(select(searchable.c.key)).scalars())
    for key in connection.execute(select(transcripts.c.key)).scalars().all():
        if key not in known:
            body = connection.execute(select(transcripts.c.body).where(transcripts.c.key == key)).scalar_one()
            add_words(connection, key, " ".join(turn["text"] for turn in body["turns"]))


MIGRATIONS: tuple[tuple[int, str, Callable[[Connection], None]], ...] = (
    (1, "first tables", _first_tables),
    (2, "transcripts by content", _transcripts_by_content),
    (3, "deliveries to billing", _deliveries),
    (4, "campaign history", _campaign_history),
    (5, "stored facts", _stored_facts),
    (6, "switches", _switches),
    (7, "leads in one row", _lead_summaries),
    (8, "private words", _private_words),
    (9, "review app", _review_app),
)
"""Applied in order, each once; a released one is never edited, only followed."""


def migrate(connection: Connection) -> None:
    """Bring a database to the newest version. Free when it is there already."""
    done: set[int] = set()
    if inspect(connection).has_table(schema_versions.name):
        done = {row.version for row in connection.execute(select(schema_versions.c.version))}
    for version, name, apply in MIGRATIONS:
        if version not in done:
            apply(connection)
            connection.execute(schema_versions.insert().values(version=version, name=name))
