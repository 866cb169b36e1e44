"""Whoever changes the billing record behind its back is found, and the record can be taken along whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import a_charge, a_record
from office import NEED, PITCH, Office, calls
from servers import ON_BOTH

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.ledger import GENESIS, Entry, check_chain, entry_of
from insights.errors import RecordBroken
from insights.pipeline.audit import export_record, import_record, verify_record


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """An office after a night of two calls: two charges, two proposals."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH))
    office.night()
    return office


def test_a_record_nobody_touched_is_sound(office: Office) -> None:
    report = verify_record(office.deps)
    assert (report["sound"], report["faults"]) == (True, [])
    assert (report["entries"], report["leads"], report["states"]) == (4, 2, {"not_reviewed": 2})
    assert report["head"] != GENESIS


def test_an_empty_record_is_sound(tmp_path: Path, store: SqlStore) -> None:
    report = verify_record(Office(tmp_path, store, calls()).deps)
    assert (report["sound"], report["entries"], report["head"]) == (True, 0, GENESIS)


TAMPERING = {
    "a cheaper charge": "update entries set body = json_set(body, '$.amount', '1.00') where sequence = 1",
    "another verdict": "update entries set body = json_set(body, '$.decision', 'billable') where sequence = 4",
    "another lead": "update entries set lead_id = 'L2' where sequence = 1",
    "another day": "update entries set at = '2026-01-01T00:00:00+00:00' where sequence = 3",
    "another author": "update entries set actor = 'somebody' where sequence = 3",
    "another key": "update entries set key = 'charge:L9' where sequence = 1",
    "an entry taken out": "delete from entries where sequence = 2",
    "the first entry taken out": "delete from entries where sequence = 1",
    "two entries exchanged": "update entries set sequence = case sequence when 2 then -3 else -2 end "
    "where sequence in (2, 3); update entries set sequence = -sequence where sequence < 0",
    "an entry put in": "insert into entries select 5, 'charge:L3', 'L3', kind, at, actor, body, previous, sha256 "
    "from entries where sequence = 1",
    "the end cut off": "delete from entries where sequence = 4",
    "other words": "update texts set text = '\"I am a new customer\"'",
    "another salt": "update texts set salt = 'pepper'",
    "another hash": "update entries set sha256 = previous where sequence = 3",
}


@pytest.mark.parametrize("statements", TAMPERING.values(), ids=TAMPERING.keys())
def test_a_row_that_was_tampered_with_is_found(office: Office, statements: str) -> None:
    with office.store.engine.begin() as connection:
        for statement in statements.split("; "):
            connection.exec_driver_sql(statement)
    report = verify_record(office.deps)

    assert not report["sound"]
    assert report["faults"]
    assert all(fault["problem"] for fault in report["faults"])


@ON_BOTH
def test_an_export_is_plain_json_from_which_the_chain_can_be_checked_elsewhere(office: Office) -> None:
    lines = [json.loads(json.dumps(line)) for line in export_record(office.deps, with_words=True)]
    entries = [entry_of(line) for line in lines]
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4]
    assert list(check_chain(entries)) == []
    assert entries[-1].sha256 == verify_record(office.deps)["head"]


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Office]:
    """An office on a record of its own in which nothing stands."""
    engine = open_engine(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    yield Office(tmp_path, SqlStore(engine), calls())
    engine.dispose()


def exported(office: Office) -> list[Entry]:
    return [entry_of(line) for line in export_record(office.deps, with_words=True)]


@ON_BOTH
def test_an_exported_record_is_the_same_where_it_is_imported_and_importing_again_changes_nothing(
    office: Office, copy: Office
) -> None:
    record = exported(office)
    assert import_record(copy.deps, record[:3]) == {"entries": 3, "written": 3, "standing": 0}
    assert import_record(copy.deps, record) == {"entries": 4, "written": 1, "standing": 3}
    assert import_record(copy.deps, record)["written"] == 0
    assert exported(copy) == record


def test_a_record_that_does_not_hold_is_not_imported(office: Office, copy: Office) -> None:
    record = exported(office)
    forged = [
        replace(record[0], body={"amount": "1.00", "currency": "USD"}, sealed={"amount": "1.00", "currency": "USD"}),
        *record[1:],
    ]
    with pytest.raises(RecordBroken, match="broken at entry 1"):
        import_record(copy.deps, forged)
    assert exported(copy) == []


@ON_BOTH
def test_another_record_is_not_mixed_into_one_that_stands(office: Office, copy: Office) -> None:
    record = exported(office)
    import_record(copy.deps, record[:1])
    other = a_record(a_charge("L-7"), a_charge("L-8"))
    with pytest.raises(RecordBroken, match="another entry 1 stands"):
        import_record(copy.deps, other)
    with copy.store() as unit, pytest.raises(RecordBroken, match="does not follow"):
        unit.restore(other[1])
    assert exported(copy) == record[:1]
