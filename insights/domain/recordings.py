"""Recordings: the audio of an answered call, decoded once, and the stretches of it that hold speech."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A recording kept under its content hash. ``size`` in bytes; ``path`` is our own name, never the source's."""

    sha256: str
    size: int
    path: str


class Derived(StrEnum):
    """What is made of a recording, kept beside it and deleted with it; the value ends the name of its file."""

    LISTENING_COPY = "listening.wav"
    """The call as every browser plays it."""
    WAVEFORM = "waveform.json"
    """How loud each channel is over the call."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of speech on one channel (0-based), ``start`` and ``end`` in seconds."""

    start: float
    end: float
    channel: int = 0

    @property
    def seconds(self) -> float:
        return self.end - self.start
