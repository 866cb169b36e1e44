"""Recordings are kept once, whole, under our own names, and never read back changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from insights.adapters.recording_store import DiskRecordingStore
from insights.errors import RecordingUnavailable

SOUND = b"RIFF the sound of a call"


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_recording_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)

    assert kept.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert kept.size == len(SOUND)
    assert store.holds(kept.sha256)
    assert store.read(kept.sha256) == SOUND


def test_the_same_sound_is_kept_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    assert store.keep(SOUND) == store.keep(SOUND)

    (file,) = files_under(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_a_recording_that_was_never_kept_is_unavailable(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    assert not store.holds("0" * 64)
    with pytest.raises(RecordingUnavailable) as caught:
        store.read("0" * 64)
    assert caught.value.code == "recording_gone"


def test_a_recording_changed_on_disk_is_never_handed_out_and_keeping_it_again_heals_it(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)
    Path(kept.path).write_bytes(b"another call's sound")

    with pytest.raises(RecordingUnavailable) as caught:
        store.read(kept.sha256)
    assert caught.value.code == "recording_changed"
    assert not store.holds(kept.sha256)

    store.keep(SOUND)
    assert store.read(kept.sha256) == SOUND


def test_a_recording_that_cannot_be_written_whole_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder stands where the file belongs, so the last step fails as it would on a bad disk."""
    store = DiskRecordingStore(tmp_path)
    sha256 = hashlib.sha256(SOUND).hexdigest()
    (tmp_path / sha256[:2] / sha256).mkdir(parents=True)

    with pytest.raises(OSError, match="directory"):
        store.keep(SOUND)
    assert files_under(tmp_path) == []
