"""Sounds without speech are called by their names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_speech_finder import call, clock, hold_music, noise, ring

from insights.adapters.call_sounds import sound_kind
from insights.adapters.speech_finder import SileroSpeechFinder
from insights.domain.transcript import SoundKind

RATE = 16_000
Samples = np.ndarray[Any, np.dtype[np.float64]]


def tones(*pitches: float, seconds: float = 2.0) -> Samples:
    t = clock(seconds)
    return np.asarray(sum(0.2 * np.sin(2 * np.pi * pitch * t) for pitch in pitches))


@pytest.mark.parametrize(
    ("sound", "kind"),
    [
        (tones(440, 480), SoundKind.RING),
        (tones(400, 450, seconds=0.4), SoundKind.RING),  # British
        (tones(425, seconds=1.0), SoundKind.RING),  # European
        (tones(350, 440), SoundKind.TONE),  # dial
        (tones(480, 620, seconds=0.5), SoundKind.TONE),  # busy
        (tones(697, 1209, seconds=0.2), SoundKind.TONE),  # key 1
        (tones(2_100, seconds=3.0), SoundKind.TONE),  # fax
        (tones(440, 480, seconds=9.0), SoundKind.TONE),  # no telephone rings that long
        (hold_music(10.0), SoundKind.MUSIC),
        (noise(0.1, 4.0), SoundKind.NOISE),
        (noise(0.1, 0.3), SoundKind.NOISE),
        (np.convolve(noise(0.1, 4.0), np.ones(8) / 8, mode="same"), SoundKind.NOISE),  # rumbling
        (
            np.concatenate([tones(697, 1209, seconds=0.2), tones(941, 1336, seconds=0.2)] * 6),
            SoundKind.TONE,
        ),  # dialling
    ],
)
@pytest.mark.parametrize("hiss", [0.0, 0.003])
def test_a_sound_is_told_by_its_spectrum(sound: Samples, kind: SoundKind, hiss: float) -> None:
    over_the_line = sound + hiss * np.random.default_rng(7).standard_normal(sound.size)
    assert sound_kind(over_the_line.astype(np.float32)) is kind


def test_a_call_that_only_rings_is_ringing_and_silence() -> None:
    heard = SileroSpeechFinder().listen(call(ring(12.0)))
    assert heard.speech == []
    assert [(sound.kind, round(sound.start), round(sound.end)) for sound in heard.sounds] == [
        (SoundKind.RING, 0, 2),
        (SoundKind.SILENCE, 2, 6),
        (SoundKind.RING, 6, 8),
        (SoundKind.SILENCE, 8, 12),
    ]


def test_hold_music_on_one_channel_is_marked_there_and_nowhere_else() -> None:
    sounds = SileroSpeechFinder().listen(call(hold_music(8.0), 0.001 * noise(1.0, 8.0))).sounds
    assert {sound.kind for sound in sounds if sound.channel == 0} == {SoundKind.MUSIC}
    assert sum(sound.end - sound.start for sound in sounds if sound.channel == 0) > 6
