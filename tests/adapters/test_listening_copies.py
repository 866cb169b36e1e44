"""What a browser gets of a call: a plain WAV made of our own samples, once, and never the recording's own bytes."""

from __future__ import annotations

import json
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from recordings import SECONDS, encoded, long_silence, wav

from insights.adapters.audio_decode import CagedDecoder, DecodeLimits
from insights.adapters.listening_copies import HEIGHTS, KeptListeningCopies
from insights.adapters.recording_store import DiskRecordingStore
from insights.domain.recordings import Derived
from insights.errors import InputError, RecordingRejected, RecordingUnavailable
from insights.ports import AudioDecoder, DecodedAudio


class CountingDecoder:
    """Decodes as another decoder does, and counts; ``meanwhile`` happens while it does."""

    def __init__(self, decoder: AudioDecoder | None = None) -> None:
        self.decoder, self.times = decoder or CagedDecoder(), 0

    def decode(self, data: bytes) -> DecodedAudio:
        self.times += 1
        audio = self.decoder.decode(data)
        self.meanwhile()
        return audio

    def meanwhile(self) -> None: ...


@pytest.fixture
def recordings(tmp_path: Path) -> DiskRecordingStore:
    return DiskRecordingStore(tmp_path)


def files(folder: Path) -> list[str]:
    """The names' ends of all files but the recordings."""
    return sorted(path.name[64:] or "recording" for path in folder.rglob("*") if path.is_file())


COPIES = ["recording", ".listening.wav", ".waveform.json"]


@pytest.mark.parametrize(("muxer", "codec", "channels"), [("wav", "pcm_mulaw", 2), ("amr", "libopencore_amrnb", 1)])
def test_a_call_is_played_from_a_plain_wav_that_is_as_long_as_the_call(
    recordings: DiskRecordingStore, muxer: str, codec: str, channels: int
) -> None:
    data = encoded(muxer, codec, 8_000, channels, 12_200 if muxer == "amr" else 0)
    decoded = CagedDecoder().decode(data)
    audio = KeptListeningCopies(recordings, CagedDecoder()).of(recordings.keep(data).sha256)

    with wave.open(str(audio.path)) as copy:
        assert (copy.getcomptype(), copy.getsampwidth(), copy.getframerate()) == ("NONE", 2, 16_000)
        assert copy.getnchannels() == audio.channels == channels
        assert copy.getnframes() / copy.getframerate() == decoded.seconds == audio.seconds
        samples = np.frombuffer(copy.readframes(copy.getnframes()), "<i2").reshape(-1, channels).T / 32_767
    assert np.abs(samples - decoded.samples).max() < 1e-4
    header = audio.path.read_bytes()[:44]
    assert (header[:4], header[8:16], header[36:40]) == (b"RIFF", b"WAVEfmt ", b"data")
    assert int.from_bytes(header[4:8], "little") + 8 == audio.path.stat().st_size
    assert int.from_bytes(header[40:44], "little") + 44 == audio.path.stat().st_size
    assert [len(row) for row in audio.waveform] == [HEIGHTS] * channels
    assert max(audio.waveform[0]) == 1.0


def test_a_call_that_was_opened_before_is_not_decoded_again(recordings: DiskRecordingStore, tmp_path: Path) -> None:
    decoder, sha256 = CountingDecoder(), recordings.keep(wav(bytes(8_000))).sha256
    first = KeptListeningCopies(recordings, decoder).of(sha256)

    assert KeptListeningCopies(recordings, decoder).of(sha256) == first
    assert (decoder.times, files(tmp_path)) == (1, sorted(COPIES))


def test_only_the_owner_may_read_the_copies(recordings: DiskRecordingStore, tmp_path: Path) -> None:
    KeptListeningCopies(recordings, CagedDecoder()).of(recordings.keep(wav(bytes(8_000))).sha256)

    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.parametrize("copies", [1, 4], ids=["in one process", "each for itself"])
def test_several_who_open_a_call_at_once_all_get_the_same(
    recordings: DiskRecordingStore, tmp_path: Path, copies: int
) -> None:
    """Copies that know nothing of each other share no lock but the folder's, as processes do."""
    sha256, decoder = recordings.keep(encoded("wav", "pcm_mulaw", 8_000, 2)).sha256, CountingDecoder()
    makers = [KeptListeningCopies(DiskRecordingStore(tmp_path), decoder) for _ in range(copies)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: makers[number % copies].of(sha256), range(8)))

    assert len(set(found)) == 1 and decoder.times <= copies
    assert files(tmp_path) == sorted(COPIES)
    with wave.open(str(found[0].path)) as copy:
        assert copy.getnframes() == SECONDS * 16_000


def test_a_copy_of_a_recording_that_was_deleted_meanwhile_does_not_come_back(
    recordings: DiskRecordingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256, decoder = recordings.keep(wav(bytes(8_000))).sha256, CountingDecoder()
    monkeypatch.setattr(decoder, "meanwhile", lambda: recordings.drop(sha256))

    with pytest.raises(RecordingUnavailable) as caught:
        KeptListeningCopies(recordings, decoder).of(sha256)
    assert caught.value.code == "recording_gone"
    assert files(tmp_path) == []


def test_with_the_recording_its_copies_go(recordings: DiskRecordingStore, tmp_path: Path) -> None:
    copies, sha256 = KeptListeningCopies(recordings, CagedDecoder()), recordings.keep(wav(bytes(8_000))).sha256
    other = recordings.keep(wav(b"\x01\x00" * 4_000)).sha256
    copies.of(sha256), copies.of(other)
    recordings.drop(sha256)

    assert {path.name[:64] for path in tmp_path.rglob("*") if path.is_file()} == {other}
    with pytest.raises(RecordingUnavailable):
        copies.of(sha256)


def test_a_recording_that_ends_early_is_refused_and_leaves_no_copy(
    recordings: DiskRecordingStore, tmp_path: Path
) -> None:
    whole = encoded("flac", "flac", 8_000, 2)
    sha256 = recordings.keep(whole[: len(whole) * 2 // 3]).sha256

    with pytest.raises(RecordingRejected) as caught:
        KeptListeningCopies(recordings, CagedDecoder()).of(sha256)
    assert (caught.value.code, files(tmp_path)) == ("cut_short", ["recording"])


def test_hours_of_silence_in_a_small_file_are_stopped_before_a_copy_is_made(
    recordings: DiskRecordingStore, tmp_path: Path
) -> None:
    sha256 = recordings.keep(long_silence()).sha256

    with pytest.raises(RecordingRejected) as caught:
        KeptListeningCopies(recordings, CagedDecoder(DecodeLimits(max_seconds=10))).of(sha256)
    assert (caught.value.code, files(tmp_path)) == ("too_long", ["recording"])


@pytest.mark.parametrize(
    "told",
    [b"", b"[]", b'{"form": 0}', b'{"form": 1}', json.dumps({"form": 1, "seconds": 1, "heights": None}).encode()],
)
def test_a_waveform_that_cannot_be_read_or_has_an_older_form_is_made_again(
    recordings: DiskRecordingStore, told: bytes
) -> None:
    sha256 = recordings.keep(wav(bytes(8_000))).sha256
    copies = KeptListeningCopies(recordings, CagedDecoder())
    first = copies.of(sha256)
    recordings.keep_derived(sha256, Derived.WAVEFORM, lambda file: file.write(told))

    assert copies.of(sha256) == first


def test_a_recording_changed_on_disk_is_not_made_audible(recordings: DiskRecordingStore) -> None:
    kept = recordings.keep(wav(bytes(8_000)))
    Path(kept.path).write_bytes(wav(bytes(4_000)))

    with pytest.raises(RecordingUnavailable) as caught:
        KeptListeningCopies(recordings, CagedDecoder()).of(kept.sha256)
    assert caught.value.code == "recording_changed"


def test_a_name_that_is_no_hash_is_refused(recordings: DiskRecordingStore) -> None:
    with pytest.raises(InputError, match="names no recording"):
        KeptListeningCopies(recordings, CagedDecoder()).of("../../etc/passwd")
