"""Sounds on a telephone line that are not speech: silence, noise, tones of all kinds, music, a street."""

from __future__ import annotations

from random import Random

import numpy as np

from models.whisper.telephone import LINE_RATE, Wave, line_noise, mu_law

KINDS = ("silence", "noise", "ring", "busy", "keys", "music")
"""What training hears."""
HARDER_KINDS = ("dial", "fax", "band", "street", "distorted")
"""What is kept to measure with: dial tone, fax and modem, a band with drums, traffic, and an overdriven line."""
ALL_KINDS = (*KINDS, *HARDER_KINDS)
_KEY_TONES = ((697, 1209), (697, 1336), (770, 1209), (770, 1477), (852, 1336), (941, 1336))


def nonspeech(seconds: float, rng: Random, kind: str | None = None) -> Wave:
    """``seconds`` of one kind of non-speech at 8 kHz, through mu-law coding; a random kind unless told."""
    kind = kind or rng.choice(KINDS)
    count = int(seconds * LINE_RATE)
    time = np.arange(count) / LINE_RATE
    wave: Wave = np.zeros(count)
    level = rng.uniform(0.03, 0.4)
    if kind == "noise":
        wave = line_noise(count, rng) * rng.uniform(0.005, 0.1)
    elif kind == "ring":
        wave = level * _tones(time, 440, 480) * ((time + rng.uniform(0, 6)) % 6 < 2)
    elif kind == "busy":
        wave = level * _tones(time, 480, 620) * ((time + rng.random()) % 1 < 0.5)
    elif kind == "keys":
        for start in np.arange(rng.uniform(0, 0.5), seconds, rng.uniform(0.25, 0.6)):
            pressed = (time >= start) & (time < start + 0.12)
            wave = wave + level * _tones(time, *rng.choice(_KEY_TONES)) * pressed
    elif kind == "music":
        beat = rng.uniform(0.2, 0.6)
        for start in np.arange(0, seconds, beat):
            note = 220 * 2 ** (rng.choice((0, 2, 4, 5, 7, 9, 11, 12, 14, 16)) / 12)
            sounding = (time >= start) & (time < start + beat)
            wave = wave + level * _tones(time, note, note * 1.5) * np.exp(-(time - start) / beat) * sounding
    elif kind == "dial":
        wave = level * _tones(time, 350, 440)
    elif kind == "fax":
        wave = level * np.where(time % 4 < 3, np.sin(2 * np.pi * 2_100 * time), _modem(count, rng))
    elif kind == "band":
        wave = level * _band(seconds, count, rng)
    elif kind == "street":
        wave = level * _street(count, time, rng)
    elif kind == "distorted":
        wave = np.clip(8 * line_noise(count, rng) / 0.3, -0.9, 0.9) * (np.sin(2 * np.pi * 0.4 * time) > -0.5)
    wave = wave + line_noise(count, rng) * rng.choice((0.0, 1e-5, 3e-4, 2e-3))
    return mu_law(np.clip(wave, -1, 1)) if rng.random() < 0.8 else wave


def a_minute(kind: str, number: int) -> Wave:
    """A minute of one kind at 8 kHz, to measure with: the same for the same number."""
    return nonspeech(60.0, Random(f"nobody speaks {kind} {number}"), kind)


def _tones(time: Wave, low: float, high: float) -> Wave:
    both: Wave = 0.5 * (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time))
    return both


def _modem(count: int, rng: Random) -> Wave:
    """Phase-shift keying at 1,800 Hz, 1,200 symbols a second."""
    symbols = np.random.default_rng(rng.randrange(1 << 30)).integers(0, 4, count // 6 + 1)
    phase = np.repeat(symbols, 7)[:count] * np.pi / 2
    return np.asarray(np.sin(2 * np.pi * 1_800 * np.arange(count) / LINE_RATE + phase))


def _band(seconds: float, count: int, rng: Random) -> Wave:
    """Chords of plucked strings over a bass and drums, four beats to a chord, at 70 to 130 beats a minute."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    wave: Wave = np.zeros(count)
    beat = 60 / rng.uniform(70, 130)
    for number in range(int(seconds / beat)):
        root = 110 * 2 ** ((0, 9, 5, 7)[number // 4 % 4] / 12)
        notes = [root / 2, *(root * 2 ** (step / 12) for step in rng.choice(((0, 4, 7), (0, 4, 7, 11), (0, 3, 7))))]
        for voice, note in enumerate(notes):
            _add(wave, _pluck(note, min(2 * beat, 1.5), noise), number * beat + 0.02 * voice, 0.3)
        drum = noise.standard_normal(int(0.1 * LINE_RATE)) * np.exp(-np.arange(int(0.1 * LINE_RATE)) / 160)
        _add(wave, drum, (number + 0.5) * beat, 0.15)
    return np.asarray(wave / max(1.0, float(np.abs(wave).max())))


def _pluck(pitch: float, seconds: float, noise: np.random.Generator) -> Wave:
    """A plucked string (Karplus and Strong 1983): a burst of noise that runs round a delay line and dulls."""
    length, count = max(2, round(LINE_RATE / pitch)), int(seconds * LINE_RATE)
    line = noise.uniform(-1, 1, length)
    rounds = []
    for _ in range(count // length + 1):
        rounds.append(line)
        line = 0.996 * 0.5 * (line + np.roll(line, 1))
    return np.concatenate(rounds)[:count]


def _add(wave: Wave, sound: Wave, start: float, level: float) -> None:
    first = int(start * LINE_RATE)
    part = sound[: max(0, wave.size - first)]
    wave[first : first + part.size] += level * part


def _street(count: int, time: Wave, rng: Random) -> Wave:
    """Rumbling that swells and fades as cars pass, a horn now and then."""
    rumble = np.cumsum(line_noise(count, rng))
    rumble -= np.convolve(rumble, np.ones(400) / 400, mode="same")
    rumble /= np.abs(rumble).max() + 1e-9
    horn = _tones(time, 400, 500) * ((time + rng.uniform(0, 9)) % 11 < 0.7)
    return np.asarray(rumble * (0.6 + 0.4 * np.sin(2 * np.pi * time / 7)) + 0.5 * horn)
