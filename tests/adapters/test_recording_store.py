"""Recordings are kept once, whole, under our own names, and never read back changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from insights.adapters.recording_store import DiskRecordingStore
from insights.domain.recordings import Derived, StoredRecording
from insights.errors import InputError, RecordingUnavailable

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


@pytest.mark.parametrize(
    "name",
    ["", "abc", "A" * 64, "g" * 64, "a" * 65, "a" * 64 + "\n", "../" * 21 + "a", "a" * 60 + "/../", "\u0661" * 64],
)
def test_a_name_that_is_no_hash_reaches_no_file(tmp_path: Path, name: str) -> None:
    store = DiskRecordingStore(tmp_path)
    for ask in (store.read, store.holds, store.drop):
        with pytest.raises(InputError) as caught:
            ask(name)
        assert caught.value.code == "no_sha256"
    with pytest.raises(InputError):
        store.derived(name, Derived.WAVEFORM)
    with pytest.raises(InputError):
        store.keep_derived(name, Derived.WAVEFORM, lambda file: file.write(b"[]"))
    assert files_under(tmp_path) == []


def test_what_is_made_of_a_recording_lies_beside_it_and_goes_with_it(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)
    assert store.derived(kept.sha256, Derived.WAVEFORM) is None

    made = store.keep_derived(kept.sha256, Derived.WAVEFORM, lambda file: file.write(b"[1]"))
    assert store.derived(kept.sha256, Derived.WAVEFORM) == made
    assert store.derived(kept.sha256, Derived.LISTENING_COPY) is None
    assert (made.parent, made.read_bytes(), made.stat().st_mode & 0o777) == (Path(kept.path).parent, b"[1]", 0o600)
    store.keep_derived(kept.sha256, Derived.WAVEFORM, lambda file: file.write(b"[2]"))
    assert made.read_bytes() == b"[2]"

    store.drop(kept.sha256)
    assert files_under(tmp_path) == []
    assert store.derived(kept.sha256, Derived.WAVEFORM) is None
    store.drop(kept.sha256)


def test_nothing_is_kept_of_a_recording_that_is_gone(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)
    store.drop(kept.sha256)

    for sha256 in (kept.sha256, "0" * 64):
        with pytest.raises(RecordingUnavailable) as caught:
            store.keep_derived(sha256, Derived.LISTENING_COPY, lambda file: file.write(b"voice"))
        assert caught.value.code == "recording_gone"
    assert files_under(tmp_path) == []


def test_a_copy_without_its_recording_is_not_handed_out(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)
    store.keep_derived(kept.sha256, Derived.LISTENING_COPY, lambda file: file.write(b"voice"))
    Path(kept.path).unlink()

    assert store.derived(kept.sha256, Derived.LISTENING_COPY) is None
    store.drop(kept.sha256)
    assert files_under(tmp_path) == []


def test_a_copy_that_cannot_be_written_whole_leaves_nothing_behind(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)

    def full(file: BinaryIO) -> None:
        file.write(b"half a voice")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        store.keep_derived(kept.sha256, Derived.LISTENING_COPY, full)
    assert files_under(tmp_path) == [Path(kept.path)]


def half_written(store: DiskRecordingStore, kept: StoredRecording) -> None:
    """A process that is killed while it writes."""

    def killed(file: BinaryIO) -> None:
        file.write(b"half a voice")
        file.flush()
        os._exit(9)

    child = os.fork()
    if child == 0:
        store.keep_derived(kept.sha256, Derived.LISTENING_COPY, killed)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert len(list(Path(kept.path).parent.iterdir())) == 2


def test_what_a_killed_process_left_half_written_goes_with_the_recording(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)
    half_written(store, kept)
    store.drop(kept.sha256)
    assert files_under(tmp_path) == []


def test_what_a_killed_process_left_half_written_goes_when_somebody_writes_there_again(tmp_path: Path) -> None:
    store = DiskRecordingStore(tmp_path)
    kept = store.keep(SOUND)
    half_written(store, kept)
    copy = store.keep_derived(kept.sha256, Derived.LISTENING_COPY, lambda file: file.write(b"a voice"))
    assert sorted(files_under(tmp_path)) == [Path(kept.path), copy]
