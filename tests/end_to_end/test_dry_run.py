"""``nightly --dry-run`` at the terminal: nothing is written, whatever stands there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers import ON_BOTH
from shell import Run, is_one_clear_line
from sqlalchemy.exc import SQLAlchemyError

from insights.adapters.database import open_engine, open_to_read
from insights.adapters.store import SqlStore
from insights.errors import InsightsError
from insights.settings import ROOT

ASKED_TO = datetime(2026, 11, 1, tzinfo=UTC)
AS_OF = "2026-11-20T02:00:00-06:00"
FIXTURES = str(ROOT / "fixtures" / "audio")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The empty folder that verbs run in, where every default path would lie."""
    return tmp_path


def everything(folder: Path) -> dict[str, tuple[int, bytes] | None]:
    """All files with their times, and all folders."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_without_a_record_none_is_made(run: Run, folder: Path) -> None:
    ran = run("nightly", "--source", FIXTURES, "--as-of", AS_OF, "--dry-run", "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert (told["leads_seen"], told["to_fetch"], told["proposed"], told["work_s"]) == (46, 37, 0, None)
    assert everything(folder) == {}
    table = run("nightly", "--source", FIXTURES, "--as-of", AS_OF, "--dry-run").out
    assert "nothing was written" in table and "37 recordings" in table
    assert everything(folder) == {}


def test_beside_a_record_nothing_changes(run: Run, folder: Path) -> None:
    engine = open_engine("sqlite:///var/call-insights.sqlite")
    with SqlStore(engine)() as unit:
        unit.put_source_cursor(FIXTURES, ASKED_TO)
        unit.commit()
    engine.dispose()
    before = everything(folder)
    ran = run("nightly", "--source", FIXTURES, "--as-of", AS_OF, "--dry-run", "--json")
    assert ran.status == 0 and json.loads(ran.out)["asked_since"] == "2026-11-01T00:00:00+00:00"
    assert everything(folder) == before


def test_rows_that_cannot_be_read_are_named_and_the_status_is_one(run: Run, folder: Path) -> None:
    source = folder / "leads"
    source.mkdir()
    (source / "campaigns.json").write_text('[{"campaign_id": "C-1"}]')
    row = '{"lead_id": "L-1", "campaign_id": "C-9", "received_at": "2026-11-19T08:12:40-06:00"}'
    (source / "leads.jsonl").write_text(row)
    ran = run("nightly", "--source", str(source), "--as-of", AS_OF, "--dry-run")
    assert ran.status == 1 and "bad row" in ran.out and "L-1" in ran.out


def test_a_record_of_an_older_version_is_not_brought_to_a_newer_one(run: Run, folder: Path) -> None:
    address = f"sqlite:///{folder / 'old.sqlite'}"
    engine = open_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from schema_versions where version > 9")
    engine.dispose()
    before = everything(folder)
    ran = run("nightly", "--source", FIXTURES, "--dry-run", "--database", address)
    is_one_clear_line(ran, "the database has migration 9", "doctor")
    assert everything(folder) == before


def test_a_file_that_is_no_record_is_named(run: Run, folder: Path) -> None:
    (folder / "note.txt").write_text("this is no database, only a note " * 100)
    ran = run("nightly", "--source", FIXTURES, "--dry-run", "--database", "sqlite:///note.txt")
    is_one_clear_line(ran, "not one of Call Insights")


def test_a_dry_run_needs_a_source_as_a_night_does(run: Run, folder: Path) -> None:
    is_one_clear_line(run("nightly", "--dry-run"), "no source of leads is named")
    assert everything(folder) == {}


@ON_BOTH
def test_a_database_without_tables_of_ours_counts_as_an_empty_record(database: str) -> None:
    engine = open_to_read(database)
    with SqlStore(engine)(only_reads=True) as unit:
        assert unit.lead_ids() == [] and unit.nights(1) == []
    engine.dispose()


@ON_BOTH
def test_nothing_can_be_written_where_a_record_was_opened_to_be_read(database: str) -> None:
    open_engine(database).dispose()
    engine = open_to_read(database)
    with SqlStore(engine)(only_reads=True) as unit, pytest.raises((SQLAlchemyError, InsightsError)):
        unit.put_source_cursor("callrail://A", ASKED_TO)
    engine.dispose()
