"""Finds the stretches of a call in which somebody speaks: a cheap energy gate first, Silero VAD where it opens.

What lies between them is named too: silence, ringing, tones, music, noise.

What is found here is all that the speech engine ever hears. A Whisper that is given ring tone, hold music or silence
writes fluent sentences that nobody said, so nothing but speech may pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from insights.adapters.call_sounds import sounds_between
from insights.adapters.channels import channel_health, without_leaks
from insights.domain.recordings import Span
from insights.domain.transcript import Sound
from insights.ports import Listening

if TYPE_CHECKING:
    from insights.ports import DecodedAudio

Samples = np.ndarray[Any, np.dtype[np.float32]]
Stretch = tuple[int, int]  # first sample and the one behind the last

RATE: Final = 16_000  # Hz, the rate Silero was trained at
_FRAME: Final = 320  # samples, 20 ms
_GATE_ABOVE_FLOOR: Final = 6.0  # dB
_GATE_LOWEST: Final = -60.0  # dBFS: below lies only line noise
_GATE_HIGHEST: Final = -40.0  # dBFS: whatever is louder passes, even over a continuous noise just as loud
_FLOOR_WINDOW: Final = 250  # frames (5 s) within which even a fast talker pauses
_GATE_LEAD: Final = (
    25  # frames (0.5 s) before and behind: Silero needs a run-up, and soft consonants lie below the gate
)
_CHUNK: Final = 512  # samples that Silero judges at once, 32 ms
_BEFORE: Final = 64  # samples before them that it is shown
_AT_ONCE: Final = 200  # chunks in one call, 6.4 s
_PAUSE: Final = 0.1  # s
_SPEECH_ABOVE: Final = 0.5  # Silero's probability at which speech begins
_SPEECH_UNTIL: Final = 0.25  # and below which it has ended
_SPEECH_SURE: Final = 0.65  # that it must reach somewhere: of 640 stretches of fixture speech 9 do not (2 s of 1,353)
_LISTENING_LEVEL: Final = -42.0  # dBFS, the loud frames of what Silero is given
_SILENT: Final = -100.0  # dBFS


@dataclass(frozen=True, slots=True)
class SpanShape:
    """Form of the spans, all in seconds: ``pad`` on both sides, gaps below ``merge_gap`` closed, ``longest`` and
    ``shortest`` length of a span; speech of less than ``blip`` is taken for a click."""

    pad: float = 0.2
    merge_gap: float = 0.35
    longest: float = 18.0
    shortest: float = 0.25
    blip: float = 0.15


class SileroSpeechFinder:
    """A SpeechFinder for telephone calls. Silero's weights come inside the faster-whisper package."""

    def __init__(self, shape: SpanShape | None = None) -> None:
        self._shape = shape or SpanShape()

    def listen(self, audio: DecodedAudio) -> Listening:
        """Speech ordered by start and channel, and the sounds between; a dead channel gives none, a double counts once.

        ``audio`` is at 16,000 Hz; anything else is a ValueError.
        """
        if audio.sample_rate != RATE:
            raise ValueError(f"speech is found at {RATE} Hz, not {audio.sample_rate} Hz")
        speech: list[Span] = []
        sounds: list[Sound] = []
        for channel in channel_health(audio).heard:
            spans, others = self._of_channel(audio, channel)
            speech += spans
            sounds += others
        return Listening(
            sorted(without_leaks(audio, speech), key=lambda span: (span.start, span.channel)),
            tuple(sorted(sounds, key=lambda sound: (sound.start, sound.channel))),
        )

    def _of_channel(self, audio: DecodedAudio, channel: int) -> tuple[list[Span], list[Sound]]:
        samples = np.ascontiguousarray(audio.samples[channel])
        levels = frame_levels(samples)
        loud = loud_frames(levels)
        speech = [
            (start + begin, start + end)
            for start, end in open_gates(loud, samples.size)
            for begin, end in _silero(samples[start:end], levels[start // _FRAME : end // _FRAME], self._shape.blip)
        ]
        shaped = shape_spans(speech, levels, samples.size, self._shape)
        return (
            [Span(start=start / RATE, end=end / RATE, channel=channel) for start, end in shaped],
            [
                Sound(kind, round(start / RATE, 2), round(end / RATE, 2), channel)
                for kind, (start, end) in sounds_between(samples, loud, shaped)
            ],
        )


def _silero(samples: Samples, levels: Samples, blip: float) -> list[Stretch]:
    """Silero's own stretches, unpadded; the shaping is ours."""
    # Silero doubts narrow-band voices that fill the scale and knows the same voices when they are softer; noise and
    # ring tone score no higher for it. So loud stretches are turned down, soft ones left alone.
    gain = min(1.0, 10 ** ((_LISTENING_LEVEL - float(np.percentile(levels, 95))) / 20)) if levels.size else 1.0
    heard = _speech_probabilities(samples * np.float32(gain))
    found = hysteresis(heard, math.ceil(_PAUSE * RATE / _CHUNK))
    sure = [(first, last) for first, last in found if float(heard[first:last].max()) >= _SPEECH_SURE]
    stretches = [(first * _CHUNK, min(last * _CHUNK, samples.size)) for first, last in sure]
    return [(start, end) for start, end in stretches if end - start >= blip * RATE]


def _speech_probabilities(samples: Samples) -> Samples:
    """Silero's probability of speech for every 32 ms, ``float32 [n_chunks]``.

    faster-whisper's own caller shows Silero five minutes at a time, which takes half a gigabyte; its state is carried
    from one piece to the next here.
    """
    from faster_whisper.vad import get_vad_model

    session = get_vad_model().session
    chunks = np.pad(samples, (0, -samples.size % _CHUNK)).reshape(-1, _CHUNK)
    before = np.zeros((chunks.shape[0], _BEFORE), np.float32)
    before[1:] = chunks[:-1, -_BEFORE:]
    shown = np.concatenate((before, chunks), axis=1, dtype=np.float32)
    state = [np.zeros((1, 1, 128), np.float32)] * 2
    heard = []
    for first in range(0, shown.shape[0], _AT_ONCE):
        piece = {"input": shown[first : first + _AT_ONCE], "h": state[0], "c": state[1]}
        probabilities, *state = session.run(None, piece)
        heard.append(probabilities.reshape(-1))
    return np.concatenate(heard) if heard else np.zeros(0, np.float32)


def hysteresis(probabilities: Samples, pause: int) -> list[tuple[int, int]]:
    """Runs (first, one behind the last) that begin above one probability and end where ``pause`` lie below a lower one.

    A run ends where its pause begins. The rule is Silero's own (its ``get_speech_timestamps``).
    """
    runs: list[tuple[int, int]] = []
    begin = quiet = -1
    for place, value in enumerate(probabilities):
        if value >= _SPEECH_ABOVE:
            begin, quiet = (place if begin < 0 else begin), -1
        elif begin >= 0 and value < _SPEECH_UNTIL:
            quiet = place if quiet < 0 else quiet
            if place - quiet >= pause:
                runs.append((begin, quiet))
                begin = quiet = -1
    if begin >= 0:
        runs.append((begin, len(probabilities)))
    return runs


def frame_levels(samples: Samples) -> Samples:
    """Level in dBFS of each 20 ms frame, ``float32 [n_frames]``; a last part frame is left out."""
    frames = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    powers = np.einsum("ij,ij->i", frames, frames) / _FRAME
    levels: Samples = (10 * np.log10(powers + 10 ** (_SILENT / 10))).astype(np.float32)
    return levels


def loud_frames(levels: Samples) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which 20 ms frames rise clearly above the noise floor around them.

    The floor is the quietest tenth of every 5 s, held within bounds: hold music must not raise it over the speech that
    follows.
    """
    if levels.size == 0:
        return np.zeros(0, dtype=bool)
    blocks = [levels[at : at + _FLOOR_WINDOW] for at in range(0, levels.size, _FLOOR_WINDOW)]
    floors = np.array([np.percentile(block, 10) for block in blocks])
    # A block full of talk has no pause of its own: the quieter neighbour tells its noise floor.
    around = np.minimum.reduce([floors, np.append(floors[1:], floors[-1]), np.insert(floors[:-1], 0, floors[0])])
    gate = np.clip(around + _GATE_ABOVE_FLOOR, _GATE_LOWEST, _GATE_HIGHEST)
    loud: np.ndarray[Any, np.dtype[np.bool_]] = levels > np.repeat(gate, _FLOOR_WINDOW)[: levels.size]
    return loud


def open_gates(loud: np.ndarray[Any, np.dtype[np.bool_]], n_samples: int) -> list[Stretch]:
    """Stretches of loud frames, with a run-up on both sides; the last one ends with the recording."""
    if loud.size == 0:
        return []
    open_frames = np.convolve(loud, np.ones(2 * _GATE_LEAD + 1), mode="same")[: loud.size] > 0.5
    if loud.size <= 2 * _GATE_LEAD:
        open_frames = np.full(loud.size, bool(loud.any()))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], open_frames, [False])).astype(np.int8)))
    stretches = [(int(first) * _FRAME, int(last) * _FRAME) for first, last in edges.reshape(-1, 2)]
    if stretches and stretches[-1][1] == loud.size * _FRAME:
        stretches[-1] = (stretches[-1][0], n_samples)
    return stretches


def shape_spans(speech: Sequence[Stretch], levels: Samples, n_samples: int, shape: SpanShape) -> list[Stretch]:
    """Speech as Silero found it, merged over short gaps, padded into the silence around it, and cut to length."""
    merged: list[Stretch] = []
    for start, end in speech:
        if merged and start - merged[-1][1] < shape.merge_gap * RATE:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    # Two neighbours share the silence between them at most half and half.
    middles = [(earlier[1] + later[0]) // 2 for earlier, later in pairwise(merged)]
    lows, highs = [0, *middles], [*middles, n_samples]
    pad = int(shape.pad * RATE)
    padded = (
        [
            (max(start - pad, low), min(end + pad, high))
            for (start, end), low, high in zip(merged, lows, highs, strict=True)
        ]
        if merged
        else []
    )
    pieces = [piece for stretch in padded for piece in _split(stretch, levels, int(shape.longest * RATE))]
    return [(start, end) for start, end in pieces if end - start >= shape.shortest * RATE]


def _split(stretch: Stretch, levels: Samples, longest: int) -> list[Stretch]:
    """Cut at the quietest fifth of a second, somewhere in the later half of what may stay in one piece."""
    pieces = []
    start, end = stretch
    while end - start > longest:
        earliest, latest = start + longest // 2, min(start + longest, end - longest // 18)
        window = levels[earliest // _FRAME : latest // _FRAME]
        smooth = np.convolve(window, np.ones(10) / 10, mode="same")
        smooth[:5] = smooth[-5:] = np.inf  # the window's ends are averaged over too few frames
        cut = (earliest // _FRAME + int(np.argmin(smooth))) * _FRAME
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]
