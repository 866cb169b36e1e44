"""Which recordings we decode, what comes out, and by which name every other kind of bytes is refused."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
from recordings import FORMATS, POISON, SECONDS, encoded, floats, hole, long_silence, wav

from insights.adapters.audio_decode import CagedDecoder, DecodeLimits
from insights.adapters.clips import clip, listening_copy
from insights.errors import InputError, RecordingRejected


def refusal(data: bytes, limits: DecodeLimits | None = None) -> str:
    with pytest.raises(RecordingRejected) as caught:
        CagedDecoder(limits).decode(data)
    assert caught.value.next_step
    return caught.value.code


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
