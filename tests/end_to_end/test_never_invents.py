"""Thirty minutes in which nobody speaks give no word, on one channel or two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.signal import resample_poly

from insights import bootstrap
from insights.domain.transcript import SoundKind
from insights.pipeline.listen import call_sound
from insights.pipeline.transcribe import transcribe_sound
from insights.ports import DecodedAudio, Deps
from insights.settings import load_settings
from models.whisper.nonspeech import ALL_KINDS, a_minute

MINUTES = 30


@pytest.fixture(scope="module")
def deps() -> Deps:
    return bootstrap.build(load_settings(database="sqlite://"))


def minute_of(kind: str, seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.clip(resample_poly(a_minute(kind, seed), 2, 1), -1, 1).astype(np.float32)


def call(*channels: np.ndarray[Any, np.dtype[np.float32]]) -> DecodedAudio:
    return DecodedAudio(np.stack(channels), 16_000, 8_000, "pcm_mulaw", "wav")


def test_half_an_hour_of_ringing_music_noise_and_silence_gives_no_word(deps: Deps) -> None:
    said: dict[str, list[str]] = {}
    for number in range(MINUTES):
        kind = ALL_KINDS[number % len(ALL_KINDS)]
        sound = call_sound(deps, call(minute_of(kind, number)), "en")
        transcript = transcribe_sound(deps.speech(), sound, None, "en")
        if transcript.turns:
            said[f"{kind} {number}"] = [turn.text for turn in transcript.turns]
    assert said == {}


def test_music_on_the_callers_line_while_the_agent_is_away_gives_no_word(deps: Deps) -> None:
    sound = call_sound(deps, call(minute_of("band", 1), minute_of("silence", 1)), "en")
    assert sound.clips == ()
    assert sum(s.end - s.start for s in sound.sounds if s.kind is SoundKind.MUSIC and s.channel == 0) > 30
