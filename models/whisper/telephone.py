"""Makes clean speech sound as it does at the end of a telephone line, and turns it into log-mel frames."""

from __future__ import annotations

import io
from functools import cache
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import torch
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from whisper.audio import HOP_LENGTH, N_FFT, SAMPLE_RATE, mel_filters

LINE_RATE = 8000
N_MELS = 80
CLICKING_SHARE = 1 / 16
Wave = npt.NDArray[np.float64]


def trim(wave: Wave, rate: int) -> Wave:
    """Cut the silence at both ends, leaving 20 ms before and 30 ms after the speech."""
    step = rate // 100
    count = len(wave) // step
    if count < 5:
        return wave
    level = np.sqrt((wave[: count * step].reshape(count, step) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() * 0.02)
    return wave[max(0, int(loud[0]) - 2) * step : (int(loud[-1]) + 4) * step]


def mu_law(wave: Wave) -> Wave:
    """Eight-bit mu-law coding and decoding (G.711)."""
    coded = np.sign(wave) * np.log1p(255 * np.abs(np.clip(wave, -1, 1))) / np.log1p(255)
    coarse = np.round((coded + 1) * 127.5) / 127.5 - 1
    decoded: Wave = np.sign(coarse) * (256 ** np.abs(coarse) - 1) / 255
    return decoded


def gsm(wave: Wave) -> Wave:
    """GSM full-rate coding and decoding."""
    file = io.BytesIO()
    soundfile.write(file, np.clip(wave, -1, 1), LINE_RATE, format="WAV", subtype="GSM610")
    file.seek(0)
    decoded: Wave = soundfile.read(file, dtype="float64")[0]
    return decoded[: len(wave)]


def line_noise(count: int, rng: Random) -> Wave:
    """Hiss, rumble or hum of unit power, ``count`` samples at 8 kHz."""
    noise: Wave = np.random.default_rng(rng.getrandbits(32)).standard_normal(count)
    colour = rng.random()
    if colour < 0.6:
        noise = lfilter([1.0], [1.0, -0.9 if colour < 0.4 else -0.98], noise)
    if rng.random() < 0.1:
        noise = noise + 0.7 * noise.std() * np.sin(2 * np.pi * 60 * np.arange(count) / LINE_RATE)
    unit: Wave = noise / (noise.std() + 1e-9)
    return unit


def clicks(count: int, rng: Random) -> Wave:
    """One to five clicks of a bad contact: bursts that die away within milliseconds, up to 0.4 of full scale."""
    wave: Wave = np.zeros(count)
    for _ in range(rng.randint(1, 5)):
        start, length = rng.randrange(count), rng.randint(8, 60)
        burst = np.random.default_rng(rng.getrandbits(32)).standard_normal(length)
        burst *= rng.uniform(0.05, 0.4) * np.exp(-np.arange(length) / (length / 4)) / np.abs(burst).max()
        wave[start : start + length] += burst[: count - start]
    return wave


def spoken_into(speech: Wave, rate: int, rng: Random) -> Wave:
    """Speech as it enters the line: trimmed, 8 kHz, tempo and pitch together changed by up to 7 %, level by 15 dB."""
    wave = trim(speech - speech.mean(), rate)
    target = round(LINE_RATE / rng.uniform(0.94, 1.07) / 40) * 40
    wave = resample_poly(wave, target, rate)
    level: Wave = wave / (np.abs(wave).max() + 1e-9) * 10 ** (rng.uniform(-16, -1) / 20)
    return level


def line(wave: Wave, rng: Random) -> Wave:
    """What comes out of a random line into which ``wave`` (8 kHz) was spoken.

    The band is about 300-3400 Hz, noise lies 15 to 45 dB below the speech, one line in sixteen clicks; the code is
    mu-law (most), GSM (some) or none.
    """
    edges = [rng.uniform(180, 320), rng.uniform(3200, 3600)]
    out: Wave = sosfilt(butter(2, edges, "bandpass", fs=LINE_RATE, output="sos"), wave)
    loud = np.abs(out) > 0.02 * np.abs(out).max(initial=0)
    loudness = float(np.sqrt((out[loud] ** 2).mean())) if loud.any() else 0.0
    out = out + line_noise(len(out), rng) * loudness * 10 ** (-rng.uniform(15, 45) / 20)
    if rng.random() < CLICKING_SHARE:
        out = out + clicks(len(out), rng)
    out = np.clip(out, -1, 1)
    code = rng.random()
    if code < 0.7:
        out = mu_law(out)
    elif code < 0.85:
        out = gsm(out)
    return out


def over_the_line(speech: Wave, rate: int, rng: Random) -> tuple[Wave, float, float]:
    """Send speech over a random line; return 8 kHz samples and where the speech starts and ends, in seconds."""
    wave = spoken_into(speech, rate, rng)
    before, after = rng.uniform(0.05, 0.6), rng.uniform(0.05, 0.6)
    start, length = round(before * LINE_RATE), len(wave)
    padded: Wave = np.zeros(start + length + round(after * LINE_RATE))
    padded[start : start + length] = wave
    return line(padded, rng), start / LINE_RATE, (start + length) / LINE_RATE


@cache
def _filters() -> Any:
    return mel_filters("cpu", N_MELS), torch.hann_window(N_FFT)


def log_mel(wave: Wave) -> npt.NDArray[np.float16]:
    """Frames of Whisper's log-mel spectrogram, ``float16 [n_frames, 80]``, before its clamping and scaling.

    Clamping to the loudest frame needs the whole window, so ``windows.scale`` does it when a window is put together.
    """
    filters, hann = _filters()
    samples = torch.from_numpy(resample_poly(wave, SAMPLE_RATE // LINE_RATE, 1).astype(np.float32))
    power = torch.stft(samples, N_FFT, HOP_LENGTH, window=hann, return_complex=True)[..., :-1].abs() ** 2
    frames: npt.NDArray[np.float16] = torch.clamp(filters @ power, min=1e-10).log10().T.half().numpy()
    return frames
