"""Decodes recordings, each in a caged child process of its own that can be killed and cannot read anything else."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
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
    """An AudioDecoder that trusts neither the bytes nor the decoder library. Safe to use from several threads."""

    def __init__(self, limits: DecodeLimits | None = None) -> None:
        self._limits = limits or DecodeLimits()
        self._keeper = _Keeper()

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
        with self._keeper.cage(json.dumps(self._order(signature)).encode()) as cage:
            heard = self._listen(cage, data)
            status = cage.status(self._limits.base_wall)
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

    def _listen(self, cage: _Cage, data: bytes) -> _Heard:
        """Feed the recording and collect the answer until the cage closes both its streams, within the limits."""
        heard, rest, started = _Heard(), memoryview(data), time.monotonic()
        most = int(self._limits.max_seconds + 1) * SAMPLE_RATE * 2 * _BYTES_A_SAMPLE + _HEADER_ROOM
        os.set_blocking(cage.feed, False)
        with selectors.DefaultSelector() as streams:
            streams.register(cage.feed, selectors.EVENT_WRITE)
            streams.register(cage.sound, selectors.EVENT_READ, heard.sound)
            streams.register(cage.words, selectors.EVENT_READ, heard.words)
            while streams.get_map():
                left = started + self._limits.wall_seconds(heard.seconds()) - time.monotonic()
                ready = streams.select(max(left, 0.0))
                if not ready:
                    raise _rejected("decoder_timeout", "the decoder did not end in time")
                for key, _ in ready:
                    if key.fd == cage.feed:
                        rest = _feed(key.fd, rest)
                        done = not rest
                    else:
                        piece = os.read(key.fd, _PIPE_READ)
                        key.data.extend(piece)
                        done = not piece
                    if done:
                        streams.unregister(key.fd)
                        cage.close(key.fd)
                if len(heard.sound) > most:
                    raise _rejected("too_long", f"the recording is longer than {self._limits.max_seconds:g} s")
                del heard.words[:-_LOUDEST_KEPT]
        return heard


@dataclass
class _Cage:
    """One recording's cage: descriptors to feed it and to hear it, and the socket that tells how it ended."""

    feed: int
    sound: int
    words: int
    answer: socket.socket
    _open: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._open |= {self.feed, self.sound, self.words}

    def close(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.discard(descriptor)
            os.close(descriptor)

    def status(self, timeout: float) -> int:
        """The exit status once it ended, negative for a signal; raises RecordingRejected after ``timeout`` seconds."""
        self.answer.settimeout(timeout)
        try:
            told = self.answer.recv(16)
        except TimeoutError:
            raise _rejected("decoder_timeout", "the decoder did not end in time") from None
        return int(told) if told else -signal.SIGKILL

    def end(self) -> None:
        """Give up on it: with the answer socket closed its process group is killed, if it lives."""
        for descriptor in tuple(self._open):
            self.close(descriptor)
        self.answer.close()


class _Keeper:
    """The waiting program that makes the cages; started when first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._program: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def cage(self, order: bytes) -> Iterator[_Cage]:
        pipes = [os.pipe() for _ in range(3)]
        (theirs_in, feed), (sound, theirs_out), (words, theirs_err) = pipes
        answer, theirs_answer = socket.socketpair()
        theirs = [theirs_in, theirs_out, theirs_err, theirs_answer.fileno()]
        cage = _Cage(feed, sound, words, answer)
        try:
            try:
                self._ask(order, theirs)
            finally:
                for descriptor in theirs[:3]:
                    os.close(descriptor)
                theirs_answer.close()
            yield cage
        finally:
            cage.end()

    def _ask(self, order: bytes, descriptors: list[int]) -> None:
        with self._lock:
            for attempt in (1, 2):
                if self._line is None or self._program is None or self._program.poll() is not None:
                    self._start()
                assert self._line is not None
                try:
                    socket.send_fds(self._line, [order], descriptors)
                    return
                except OSError:
                    self.stop()
                    if attempt == 2:
                        raise

    def _start(self) -> None:
        self.stop()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._program = subprocess.Popen(  # noqa: S603 - our own program, no words from outside
                [sys.executable, "-I", "-B", str(_CHILD)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        weakref.finalize(self, _stop, self._line, self._program)

    def stop(self) -> None:
        if self._line is not None and self._program is not None:
            _stop(self._line, self._program)
        self._line = self._program = None


def _stop(line: socket.socket, program: subprocess.Popen[bytes]) -> None:
    line.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(timeout=5)
    if program.poll() is None:
        program.kill()
        program.wait()


def _feed(fd: int, rest: memoryview) -> memoryview:
    """Write what the pipe takes; a child that hung up wants no more."""
    try:
        return rest[os.write(fd, rest[:_PIPE_WRITE]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[len(rest) :]


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
