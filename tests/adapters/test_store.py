"""The billing record on real SQLite: documents come back as they went in, and the chain stays one chain."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from builders import (
    NOW,
    a_campaign,
    a_charge,
    a_hearing,
    a_lead,
    a_policy,
    a_proposal,
    a_transcript,
    a_turn,
    scores_for,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from office import PITCH, Office, calls
from pydantic import TypeAdapter
from servers import ON_BOTH
from sqlalchemy import JSON, Column, MetaData, String, Table, select

from insights.adapters import tables
from insights.adapters.database import open_engine
from insights.adapters.migrations import MIGRATIONS
from insights.adapters.store import SqlStore
from insights.domain.campaigns import Campaign, Pause
from insights.domain.intents import Intent
from insights.domain.leads import FormContact, Lead, LeadId, LeadKind
from insights.domain.ledger import Entry, check_chain
from insights.domain.money import Money
from insights.domain.screening import screen
from insights.domain.transcript import Speaker, Transcript, Turn
from insights.errors import ConfigurationError
from insights.pipeline.moves import write_summaries
from insights.pipeline.report import figures
from insights.ports_record import Access, Failure


@pytest.fixture(scope="module")
def shared() -> Iterator[SqlStore]:
    """One record in memory for the properties; each example overwrites the one before."""
    engine = open_engine("sqlite://")
    yield SqlStore(engine)
    engine.dispose()


def entries(store: SqlStore) -> list[Entry]:
    with store() as unit:
        return list(unit.entries())


@ON_BOTH
def test_a_campaign_comes_back_as_it_went_in(store: SqlStore) -> None:
    campaign = a_campaign(
        pauses=(Pause(NOW, NOW + timedelta(hours=1)), Pause(NOW + timedelta(days=1))),
        known_customers=frozenset({"+16145550114", "+16145550115"}),
        policy={"review_window_hours": 24, "reasons": {"solicitor": {"floor": 0.9}}},
    )
    with store() as unit:
        unit.put_campaign(campaign, NOW)
        unit.commit()
    with store() as unit:
        assert unit.campaign(campaign.campaign_id, NOW) == campaign


@ON_BOTH
def test_a_campaign_is_told_as_it_was_at_any_instant(store: SqlStore) -> None:
    first = a_campaign(price=Money.parse("45"))
    second = replace(first, services=("drain cleaning",), price=Money.parse("60"))
    for campaign, day in ((first, 0), (first, 1), (second, 2), (second, 3)):
        with store() as unit:
            unit.put_campaign(campaign, NOW + timedelta(days=day))
            unit.commit()
    with store() as unit:
        assert unit.campaign(first.campaign_id, NOW - timedelta(days=99)) == first
        assert unit.campaign(first.campaign_id, NOW + timedelta(days=2, microseconds=-1)) == first
        assert unit.campaign(first.campaign_id, NOW + timedelta(days=2)) == second
    with store.engine.connect() as connection:
        assert len(connection.execute(select(tables.campaign_versions)).all()) == 2


@ON_BOTH
def test_what_an_older_night_was_told_changes_nothing(store: SqlStore) -> None:
    """A night made up for later tells a campaign as it was then; what stands is newer."""
    for trade, day in (("first", 0), ("second", 5), ("made up for", 3)):
        with store() as unit:
            unit.put_campaign(a_campaign(trade=trade), NOW + timedelta(days=day))
            unit.commit()
    with store() as unit:
        told = [unit.campaign(a_campaign().campaign_id, NOW + timedelta(days=day)) for day in (4, 6)]
    assert [campaign.trade for campaign in told if campaign] == ["first", "second"]


@ON_BOTH
def test_a_version_that_was_rolled_back_is_forgotten(store: SqlStore) -> None:
    with store() as unit:
        unit.put_campaign(a_campaign(trade="told and taken back"), NOW)
        unit.campaign(a_campaign().campaign_id, NOW)
    with store() as unit:
        unit.put_campaign(a_campaign(trade="kept"), NOW)
        unit.commit()
    with store() as unit:
        kept = unit.campaign(a_campaign().campaign_id, NOW)
    assert kept is not None and kept.trade == "kept"


@ON_BOTH
def test_who_only_reads_holds_up_nobody(store: SqlStore) -> None:
    with store(only_reads=True) as reading:
        assert list(reading.entries()) == []
        with store() as writing:
            writing.post(a_charge())
            writing.commit()
        assert list(reading.entries()) == [], "it sees one state of the database"
    assert len(entries(store)) == 1


@ON_BOTH
def test_campaigns_of_a_database_without_history_hold_from_ever(database: str) -> None:
    """What the first released tables kept is taken over by the migration."""
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table campaign_versions")
        connection.exec_driver_sql("delete from schema_versions where version = 4")
        told = [Column("campaign_id", String(100), primary_key=True), Column("body", JSON, nullable=False)]
        campaigns = Table("campaigns", MetaData(), *told)
        campaigns.create(connection)
        body = TypeAdapter(Campaign).dump_python(a_campaign(), mode="json")
        connection.execute(campaigns.insert().values(campaign_id="C-1", body=body))
    engine.dispose()
    engine = open_engine(database)
    with SqlStore(engine)() as unit:
        assert unit.campaign(a_campaign().campaign_id, NOW - timedelta(days=999)) == a_campaign()
    engine.dispose()


@ON_BOTH
def test_a_screening_a_failure_and_scores_come_back_as_they_went_in(store: SqlStore) -> None:
    screening = screen(a_lead(), a_campaign(), a_policy(), NOW)
    failure = Failure(LeadId("L-1"), "fetch", "source_down", "it does not answer — Ärger", True, NOW)
    scores = scores_for(Intent.SOLICITOR, turn_weights=(0.25, 0.75))
    with store() as unit:
        unit.put_screening(screening)
        unit.put_failure(failure)
        unit.put_scores("key", scores)
        unit.put_recording(LeadId("L-1"), "a" * 64)
        unit.commit()
    with store() as unit:
        assert unit.screening(LeadId("L-1")) == screening
        assert unit.failure(LeadId("L-1")) == failure
        assert unit.scores("key") == scores
        assert unit.recording(LeadId("L-1")) == "a" * 64
        unit.clear_failure(LeadId("L-1"))
        assert unit.failure(LeadId("L-1")) is None


@ON_BOTH
def test_what_was_never_put_is_not_there(store: SqlStore) -> None:
    with store() as unit:
        assert unit.lead(LeadId("L-9")) is None
        assert unit.campaign(a_campaign().campaign_id, NOW) is None
        assert unit.screening(LeadId("L-9")) is None
        assert unit.recording(LeadId("L-9")) is None
        assert unit.failure(LeadId("L-9")) is None
        assert unit.transcript("key") is None
        assert unit.scores("key") is None
        assert unit.lead_ids() == []


words = st.text(st.characters(codec="utf-8"), max_size=40)
seconds = st.none() | st.floats(0, 1e5)
turns = st.builds(Turn, st.sampled_from(Speaker), words, seconds, seconds, st.none() | st.floats(0, 1), st.booleans())
instants = st.builds(
    lambda minutes, hours: (NOW + timedelta(minutes=minutes)).astimezone(timezone(timedelta(hours=hours))),
    st.integers(-3_000_000, 3_000_000),
    st.integers(-11, 13),
)
leads = st.builds(
    Lead,
    lead_id=st.just(LeadId("L-1")),
    campaign_id=st.just(a_campaign().campaign_id),
    received_at=instants,
    answered=st.booleans(),
    recording_enabled=st.booleans(),
    kind=st.sampled_from(LeadKind),
    voicemail=st.booleans(),
    recording=words,
    duration_s=seconds,
    caller_number=words,
    agent_channel=st.sampled_from([None, 1, 2]),
    price=st.none() | st.builds(Money, st.decimals(0, 10_000, places=2).map(Decimal)),
    form=st.builds(FormContact, words, words, words, words),
    extra=st.dictionaries(words, words, max_size=3),
)


@given(st.lists(turns, max_size=5).map(tuple))
@settings(max_examples=40, deadline=None)
def test_any_transcript_comes_back_word_for_word_with_its_hash(shared: SqlStore, turns: tuple[Turn, ...]) -> None:
    transcript = Transcript(turns, "whisper", "small@abc", "en", a_hearing())
    with shared() as unit:
        unit.put_transcript("key", transcript)
        found = unit.transcript("key")
    assert found == transcript
    assert found.sha256 == transcript.sha256


@given(leads)
@settings(max_examples=40, deadline=None)
def test_any_lead_comes_back_as_the_source_told_it(shared: SqlStore, lead: Lead) -> None:
    with shared() as unit:
        unit.put_lead(lead, "source")
        assert unit.lead(lead.lead_id) == lead


@ON_BOTH
def test_a_transcript_is_found_by_the_hash_that_its_verdicts_carry(store: SqlStore) -> None:
    transcript = a_transcript("caller: My sink leaks.")
    with store() as unit:
        unit.put_transcript("key", transcript)
        assert unit.transcript_saying(transcript.sha256) == transcript
        assert unit.transcript_saying("a" * 64) is None
        assert unit.transcript_saying("") is None


@ON_BOTH
def test_a_transcript_that_was_replaced_is_not_found_by_its_old_hash(store: SqlStore) -> None:
    old, new = a_transcript("caller: My sink leaks."), a_transcript("caller: My stink sleeps.")
    with store() as unit:
        unit.put_transcript("key", old)
        unit.put_transcript("key", new)
        assert unit.transcript_saying(old.sha256) is None
        assert unit.transcript_saying(new.sha256) == new


@ON_BOTH
def test_a_record_from_before_transcripts_were_found_by_hash_is_brought_up(database: str) -> None:
    """Two keys of one content, as two engines may hear the same, and a call of floats, doubts and odd letters."""
    said = a_transcript(a_turn("caller: É um vazamento?", 0.1 + 0.2, confidence=0.3, unclear=True), "agent: Sorry?")
    engine = open_engine(database)
    with SqlStore(engine)() as unit:
        for key in ("one", "two"):
            unit.put_transcript(key, said)
        unit.put_transcript("other", a_transcript("caller: Hello."))
        unit.commit()
    with engine.begin() as connection:
        tables.transcript_contents.drop(connection)
        connection.execute(tables.schema_versions.delete().where(tables.schema_versions.c.version == 2))
    engine.dispose()

    engine = open_engine(database)
    with SqlStore(engine)() as unit:
        assert unit.transcript_saying(said.sha256) == said
        assert unit.transcript_saying(a_transcript("caller: Hello.").sha256) is not None
    engine.dispose()


@ON_BOTH
def test_putting_again_replaces(store: SqlStore) -> None:
    with store() as unit:
        unit.put_lead(a_lead(), "source")
        unit.put_lead(a_lead(answered=False), "source")
        lead = unit.lead(LeadId("L-1"))
        assert lead is not None and not lead.answered
        assert unit.lead_ids() == ["L-1"]


@ON_BOTH
def test_leads_are_listed_oldest_first_whatever_their_time_zone(store: SqlStore) -> None:
    eastern, pacific = timezone(-timedelta(hours=5)), timezone(-timedelta(hours=8))
    with store() as unit:
        for name, received_at in {
            "noon-pacific": datetime(2026, 11, 19, 12, tzinfo=pacific),
            "noon-eastern": datetime(2026, 11, 19, 12, tzinfo=eastern),
            "noon-utc": datetime(2026, 11, 19, 12, tzinfo=UTC),
        }.items():
            unit.put_lead(a_lead(lead_id=LeadId(name), received_at=received_at), "source")
        assert unit.lead_ids() == ["noon-utc", "noon-eastern", "noon-pacific"]


def put_a_transcript_and_stumble(store: SqlStore) -> None:
    with store() as unit:
        unit.put_transcript("key", a_transcript(a_turn("caller: Hello?")))
        raise ZeroDivisionError


@ON_BOTH
def test_nothing_is_kept_without_a_commit(store: SqlStore) -> None:
    with store() as unit:
        unit.put_lead(a_lead(), "source")
        unit.post(a_charge())
    with pytest.raises(ZeroDivisionError):
        put_a_transcript_and_stumble(store)
    with store() as unit:
        assert unit.lead_ids() == []
        assert unit.transcript("key") is None
        assert list(unit.entries()) == []


@ON_BOTH
def test_an_entry_is_posted_once_whatever_is_posted_under_its_key(store: SqlStore) -> None:
    with store() as unit:
        assert unit.post(a_charge(amount="45.00"))
        assert not unit.post(a_charge(amount="45.00"))
        assert not unit.post(a_charge(amount="99.00"))
        unit.commit()
    with store() as unit:
        assert not unit.post(a_charge())
    assert [entry.body["amount"] for entry in entries(store)] == ["45.00"]


@ON_BOTH
def test_entries_form_one_sound_chain_and_can_be_read_by_lead(store: SqlStore) -> None:
    for lead_id in ("L-1", "L-2", "L-3"):
        with store() as unit:
            unit.post(a_charge(lead_id))
            unit.post(a_proposal(lead_id))
            unit.commit()
    found = entries(store)
    assert [entry.sequence for entry in found] == [1, 2, 3, 4, 5, 6]
    assert list(check_chain(found)) == []
    with store() as unit:
        assert [entry.sequence for entry in unit.entries(LeadId("L-2"))] == [3, 4]


WRITER = """
import sys
sys.path.insert(0, sys.argv[3])
from builders import a_charge
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
store = SqlStore(open_engine(sys.argv[1]))
for number in range(40):
    for lead in (f"L-{sys.argv[2]}-{number}", f"L-both-{number}"):
        with store() as unit:
            unit.post(a_charge(lead))
            unit.commit()
"""


@ON_BOTH
def test_two_processes_that_write_at_once_keep_one_chain(database: str) -> None:
    """Each posts forty leads of its own and the same forty as the other; these are posted once."""
    tests = str(Path(__file__).parents[1])
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, database, name, tests]) for name in ("a", "b")]
    assert [writer.wait(timeout=300) for writer in writers] == [0, 0]

    engine = open_engine(database)
    found = entries(SqlStore(engine))
    engine.dispose()
    assert len(found) == 120
    assert list(check_chain(found)) == []


@ON_BOTH
def test_migrations_run_once_and_opening_again_keeps_what_is_there(database: str) -> None:
    for _ in range(2):
        engine = open_engine(database)
        with SqlStore(engine)() as unit:
            unit.post(a_charge())
            unit.commit()
        with engine.begin() as connection:
            versions = list(connection.execute(tables.schema_versions.select()))
        engine.dispose()
    assert [tuple(row) for row in versions] == [(version, name) for version, name, _ in MIGRATIONS]
    assert sorted(version for version, _, _ in MIGRATIONS) == [version for version, _, _ in MIGRATIONS]


def test_the_record_is_written_through_to_the_disk_in_full(database: str) -> None:
    engine = open_engine(database)
    with engine.connect() as connection:
        told = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
    engine.dispose()
    assert told == {"journal_mode": "wal", "synchronous": 2}


def test_addresses_and_files_that_are_no_record_are_named(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("this is no database, only a note " * 100)
    (tmp_path / "file").write_text("")
    for url, says in {
        "not an address": "cannot be used",
        "nosuchdb://host/name": "cannot be used",
        f"sqlite:///{tmp_path}": "cannot be opened",
        f"sqlite:///{tmp_path}/file/below/record.sqlite": "cannot be opened",
        f"sqlite:///{tmp_path}/note.txt": "not one of Call Insights",
    }.items():
        with pytest.raises(ConfigurationError, match=says):
            open_engine(url)


@ON_BOTH
def test_rows_of_leads_that_an_older_version_made_are_made_again(tmp_path: Path, database: str) -> None:
    """They lack what figures are made of by now."""
    engine = open_engine(database)
    office = Office(tmp_path, SqlStore(engine), calls(L1=PITCH))
    office.night()
    with engine.begin() as connection:
        connection.execute(tables.lead_summaries.update().values(facts={"client": "Blue Pipe"}))
        connection.execute(tables.schema_versions.delete().where(tables.schema_versions.c.version == 8))
    engine.dispose()
    engine = open_engine(database)
    later = Office(tmp_path, SqlStore(engine), office.source)
    assert write_summaries(later.deps, only_missing=True) == 1
    assert figures(later.deps, None, None, "all")
    engine.dispose()


@ON_BOTH
def test_of_many_accesses_the_newest_are_read_and_all_are_counted(store: SqlStore) -> None:
    with store() as unit:
        for number in range(9):
            lead = LeadId(("L-1", "L-2", "")[number % 3])
            unit.note_access(Access(NOW + timedelta(minutes=number), f"who-{number}", "viewer", "explain", lead))
        unit.commit()

    def told(lead_id: LeadId | None, since: datetime | None, newest: int | None) -> tuple[str, int]:
        with store(only_reads=True) as unit:
            marks = [access.who[-1] for access in unit.accesses(lead_id, since, newest)]
            return "".join(marks), unit.count_accesses(lead_id, since)

    assert told(None, None, None) == ("012345678", 9)
    assert told(None, None, 2) == ("78", 9)
    assert told(LeadId("L-1"), None, 3) == ("568", 6)
    assert told(LeadId("L-1"), NOW + timedelta(minutes=3), 50) == ("3568", 4)
