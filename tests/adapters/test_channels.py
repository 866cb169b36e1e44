"""Which channels of a call are worth hearing, and whose voice it is when both hold it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from insights.adapters.channels import channel_health, without_leaks
from insights.domain.recordings import Span
from insights.ports import DecodedAudio

RATE = 16_000
Sound = np.ndarray[Any, np.dtype[np.float32]]


def babble(seed: int, seconds: float = 4.0) -> Sound:
    """Syllable-like bursts of filtered noise: no two seeds resemble each other."""
    random = np.random.default_rng(seed)
    n = int(seconds * RATE)
    noise = np.convolve(random.standard_normal(n), np.ones(8) / 8, mode="same")
    syllables = np.repeat(random.uniform(0, 1, n // 3_200 + 1), 3_200)[:n]
    return (0.3 * noise * syllables).astype(np.float32)


def call(*channels: Sound) -> DecodedAudio:
    return DecodedAudio(np.stack(channels).astype(np.float32), RATE, 8_000, "pcm_s16le", "wav")


def idle(seconds: float = 4.0) -> Sound:
    return (0.0003 * np.random.default_rng(99).standard_normal(int(seconds * RATE))).astype(np.float32)


def test_two_parties_are_both_heard() -> None:
    assert channel_health(call(babble(1), babble(2))).heard == (0, 1)


def test_a_channel_with_nothing_but_line_noise_is_dead() -> None:
    health = channel_health(call(idle(), babble(1)))

    assert health.dead == {0}
    assert health.heard == (1,)


def test_one_short_word_keeps_a_channel_alive() -> None:
    word = idle()
    word[RATE : RATE + 4_000] += babble(3)[:4_000]

    assert channel_health(call(babble(1), word)).dead == frozenset()


@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_one_mix_written_twice_is_heard_once(gain: float) -> None:
    health = channel_health(call(babble(1), gain * babble(1)))

    assert health.duplicated
    assert health.heard == (0,)


def test_a_recording_that_is_silent_throughout_has_nothing_to_hear() -> None:
    assert channel_health(call(np.zeros(RATE), np.zeros(RATE))).heard == ()


def test_a_voice_that_leaks_faintly_into_the_other_line_counts_for_its_owner_alone() -> None:
    owner, leak = babble(1), idle() + 0.1 * np.roll(babble(1), 800)
    spans = [Span(0.5, 3.5, channel=0), Span(0.55, 3.55, channel=1)]

    assert without_leaks(call(owner, leak), spans) == spans[:1]


def test_a_quiet_party_who_talks_over_a_loud_one_is_kept() -> None:
    spans = [Span(0.5, 3.5, channel=0), Span(0.6, 3.4, channel=1)]

    assert without_leaks(call(babble(1), 0.1 * babble(2)), spans) == spans


def test_who_talks_on_after_the_leak_is_kept() -> None:
    owner = np.concatenate([babble(1, 2.0), idle(2.0)])
    other = np.concatenate([0.1 * babble(1, 2.0), babble(2, 2.0)])
    spans = [Span(0.2, 1.9, channel=0), Span(0.2, 3.8, channel=1)]

    assert without_leaks(call(owner, other), spans) == spans
