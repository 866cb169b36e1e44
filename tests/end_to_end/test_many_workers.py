"""A night whose calls two worker processes share, each with its own models: every call is done once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from short_calls import AUDIO, make_source, pieces
from sqlalchemy import select

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.adapters.tables import night_reports
from insights.domain.ledger import EntryKind
from insights.pipeline.audit import verify_record
from insights.pipeline.night import close_night, one_night, open_night
from insights.pipeline.work import leads_left, reports_of_all, share_out
from insights.settings import Settings

AS_OF = datetime.fromisoformat(json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["as_of"])
CALLS, BATCH = 60, 3
PATIENCE_S = 300


def a_worker(folder: Path, name: str, database: str) -> subprocess.Popen[bytes]:
    """Another process that helps with the night on this database, a few of its calls at a time."""
    return subprocess.Popen(
        [sys.executable, "-m", "insights.cli", "work", "--database", database],
        cwd=folder,
        env={**os.environ, "PREFECT_HOME": str(folder / name), "CALL_INSIGHTS_BATCH_SIZE": str(BATCH)},
    )


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_two_processes_share_a_night_and_each_call_is_done_once(tmp_path: Path, database: str, store: SqlStore) -> None:
    """There are so many batches that whoever has loaded its models later still finds some."""
    own, source = tmp_path / "var", tmp_path / "source"
    source.mkdir()
    make_source(source, CALLS, pieces())
    settings = Settings(
        database=database,
        recordings=own / "recordings",
        caller_key_file=own / "caller.key",
        speech_cache=own / "speech",
    )
    built = bootstrap.build(settings)
    deps = replace(built, store=store)
    with one_night(deps, this_process()):
        night = open_night(deps, str(source), AS_OF)
        share_out(deps, night)
        workers = [a_worker(tmp_path, name, database) for name in ("first", "second")]
        assert [worker.wait(PATIENCE_S) for worker in workers] == [0, 0]
        assert leads_left(deps) == 0
        summary = close_night(deps, night, reports_of_all(deps))

    with store.engine.connect() as connection:
        owners = list(connection.execute(select(night_reports.c.owner)).scalars())
    assert len(set(owners)) == 2, "one of them did it all"
    assert summary.failures == []
    assert {stage: total["done"] for stage, total in summary.stages.items()} == dict.fromkeys(
        ("fetch", "transcribe", "classify", "propose"), CALLS
    )
    assert all(total["reused"] == 0 for total in summary.stages.values()), "no call was done by both"
    with deps.store(only_reads=True) as unit:
        proposals = [entry.lead_id for entry in unit.entries() if entry.kind is EntryKind.PROPOSAL]
    assert sorted(proposals) == sorted(f"N-{number}" for number in range(CALLS))
    assert verify_record(deps)["sound"]
    built.store.engine.dispose()  # type: ignore[attr-defined]
