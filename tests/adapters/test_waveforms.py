"""A call's waveform: never more heights than asked for, and a quiet line is seen as well as a loud one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from insights.adapters.waveforms import MOST_GAIN, peaks
from insights.ports import DecodedAudio

Row = np.ndarray[Any, np.dtype[np.float32]]


def call(*channels: Row) -> DecodedAudio:
    return DecodedAudio(np.stack(channels).astype(np.float32), 16_000, 8_000, "pcm", "wav")


def steps(*levels: float, each: int = 1_000) -> Row:
    """Stretches of a square wave of these levels, the loudest sample of each below zero."""
    return np.concatenate([np.where(np.arange(each) % 2, level * 0.5, -level) for level in levels])


def test_each_height_is_the_loudest_moment_of_its_stretch() -> None:
    assert peaks(call(steps(0.0, 0.5, 1.0, 0.25)), 4) == [[0.0, 0.5, 1.0, 0.25]]


def test_a_quiet_caller_is_seen_as_high_as_a_loud_agent() -> None:
    loud, quiet = peaks(call(steps(0.2, 0.8, 0.4), steps(0.02, 0.08, 0.04)), 3)

    assert loud == quiet == [0.25, 1.0, 0.5]


def test_an_empty_line_stays_low_and_digital_silence_is_flat() -> None:
    hiss, nothing = peaks(call(steps(0.001, 0.001), steps(0.0, 0.0)), 2)

    assert hiss == [pytest.approx(0.001 * MOST_GAIN)] * 2
    assert nothing == [0.0, 0.0]


def test_a_click_of_the_line_does_not_flatten_the_talk() -> None:
    talk = steps(*[0.1] * 999, 1.0, each=10)

    assert peaks(call(talk), 1_000) == [[1.0] * 1_000]


@pytest.mark.parametrize(("samples", "heights"), [(0, 0), (1, 1), (7, 7), (1_000, 1_000), (1_001, 1_000)])
def test_a_call_of_any_length_has_at_most_the_heights_asked_for(samples: int, heights: int) -> None:
    (row,) = peaks(call(np.full(samples, 0.5)), 1_000)

    assert row == [1.0] * heights


def test_no_moment_of_a_long_call_falls_between_two_heights() -> None:
    for at in (0, 33_333, 66_666, 99_999):
        samples = np.zeros(100_000)
        samples[at] = 0.5
        assert max(peaks(call(samples), 999)[0]) == 1.0
