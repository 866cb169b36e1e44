"""Transcripts: what the speech engine heard, turn by turn, and how far that hearing can be trusted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    """Who speaks in a turn. ``unknown`` throughout is a mono recording."""

    AGENT = "agent"
    CALLER = "caller"
    IVR = "ivr"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of speech: text with start and end in seconds of the recording and a confidence in 0..1.

    ``start`` and ``end`` are None when a transcript came without times; ``confidence`` is None when the engine
    (or a hand-written transcript) gave none. ``unclear`` marks text that failed the speech guards: it is kept to
    be listened to and never serves as evidence.
    """

    speaker: Speaker
    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    unclear: bool = False


class SoundKind(StrEnum):
    """What is heard where nobody speaks."""

    SILENCE = "silence"
    RING = "ring"
    TONE = "tone"
    """Dial, busy and fax tones, keys."""
    MUSIC = "music"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch without speech on one channel (0-based), ``start`` and ``end`` in seconds of the recording."""

    kind: SoundKind
    start: float
    end: float
    channel: int = 0


class SpeakersFrom(StrEnum):
    """How it is known who speaks."""

    SOURCE = "source"
    INFERRED = "inferred"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Speakers:
    """How the speakers of a transcript are known, and how sure that is (0..1)."""

    origin: SpeakersFrom = SpeakersFrom.NOBODY
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """How well a recording could be heard: seconds, shares and the engine's own confidence (0..1)."""

    decoded_s: float
    speech_s: float
    words: int
    mean_confidence: float | None
    unclear_share: float

    def __post_init__(self) -> None:
        if self.decoded_s < 0 or self.speech_s < 0 or self.words < 0:
            raise ValueError("seconds and words cannot be negative")


@dataclass(frozen=True, slots=True)
class Transcript:
    """The turns of a call in order of their start, and the sounds between them.

    ``hearing`` is None for transcripts that were not made by us.
    """

    turns: tuple[Turn, ...]
    engine: str = ""
    model: str = ""
    language: str = "en"
    hearing: Hearing | None = None
    sounds: tuple[Sound, ...] = ()
    speakers: Speakers = Speakers()

    @property
    def words(self) -> int:
        return sum(len(turn.text.split()) for turn in self.turns)

    @property
    def sha256(self) -> str:
        """Hash of what was said and when; the engine's name is not part of it."""
        content = [[t.speaker, t.text, t.start, t.end, t.confidence, t.unclear] for t in self.turns]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
