"""Which recordings we decode, what comes out, and by which name every other kind of bytes is refused."""

from __future__ import annotations

import io
import struct
import wave
from typing import Any

import av
import numpy as np
import pytest

from insights.adapters.audio_decode import CagedDecoder, DecodeLimits
from insights.adapters.clips import clip, listening_copy
from insights.errors import InputError, RecordingRejected

SECONDS = 2.0


def tone(rate: int, seconds: float = SECONDS) -> np.ndarray[Any, np.dtype[np.float32]]:
    """330 Hz that swells and fades, ``float32 [n_samples]``."""
    t = np.arange(int(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * 330 * t) * (1 + np.sin(2 * np.pi * 3 * t)) / 2).astype(np.float32)


def encoded(muxer: str, codec: str, rate: int, channels: int, bit_rate: int = 0, seconds: float = SECONDS) -> bytes:
    """A tone as a file; the second channel is the first turned upside down, so that a mix of the two is silence."""
    layout = "mono" if channels == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = layout
        if bit_rate:
            stream.bit_rate = bit_rate
        both = np.stack([tone(rate, seconds), -tone(rate, seconds)][:channels])
        frame = av.AudioFrame.from_ndarray(both, format="fltp", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def wav(samples: bytes, *, tag: int = 1, channels: int = 1, rate: int = 8_000, bits: int = 16, says: int = -1) -> bytes:
    """A WAV file with any header; ``says`` is the declared number of bytes of sound."""
    block = max(channels * bits // 8, 1) & 0xFFFF
    coding = struct.pack("<HHIIHH", tag, channels, rate, (rate * block) & 0xFFFFFFFF, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + coding
    body += b"data" + struct.pack("<I", len(samples) if says < 0 else says) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def floats(*values: float) -> bytes:
    return wav(np.array([0.1] * 4_000 + list(values) + [0.1] * 4_000, dtype="<f4").tobytes(), tag=3, bits=32)


def long_silence() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=8_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 60 * 8_000), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = 8_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def hole(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(600) + data[middle + 600 :]


def refusal(data: bytes, limits: DecodeLimits | None = None) -> str:
    with pytest.raises(RecordingRejected) as caught:
        CagedDecoder(limits).decode(data)
    assert caught.value.next_step
    return caught.value.code


FORMATS = [
    ("wav", "pcm_s16le", 8_000, 2, 0, "wav"),
    ("wav", "pcm_s24le", 44_100, 1, 0, "wav"),
    ("wav", "pcm_f64le", 16_000, 1, 0, "wav"),
    ("wav", "pcm_mulaw", 8_000, 2, 0, "wav"),
    ("wav", "pcm_alaw", 8_000, 1, 0, "wav"),
    ("wav", "g726", 8_000, 1, 32_000, "wav"),
    ("mp3", "libmp3lame", 16_000, 2, 64_000, "mp3"),
    ("adts", "aac", 16_000, 1, 32_000, "adts"),
    ("ipod", "aac", 16_000, 2, 64_000, "mp4"),
    ("ogg", "libopus", 48_000, 1, 24_000, "ogg"),
    ("flac", "flac", 8_000, 2, 0, "flac"),
    ("amr", "libopencore_amrnb", 8_000, 1, 12_200, "amr-nb"),
    ("webm", "libopus", 48_000, 1, 24_000, "webm"),
]


@pytest.mark.parametrize(("muxer", "codec", "rate", "channels", "bit_rate", "container"), FORMATS)
def test_a_recording_in_any_usual_format_becomes_sound_at_16_khz_with_its_parties_apart(
    muxer: str, codec: str, rate: int, channels: int, bit_rate: int, container: str
) -> None:
    audio = CagedDecoder().decode(encoded(muxer, codec, rate, channels, bit_rate))

    assert (audio.container, audio.channels, audio.source_rate) == (container, channels, rate)
    assert audio.samples.dtype == np.float32
    assert audio.sample_rate == 16_000
    assert audio.seconds == pytest.approx(SECONDS, abs=0.15)
    middle = audio.samples[:, 8_000:24_000]
    assert 0.05 < float(np.sqrt(np.mean(middle**2))) < 0.3
    spectrum = np.abs(np.fft.rfft(middle[0]))
    assert float(np.argmax(spectrum)) == pytest.approx(330, abs=6)
    if channels == 2:
        assert np.corrcoef(middle)[0, 1] < -0.95


def test_a_gsm_recording_as_old_switchboards_write_it_is_decoded() -> None:
    blocks = bytes(65) * 25  # Microsoft's GSM packs 320 samples into 65 bytes
    coding = struct.pack("<HHIIHHHH", 0x31, 1, 8_000, 1_625, 65, 0, 2, 320)
    body = b"WAVEfmt " + struct.pack("<I", 20) + coding + b"data" + struct.pack("<I", len(blocks)) + blocks
    audio = CagedDecoder().decode(b"RIFF" + struct.pack("<I", len(body)) + body)

    assert (audio.codec, audio.source_rate) == ("gsm_ms", 8_000)
    assert audio.seconds == pytest.approx(1.0, abs=0.01)


def test_a_wav_streamed_with_its_length_unknown_is_read_to_its_end() -> None:
    known = wav(b"\x10\x20" * 8_000, says=0xFFFFFFFF)
    audio = CagedDecoder().decode(known[:4] + b"\xff\xff\xff\xff" + known[8:])

    assert audio.seconds == pytest.approx(1.0)


def test_an_mp3_cut_in_half_decodes_shorter_so_that_the_call_log_can_tell() -> None:
    whole = encoded("mp3", "libmp3lame", 16_000, 1, 32_000)

    assert CagedDecoder().decode(whole[: len(whole) // 2]).seconds == pytest.approx(SECONDS / 2, abs=0.2)


HEADER_ONLY = wav(b"")
POISON: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "empty"),
    ("one byte", b"R", "not_audio"),
    ("text", b"recording not available", "not_audio"),
    ("an error page named mp3", b"<!DOCTYPE html><html><body>404</body></html>", "not_audio"),
    ("an error in JSON", b'{"error": "not found"}', "not_audio"),
    ("a playlist of a neighbour", b"#EXTM3U\n#EXTINF:10,\nother-call.wav\n", "playlist"),
    ("a playlist behind a byte order mark", b"\xef\xbb\xbf#EXTM3U\n", "playlist"),
    ("a concat script", b"ffconcat version 1.0\nfile other-call.wav\n", "playlist"),
    ("a DASH manifest", b'<?xml version="1.0"?><MPD><BaseURL>http://x</BaseURL></MPD>', "playlist"),
    ("a session description", b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "playlist"),
    ("half a WAV header", HEADER_ONLY[:28], "bad_header"),
    ("a WAV header alone", HEADER_ONLY, "no_sound"),
    ("a WAV that claims 4 GiB", wav(bytes(1_000), says=0xFFFFFFFF), "cut_short"),
    ("a WAV that claims 3 GiB", wav(bytes(1_000), says=3 << 30), "cut_short"),
    ("a WAV cut in half", wav(bytes(8_000))[:4_000], "cut_short"),
    ("a WAV its recorder never closed", wav(b"\x01\x02" * 900, says=0), "cut_short"),
    ("a WAV of 1 Hz", wav(bytes(32_000), rate=1), "bad_header"),
    ("a WAV of 0 Hz", wav(bytes(100), rate=0), "bad_header"),
    ("a WAV of 4 GHz", wav(bytes(100), rate=0xFFFFFFFF), "bad_header"),
    ("a WAV without channels", wav(bytes(100), channels=0), "bad_header"),
    ("a WAV with three channels", wav(bytes(600), channels=3), "too_many_channels"),
    ("a WAV with 65,535 channels", wav(bytes(600), channels=65_535), "too_many_channels"),
    ("a WAV of 7 bits", wav(bytes(600), bits=7), "bad_header"),
    ("a WAV of an unknown coding", wav(bytes(600), tag=0x2222), "unsupported_codec"),
    ("samples that are no numbers", floats(float("nan")), "not_finite"),
    ("samples without bound", floats(float("inf"), float("-inf")), "not_finite"),
    ("an ID3 tag of 256 MB", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(500), "bad_header"),
    ("an ID3 tag alone", b"ID3\x04\x00\x00\x00\x00\x00\x04" + bytes(4), "no_sound"),
    ("a program", b"\x7fELF\x02\x01\x01" + bytes(500), "not_audio"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(500), "not_audio"),
    ("an archive", b"PK\x03\x04" + bytes(500), "not_audio"),
    ("zeros", bytes(100_000), "not_audio"),
    ("random bytes", np.random.default_rng(7).bytes(200_000), "not_audio"),
    ("an Ogg file cut in its header", b"OggS" + bytes(40), "undecodable"),
    (
        "an M4A without its index",
        b"\x00\x00\x00\x10ftypM4A " + bytes(4) + b"\x00\x00\x00\x10mdat" + bytes(8),
        "cut_short",
    ),
]


@pytest.mark.parametrize(("data", "code"), [row[1:] for row in POISON], ids=[row[0] for row in POISON])
def test_what_is_no_whole_recording_is_refused_by_name(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize("muxer", ["mp3", "adts", "amr", "ogg", "flac", "ipod"])
def test_a_recording_with_a_hole_in_its_middle_is_damaged_not_shorter(muxer: str) -> None:
    _, codec, rate, channels, bit_rate, _ = next(row for row in FORMATS if row[0] == muxer)

    assert refusal(hole(encoded(muxer, codec, rate, channels, bit_rate, seconds=5.0))) == "damaged"


@pytest.mark.parametrize("muxer", ["flac", "ipod", "webm"])
def test_a_file_that_holds_less_than_its_header_declares_was_cut_short(muxer: str) -> None:
    _, codec, rate, channels, bit_rate, _ = next(row for row in FORMATS if row[0] == muxer)
    whole = encoded(muxer, codec, rate, channels, bit_rate)

    assert refusal(whole[: len(whole) * 2 // 3]) == "cut_short"


def test_hours_of_silence_in_a_small_file_are_stopped_inside_the_decoder() -> None:
    bomb = long_silence()

    assert len(bomb) < 20_000
    assert refusal(bomb, DecodeLimits(max_seconds=10)) == "too_long"


def test_a_file_over_the_limit_is_not_even_looked_at() -> None:
    assert refusal(bytes(101), DecodeLimits(max_bytes=100)) == "too_large"


def test_a_decoder_that_does_not_end_in_time_is_killed() -> None:
    assert refusal(wav(bytes(8_000)), DecodeLimits(base_wall=0.001, wall_per_second=0)) == "decoder_timeout"


def test_a_decoder_without_memory_is_a_refusal_of_this_recording_alone() -> None:
    starved = DecodeLimits(address_space=1 << 20)

    assert refusal(wav(bytes(30_000_000), rate=192_000), starved) in {"decoder_crashed", "undecodable"}
    assert CagedDecoder().decode(wav(bytes(8_000))).seconds == pytest.approx(0.5)


def test_louder_than_full_scale_is_clipped_to_full_scale() -> None:
    audio = CagedDecoder().decode(floats(*[3.0] * 4_000))

    assert float(np.abs(audio.samples).max()) == 1.0


def test_a_reviewer_gets_a_clip_of_the_seconds_asked_for_with_both_parties() -> None:
    audio = CagedDecoder().decode(encoded("wav", "pcm_mulaw", 8_000, 2))

    with wave.open(io.BytesIO(clip(audio, 0.5, 1.25))) as cut:
        assert (cut.getnchannels(), cut.getframerate(), cut.getnframes()) == (2, 16_000, 12_000)
    assert listening_copy(audio).duration_seconds == pytest.approx(SECONDS)


def test_a_clip_outside_the_recording_is_an_error_of_the_asker() -> None:
    audio = CagedDecoder().decode(wav(bytes(8_000)))

    with pytest.raises(InputError, match="no sound"):
        clip(audio, 5.0, 6.0)
