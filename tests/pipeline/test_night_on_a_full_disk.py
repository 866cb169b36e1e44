"""A night whose disk is full ends by name, blames no lead, keeps nothing by half, and goes on once there is room."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from office import JOB, NEED, PITCH, Office, calls
from small_disk import SmallDisk, a_small_disk

from insights.adapters.database import open_engine
from insights.adapters.recording_store import DiskRecordingStore
from insights.adapters.report_page import write_page
from insights.adapters.store import SqlStore
from insights.adapters.weights_shelf import CURRENT, HISTORY, DiskWeightsShelf
from insights.domain.recordings import Derived
from insights.domain.weights_history import WeightsEvent, WeightsEventKind
from insights.errors import DiskFull
from insights.pipeline.audit import verify_record

SCRIPTS = {f"L{number:02}": f"{(NEED, PITCH, JOB)[number % 3]} Number {number}." for number in range(12)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with a_small_disk(tmp_path / "small") as small:
        yield small


@pytest.fixture
def undisturbed(tmp_path: Path) -> list[tuple[Any, ...]]:
    """The record of the same night on a disk with room."""
    engine = open_engine(f"sqlite:///{tmp_path / 'undisturbed.sqlite'}")
    office = Office(tmp_path / "undisturbed", SqlStore(engine), calls(**SCRIPTS))
    office.night()
    engine.dispose()
    return record_of(office)


def record_of(office: Office) -> list[tuple[Any, ...]]:
    """What two records of the same night have in common: all but the salts, and the hashes that are made with them."""
    with office.store() as unit:
        return [(e.sequence, e.key, e.lead_id, e.kind, e.at, e.actor, e.body) for e in unit.entries()]


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "ballast"]


def test_recordings_that_find_no_room_end_the_night_by_name_and_the_next_one_goes_on(
    store: SqlStore, disk: SmallDisk, undisturbed: list[tuple[Any, ...]]
) -> None:
    """There is room for some of them: those are kept and not fetched again, and of the others none has failed."""
    source = calls(**SCRIPTS)
    office = Office(disk.seen, store, source)
    disk.fill(leave_kb=32)
    with pytest.raises(DiskFull) as ended:
        office.night()

    assert (ended.value.code, ended.value.exit_status) == ("disk_full", 1)
    assert str(disk.seen / "recordings") in ended.value.message
    assert "Make room" in ended.value.next_step
    kept = files_under(disk.seen)
    assert 0 < len(kept) < len(SCRIPTS)
    assert all(path.name.isalnum() for path in kept), "nothing lies there by half"
    assert [office.failure(lead_id) for lead_id in SCRIPTS] == [None] * len(SCRIPTS)

    disk.fill(leave_kb=512)
    assert office.night().proposals_posted == len(SCRIPTS)
    assert len(source.fetched) == len(SCRIPTS) + 1, "only the one that found no room was fetched again"
    assert record_of(office) == undisturbed


NIGHTS = """
import json, shutil, sqlite3
from pathlib import Path
from office import Office, calls
from small_disk import fill
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.ledger import EntryKind
from insights.errors import DiskFull

small, room, scripts = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
address, told, ended = f"sqlite:///{small}/record.sqlite", set(), []
for leave_kb in range(0, 4000, 100):
    fill(small, leave_kb)
    office = None
    try:
        office = Office(room, SqlStore(open_engine(address)), calls(**scripts))
        assert told <= {entry.lead_id for entry in office.entries(EntryKind.PROPOSAL)}, "what was told done is there"
        office.night()
    except DiskFull as error:
        failed = office.progress.failures if office else []
        told |= {lead_id for stage, lead_id in office.progress.steps if stage == "propose"} if office else set()
        ended.append([error.code, str(small) in error.message, len(told), failed])
    else:
        break
    finally:
        if office:
            office.store.engine.dispose()
with sqlite3.connect(address.removeprefix("sqlite:///")) as connection:
    connection.execute(f"vacuum into '{room}/after.sqlite'")
print(json.dumps(ended))
"""


def test_a_record_that_finds_no_room_loses_nothing_that_was_told_done_and_ends_as_if_there_had_been_room(
    tmp_path: Path, undisturbed: list[tuple[Any, ...]]
) -> None:
    """Night after night on a disk with a little more room each time: the database fails at every point of its work."""
    with a_small_disk(tmp_path / "small", "6m") as disk:
        (tmp_path / "room").mkdir()
        ended = disk.python(NIGHTS, str(disk.folder), str(tmp_path / "room"), json.dumps(SCRIPTS))

    assert all(night[:2] == ["disk_full", True] for night in ended), ended
    done = [night[2] for night in ended]
    assert done[0] == 0 and any(0 < number < len(SCRIPTS) for number in done), "none ended in the middle of its work"
    assert all(night[3] == [] for night in ended), "no lead was blamed"

    with closing(sqlite3.connect(tmp_path / "room/after.sqlite")) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    engine = open_engine(f"sqlite:///{tmp_path / 'room/after.sqlite'}")
    office = Office(tmp_path / "room", SqlStore(engine), calls(**SCRIPTS))
    assert record_of(office) == undisturbed
    assert verify_record(office.deps)["sound"]
    assert [office.failure(lead_id) for lead_id in SCRIPTS] == [None] * len(SCRIPTS)
    engine.dispose()


def test_nothing_stays_by_half_of_what_else_finds_no_room(tmp_path: Path, disk: SmallDisk) -> None:
    """Trained weights, the word that they are in force, a listening copy, a report."""
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "weights.safetensors").write_bytes(bytes(300_000))
    shelf, recordings = DiskWeightsShelf(disk.seen / "models"), DiskRecordingStore(disk.seen / "recordings")
    first = WeightsEvent(WeightsEventKind.PROMOTED, "intent-1", NOW, "a person", None, NOW)
    shelf.promote(first, None)
    kept = recordings.keep(b"a call")
    before = {path: path.read_bytes() for path in files_under(disk.seen)}
    (disk.seen / "reports").mkdir()
    disk.fill(leave_kb=0)

    with pytest.raises(DiskFull):
        shelf.keep("intent-2", weights, {"candidate": "intent-2"})
    second = WeightsEvent(WeightsEventKind.PROMOTED, "intent-2", NOW, "a person", "intent-1", NOW)
    with pytest.raises(DiskFull):
        shelf.promote(second, first)
    with pytest.raises(DiskFull):
        recordings.keep_derived(kept.sha256, Derived.LISTENING_COPY, lambda file: file.write(bytes(100_000)))
    with pytest.raises(DiskFull):
        write_page("<p>" * 10_000, disk.seen / "reports/week.html")
    assert {path: path.read_bytes() for path in files_under(disk.seen)} == before
    assert shelf.current() == first

    disk.fill(leave_kb=512)
    shelf.keep("intent-2", weights, {"candidate": "intent-2", "at": NOW.isoformat()})
    assert shelf.promote(second, first)
    assert shelf.history() == [first, second]


def test_a_line_of_the_history_that_was_cut_spoils_only_itself(tmp_path: Path) -> None:
    shelf = DiskWeightsShelf(tmp_path)
    first = WeightsEvent(WeightsEventKind.PROMOTED, "intent-1", NOW, "a person", None, NOW)
    second = WeightsEvent(WeightsEventKind.PROMOTED, "intent-2", NOW, "a person", "intent-1", NOW)
    shelf.promote(first, None)
    history = tmp_path / "intent" / HISTORY
    history.write_bytes(history.read_bytes() + b'{"kind": "prom')
    assert shelf.promote(second, first)
    assert shelf.history() == [first, second]
    assert (tmp_path / "intent" / CURRENT).is_file()
