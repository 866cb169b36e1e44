"""An older backup is put back and the record goes on from an export: what was decided and deleted since holds."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW
from office import JOB, PITCH, Office, calls

from insights.adapters.database import open_engine
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import Entry, entry_of
from insights.domain.reasons import Reason
from insights.pipeline.audit import export_record, import_record, verify_record
from insights.pipeline.decide import record_decision
from insights.pipeline.purge import Order, purge_again, purge_lead
from insights.pipeline.request import submit_request

L1, L2 = LeadId("L1"), LeadId("L2")
BY = Order("operator:o", this_process())
SAYS = b"google listing"
PAPER = b"a paper: google listing"


@pytest.fixture
def backup(tmp_path: Path) -> Iterator[tuple[Office, Callable[[], Office]]]:
    """A night with a pitch and a job seeker, of which there is a backup, and what puts the backup back."""
    live, kept = tmp_path / "live", tmp_path / "kept"
    live.mkdir()
    office = Office(live, SqlStore(open_engine(f"sqlite:///{live}/record.sqlite")), calls(L1=PITCH, L2=JOB))
    office.change("L1", replace(office.source.leads[0], extra={"memo": "google listing"}))
    office.night()
    submit_request(office.deps, L1, Reason.SOLICITOR, "He sells a google listing.", {"a.txt": PAPER}, NOW)
    shutil.copytree(live, kept, ignore=shutil.ignore_patterns("*.sqlite*"))
    with sqlite3.connect(live / "record.sqlite") as source, sqlite3.connect(kept / "record.sqlite") as target:
        source.backup(target)
    source.close()
    target.close()
    opened = [office]

    def put_back() -> Office:
        again = Office(kept, SqlStore(open_engine(f"sqlite:///{kept}/record.sqlite")), office.source)
        opened.append(again)
        return again

    yield office, put_back
    for one in opened:
        one.store.engine.dispose()


def the_record(office: Office) -> list[Entry]:
    return [entry_of(row) for row in export_record(office.deps, with_words=True)]


def holders(folder: Path) -> list[str]:
    """Files below a folder that hold what the caller said."""
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and SAYS in path.read_bytes()]


def test_what_was_deleted_after_the_backup_is_deleted_again(
    backup: tuple[Office, Callable[[], Office]], tmp_path: Path
) -> None:
    office, put_back = backup
    purge_lead(office.deps, BY, L1, NOW)
    restored = put_back()
    assert len(holders(tmp_path / "kept")) >= 3, "database, recording and paper are back"

    import_record(restored.deps, the_record(office))
    assert [(one.lead_id, one.what) for one in purge_again(restored.deps, replace(BY, dry_run=True)).purged] == [
        (L1, ("audio", "words"))
    ]
    entries = verify_record(restored.deps)["entries"]
    assert [one.lead_id for one in purge_again(restored.deps, BY).purged] == [L1]
    assert holders(tmp_path / "kept") == []
    after = verify_record(restored.deps)
    assert after["sound"] and after["entries"] == entries, "the tombstone stood already"
    assert [one.lead_id for one in purge_again(restored.deps, BY).purged] == [L1], "and nothing minds a second time"


def test_the_recording_of_a_lead_that_the_backup_does_not_know_is_deleted_too(
    backup: tuple[Office, Callable[[], Office]], tmp_path: Path
) -> None:
    """The lead came, and went, after the backup of the database; its recording lies in a later copy of the folder."""
    office, put_back = backup
    later = PITCH + "\ncaller: It is new."
    office.source.leads.append(replace(office.source.leads[0], lead_id=LeadId("L3"), recording="L3.wav"))
    office.source.recordings["L3"] = later.encode()
    office.night()
    shutil.copytree(tmp_path / "live/recordings", tmp_path / "kept/recordings", dirs_exist_ok=True)
    purge_lead(office.deps, BY, LeadId("L3"), NOW)
    restored = put_back()
    import_record(restored.deps, the_record(office))
    purge_again(restored.deps, BY)
    kept = [path.read_bytes() for path in (tmp_path / "kept/recordings").rglob("*") if path.is_file()]
    assert PITCH.encode() in kept and later.encode() not in kept


def test_what_was_decided_after_the_backup_is_not_waited_for_again(
    backup: tuple[Office, Callable[[], Office]],
) -> None:
    office, put_back = backup
    record_decision(office.deps, L1, "ann", Verdicted(Answer.ACCEPT), NOW)
    restored = put_back()

    def waiting() -> set[LeadId]:
        with restored.store(only_reads=True) as unit:
            return {row.lead_id for row in unit.summaries(None, None) if row.waits}

    assert L1 in waiting()
    import_record(restored.deps, the_record(office))
    assert L1 not in waiting()
