"""Makes what a browser needs of a call, once, beside its recording: a copy that it can play and a waveform to draw."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Final

from insights.adapters.clips import listening_copy
from insights.adapters.waveforms import peaks
from insights.domain.recordings import Derived
from insights.ports import AudioDecoder, CallAudio, RecordingStore

HEIGHTS: Final = 1_000
"""Of a channel's waveform: about what a wide screen can show."""
_FORM: Final = 1
"""Raised when a waveform is kept in another form or drawn in another way; older ones are made again."""


class KeptListeningCopies:
    """ListeningCopies over a store of recordings. Safe to use from several threads and processes.

    The browser never gets the recording's own bytes, which are a stranger's: only samples that our decoder gave. One
    recording a process is decoded at a time, because hours of sound fill memory; a second process may make the same
    copies at the same time, and they are the same.
    """

    def __init__(self, recordings: RecordingStore, decoder: AudioDecoder) -> None:
        self._recordings, self._decoder = recordings, decoder
        self._one_at_a_time = threading.Lock()

    def of(self, sha256: str) -> CallAudio:
        kept = self._kept(sha256)
        if kept is None:
            with self._one_at_a_time:
                kept = self._kept(sha256) or self._made(sha256)
        return kept

    def _kept(self, sha256: str) -> CallAudio | None:
        path = self._recordings.derived(sha256, Derived.LISTENING_COPY)
        waveform = self._recordings.derived(sha256, Derived.WAVEFORM)
        if path is None or waveform is None:
            return None
        try:
            told = json.loads(waveform.read_bytes())
            return _call_audio(sha256, path, told["seconds"], told["heights"]) if told["form"] == _FORM else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _made(self, sha256: str) -> CallAudio:
        audio = self._decoder.decode(self._recordings.read(sha256))
        heights = peaks(audio, HEIGHTS)
        told = json.dumps({"form": _FORM, "seconds": audio.seconds, "heights": heights}).encode()
        path = self._recordings.keep_derived(
            sha256, Derived.LISTENING_COPY, lambda file: listening_copy(audio).export(file, format="wav")
        )
        self._recordings.keep_derived(sha256, Derived.WAVEFORM, lambda file: file.write(told))
        return _call_audio(sha256, path, audio.seconds, heights)


def _call_audio(sha256: str, path: Path, seconds: float, heights: list[list[float]]) -> CallAudio:
    return CallAudio(sha256, path, seconds, tuple(map(tuple, heights)))
