"""Speech is found where somebody speaks, and nothing is found in what lines play to people who wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from insights.adapters.audio_decode import CagedDecoder
from insights.adapters.speech_finder import (
    SileroSpeechFinder,
    SpanShape,
    frame_levels,
    loud_frames,
    open_gates,
    shape_spans,
)
from insights.domain.recordings import Span
from insights.ports import DecodedAudio

RATE = 16_000
AUDIO = Path(__file__).parents[2] / "fixtures" / "audio"
Sound = np.ndarray[Any, np.dtype[np.float64]]
needs_recordings = pytest.mark.skipif(
    not (AUDIO / "recordings" / "L-2101.wav").exists(), reason="the fixture recordings are not rendered"
)


def clock(seconds: float) -> Sound:
    return np.arange(int(seconds * RATE)) / RATE


def ring(seconds: float = 12.0) -> Sound:
    """North American ringback: two seconds in six."""
    t = clock(seconds)
    return np.asarray(0.2 * (np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 480 * t)) * (t % 6 < 2))


def hold_music(seconds: float = 12.0) -> Sound:
    """Plucked notes of a pentatonic scale, four a second, with overtones."""
    random = np.random.default_rng(5)
    sound = np.zeros(int(seconds * RATE) + RATE)
    note = clock(1.0)
    for beat in range(int(seconds * 4)):
        pitch = 220 * 2 ** (random.choice([0, 2, 4, 7, 9, 12, 16]) / 12)
        pluck = sum(0.12 / k * np.sin(2 * np.pi * pitch * k * note) for k in (1, 2, 3)) * np.exp(-3 * note)
        sound[beat * RATE // 4 : beat * RATE // 4 + RATE] += pluck
    return sound[: int(seconds * RATE)]


def noise(level: float, seconds: float = 8.0) -> Sound:
    return level * np.random.default_rng(3).standard_normal(int(seconds * RATE))


def spans_of(audio: DecodedAudio) -> list[Span]:
    return SileroSpeechFinder().listen(audio).speech


def call(*channels: Sound) -> DecodedAudio:
    return DecodedAudio(np.stack(channels).astype(np.float32), RATE, 8_000, "pcm_s16le", "wav")


WAITING: dict[str, Sound] = {
    "ring tone": ring(),
    "busy tone": 0.2 * np.sin(2 * np.pi * 480 * clock(8)) * (clock(8) % 1 < 0.5),
    "fax tone": 0.2 * np.sin(2 * np.pi * 2_100 * clock(6)),
    "hold music": hold_music(),
    "line noise": noise(0.005),
    "loud noise": noise(0.1),
    "silence": np.zeros(8 * RATE),
    "nothing at all": np.zeros(100),
}


@pytest.mark.parametrize("sound", WAITING.values(), ids=WAITING.keys())
def test_nobody_speaks_in_what_a_line_plays_by_itself(sound: Sound) -> None:
    assert spans_of(call(sound)) == []


def recording(lead: str) -> tuple[DecodedAudio, list[dict[str, Any]]]:
    entry = json.loads((AUDIO / "manifest.json").read_text())["leads"][lead]
    return CagedDecoder().decode((AUDIO / entry["recording"]).read_bytes()), entry["script"]


@needs_recordings
def test_every_turn_of_a_real_sounding_call_is_found_within_a_third_of_a_second_and_the_ringing_is_not() -> None:
    audio, script = recording("L-2101")
    spans = spans_of(audio)

    assert min(span.start for span in spans) == pytest.approx(script[0]["start"], abs=0.3)
    assert max(span.end for span in spans) == pytest.approx(script[-1]["end"], abs=0.3)
    for turn in script:
        heard = sum(max(0.0, min(span.end, turn["end"]) - max(span.start, turn["start"])) for span in spans)
        assert heard > 0.85 * (turn["end"] - turn["start"])


@needs_recordings
@pytest.mark.parametrize("lead", ["L-2124", "L-2130", "L-2143"])
def test_voices_on_which_silero_is_unsure_at_full_level_are_heard_all_the_same(lead: str) -> None:
    audio, script = recording(lead)
    spans = spans_of(audio)

    for turn in script:
        assert any(span.start < turn["end"] and span.end > turn["start"] for span in spans), turn["text"]


@needs_recordings
def test_a_mix_written_twice_is_heard_once_and_a_silent_side_not_at_all() -> None:
    audio, _ = recording("L-2101")
    mono = audio.samples[0].astype(np.float64)
    once = spans_of(call(mono))

    assert spans_of(call(mono, mono)) == once
    assert {span.channel for span in spans_of(call(np.zeros_like(mono), mono))} == {1}


@needs_recordings
def test_a_voice_that_leaks_into_the_other_line_is_not_heard_twice() -> None:
    audio, _ = recording("L-2101")
    mono = audio.samples[0].astype(np.float64)
    leak = 0.1 * np.roll(mono, 800) + 0.0005 * np.random.default_rng(1).standard_normal(mono.size)

    assert {span.channel for span in spans_of(call(mono, leak))} == {0}


def stretches(speech: list[tuple[float, float]], seconds: float, shape: SpanShape | None = None) -> list[Span]:
    """Spans made of speech at these seconds, over a level that is quietest at 10 s."""
    levels = np.full(int(seconds * 50), -20.0, dtype=np.float32)
    levels[490:510] = -50.0
    samples = [(int(start * RATE), int(end * RATE)) for start, end in speech]
    shaped = shape_spans(samples, levels, int(seconds * RATE), shape or SpanShape())
    return [Span(start / RATE, end / RATE) for start, end in shaped]


def test_a_breath_between_two_words_does_not_cut_a_sentence() -> None:
    assert stretches([(1.0, 2.0), (2.3, 3.0)], 5) == [Span(0.8, 3.2)]


def test_neighbours_share_the_silence_between_them_and_never_overlap() -> None:
    first, second = stretches([(1.0, 2.0), (2.375, 3.0)], 5)

    assert first.end == second.start == pytest.approx(2.1875)


def test_speech_at_the_edges_of_a_recording_stays_inside_it() -> None:
    assert stretches([(0.05, 4.95)], 5) == [Span(0.0, 5.0)]


def test_a_long_speech_is_cut_where_it_is_quietest_and_nothing_of_it_is_lost() -> None:
    pieces = stretches([(0.2, 23.8)], 24)

    assert pieces[0].end == pytest.approx(10.0, abs=0.2)
    assert (pieces[0].start, pieces[-1].end) == (0.0, 24.0)
    assert all(piece.seconds <= 18 for piece in pieces)
    assert [piece.end for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]


def test_loud_hold_music_does_not_close_the_gate_for_the_quiet_talk_after_it() -> None:
    quiet_talk = noise(0.02, 3.0)
    sound = np.concatenate([hold_music(20.0), np.zeros(RATE), quiet_talk]).astype(np.float32)

    assert any(start <= 21.5 * RATE < end for start, end in open_gates(loud_frames(frame_levels(sound)), sound.size))


def test_a_recording_at_another_rate_is_a_mistake_of_the_caller() -> None:
    audio = DecodedAudio(np.zeros((1, 8_000), dtype=np.float32), 8_000, 8_000, "pcm_s16le", "wav")

    with pytest.raises(ValueError, match="16000 Hz"):
        spans_of(audio)
