"""Judges the channels of a call: which are dead, whether both carry the same sound, and which speech only leaked over.

A two-channel recording should hold the caller on one side and the business on the other. Switchboards break that in
three ways: one side stays silent, one mix is written twice, or a loud party is faintly heard in the other's line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from insights.domain.recordings import Span

if TYPE_CHECKING:
    from insights.ports import DecodedAudio

Samples = np.ndarray[Any, np.dtype[np.float32]]

DEAD_BELOW: Final = -60.0  # dBFS, loudest 100 ms: the idle noise of G.711 lies below -70
SAME_ABOVE: Final = 0.98  # correlation at lag 0
LEAK_QUIETER: Final = 10.0  # dB between a voice and its leak into the other line
LEAK_CORRELATION: Final = 0.45  # at the best lag
LEAK_LAG: Final = 0.25  # s, the longest echo path of a telephone network that is still common
LEAK_SHARE: Final = 0.8  # of the fainter span that the louder one must cover
_FLOOR: Final = 1e-10


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """``dead`` channels (0-based) hold next to nothing; ``duplicated``: two channels carry one and the same sound."""

    dead: frozenset[int]
    duplicated: bool
    channels: int

    @property
    def heard(self) -> tuple[int, ...]:
        """Channels worth listening to, each sound once."""
        live = tuple(channel for channel in range(self.channels) if channel not in self.dead)
        return live[:1] if self.duplicated else live


def channel_health(audio: DecodedAudio) -> ChannelHealth:
    """Look at whole channels; see ``without_leaks`` for speech that leaked from one into the other."""
    samples = audio.samples
    window = audio.sample_rate // 10
    dead = frozenset(channel for channel in range(audio.channels) if _loudest(samples[channel], window) < DEAD_BELOW)
    duplicated = audio.channels == 2 and not dead and _correlation(samples[0], samples[1]) > SAME_ABOVE
    return ChannelHealth(dead=dead, duplicated=duplicated, channels=audio.channels)


def without_leaks(audio: DecodedAudio, spans: Sequence[Span]) -> list[Span]:
    """``spans`` less those that are a faint copy of much louder speech on the other channel.

    A span goes only when louder spans cover nearly all of it, so a person who talks on into the other's sentence
    stays. Where both channels are about equally loud nothing is dropped.
    """
    return [span for span in spans if not _is_leak(audio, span, [other for other in spans if other is not span])]


def _is_leak(audio: DecodedAudio, span: Span, others: Sequence[Span]) -> bool:
    copied = 0.0
    for other in others:
        start, end = max(span.start, other.start), min(span.end, other.end)
        if other.channel != span.channel and end > start and _copies(audio, span.channel, other.channel, start, end):
            copied += end - start
    return copied >= LEAK_SHARE * span.seconds


def _copies(audio: DecodedAudio, faint: int, loud: int, start: float, end: float) -> bool:
    first, last = int(start * audio.sample_rate), int(end * audio.sample_rate)
    quiet, strong = audio.samples[faint, first:last], audio.samples[loud, first:last]
    if _level(strong) - _level(quiet) < LEAK_QUIETER:
        return False
    return _best_correlation(quiet, strong, int(LEAK_LAG * audio.sample_rate)) > LEAK_CORRELATION


def _level(samples: Samples) -> float:
    """Mean level in dBFS."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + _FLOOR)) if samples.size else -100.0


def _loudest(samples: Samples, window: int) -> float:
    """Level in dBFS of the loudest window."""
    whole = samples[: samples.size // window * window]
    if whole.size == 0:
        return _level(samples)
    powers = np.mean(np.square(whole.reshape(-1, window)), axis=1)
    return float(10 * np.log10(powers.max() + _FLOOR))


def _correlation(one: Samples, other: Samples) -> float:
    power = float(np.dot(one, one)) * float(np.dot(other, other))
    return float(np.dot(one, other)) / power**0.5 if power > 0 else 0.0


def _best_correlation(one: Samples, other: Samples, longest_lag: int) -> float:
    """Largest absolute normalised cross-correlation within ``longest_lag`` samples either way."""
    size = 1 << (one.size + longest_lag).bit_length()
    spectrum = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    lags = np.fft.irfft(spectrum, size)
    near = np.concatenate((lags[: longest_lag + 1], lags[-longest_lag:]))
    power = float(np.dot(one, one)) * float(np.dot(other, other))
    return float(np.abs(near).max()) / power**0.5 if power > 0 else 0.0
