"""Names the sounds of a call in which nobody speaks: silence, ringing, tones, music and noise.

Tones are told by their spectrum: nearly all power in one or two narrow peaks that stand still. The frequencies are
those of ITU-T E.180 supplement 2 (ringing 400-480 Hz in most countries; 440 + 480 Hz in North America).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from insights.domain.transcript import SoundKind

Samples = np.ndarray[Any, np.dtype[np.float32]]
Stretch = tuple[int, int]  # first sample and the one behind the last

_RATE: Final = 16_000  # Hz
_FRAME: Final = 320  # samples, 20 ms, as the levels come
_WINDOW: Final = 1_024  # samples, 64 ms: 16 Hz apart
_FIRST_BIN: Final = 100 * _WINDOW // _RATE
_LAST_BIN: Final = 3_600 * _WINDOW // _RATE
_SHORTEST_SOUND: Final = 0.15  # s
_SHORTEST_SILENCE: Final = 1.0  # s
_GAP: Final = 0.25  # s within one sound
_PEAK_REACH: Final = 2  # bins on both sides of a peak
_TONAL: Final = 0.85  # share of power in the two strongest peaks
_TONAL_FRAMES: Final = 0.6  # share of a sound's frames that are tonal
_RING: Final = (390.0, 490.0)  # Hz
_SHORTEST_RING: Final = 0.35  # s: what is shorter is a key or a busy tone
_LONGEST_RING: Final = 3.0  # s
_MUSIC_FROM: Final = 2.0  # s
_NOTE: Final = 8.0  # how far a note stands out of the spectrum around it (power); noise stays below 4
_NOTES_FOR: Final = 0.5  # s over which spectra are averaged to look for notes
_KEYS_LOW: Final = (697.0, 770.0, 852.0, 941.0)  # Hz, ITU-T Q.23
_KEYS_HIGH: Final = (1_209.0, 1_336.0, 1_477.0, 1_633.0)  # Hz


def sounds_between(
    samples: Samples, loud: np.ndarray[Any, np.dtype[np.bool_]], speech: Sequence[Stretch]
) -> Iterator[tuple[SoundKind, Stretch]]:
    """What one channel holds outside ``speech`` (ordered, in samples). ``loud``: whether each 20 ms frame passes."""
    free = np.ones(loud.size, dtype=bool)
    for start, end in speech:
        free[start // _FRAME : -(-end // _FRAME)] = False
    sounding = _closed(loud & free, round(_GAP * _RATE / _FRAME)) & free
    for first, last in _runs(sounding):
        if (last - first) * _FRAME >= _SHORTEST_SOUND * _RATE:
            stretch = first * _FRAME, last * _FRAME
            yield sound_kind(samples[stretch[0] : stretch[1]]), stretch
    for first, last in _runs(free & ~sounding):
        if (last - first) * _FRAME >= _SHORTEST_SILENCE * _RATE:
            yield SoundKind.SILENCE, (first * _FRAME, last * _FRAME)


def sound_kind(samples: Samples) -> SoundKind:
    """What a stretch that is loud and no speech is."""
    seconds = samples.size / _RATE
    power = _spectra(samples)
    peaks, share = _strongest_peaks(power)
    tonal = share > _TONAL
    if float(np.mean(tonal)) >= _TONAL_FRAMES and _stands_still(peaks):
        pitches = np.median(np.sort(peaks, axis=1), axis=0) * _RATE / _WINDOW
        rings = bool(np.all((pitches >= _RING[0]) & (pitches <= _RING[1])))
        return SoundKind.RING if rings and _SHORTEST_RING <= seconds <= _LONGEST_RING else SoundKind.TONE
    if tonal.any() and float(np.mean(_are_keys(peaks[tonal]))) >= _TONAL_FRAMES:
        return SoundKind.TONE
    return SoundKind.MUSIC if seconds >= _MUSIC_FROM and _has_notes(power) else SoundKind.NOISE


def _are_keys(peaks: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    pair = np.sort(peaks, axis=1) * _RATE / _WINDOW
    off = [
        np.min(np.abs(pair[:, side, None] - np.array(pitches)), axis=1)
        for side, pitches in ((0, _KEYS_LOW), (1, _KEYS_HIGH))
    ]
    near: np.ndarray[Any, np.dtype[np.bool_]] = np.maximum(*off) <= 1.5 * _RATE / _WINDOW
    return near


def _has_notes(power: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    """Whether, half a second at a time, narrow peaks stand out of the spectrum around them, as notes do."""
    count = max(1, round(_NOTES_FOR * _RATE / (_WINDOW // 2)))
    pieces = [power[at : at + count].mean(axis=0) for at in range(0, power.shape[0], count)]
    around = [
        np.median(np.lib.stride_tricks.sliding_window_view(np.pad(p, 8, mode="edge"), 17), axis=1) for p in pieces
    ]
    heard = [float((p / a)[_FIRST_BIN:].max()) for p, a in zip(pieces, around, strict=True)]
    return float(np.median(heard)) > _NOTE


def _spectra(samples: Samples) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Power ``[n_frames, n_bins]`` between 100 and 3,600 Hz."""
    padded = np.pad(samples, (0, max(0, _WINDOW - samples.size)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[:: _WINDOW // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)) ** 2 + 1e-12
    power[:, :_FIRST_BIN] = 1e-12
    kept: np.ndarray[Any, np.dtype[np.float64]] = power[:, :_LAST_BIN]
    return kept


def _strongest_peaks(power: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Bins ``[n_frames, 2]`` of the two strongest peaks of each frame, and the share of its power that they hold.

    A single tone has no second peak worth the name; then the first counts for both.
    """
    rows = np.arange(power.shape[0])
    bins = np.arange(power.shape[1])
    first = power.argmax(axis=1)
    near = np.abs(bins - first[:, None]) <= _PEAK_REACH
    rest = np.where(near, 0.0, power)
    second = rest.argmax(axis=1)
    near_second = np.abs(bins - second[:, None]) <= _PEAK_REACH
    held = (power * (near | near_second)).sum(axis=1)
    second = np.where(rest[rows, second] > 0.05 * power[rows, first], second, first)
    return np.stack((first, second), axis=1), held / power.sum(axis=1)


def _stands_still(peaks: np.ndarray[Any, Any]) -> bool:
    """Whether the strongest peak stays where it is; of two equally strong ones now this, now that is the first."""
    pair = np.sort(peaks, axis=1)
    middle = np.median(pair, axis=0)
    return float(np.mean(np.min(np.abs(pair - middle), axis=1) <= _PEAK_REACH)) >= _TONAL_FRAMES


def _closed(flags: np.ndarray[Any, np.dtype[np.bool_]], gap: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The same with gaps of up to ``gap`` frames filled."""
    filled = flags.copy()
    for first, last in _runs(~flags):
        if first > 0 and last < flags.size and last - first <= gap:
            filled[first:last] = True
    return filled


def _runs(flags: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
