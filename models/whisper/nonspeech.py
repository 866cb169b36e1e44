"""Sounds on a telephone line that are not speech: silence, noise, ring, busy and key tones, hold music."""

from __future__ import annotations

from random import Random

import numpy as np

from models.whisper.telephone import LINE_RATE, Wave, line_noise, mu_law

KINDS = ("silence", "noise", "ring", "busy", "keys", "music")
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
    wave = wave + line_noise(count, rng) * rng.choice((0.0, 1e-5, 3e-4, 2e-3))
    return mu_law(np.clip(wave, -1, 1)) if rng.random() < 0.8 else wave


def _tones(time: Wave, low: float, high: float) -> Wave:
    both: Wave = 0.5 * (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time))
    return both
