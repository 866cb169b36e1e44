"""A night whose database is held, whose clock jumps or whose source dies: named, no lead lost, the record as ever."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from buckets import a_row, an_s3_server, at, fill, lay
from builders import NOW
from fakes import ListedSource
from office import JOB, NEED, PITCH, Office, calls
from servers import ON_BOTH, Lend, start_server
from sqlalchemy.engine import make_url

from insights import checkup
from insights.adapters import database as opening
from insights.adapters.database import open_engine
from insights.adapters.folder_source import FolderSource
from insights.adapters.policy_files import load_policies
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer, LeadState
from insights.domain.lead_life import Verdicted
from insights.domain.leads import Lead, LeadId
from insights.errors import DatabaseBusy, InputError, InsightsError, RecordingUnavailable
from insights.pipeline.audit import verify_record
from insights.pipeline.decide import record_decision
from insights.pipeline.fetch import NOT_ANSWERING
from insights.pipeline.night import LEASE, NightIsRunning, open_night, run_stage
from insights.pipeline.work import IN_HAND, finish_batch, holder, leads_free, leads_left, share_out, take_batch
from insights.ports_record import Lease
from insights.settings import Settings

SCRIPTS = {"L1": NEED, "L2": PITCH, "L3": JOB}
ELSEWHERE = "elsewhere/1/1"
"""A process of another machine: whether it lives cannot be seen from here."""


def record_of(office: Office) -> list[tuple[Any, ...]]:
    """What two records of the same nights have in common: all but the salts, and the hashes that are made with them."""
    with office.store() as unit:
        return [(e.sequence, e.key, e.lead_id, e.kind, e.at, e.actor, e.body) for e in unit.entries()]


def at_step(office: Office, stage: str, lead_id: str, happens: Callable[[], object]) -> None:
    """Something happens once, when a lead has come through a stage."""
    told, waiting = office.progress.step, [happens]

    def step(name: str, lead: str, audio_s: float = 0.0) -> None:
        told(name, lead, audio_s)
        if (name, lead) == (stage, lead_id) and waiting:
            waiting.pop()()

    office.progress.step = step  # type: ignore[method-assign]


@pytest.fixture
def undisturbed(tmp_path: Path) -> list[tuple[Any, ...]]:
    """The record of a night that nothing happened to."""
    engine = open_engine(f"sqlite:///{tmp_path / 'undisturbed.sqlite'}")
    office = Office(tmp_path / "undisturbed", SqlStore(engine), calls(**SCRIPTS))
    office.night()
    engine.dispose()
    return record_of(office)


# the database is held by somebody else


@pytest.fixture
def impatient(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    """A record on which nobody waits longer than a second for others."""
    monkeypatch.setattr(opening, "_PATIENCE_S", 1)
    engine = open_engine(database)
    yield SqlStore(engine)
    engine.dispose()


class Holder:
    """Another program that has the record to itself, until it lets go."""

    def __init__(self, address: str) -> None:
        self._file = make_url(address).database if address.startswith("sqlite") else None
        self._address = address
        self._connection: Any = None

    def hold(self) -> None:
        if self._file:
            self._connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
            self._connection.execute("begin immediate")
        else:
            self._connection = psycopg.connect(self._address)
            self._connection.execute("select pg_advisory_xact_lock(%s)", [opening._WRITERS])

    def let_go(self) -> None:
        self._connection.close()


@ON_BOTH
def test_a_night_that_cannot_write_at_all_ends_by_name_and_has_done_nothing(
    tmp_path: Path, database: str, impatient: SqlStore, undisturbed: list[tuple[Any, ...]]
) -> None:
    office, other = Office(tmp_path, impatient, calls(**SCRIPTS)), Holder(database)
    other.hold()
    with pytest.raises(DatabaseBusy, match="busy") as ended:
        office.night()
    other.let_go()
    assert (ended.value.exit_status, ended.value.next_step) == (1, "Try again in a minute.")
    assert record_of(office) == []
    office.night()
    assert record_of(office) == undisturbed


@ON_BOTH
def test_a_database_that_others_hold_while_it_is_opened_is_busy_and_not_wrong(
    database: str, impatient: SqlStore
) -> None:
    """Wrong settings are status 2 and for a person; this is status 1, and the same command is right a minute later."""
    other = Holder(database)
    other.hold()
    with pytest.raises(DatabaseBusy):
        open_engine(database)
    other.let_go()
    open_engine(database).dispose()


@ON_BOTH
@pytest.mark.parametrize(
    "stage",
    [pytest.param("fetch", marks=pytest.mark.slow), "transcribe", pytest.param("propose", marks=pytest.mark.slow)],
)
def test_a_night_that_others_keep_from_writing_in_the_middle_blames_no_lead_and_is_gone_on_with(
    tmp_path: Path, database: str, impatient: SqlStore, undisturbed: list[tuple[Any, ...]], stage: str
) -> None:
    office, other = Office(tmp_path, impatient, calls(**SCRIPTS)), Holder(database)
    at_step(office, stage, "L1", other.hold)
    with pytest.raises(DatabaseBusy):
        office.night()
    other.let_go()

    assert [office.failure(lead_id) for lead_id in SCRIPTS] == [None] * len(SCRIPTS)
    assert office.night().proposals_standing == len(SCRIPTS)
    assert record_of(office) == undisturbed


@ON_BOTH
def test_a_night_waits_for_others_who_let_go_in_time(
    tmp_path: Path, database: str, store: SqlStore, undisturbed: list[tuple[Any, ...]]
) -> None:
    office, other = Office(tmp_path, store, calls(**SCRIPTS)), Holder(database)
    later = threading.Timer(1.0, other.let_go)

    def holds() -> None:
        other.hold()
        later.start()

    at_step(office, "transcribe", "L1", holds)
    assert office.night().failures == []
    later.join()
    assert record_of(office) == undisturbed


def test_a_lead_in_hand_that_another_session_of_postgresql_locks_is_told_as_busy(
    tmp_path: Path, postgresql: Lend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims pass locked rows over; who has a lead in hand waits for its row, and is told."""
    monkeypatch.setattr(opening, "_PATIENCE_S", 1)
    with postgresql() as address, psycopg.connect(address) as session:
        engine = open_engine(address)
        office = Office(tmp_path, SqlStore(engine), calls(**SCRIPTS))
        share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
        batch = take_batch(office.deps, ELSEWHERE, 2)
        assert batch is not None
        session.execute("select * from night_work where lead_id = 'L1' for update")
        with pytest.raises(DatabaseBusy):
            finish_batch(office.deps, batch, [])
        session.rollback()
        finish_batch(office.deps, batch, [])
        assert leads_left(office.deps) == 1
        engine.dispose()


@pytest.mark.slow
def test_a_postgresql_that_is_restarted_in_the_middle_of_a_night_loses_nothing(
    tmp_path: Path, undisturbed: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory(prefix="call-insights-restarted-") as folder:
        server = start_server(Path(folder))
        server.psql("create database record")
        engine = open_engine(server.get_uri(database="record"))
        office = Office(tmp_path, SqlStore(engine), calls(**SCRIPTS))

        def restart() -> None:
            server.stop()
            server.start()

        at_step(office, "transcribe", "L1", restart)
        assert office.night().failures == []
        assert record_of(office) == undisturbed

        at_step(office, "fetch", "L1", server.stop)
        with pytest.raises(DatabaseBusy):
            office.night()
        server.start()
        assert office.night().failures == []
        assert record_of(office) == undisturbed
        engine.dispose()
        server.cleanup()


# the clock jumps


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(days=3), -timedelta(hours=2)], ids=str)
def test_a_clock_that_jumps_in_the_middle_of_a_night_changes_nothing_on_the_record(
    tmp_path: Path, store: SqlStore, undisturbed: list[tuple[Any, ...]], jump: timedelta
) -> None:
    """The night's instant is that of its start; what time a stage took is told by a clock that cannot jump."""
    office = Office(tmp_path, store, calls(**SCRIPTS))

    def jumps() -> None:
        office.clock.instant += jump

    at_step(office, "transcribe", "L2", jumps)
    summary = office.night()
    assert summary.failures == []
    assert all(0 <= stage["seconds"] < 3600 for stage in summary.stages.values())
    assert record_of(office) == undisturbed
    assert office.night(NOW + timedelta(hours=6)).proposals_posted == 0


@ON_BOTH
def test_a_night_of_a_clock_that_was_ahead_keeps_others_waiting_no_longer_than_any_night_may(
    tmp_path: Path, store: SqlStore
) -> None:
    """Its machine is gone, and nobody here can see that: three days and twelve hours from now its lease would end."""
    office = Office(tmp_path, store, calls(**SCRIPTS))
    ahead = NOW + timedelta(days=3)
    with store() as unit:
        assert unit.take_lease(Lease.NIGHT, ELSEWHERE, ahead, ahead + LEASE) is None
        unit.commit()
    with pytest.raises(NightIsRunning, match=ELSEWHERE):
        office.night()
    with pytest.raises(NightIsRunning, match=ELSEWHERE):
        office.night(NOW + LEASE - timedelta(minutes=1))
    assert office.night(NOW + LEASE).leads_seen == len(SCRIPTS)


@ON_BOTH
def test_a_lease_of_a_clock_that_is_a_little_ahead_is_left_as_it_is(store: SqlStore) -> None:
    """Two clocks are never quite the same."""
    until = NOW + LEASE + timedelta(minutes=5)
    with store() as unit:
        unit.take_lease(Lease.NIGHT, ELSEWHERE, NOW, until)
        assert unit.take_lease(Lease.NIGHT, "here/1/1", NOW, NOW + LEASE) == ELSEWHERE
        assert unit.lease(Lease.NIGHT) == (ELSEWHERE, until)
        assert unit.take_lease(Lease.NIGHT, "here/1/1", NOW, NOW + LEASE - timedelta(seconds=1)) == ELSEWHERE
        assert unit.lease(Lease.NIGHT) == (ELSEWHERE, NOW + LEASE - timedelta(seconds=1))
        assert unit.lease(Lease.FEED) is None


@ON_BOTH
def test_leads_in_the_hand_of_a_clock_that_was_ahead_are_free_an_hour_after_somebody_asked(
    tmp_path: Path, store: SqlStore
) -> None:
    office = Office(tmp_path, store, calls(**SCRIPTS))
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    office.clock.instant = NOW + timedelta(days=3)
    assert take_batch(office.deps, ELSEWHERE, 3) is not None
    office.clock.instant = NOW
    assert (take_batch(office.deps, "here/1/1", 3), leads_free(office.deps)) == (None, 0)
    office.clock.instant = NOW + IN_HAND
    assert leads_free(office.deps) == len(SCRIPTS)
    hands = list(iter(lambda: take_batch(office.deps, "here/1/1", 3), None))
    assert {lead for hand in hands for lead in hand.lead_ids} == set(SCRIPTS)


def test_a_worker_that_goes_on_keeps_what_it_has_although_the_clock_went_back(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(**SCRIPTS))
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    batch = take_batch(office.deps, ELSEWHERE, 3)
    assert batch is not None
    hold, back = holder(office.deps, batch), NOW - timedelta(hours=2)
    for minutes in range(0, 240, 20):
        office.clock.instant = back + timedelta(minutes=minutes)
        assert take_batch(office.deps, "here/1/1", 3) is None
        hold()


def test_doctor_tells_of_a_night_whose_clock_was_ahead(tmp_path: Path, database: str, store: SqlStore) -> None:
    settings = Settings(database=database)
    assert checkup._at_work(settings) == "no night is at work"
    now = datetime.now(UTC)
    with store() as unit:
        unit.take_lease(Lease.NIGHT, ELSEWHERE, now, now + LEASE)
        unit.commit()
    assert checkup._at_work(settings).startswith(f"{ELSEWHERE}, since ")
    with store() as unit:
        unit.end_lease(Lease.NIGHT, ELSEWHERE)
        unit.take_lease(Lease.NIGHT, ELSEWHERE, now, now + LEASE + timedelta(days=3))
        unit.commit()
    with pytest.raises(InsightsError, match="the clock was ahead") as found:
        checkup._at_work(settings)
    assert "cuts its time to 12 hours" in found.value.next_step


def test_the_record_is_in_the_order_in_which_it_was_written_whatever_the_clock_said(
    tmp_path: Path, store: SqlStore
) -> None:
    """A reviewer decides two hours before the proposal was made, if one believes the clock."""
    office = Office(tmp_path, store, calls(**SCRIPTS))
    office.night()
    back = NOW - timedelta(hours=2)
    decided = record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), back)
    entries = record_of(office)
    assert [entry[0] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1][4] == back < NOW == entries[-1 - len(SCRIPTS)][4]
    assert decided.state is LeadState.DECIDED
    assert verify_record(office.deps)["sound"]


def test_a_night_of_a_clock_that_was_ahead_is_made_good_by_the_next_one(tmp_path: Path, store: SqlStore) -> None:
    """Eight days ahead every lead is too old to be heard; once the clock is right they are heard after all."""
    office = Office(tmp_path, store, calls(**SCRIPTS))
    assert office.night(NOW + timedelta(days=8)).by_screening == {"too_old": len(SCRIPTS)}
    assert office.night().by_screening == {"ready": len(SCRIPTS)}
    assert set(office.proposals()) == set(SCRIPTS)


# the source dies half-way


ROWS = {
    name: a_row(name, recording=f"{name}.wav", received_at=(NOW - timedelta(hours=2)).isoformat()) for name in SCRIPTS
}
FILES = {f"{name}.wav": script.encode() for name, script in SCRIPTS.items()}
TABLE = "".join(json.dumps(row) + "\n" for row in ROWS.values())


def an_office_of(folder: Path, store: SqlStore, uri: str) -> Office:
    office = Office(folder, store, calls())
    source = FolderSource(uri, load_policies(), now=office.clock.now)
    office.source = source  # type: ignore[assignment]
    return office


def whole_record(tmp_path: Path) -> list[tuple[Any, ...]]:
    engine = open_engine(f"sqlite:///{tmp_path / 'whole.sqlite'}")
    office = an_office_of(
        tmp_path / "whole", SqlStore(engine), str(lay(tmp_path / "whole-source", {"leads.jsonl": TABLE, **FILES}))
    )
    office.night()
    engine.dispose()
    return record_of(office)


def told_of(record: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Of each entry all but its place: what came a night later stands further down."""
    return {
        (key, lead_id, kind, json.dumps(body, sort_keys=True, default=str))
        for _, key, lead_id, kind, _, _, body in record
    }


def test_a_folder_that_goes_away_while_it_is_fetched_fails_the_rest_in_passing_and_the_next_night_has_them(
    tmp_path: Path, store: SqlStore
) -> None:
    folder = lay(tmp_path / "source", {"leads.jsonl": TABLE, **FILES})
    office = an_office_of(tmp_path, store, str(folder))
    at_step(office, "fetch", "L1", lambda: folder.rename(tmp_path / "away"))
    summary = office.night()
    assert {(row["lead_id"], row["stage"], row["code"]) for row in summary.failures} == {
        ("L2", "fetch", "recording_missing"),
        ("L3", "fetch", "recording_missing"),
    }
    assert set(office.proposals()) == {"L1"}

    (tmp_path / "away").rename(folder)
    assert office.night().failures == []
    assert told_of(record_of(office)) == told_of(whole_record(tmp_path))


def test_a_table_that_is_cut_in_the_middle_of_a_line_is_worked_as_far_as_it_came(
    tmp_path: Path, store: SqlStore
) -> None:
    """The exporter is still writing when the night reads."""
    folder = lay(tmp_path / "source", {"leads.jsonl": TABLE[:-40], **FILES})
    office = an_office_of(tmp_path, store, str(folder))
    summary = office.night()
    assert [row["where"] for row in summary.quarantined] == ["leads.jsonl line 3"]
    assert set(office.proposals()) == {"L1", "L2"}

    (folder / "leads.jsonl").write_text(TABLE)
    assert office.night().quarantined == []
    assert told_of(record_of(office)) == told_of(whole_record(tmp_path))


@pytest.mark.parametrize("cut", ["", "[{", '{"C-1": '], ids=["empty", "cut", "another form"])
def test_campaigns_that_cannot_be_read_end_the_night_by_name_before_it_posts_anything(
    tmp_path: Path, store: SqlStore, cut: str
) -> None:
    folder = lay(tmp_path / "source", {"leads.jsonl": TABLE, **FILES, "campaigns.json": cut})
    office = an_office_of(tmp_path, store, str(folder))
    with pytest.raises(InputError, match=r"campaigns\.json"):
        office.night()
    assert record_of(office) == []


@pytest.mark.slow
def test_a_bucket_whose_server_dies_while_it_is_fetched_fails_the_rest_in_passing_and_the_next_night_has_them(
    tmp_path: Path, store: SqlStore
) -> None:
    with an_s3_server() as server, at(server.address):
        fill("calls", {"leads.jsonl": TABLE, **FILES})
        office = an_office_of(tmp_path, store, "s3://calls")
        at_step(office, "fetch", "L1", server.kill)
        summary = office.night()
    assert {(row["lead_id"], row["code"]) for row in summary.failures} == {
        ("L2", "not_answering"),
        ("L3", "not_answering"),
    }
    assert set(office.proposals()) == {"L1"}

    with an_s3_server() as server, at(server.address):
        fill("calls", {"leads.jsonl": TABLE, **FILES})
        again = an_office_of(tmp_path, store, "s3://calls")
        assert again.night().failures == []
    assert told_of(record_of(again)) == told_of(whole_record(tmp_path))


class Mute(ListedSource):
    """Does not answer when it is asked for a recording."""

    def fetch(self, lead: Lead) -> bytes:
        self.fetched.append(lead.lead_id)
        raise RecordingUnavailable("it does not answer.", code=NOT_ANSWERING, next_step="Wait.")


def test_a_source_that_does_not_answer_at_all_is_not_asked_for_every_lead_of_a_batch(
    tmp_path: Path, store: SqlStore
) -> None:
    """Each silence takes seconds, and a night of thousands would wait for days; what is kept is found all the same."""
    talks = calls(**{f"L{number}": f"{NEED} {number}." for number in range(8)})
    office = Office(tmp_path, store, talks)
    night = open_night(office.deps, talks.uri, NOW)
    run_stage(office.deps, "fetch", talks.uri, [LeadId("L7")], NOW)
    mute = Mute(talks.leads, talks.campaigns, talks.recordings)
    office.source = mute
    report = run_stage(office.deps, "fetch", mute.uri, night.ready, NOW)

    assert mute.fetched == ["L0", "L1", "L2"]
    assert (report.done, report.reused, report.failed, report.transient) == (1, 1, 7, 7)
    (told,) = {failure.code for name in night.ready if (failure := office.failure(name))}
    assert told == NOT_ANSWERING

    office.source = talks
    assert office.night().failures == []
    assert talks.fetched == ["L7", *(f"L{number}" for number in range(7))]
