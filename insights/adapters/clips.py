"""Cuts clips for reviewers and makes the one listening copy of a call that every browser plays.

Only decoded samples come in here. pydub would happily open a file, and with it whatever that file points to.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from insights.errors import InputError

if TYPE_CHECKING:
    from pydub import AudioSegment

    from insights.ports import DecodedAudio

Samples = np.ndarray[Any, np.dtype[np.float32]]

_AT_ONCE: Final = 1 << 20  # samples a channel made whole numbers at once, so that hours do not lie in memory many times


def listening_copy(audio: DecodedAudio) -> AudioSegment:
    """The whole call as 16-bit PCM at its rate, with the channels as they are; ``export(..., format="wav")`` it."""
    return _segment(audio.samples, audio.sample_rate)


def clip(audio: DecodedAudio, start: float, end: float) -> bytes:
    """WAV bytes of the call from ``start`` to ``end`` seconds; what reaches beyond the recording is left out.

    Raises InputError when nothing of the recording lies between the two.
    """
    first, last = max(round(start * audio.sample_rate), 0), min(round(end * audio.sample_rate), audio.samples.shape[1])
    if first >= last:
        raise InputError(
            f"there is no sound from {start:g} s to {end:g} s in a recording of {audio.seconds:.1f} s.",
            next_step="Ask for a stretch that lies inside the recording.",
        )
    return wav_bytes(_segment(audio.samples[:, first:last], audio.sample_rate))


def wav_bytes(segment: AudioSegment) -> bytes:
    """A segment as a WAV file, written without any outside program."""
    file = io.BytesIO()
    segment.export(file, format="wav")
    return file.getvalue()


def _segment(samples: Samples, rate: int) -> AudioSegment:
    with warnings.catch_warnings():
        # At import pydub warns that it found no ffmpeg (we never let it decode) and of Python's retired audioop.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment

    interleaved = np.empty((samples.shape[1], samples.shape[0]), dtype="<i2")
    for at in range(0, samples.shape[1], _AT_ONCE):
        interleaved[at : at + _AT_ONCE] = np.round(np.clip(samples[:, at : at + _AT_ONCE], -1.0, 1.0).T * 32_767)
    return AudioSegment(data=interleaved.tobytes(), sample_width=2, frame_rate=rate, channels=samples.shape[0])
