"""The ordered migrations that make the database's tables, whatever version a database has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from sqlalchemy import Connection, MetaData, Table, func, inspect, select

from insights.adapters.tables import (
    accesses,
    alerts,
    campaign_versions,
    deliveries,
    entries,
    facts,
    hints,
    lead_summaries,
    leads,
    marks,
    metadata,
    night_reports,
    night_work,
    nights,
    recordings,
    reliabilities,
    request_counts,
    saved_views,
    schema_versions,
    sessions,
    sign_in_failures,
    source_cursors,
    switches,
    texts,
    transcript_contents,
    transcript_recordings,
    transcripts,
    users,
)
from insights.adapters.word_index import add_words, make_word_index, searchable


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


def _many_machines(connection: Connection) -> None:
    """The work of a running night for many workers, how far sources were listed, and alerts."""
    for table in (night_work, night_reports, source_cursors, alerts):
        table.create(connection, checkfirst=True)


def _hints(connection: Connection) -> None:
    """Hints of webhooks, and when nights closed."""
    hints.create(connection, checkfirst=True)
    standing = {column["name"] for column in inspect(connection).get_columns(nights.name)}
    if nights.c.closed_at.name not in standing:
        connection.exec_driver_sql(f"ALTER TABLE {nights.name} ADD COLUMN closed_at VARCHAR(40)")


def _shared_quotas(connection: Connection) -> None:
    """What all machines together asked of providers."""
    request_counts.create(connection, checkfirst=True)


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
    (10, "many machines", _many_machines),
    (11, "hints", _hints),
    (12, "shared quotas", _shared_quotas),
)
"""Applied in order, each once; a released one is never edited, only followed."""


def version_of(connection: Connection) -> tuple[int, int]:
    """The newest migration of a database, 0 where it has no tables of ours, and the newest one that there is."""
    known = inspect(connection).has_table(schema_versions.name)
    applied = connection.execute(select(func.max(schema_versions.c.version))).scalar() if known else None
    return applied or 0, MIGRATIONS[-1][0]


def migrate(connection: Connection) -> None:
    """Bring a database to the newest version. Free when it is there already."""
    done: set[int] = set()
    if inspect(connection).has_table(schema_versions.name):
        done = {row.version for row in connection.execute(select(schema_versions.c.version))}
    for version, name, apply in MIGRATIONS:
        if version not in done:
            apply(connection)
            connection.execute(schema_versions.insert().values(version=version, name=name))
