"""Draws how loud a call is: a row of heights a channel, levelled so that a quiet line is seen as well as a loud one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from insights.ports import DecodedAudio

Samples = np.ndarray[Any, np.dtype[np.float32]]

LOUD: Final = 0.995
"""This share of a channel's stretches is no louder than its reference: single clicks do not flatten the rest."""
MOST_GAIN: Final = 30.0
"""A channel is raised at most so many times (about 30 dB): the noise of an empty line stays as low as it is."""


def peaks(audio: DecodedAudio, buckets: int) -> list[list[float]]:
    """A row of heights in 0..1 for each channel, at most ``buckets`` of them, each for a stretch of equal length.

    A height is the stretch's loudest sample, raised by one factor a channel, such that the channel's reference (see
    ``LOUD``) reaches 1; what is louder is cut to 1. A recording with fewer samples than buckets has a height a sample.
    """
    return [_levelled(_loudest(channel, buckets)) for channel in audio.samples]


def _loudest(channel: Samples, buckets: int) -> Samples:
    count = min(buckets, channel.size)
    if count == 0:
        return channel[:0]
    starts = np.arange(count) * channel.size // count
    # Without abs() of the whole, which would take as much memory as hours of sound do.
    loudest: Samples = np.maximum(np.maximum.reduceat(channel, starts), 0 - np.minimum.reduceat(channel, starts))
    return loudest


def _levelled(heights: Samples) -> list[float]:
    if heights.size == 0:
        return []
    reference = max(float(np.quantile(heights, LOUD, method="higher")), 1 / MOST_GAIN)
    return [round(min(1.0, float(height) / reference), 3) for height in heights]
