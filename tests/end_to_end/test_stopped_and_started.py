"""Commands as processes of their own: nights at once, a worker that hangs, and everybody who is told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from short_calls import AUDIO, make_source, pieces
from sqlalchemy import select, update

from insights import bootstrap
from insights.adapters.database import ONLY_READS, open_engine, open_to_read
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.adapters.tables import leases, night_reports, night_work
from insights.cli_work import TOLD_TO_STOP
from insights.domain.ledger import EntryKind
from insights.errors import DatabaseBusy
from insights.pipeline.audit import verify_record
from insights.pipeline.night import one_night, open_night
from insights.pipeline.work import leads_left, share_out
from insights.settings import Settings

AS_OF = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["as_of"]
CALLS = 6
PATIENCE_S = 600.0


@dataclass
class Place:
    """A folder in which commands run, each with a Prefect of its own, over one source and one record."""

    folder: Path
    database: str
    source: Path = AUDIO
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def night(self) -> subprocess.Popen[str]:
        return self.start("nightly", "--source", str(self.source), "--as-of", AS_OF, "--json")

    def start(self, *words: str) -> subprocess.Popen[str]:
        return self._started(["-m", "insights.cli", *words, "--database", self.database])

    def serve(self) -> subprocess.Popen[str]:
        return self._started(["-m", "flows.deployments"], CALL_INSIGHTS_SOURCE=str(AUDIO))

    def _started(self, words: list[str], **environment: str) -> subprocess.Popen[str]:
        own = self.folder / f"prefect-{len(self.started)}"
        more = {"PREFECT_HOME": str(own), "CALL_INSIGHTS_CALLER_KEY": "k" * 32, "CALL_INSIGHTS_BATCH_SIZE": "3",
                "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "500"}  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(AUDIO.parents[1]), **more, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
        )
        self.started.append(process)
        return process

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table; none of a record that is not there yet."""
        engine = open_to_read(self.database)
        with engine.connect().execution_options(**{ONLY_READS: True}) as connection:
            found = connection.execute(select(table)).all()
        engine.dispose()
        return list(found)

    def store(self) -> SqlStore:
        return SqlStore(open_engine(self.database))

    def record(self) -> list[tuple[Any, ...]]:
        store = self.store()
        with store(only_reads=True) as unit:
            found = [(e.key, e.lead_id, e.kind, e.at, e.actor, e.body) for e in unit.entries()]
        store.engine.dispose()
        return found


@pytest.fixture
def place(tmp_path: Path, database: str) -> Iterator[Place]:
    here = Place(tmp_path, database)
    yield here
    for process in here.started:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def short_calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("short-calls")
    make_source(folder, CALLS, pieces())
    return folder


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def once(process: subprocess.Popen[str], is_so: Callable[[], bool]) -> None:
    """Wait for something that the process brings about."""
    latest = time.monotonic() + PATIENCE_S
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < latest
        time.sleep(0.2)


def has_leads_in_hand(place: Place) -> Callable[[], bool]:
    return lambda: any(row.owner for row in place.rows(night_work))


# several nights at once


def test_a_second_night_is_turned_away_by_name_before_it_starts_anything(place: Place) -> None:
    """Status 1 and not 0: what was asked for was not done, and whoever asked must know who is at it."""
    store = place.store()
    with one_night(bootstrap.build(Settings(database=place.database)), this_process()):
        status, out, err = ended(place.night())
    store.engine.dispose()
    assert (status, out) == (1, "")
    assert err == f"call-insights: another night is running on this database ({this_process()}). Let it finish.\n"
    assert not (place.folder / "prefect-0").exists(), "no server was started for nothing"


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_of_five_nights_that_start_at_once_one_works_and_the_record_is_that_of_one_night(
    tmp_path: Path, place: Place, short_calls: Path
) -> None:
    """As after an hour in which the scheduler slept. They also make the database and its tables at the same time."""
    place.source = short_calls
    nights = [ended(night) for night in [place.night() for _ in range(5)]]
    worked = [json.loads(out) for status, out, _ in nights if status == 0]
    turned_away = [err for status, _, err in nights if status == 1]
    assert len(worked) + len(turned_away) == 5
    assert sum(summary["proposals_posted"] for summary in worked) == CALLS
    assert all("another night is running" in err and "Traceback" not in err for err in turned_away)

    alone = replace(place, database=f"sqlite:///{tmp_path / 'alone.sqlite'}")
    status, out, _ = ended(alone.night())
    assert (status, json.loads(out)["proposals_posted"]) == (0, CALLS)
    assert place.record() == alone.record()


# a worker that hangs


@pytest.mark.slow
def test_leads_of_a_process_that_hangs_are_worked_by_another_and_it_changes_nothing_when_it_comes_back(
    place: Place, short_calls: Path
) -> None:
    built = bootstrap.build(Settings(database=place.database, caller_key="k" * 32))
    with one_night(built, this_process()):
        share_out(built, open_night(built, str(short_calls), datetime.fromisoformat(AS_OF)))
        hung = place.start("work")
        once(hung, has_leads_in_hand(place))
        stop_between_two_transactions(hung, built.store)
        (name,) = {row.owner for row in place.rows(night_work) if row.owner}
        with built.store.engine.begin() as connection:  # type: ignore[attr-defined]
            connection.execute(update(night_work).where(night_work.c.owner == name).values(until="2000-01-01"))

        status, _, err = ended(place.start("work"))
        assert (status, leads_left(built)) == (0, 0), err
        before = place.record()
        hung.send_signal(signal.SIGCONT)
        status, _, err = ended(hung)
        assert (status, "Traceback" in err) == (0, False), err

    assert place.record() == before
    assert len([entry for entry in before if entry[2] is EntryKind.PROPOSAL]) == CALLS
    assert name not in {row.owner for row in place.rows(night_reports)}, "what came late is not counted"
    assert verify_record(built)["sound"]
    built.store.engine.dispose()  # type: ignore[attr-defined]


def stop_between_two_transactions(process: subprocess.Popen[str], store: Any) -> None:
    """A process that hangs within one keeps others from writing at all: that is another fault."""
    for _ in range(100):
        process.send_signal(signal.SIGSTOP)
        with suppress(DatabaseBusy), store():
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.1)
    raise AssertionError("it writes without end")


# told to stop


@pytest.mark.slow
@pytest.mark.parametrize("word", TOLD_TO_STOP, ids=lambda word: word.name)
def test_a_night_that_is_told_to_stop_ends_in_order_and_the_next_one_goes_on(
    place: Place, short_calls: Path, word: signal.Signals
) -> None:
    place.source = short_calls
    night = place.night()
    once(night, has_leads_in_hand(place))
    night.send_signal(word)
    status, out, err = ended(night)
    assert (status, out) == (TOLD_TO_STOP[word], "")
    assert "Traceback" not in err
    assert err.endswith("call-insights: stopped; what was finished is kept, the same command goes on.\n")
    assert [row.owner for row in place.rows(night_work)] == [None] * CALLS
    assert place.rows(leases) == []

    status, out, _ = ended(place.night())
    assert (status, json.loads(out)["proposals_standing"]) == (0, CALLS)


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_gives_its_leads_back(place: Place, short_calls: Path) -> None:
    """The one that waits for nights tells the one that works in this night."""
    built = bootstrap.build(Settings(database=place.database, caller_key="k" * 32))
    with one_night(built, this_process()):
        share_out(built, open_night(built, str(short_calls), datetime.fromisoformat(AS_OF)))
        worker = place.start("work", "--wait")
        once(worker, has_leads_in_hand(place))
        worker.send_signal(signal.SIGTERM)
        status, _, err = ended(worker)
        assert (status, "Traceback" in err) == (TOLD_TO_STOP[signal.SIGTERM], False), err
        assert {row.owner for row in place.rows(night_work)} == {None}
        assert {row.tries for row in place.rows(night_work)} == {0}, "it is held against no lead"
    built.store.engine.dispose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)], ids=str)
def test_a_worker_that_waits_and_the_review_app_end_when_they_are_told_to(place: Place, word: signal.Signals) -> None:
    place.store().engine.dispose()  # the record is there
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    waits, app = place.start("work", "--wait"), place.start("review", "--port", port)
    assert app.stdout is not None
    assert "The review app" in app.stdout.readline()
    once(waits, lambda: has_handlers(waits))
    once(app, lambda: has_handlers(app))
    for process in (waits, app):
        process.send_signal(word)
    for process in (waits, app):
        status, _, err = ended(process)
        assert status in (0, TOLD_TO_STOP[word], -word), err
        assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("word", TOLD_TO_STOP, ids=lambda word: word.name)
def test_the_schedules_end_when_they_are_told_to(place: Place, word: signal.Signals) -> None:
    served = place.serve()
    assert served.stderr is not None
    assert "nightly at" in served.stderr.readline()
    once(served, lambda: (place.folder / "prefect-0" / "prefect.db").is_file())
    once(served, lambda: has_handlers(served))
    served.send_signal(word)
    status, _, err = ended(served)
    assert status in (0, TOLD_TO_STOP[word], -word), err
    assert "Traceback" not in err


def has_handlers(process: subprocess.Popen[str]) -> bool:
    """Whether it has said by now what SIGTERM means to it."""
    told = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    caught = next(line for line in told.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
