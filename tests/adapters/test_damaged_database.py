"""A database that is damaged, or that fails in a way nobody thought of: told by name, and without anybody's words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from office import NEED, Office, calls
from servers import ON_BOTH
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from insights.adapters.database import check_pages, open_engine
from insights.adapters.store import SqlStore
from insights.checkup import checkup
from insights.errors import RecordBroken


@pytest.fixture
def damaged(tmp_path: Path) -> str:
    """A record in which the first page of the entries was overwritten, as a bad disk or a careless copy does it."""
    file = tmp_path / "record.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    check_pages(engine)
    Office(tmp_path, SqlStore(engine), calls(L1=NEED)).night()
    engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        (page,) = connection.execute("select rootpage from sqlite_master where name = 'entries'").fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    with file.open("r+b") as handle:
        handle.seek((page - 1) * size)
        handle.write(b"\xa5" * 200)
    return f"sqlite:///{file}"


def test_doctor_finds_a_damaged_page(damaged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for model in ("SPEECH_MODEL", "INTENT_MODEL"):
        monkeypatch.setenv(f"CALL_INSIGHTS_{model}", "gone.pt")
    checks = {check["name"]: check for check in checkup({"database": damaged})["checks"]}
    assert not checks["database"]["ok"] and checks["database"]["status"] == 1
    assert "is damaged" in checks["database"]["finding"] and "restore the last backup" in checks["database"]["finding"]


def test_whoever_reads_a_damaged_page_is_told_so(damaged: str) -> None:
    engine = open_engine(damaged)
    with pytest.raises(RecordBroken, match="is damaged") as caught, SqlStore(engine)() as unit:
        list(unit.entries())
    engine.dispose()
    assert caught.value.code == "database_damaged"


@ON_BOTH
def test_an_error_that_nobody_thought_of_tells_no_words_of_the_query(database: str) -> None:
    engine = open_engine(database)
    with pytest.raises(SQLAlchemyError) as caught, engine.begin() as connection:
        connection.execute(text("insert into nowhere values (:words)"), {"words": "I live at 1406 Parkside"})
    engine.dispose()
    assert "nowhere" in str(caught.value) and "Parkside" not in str(caught.value)
