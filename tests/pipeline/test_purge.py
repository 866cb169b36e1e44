"""What is kept too long, or not wanted, is gone from files and database; the record stays whole and says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import JOB, LENIENT, NEED, PITCH, PLUMBER, Office, calls
from servers import ON_BOTH

from insights.adapters.database import open_engine
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.accounts import IDLE, Session
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind, entry_of
from insights.domain.reasons import Reason
from insights.domain.sealing import DELETED
from insights.errors import UnknownLead
from insights.pipeline import purge as purging
from insights.pipeline.audit import export_record, import_record, verify_record
from insights.pipeline.decide import record_decision, reopen_lead
from insights.pipeline.night import NightIsRunning, one_night
from insights.pipeline.purge import Order, Purged, purge_caller, purge_lead, purge_over_time
from insights.pipeline.request import submit_request
from insights.pipeline.story import explain

L1, L2 = LeadId("L1"), LeadId("L2")
DAY = timedelta(days=1)
BY, DRY = Order("operator:o", this_process()), Order("operator:o", this_process(), dry_run=True)
SAYS = b"google listing"


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Iterator[Office]:
    """A night with a pitch and a job seeker; the client sent a paper about the first."""
    office = Office(tmp_path, store, calls(L1=PITCH, L2=JOB))
    office.change("L1", replace(office.source.leads[0], caller_number="hmac:ann", extra={"memo": "google listing"}))
    office.night()
    submit_request(office.deps, L1, Reason.SOLICITOR, "He sells a google listing.", {"a.txt": b"google listing"}, NOW)
    return office


def over_time(office: Office, now: datetime, *, dry_run: bool = False) -> tuple[Purged, ...]:
    """What retention takes on a day."""
    office.clock.instant = now
    return purge_over_time(office.deps, Order("retention", this_process(), dry_run), now).purged


def files(office: Office, folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file() and holds(path)]


def holds(path: Path) -> bool:
    return SAYS in path.read_bytes() and "sqlite" not in path.name


@ON_BOTH
def test_all_of_a_lead_goes_and_the_record_stays_whole(office: Office, tmp_path: Path) -> None:
    assert len(files(office, tmp_path)) == 2
    before = verify_record(office.deps)
    (purged,) = purge_lead(office.deps, BY, L1, NOW).purged
    assert (purged.what, purged.in_chain) == (("audio", "words"), 0)
    assert files(office, tmp_path) == []

    after = verify_record(office.deps)
    assert after["sound"] and after["entries"] == before["entries"] + 1
    story = explain(office.deps, L1, NOW)
    assert "google" not in str(story) and story["money"]["charged"] == "45.00"
    assert story["review"]["request"]["explanation"] == DELETED
    assert (story["proposal"]["decision"], story["proposal"]["evidence"][0]["quote"]) == ("non_billable", DELETED)
    with office.store() as unit:
        lead = unit.lead(L1)
        assert lead is not None and (lead.caller_number, lead.extra, lead.recording) == ("", {}, "")
    assert not heard(office, L1) and heard(office, L2)


def heard(office: Office, lead_id: LeadId) -> bool:
    """Whether the transcript of the standing proposal is still kept."""
    key = str(office.entries(EntryKind.PROPOSAL, lead_id)[-1].body["transcript_key"])
    with office.store() as unit:
        return unit.transcript(key) is not None


def test_nothing_that_was_said_lies_in_the_database_file(office: Office, database: str) -> None:
    path = Path(database.removeprefix("sqlite:///"))
    log = path.with_name(path.name + "-wal")
    assert SAYS in path.read_bytes() + log.read_bytes()
    purge_lead(office.deps, BY, L1, NOW)
    assert SAYS not in path.read_bytes() + (log.read_bytes() if log.exists() else b"")


@ON_BOTH
def test_what_was_deleted_does_not_come_back_with_the_next_night(office: Office, tmp_path: Path) -> None:
    purge_lead(office.deps, BY, L1, NOW)
    entries = len(office.entries(EntryKind.PROPOSAL))
    summary = office.night(NOW + DAY)
    assert summary.failures == [] and files(office, tmp_path) == []
    assert len(office.entries(EntryKind.PROPOSAL)) == entries


def test_a_caller_is_deleted_by_the_hash_of_the_number(office: Office) -> None:
    assert [p.lead_id for p in purge_caller(office.deps, DRY, "hmac:ann", NOW).purged] == [L1]
    assert office.entries(EntryKind.DELETION) == []
    assert [p.lead_id for p in purge_caller(office.deps, BY, "hmac:ann", NOW).purged] == [L1]
    (tombstone,) = office.entries(EntryKind.DELETION)
    assert tombstone.actor == "operator:o"
    assert dict(tombstone.body) == {"what": ["audio", "words"], "why": "asked", "policy": tombstone.body["policy"]}
    assert purge_caller(office.deps, BY, "hmac:ann", NOW).purged == (), "nobody is known by that number any more"


def test_retention_takes_the_recording_first_and_the_words_later(office: Office, tmp_path: Path) -> None:
    record_decision(office.deps, L1, "ann", Verdicted(Answer.ACCEPT), NOW)
    assert over_time(office, NOW + 399 * DAY) == ()
    at_400 = over_time(office, NOW + 402 * DAY, dry_run=True)
    assert {purged.lead_id: purged.what for purged in at_400} == {L1: ("audio",), L2: ("audio",)}
    assert len(over_time(office, NOW + 402 * DAY)) == 2
    assert over_time(office, NOW + 402 * DAY) == ()
    assert len(files(office, tmp_path)) == 1, "the client's paper is words"
    assert explain(office.deps, L1, NOW)["proposal"]["evidence"][0]["quote"] != DELETED
    assert {purged.what for purged in over_time(office, NOW + 1102 * DAY)} == {("words",)}
    assert files(office, tmp_path) == []
    assert over_time(office, NOW + 9999 * DAY) == ()
    assert verify_record(office.deps)["sound"]


def test_a_client_may_keep_less(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH))
    terms = {**LENIENT, "privacy": {"keep_audio_days": 10, "keep_words_days": 20}}
    office.source.campaigns = [replace(PLUMBER, policy=terms)]
    office.night()
    assert [purged.what for purged in over_time(office, NOW + 15 * DAY)] == [("audio",)]


def test_an_open_review_keeps_what_it_needs_unless_somebody_wants_it_gone(office: Office) -> None:
    assert [p.lead_id for p in over_time(office, NOW + 2000 * DAY, dry_run=True)] == [L2]
    assert [p.lead_id for p in over_time(office, NOW + 2000 * DAY)] == [L2]
    office.clock.instant = NOW
    purge_lead(office.deps, BY, L1, NOW)
    assert record_decision(office.deps, L1, "ann", Verdicted(Answer.ACCEPT), NOW).credited.amount == 45
    reopen_lead(office.deps, L1, "ann", "one more look", NOW)


def test_a_recording_that_another_lead_shares_stays_for_it(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=PITCH))
    office.night()
    purge_lead(office.deps, BY, L1, NOW)
    assert len(files(office, tmp_path)) == 1
    assert heard(office, L2)
    assert explain(office.deps, L1, NOW)["proposal"]["evidence"][0]["quote"] == DELETED
    assert explain(office.deps, L2, NOW)["proposal"]["evidence"][0]["quote"] != DELETED
    purge_lead(office.deps, BY, L2, NOW)
    assert files(office, tmp_path) == []


def test_a_kill_between_files_and_record_leaves_the_rest_to_the_next_run(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(purging, "_drop_words", killed)
        with pytest.raises(KeyboardInterrupt):
            purge_lead(office.deps, BY, L1, NOW)
    assert office.entries(EntryKind.DELETION) == []
    purge_lead(office.deps, BY, L1, NOW)
    assert len(office.entries(EntryKind.DELETION)) == 1 and files(office, tmp_path) == []
    purge_lead(office.deps, BY, L1, NOW)
    assert len(office.entries(EntryKind.DELETION)) == 1


def test_a_lead_that_nobody_knows_is_named(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    with pytest.raises(UnknownLead, match="L9"):
        purge_lead(office.deps, BY, LeadId("L9"), NOW)


def test_no_night_runs_while_something_is_deleted(office: Office) -> None:
    with one_night(office.deps, "elsewhere/1/1"), pytest.raises(NightIsRunning):
        purge_lead(office.deps, BY, L1, NOW)
    assert office.entries(EntryKind.DELETION) == []


def test_a_day_that_has_not_come_deletes_nothing(office: Office) -> None:
    assert purge_over_time(office.deps, BY, NOW + 9999 * DAY).purged == ()


@ON_BOTH
def test_sessions_that_ended_and_old_wrong_passwords_go_with_the_leads_and_others_stay(office: Office) -> None:
    held, idle, long = (Session(mark * 64, "ann", NOW - DAY, NOW, "form") for mark in "abc")
    held = replace(held, created_at=NOW)
    idle = replace(held, token_sha256=idle.token_sha256, seen_at=NOW - IDLE)
    with office.store() as unit:
        for session in (held, idle, long):
            unit.put_session(session)
        unit.note_sign_in_failure("ann", "10.0.0.1", NOW - DAY)
        unit.note_sign_in_failure("ann", "10.0.0.1", NOW)
        unit.commit()

    def kept() -> tuple[list[bool], tuple[int, int]]:
        with office.store(only_reads=True) as unit:
            sessions = [unit.session(one.token_sha256) is not None for one in (held, idle, long)]
            return sessions, unit.sign_in_failures("ann", "10.0.0.1", NOW - 9 * DAY)

    over_time(office, NOW, dry_run=True)
    assert kept() == ([True, True, True], (2, 2))
    over_time(office, NOW)
    assert kept() == ([True, False, False], (1, 1))


@ON_BOTH
def test_words_that_came_after_a_tombstone_are_deleted_in_their_turn(office: Office) -> None:
    purge_lead(office.deps, BY, L1, NOW)
    record_decision(office.deps, L1, "ann", Verdicted(Answer.ACCEPT, note="He sold a google listing."), NOW)
    assert [p.what for p in over_time(office, NOW + 1102 * DAY) if p.lead_id == L1] == [("words",)]
    assert "google" not in str(explain(office.deps, L1, NOW))
    assert verify_record(office.deps)["sound"]


@ON_BOTH
def test_a_tombstone_holds_where_the_record_is_imported(office: Office, tmp_path: Path) -> None:
    """First an export from before the deletion, then one from after it; then a night at the same source."""
    before = [entry_of(row) for row in export_record(office.deps, with_words=True)]
    purge_lead(office.deps, BY, L1, NOW)
    after = [entry_of(row) for row in export_record(office.deps, with_words=True)]
    copy = Office(tmp_path / "copy", SqlStore(open_engine(f"sqlite:///{tmp_path}/copy.sqlite")), office.source)
    import_record(copy.deps, before)
    import_record(copy.deps, after)
    assert "google" not in str([entry.body for entry in copy.entries(EntryKind.PROPOSAL, L1)])
    copy.night()
    with copy.store() as unit:
        assert unit.lead(L1) is None and unit.lead(L2) is not None
    copy.store.engine.dispose()
