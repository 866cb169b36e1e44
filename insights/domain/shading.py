"""What a waveform's background shows: on each channel, where somebody speaks, where one is held, and what else sounds.

Turns carry a speaker, sounds a channel. Where the source says which channel is the agent's, a turn has its channel;
elsewhere it may be on either, and is shown on both but where a channel is heard to hold something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from insights.domain.transcript import Sound, SoundKind, Speaker, Turn


class Shade(StrEnum):
    """What a stretch of a channel holds. ``hold``: music, and what a machine of the business says."""

    SPEECH = "speech"
    HOLD = "hold"
    SILENCE = "silence"
    RING = "ring"
    TONE = "tone"
    NOISE = "noise"


class Stretch(NamedTuple):
    """A stretch of one channel (0-based), ``start`` and ``end`` in seconds of the recording."""

    channel: int
    kind: Shade
    start: float
    end: float


class _Layer(NamedTuple):
    """One colour laid over the call; where several lie, the one of the highest rank is seen."""

    rank: int
    start: float
    end: float


_SOUNDS = {
    SoundKind.SILENCE: Shade.SILENCE,
    SoundKind.RING: Shade.RING,
    SoundKind.TONE: Shade.TONE,
    SoundKind.MUSIC: Shade.HOLD,
    SoundKind.NOISE: Shade.NOISE,
}
_RANKS = (Shade.HOLD, Shade.SPEECH, *_SOUNDS.values(), Shade.HOLD, Shade.SPEECH)
"""Turns that may be on this channel, sounds that are, turns that are: the later the surer."""
_MAY_BE, _IS = 0, len(_RANKS) - 2
_SOUND_RANKS = {kind: _MAY_BE + 2 + number for number, kind in enumerate(_SOUNDS)}


def stretches(
    turns: Sequence[Turn], sounds: Sequence[Sound], seconds: float, channels: int, agent_channel: int | None = None
) -> list[Stretch]:
    """The stretches of a call of ``seconds``, channel by channel in order; those of a channel never overlap.

    ``agent_channel`` (1 or 2) is what the source says; it counts for recordings of two channels only. Turns without
    times, and sounds of a channel that the recording has not, are left out; what nobody named is not shaded.
    """
    agent = agent_channel if channels == 2 else None
    return [
        Stretch(channel, *seen)
        for channel in range(channels)
        for seen in _seen(_clipped([*_sounds(sounds, channel), *_turns(turns, channel, channels, agent)], seconds))
    ]


def _sounds(sounds: Iterable[Sound], channel: int) -> Iterator[_Layer]:
    for sound in sounds:
        if sound.channel == channel:
            yield _Layer(_SOUND_RANKS[sound.kind], sound.start, sound.end)


def _turns(turns: Iterable[Turn], channel: int, channels: int, agent: int | None) -> Iterator[_Layer]:
    for turn in turns:
        if turn.start is None or turn.end is None:
            continue
        known = channels == 1 or (agent is not None and turn.speaker is not Speaker.UNKNOWN)
        if known and channels == 2 and (channel + 1 == agent) is (turn.speaker is Speaker.CALLER):
            continue  # it is on the other one
        rank = (_IS if known else _MAY_BE) + (turn.speaker is not Speaker.IVR)
        yield _Layer(rank, turn.start, turn.end)


def _clipped(layers: Iterable[_Layer], seconds: float) -> Iterator[_Layer]:
    for layer in layers:
        start, end = max(0.0, layer.start), min(seconds, layer.end)
        if start < end:
            yield layer._replace(start=start, end=end)


def _seen(layers: Iterable[_Layer]) -> list[tuple[Shade, float, float]]:
    """What is seen from above, from left to right; neighbours of one kind are one."""
    edges = sorted(edge for rank, start, end in layers for edge in ((start, rank, 1), (end, rank, -1)))
    lying, seen, before = Counter[int](), list[tuple[Shade, float, float]](), 0.0
    for at, rank, change in edges:
        if lying and at > before:
            kind = _RANKS[max(lying)]
            if seen and seen[-1][0] is kind and seen[-1][2] == before:
                seen[-1] = kind, seen[-1][1], at
            else:
                seen.append((kind, before, at))
        before = at
        lying[rank] += change
        if lying[rank] == 0:
            del lying[rank]
    return seen
