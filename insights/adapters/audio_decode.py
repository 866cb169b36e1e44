"""Decodes recordings, each in a caged child process of its own that can be killed and cannot read anything else."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from insights.adapters.audio_signature import AudioSignature, recognise
from insights.errors import RecordingRejected
from insights.ports import DecodedAudio

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE: Final = 16_000  # Hz, what Whisper and Silero listen to

_CHILD: Final = Path(__file__).with_name("audio_child.py")
_BYTES_A_SAMPLE: Final = 4
_PIPE_READ: Final = 1 << 20
_PIPE_WRITE: Final = 1 << 16
_HEADER_ROOM: Final = 4_096
_LOUDEST_KEPT: Final = 65_536  # bytes of the child's last words


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What one recording may cost. The child gets ``base_wall`` seconds plus ``wall_per_second`` a second of sound."""

    max_bytes: int = 200_000_000
    max_seconds: float = 14_400.0
    base_wall: float = 60.0
    wall_per_second: float = 0.05
    address_space: int = 1 << 30

    def wall_seconds(self, sound_seconds: float) -> float:
        """Seconds on the clock within which this much sound must have been decoded."""
        return self.base_wall + self.wall_per_second * sound_seconds


@dataclass(slots=True)
class _Heard:
    """What the child has said so far."""

    sound: bytearray = field(default_factory=bytearray)
    words: bytearray = field(default_factory=bytearray)

    def seconds(self) -> float:
        # The channels are not known yet while the child runs; counting two of them gives the tighter deadline.
        return len(self.sound) / (_BYTES_A_SAMPLE * 2 * SAMPLE_RATE)


class CagedDecoder:
    """An AudioDecoder that trusts neither the bytes nor the decoder library."""

    def __init__(self, limits: DecodeLimits | None = None) -> None:
        self._limits = limits or DecodeLimits()

    def decode(self, data: bytes) -> DecodedAudio:
        """Sound of one recording: float32 ``[1 or 2 channels, n_samples]`` in -1..1 at 16,000 Hz, never mixed down.

        Raises RecordingRejected with one of the signature's codes (see ``audio_signature.recognise``) or
        ``too_large``, ``too_long``, ``no_sound``, ``too_many_channels``, ``undecodable``, ``damaged``, ``cut_short``,
        ``bad_header``, ``not_finite``, ``decoder_timeout``, ``decoder_crashed``. A recording that was cut where its
        format does not state a length decodes shorter: compare its seconds with the call log.
        """
        if len(data) > self._limits.max_bytes:
            raise _rejected(
                "too_large", f"the recording has {len(data):,} bytes, at most {self._limits.max_bytes:,} go in"
            )
        signature = recognise(data)
        header, sound = self._run(data, signature)
        return DecodedAudio(
            samples=_samples(sound, int(header["channels"])),
            sample_rate=SAMPLE_RATE,
            source_rate=int(header["rate"]),
            codec=str(header["codec"]),
            container=signature.container,
        )

    def _run(self, data: bytes, signature: AudioSignature) -> tuple[dict[str, Any], memoryview]:
        child = subprocess.Popen(  # noqa: S603 - our own program, no words from outside
            [sys.executable, "-I", "-B", str(_CHILD), json.dumps(self._order(signature))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd="/",
            start_new_session=True,
        )
        try:
            heard = self._listen(child, data)
            status = child.wait(timeout=self._limits.base_wall)
        except subprocess.TimeoutExpired:
            raise _rejected("decoder_timeout", "the decoder did not end in time") from None
        finally:
            _end(child)
        _check_status(status, heard)
        line, _, _ = heard.sound.partition(b"\n")
        return json.loads(line), memoryview(heard.sound)[len(line) + 1 :]

    def _order(self, signature: AudioSignature) -> dict[str, object]:
        return {
            "demuxer": signature.demuxer,
            "exact_length": signature.exact_length,
            "rate": SAMPLE_RATE,
            "max_seconds": self._limits.max_seconds,
            "address_space": self._limits.address_space,
            "cpu_seconds": int(self._limits.wall_seconds(self._limits.max_seconds)) + 1,
        }

    def _listen(self, child: subprocess.Popen[bytes], data: bytes) -> _Heard:
        """Feed the recording and collect the answer until the child closes both its streams, within the limits."""
        heard, rest, started = _Heard(), memoryview(data), time.monotonic()
        most = int(self._limits.max_seconds + 1) * SAMPLE_RATE * 2 * _BYTES_A_SAMPLE + _HEADER_ROOM
        assert child.stdin and child.stdout and child.stderr
        os.set_blocking(child.stdin.fileno(), False)
        with selectors.DefaultSelector() as streams:
            streams.register(child.stdin, selectors.EVENT_WRITE)
            streams.register(child.stdout, selectors.EVENT_READ, heard.sound)
            streams.register(child.stderr, selectors.EVENT_READ, heard.words)
            while streams.get_map():
                left = started + self._limits.wall_seconds(heard.seconds()) - time.monotonic()
                ready = streams.select(max(left, 0.0))
                if not ready:
                    raise subprocess.TimeoutExpired(child.args, self._limits.base_wall)
                for key, _ in ready:
                    stream: Any = key.fileobj
                    if stream is child.stdin:
                        rest = _feed(key.fd, rest)
                        done = not rest
                    else:
                        piece = os.read(key.fd, _PIPE_READ)
                        key.data.extend(piece)
                        done = not piece
                    if done:
                        streams.unregister(stream)
                        stream.close()
                if len(heard.sound) > most:
                    raise _rejected("too_long", f"the recording is longer than {self._limits.max_seconds:g} s")
                del heard.words[:-_LOUDEST_KEPT]
        return heard


def _feed(fd: int, rest: memoryview) -> memoryview:
    """Write what the pipe takes; a child that hung up wants no more."""
    try:
        return rest[os.write(fd, rest[:_PIPE_WRITE]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[len(rest) :]


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's whole process group and take its exit status, whatever happened before."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _check_status(status: int, heard: _Heard) -> None:
    if status == -signal.SIGXCPU:
        raise _rejected("decoder_timeout", "the decoder used up its processor time")
    if status < 0:
        raise _rejected("decoder_crashed", f"the decoder died of signal {-status}")
    try:
        said = json.loads(heard.words.rstrip().rpartition(b"\n")[2])
        code, message = str(said["code"]), str(said["message"])
    except (ValueError, TypeError, KeyError):
        raise _rejected("decoder_crashed", f"the decoder ended with status {status} and no answer") from None
    if code != "ok":
        raise _rejected(code, message)


def _samples(sound: memoryview, channels: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    import numpy as np

    if len(sound) == 0 or len(sound) % (_BYTES_A_SAMPLE * channels):
        raise _rejected("decoder_crashed", "the decoder answered with half a sample")
    flat = np.frombuffer(sound, dtype=np.float32)
    if not np.isfinite(flat).all():
        raise _rejected("not_finite", "the recording holds samples that are no numbers (NaN or infinite)")
    samples = np.ascontiguousarray(flat.reshape(-1, channels).T)
    return np.clip(samples, -1.0, 1.0, out=samples)


def _rejected(code: str, why: str) -> RecordingRejected:
    return RecordingRejected(
        f"{why}.",
        code=code,
        next_step="Listen to the original at the call-tracking provider, or have it sent again.",
    )
