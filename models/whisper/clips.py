"""Makes the recordings that a checkpoint is measured on: telephone-band WAV files, the same ones every time.

Nothing in them was spoken in training: sentences of held-out stories in the core voices and in voices that training
never heard, whole calls of such stories in two voices, new combinations of known patterns, digit strings, and minutes
in which nobody speaks.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import soundfile

from models.whisper.corpus import chunks, combinations, digit_strings, read_stories
from models.whisper.nonspeech import ALL_KINDS, a_minute
from models.whisper.telephone import LINE_RATE, Wave, line, over_the_line, spoken_into
from models.whisper.voices import CORE_VOICES, HELD_OUT_VOICES, plain_take, speak, takes_of_call

LEAST_TURNS = 8


@dataclass(frozen=True)
class Sizes:
    """How much of each set there is: clips a voice, calls, minutes without speech."""

    natural: int = 40
    combinations: int = 24
    digits: int = 24
    calls: int = 8
    minutes: int = 30


QUICK = Sizes(natural=10, combinations=6, digits=6, calls=2, minutes=11)


@dataclass(frozen=True)
class Clip:
    """One recording and what is said in it; ``voice`` is the kind of sound where nobody speaks."""

    path: Path
    group: str
    voice: str
    text: str


def make_clips(spoken: set[str], folder: Path, sizes: Sizes) -> list[Clip]:
    """Record the clips into ``folder``; files that are there are kept. ``spoken``: all texts that training heard."""
    folder.mkdir(parents=True, exist_ok=True)
    stories = read_stories()
    natural = [text for text in stories.held_out_chunks if len(text.split()) >= 3 and text not in spoken]
    combined = combinations(sizes.combinations * len(CORE_VOICES), spoken)
    strings = digit_strings(sizes.digits * len(CORE_VOICES), spoken)
    clips: list[Clip] = []
    for number, voice in enumerate(CORE_VOICES):
        clips += _said(folder, "natural", voice, _some(natural, sizes.natural, voice))
        clips += _said(folder, "combinations", voice, combined[number :: len(CORE_VOICES)])
        clips += _said(folder, "digits", voice, strings[number :: len(CORE_VOICES)])
    for voice in HELD_OUT_VOICES:
        clips += _said(folder, "held_out_voice", voice, _some(natural, sizes.natural, voice))
    for call in _some(_conversations(stories.held_out), sizes.calls, "calls"):
        clips += _call(folder, call)
    for number in range(sizes.minutes):
        kind = ALL_KINDS[number % len(ALL_KINDS)]
        path = folder / f"nonspeech-{kind}-{number}.wav"
        if not path.exists():
            _write(path, a_minute(kind, number))
        clips.append(Clip(path, "nonspeech", kind, ""))
    return clips


def _some(items: list[Any], count: int, stream: str) -> list[Any]:
    return Random(f"choice {stream}").sample(items, len(items))[:count]


def _conversations(calls: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Calls of an agent and a caller whose turns are told apart."""
    return [
        call
        for call in calls
        if {turn["speaker"] for turn in call["turns"]} == {"agent", "caller"} and len(call["turns"]) >= LEAST_TURNS
    ]


def _said(folder: Path, group: str, voice: str, texts: list[str]) -> list[Clip]:
    """One clip a text, each over a line of its own."""
    clips = [
        Clip(folder / f"{group}-{voice.replace(':', '-')}-{_short_hash(text)}.wav", group, voice, text)
        for text in texts
    ]
    missing = [clip for clip in clips if not clip.path.exists()]
    streams = [Random(f"{group} {voice} {clip.text}") for clip in missing]
    with tempfile.TemporaryDirectory() as scratch:
        takes = [plain_take(voice, rng) for rng in streams]
        sources = speak([clip.text for clip in missing], takes, Path(scratch))
        for clip, source, rng in zip(missing, sources, streams, strict=True):
            speech, rate = soundfile.read(source, dtype="float64")
            _write(clip.path, over_the_line(speech, rate, rng)[0])
    return clips


def _call(folder: Path, call: dict[str, Any]) -> list[Clip]:
    """A whole call as two-channel and as one-channel recording; each party has one voice, level and tempo."""
    rng = Random(f"call {call['id']}")
    parts = [(turn["speaker"], text) for turn in call["turns"] for text in chunks(turn["text"])]
    takes = takes_of_call([speaker for speaker, _ in parts], rng)
    voices = " and ".join(dict.fromkeys(take.voice for take in takes))
    said = " ".join(text for _, text in parts)
    clips = [
        Clip(folder / f"{group}-{call['id']}.wav", group, voices, said) for group in ("calls_stereo", "calls_mono")
    ]
    if all(clip.path.exists() for clip in clips):
        return clips
    placed: list[tuple[str, float, Wave]] = []
    now, before = 0.5, ""
    with tempfile.TemporaryDirectory() as scratch:
        paths = speak([text for _, text in parts], takes, Path(scratch))
        for (speaker, _), path in zip(parts, paths, strict=True):
            if before:
                now += rng.uniform(0.1, 0.4) if speaker == before else rng.choice((rng.uniform(0.2, 1.0),) * 9 + (4.0,))
            speech, rate = soundfile.read(path, dtype="float64")
            wave = spoken_into(speech, rate, Random(f"{call['id']} {speaker}"))
            placed.append((speaker, now, wave))
            now, before = now + len(wave) / LINE_RATE, speaker
    tracks = {speaker: np.zeros(round((now + 1.0) * LINE_RATE)) for speaker in ("agent", "caller")}
    for speaker, start, wave in placed:
        first = round(start * LINE_RATE)
        tracks[speaker][first : first + len(wave)] += wave
    _write(clips[0].path, np.stack([line(track, rng) for track in tracks.values()], axis=1))
    _write(clips[1].path, line(tracks["agent"] + tracks["caller"], rng))
    return clips


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _write(path: Path, wave: Wave) -> None:
    partial = path.with_suffix(".partial")
    soundfile.write(partial, wave, LINE_RATE, subtype="PCM_16", format="WAV")
    partial.replace(path)
