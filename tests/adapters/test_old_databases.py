"""A database that an older program wrote is migrated forward with all that it holds, and the night goes on with it.

``old_databases/NN.json`` holds tables and rows of a database at migration NN, as the program of that time wrote them: a
night over four calls (two heard, one broken, one missed) and, since there are such moves, a client's request and a
decision. ``tests/keep_database.py`` writes that of today; it is run before a migration is added. The first one is the
second without what the second migration added.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from keep_database import FOLDER, the_four_calls
from office import Office
from servers import ON_BOTH
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)
from sqlalchemy.engine import make_url

from insights.adapters import tables
from insights.adapters.migrations import MIGRATIONS
from insights.adapters.store import SqlStore
from insights.adapters.word_index import make_word_index
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.pipeline.audit import verify_record
from insights.pipeline.moves import write_summaries

KEPT = sorted(FOLDER.glob("*.json"))
TYPES = {"INTEGER": Integer, "BOOLEAN": Boolean, "FLOAT": Float, "JSON": JSON, "TEXT": Text}


def write(database: str, kept: dict[str, Any]) -> None:
    """Make the tables of another time, and write their rows, without any help of today's program."""
    address = make_url(database)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine, told = create_engine(address), MetaData()
    with engine.begin() as connection:
        for name, body in kept.items():
            columns = [
                Column(column, TYPES.get(kind, String), primary_key=bool(key), nullable=not required)
                for column, kind, required, key in body["columns"]
            ]
            table = Table(name, told, *columns)
            table.create(connection)
            for row in body["rows"]:
                values = {c.name: _read(c, value) for c, value in zip(table.columns, row, strict=True)}
                values.pop("number", None)  # the database counts it itself
                connection.execute(insert(table).values(**values))
        if "searchable" in kept:
            make_word_index(connection)
    engine.dispose()


def _read(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, JSON):
        return json.loads(value)
    return bool(value) if isinstance(column.type, Boolean) else value


@pytest.fixture(params=KEPT, ids=[path.stem for path in KEPT])
def kept(request: pytest.FixtureRequest, database: str) -> dict[str, Any]:
    """What stood in the database before today's program opened it."""
    path: Path = request.param
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    write(database, body)
    return body


def test_there_is_a_database_of_every_earlier_migration() -> None:
    assert [int(path.stem) for path in KEPT] == [number for number, _, _ in MIGRATIONS[:-1]][: len(KEPT)]
    assert len(KEPT) >= len(MIGRATIONS) - 1


@ON_BOTH
def test_a_database_of_an_older_program_holds_all_it_held_and_goes_on(
    kept: dict[str, Any], store: SqlStore, tmp_path: Path
) -> None:
    with store.engine.connect() as connection:
        applied = list(connection.execute(select(tables.schema_versions.c.version)).scalars())
        chain = list(connection.execute(select(tables.entries.c.sha256).order_by(tables.entries.c.sequence)).scalars())
        transcripts = list(connection.execute(select(tables.transcripts.c.key)).scalars())
    assert len(transcripts) == 2
    assert sorted(applied) == [number for number, _, _ in MIGRATIONS]
    names = [name for name, *_ in kept["entries"]["columns"]]
    was = [dict(zip(names, row, strict=True)) for row in kept["entries"]["rows"]]
    assert chain == [row["sha256"] for row in sorted(was, key=lambda row: row["sequence"])]

    office = Office(tmp_path, store, the_four_calls())
    office.deps = replace(office.deps, code_version="2.0")  # another program than the one that judged them
    write_summaries(office.deps, only_missing=True)
    with office.store(only_reads=True) as unit:
        assert unit.lead_ids() == ["L1", "L2", "L3", "L4"]
        rows = {row.lead_id: row for row in unit.summaries(None, None)}
        assert unit.failure(LeadId("L3")) is not None
        assert all(unit.transcript(key) for key in transcripts)
    assert {row.campaign_id for row in rows.values()} == {"C-1"} and len(rows) == 4
    assert verify_record(office.deps)["sound"]

    tomorrow = office.night(NOW + timedelta(hours=1))
    assert tomorrow.leads_seen == 4
    assert [failure["lead_id"] for failure in tomorrow.failures] == ["L3"]
    charges = [entry.lead_id for entry in office.entries(EntryKind.CHARGE)]
    assert sorted(charges) == ["L1", "L2", "L3", "L4"], "nobody is charged twice"
    assert verify_record(office.deps)["sound"]
