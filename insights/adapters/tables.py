"""The database's tables, and the ordered migrations that make them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)

metadata = MetaData()

schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
)
campaigns = Table(
    "campaigns", metadata, Column("campaign_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
leads = Table(
    "leads",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("campaign_id", String(100), nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", String(40), nullable=False),  # UTC, ISO 8601: sorts as text on both databases
    Column("body", JSON, nullable=False),
)
screenings = Table(
    "screenings", metadata, Column("lead_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
recordings = Table(
    "recordings",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("sha256", String(64), nullable=False),
)
failures = Table(
    "failures", metadata, Column("lead_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
transcripts = Table(
    "transcripts", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False)
)
scores = Table("scores", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False))
entries = Table(
    "entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("lead_id", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("body", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("entries_by_lead", "lead_id", "sequence"),
)
night_lease = Table(
    "night_lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(200), nullable=False),
    Column("until", String(40), nullable=False),
)


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)


MIGRATIONS: tuple[tuple[int, str, Callable[[Connection], None]], ...] = ((1, "first tables", _first_tables),)
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
