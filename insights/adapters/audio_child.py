"""The program that decodes recordings, each in a cage of its own; run by ``audio_decode`` by its path.

It loads the decoder library once and then waits. For every recording it makes a copy of itself (fork), which locks
itself in, decodes that one recording and ends: so a cage costs milliseconds instead of a program's start.

Assume that the decoder library can be taken over by a crafted file: so the copy holds no file, socket or process of its
own (the limits below forbid opening any), no environment, and no bytes but the one recording on its standard input.
The waiting original never sees a byte of a recording.

On its standard input, a socket, come requests: one message of JSON with four descriptors, the copy's standard input,
output and error and an answer socket. On the answer socket the original tells the copy's exit status (as
``os.waitstatus_to_exitcode`` has it) when it ended; whoever closes that socket before has the copy killed.

A copy's standard output: one line of JSON (``rate``, ``channels``, ``codec`` of the file), then interleaved float32
samples. Standard error, last line: JSON ``{"code": ..., "message": ...}``, code ``ok`` or the reason why not. Nothing
from ``insights`` is imported: the program starts fast and works wherever the interpreter finds PyAV.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import selectors
import signal
import socket
import sys
import wave
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

LOWEST_RATE = 4_000  # Hz
HIGHEST_RATE = 192_000  # Hz
LONGEST_GAP = 0.05  # s: timestamps that jump further have lost sound between them
LENGTH_SLACK = 0.25  # s: encoders pad or trim a frame or two at the ends

CODECS = (
    "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_mulaw,pcm_alaw,gsm_ms,adpcm_ms,adpcm_ima_wav,g726,"
    "mp3float,mp3,aac,alac,opus,vorbis,flac,amrnb,amrwb"
)


class Refused(Exception):
    """The recording is refused: ``code`` for tables, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


LONGEST_REQUEST = 4_096  # bytes
HIGHEST_DESCRIPTOR = 4_096  # far above what the original ever holds


def main() -> None:
    """Serve requests until the other side hangs up; then every copy still at work is killed."""
    rehearse()
    requests = socket.socket(fileno=0)
    working: dict[int, tuple[int, socket.socket]] = {}  # a copy's pidfd to its pid and answer socket
    with selectors.DefaultSelector() as events:
        events.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in events.select():
                if key.fileobj is requests:
                    message, descriptors, _, _ = socket.recv_fds(requests, LONGEST_REQUEST, 4)
                    if not message:
                        for pid, _ in working.values():
                            kill(pid)
                        return
                    begin(message, descriptors, events, working)
                elif key.fd in working:  # the copy has ended
                    pid, answer = working.pop(key.fd)
                    events.unregister(key.fd)
                    os.close(key.fd)
                    with contextlib.suppress(KeyError):
                        events.unregister(answer)
                    _, status = os.waitpid(pid, 0)
                    with contextlib.suppress(OSError):
                        answer.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                    answer.close()
                else:  # nobody wants the answer any longer
                    events.unregister(key.fileobj)
                    kill(key.data)


def begin(
    message: bytes,
    descriptors: list[int],
    events: selectors.BaseSelector,
    working: dict[int, tuple[int, socket.socket]],
) -> None:
    """Make the copy that works on one recording."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            enter(descriptors)
            work(json.loads(message))
            status = 0
        except BrokenPipeError:  # the other side has heard enough
            status = 0
        finally:
            with contextlib.suppress(BrokenPipeError):
                sys.stderr.flush()
            os._exit(status)
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    answer = socket.socket(fileno=descriptors[3])
    pidfd = os.pidfd_open(pid)
    working[pidfd] = pid, answer
    events.register(pidfd, selectors.EVENT_READ)
    events.register(answer, selectors.EVENT_READ, pid)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def enter(descriptors: list[int]) -> None:
    """In the copy: a session of its own, the three standard streams, and no other descriptor."""
    os.setsid()
    for place in range(3):
        os.dup2(descriptors[place], place)
    os.closerange(3, max(descriptors) + HIGHEST_DESCRIPTOR)


def work(order: dict[str, Any]) -> None:
    """Decode standard input as the order says; always answers on standard error."""
    lock_cage(order["address_space"], order["cpu_seconds"])
    out = open(1, "wb", closefd=False)  # noqa: SIM115 - descriptor 1, which lives as long as the copy
    try:
        with open(0, "rb", closefd=False) as recording:
            decode(recording.read(), order, out)
        out.flush()
    except Refused as refusal:
        report(refusal.code, str(refusal))
    except MemoryError:
        report("decoder_crashed", "decoding needs more memory than a recording may take")
    except BrokenPipeError:
        raise
    except Exception as trouble:  # whatever the decoder throws at a crafted file is a reason, not a traceback
        report("undecodable", f"the decoder gave up ({type(trouble).__name__})")
    else:
        report("ok", "")


def report(code: str, message: str) -> None:
    os.write(2, ("\n" + json.dumps({"code": code, "message": message}) + "\n").encode())


def rehearse() -> None:
    """Decode ten milliseconds of silence of our own: the decoder loads its last modules while it still may."""
    import av

    av.logging.set_level(None)
    silence = io.BytesIO()
    with wave.open(silence, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(160))
    order = {"demuxer": "wav", "exact_length": True, "rate": 16_000, "max_seconds": 1.0}
    decode(silence.getvalue(), order, io.BytesIO())


def lock_cage(address_space: int, cpu_seconds: int) -> None:
    """From here on: no new file or socket, no byte written to a file, no new process, bounded memory and CPU."""
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),  # the three standard streams are open already
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, address_space),
    ):
        _, hard = resource.getrlimit(what)
        ceiling = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (ceiling, ceiling))


def decode(data: bytes, order: dict[str, Any], out: BinaryIO) -> None:
    """Write the header line and the samples of ``data`` to ``out``; raises Refused."""
    import av

    options = {"format_whitelist": order["demuxer"], "protocol_whitelist": "none", "codec_whitelist": CODECS}
    source: Any = io.BytesIO(data)
    with av.open(source, mode="r", format=order["demuxer"], options=options) as container:
        tracks = container.streams.audio
        if not tracks:
            raise Refused("not_audio", "the file holds no sound track")
        if len(tracks) > 1:
            raise Refused("too_many_channels", f"the file holds {len(tracks)} sound tracks, a call has one")
        sink = Sink(out, order["rate"], order["max_seconds"], tracks[0].codec_context.name)
        for frame in frames(container, tracks[0]):
            sink.take(frame)
        sink.close()
        if order["exact_length"]:
            check_length(declared_seconds(container, tracks[0]), sink.source_seconds)


class Sink:
    """Resamples frames to ``rate`` Hz and writes them out, counting sound as it goes: a bomb is stopped inside."""

    def __init__(self, out: BinaryIO, rate: int, max_seconds: float, codec: str) -> None:
        self.out = out
        self.rate = rate
        self.max_seconds = max_seconds
        self.codec = codec
        self.channels = 0
        self.source_rate = 0
        self.source_seconds = 0.0
        self.written = 0  # samples a channel
        self._resampler: Any = None
        self._form: tuple[object, ...] = ()

    def take(self, frame: AudioFrame) -> None:
        import av

        channels = frame.layout.nb_channels
        if not self.channels:
            self._begin(frame.sample_rate, channels)
        if channels != self.channels:
            raise Refused("damaged", "the number of channels changes midway")
        if not LOWEST_RATE <= frame.sample_rate <= HIGHEST_RATE:
            raise Refused("bad_header", f"the file declares {frame.sample_rate} samples a second")
        self.source_seconds += frame.samples / frame.sample_rate
        if self.source_seconds > self.max_seconds:
            raise Refused("too_long", f"the recording is longer than {self.max_seconds:g} s")
        frame.pts = None  # timestamps were checked; the resampler must neither stretch nor fill by them
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self._drain()
            layout = "mono" if channels == 1 else "stereo"
            self._resampler = av.AudioResampler(format="flt", layout=layout, rate=self.rate)
            self._form = form
        self._write(self._resampler.resample(frame))

    def close(self) -> None:
        self._drain()
        if not self.written:
            raise Refused("no_sound", "the recording holds no sound at all")

    def _begin(self, source_rate: int, channels: int) -> None:
        if channels not in (1, 2):
            raise Refused("too_many_channels", f"the recording has {channels} channels, a call has 1 or 2")
        self.channels, self.source_rate = channels, source_rate
        header = {"rate": source_rate, "channels": channels, "codec": self.codec}
        self.out.write(json.dumps(header).encode() + b"\n")

    def _drain(self) -> None:
        if self._resampler is not None:
            self._write(self._resampler.resample(None))

    def _write(self, resampled: list[AudioFrame]) -> None:
        for frame in resampled:
            # A plane may be padded beyond its samples.
            self.out.write(memoryview(frame.planes[0])[: frame.samples * self.channels * 4])
            self.written += frame.samples


def frames(container: InputContainer, track: AudioStream) -> Iterator[AudioFrame]:
    """Frames in order; raises Refused when sound between them is missing.

    One broken packet at the very end is a file that was cut, whose sound up to there is whole; a broken packet that
    is followed by more, or a jump of the timestamps, is sound lost from the middle.
    """
    import av

    track.codec_context.thread_count = 1
    broken = 0
    expected: float | None = None
    for packet in container.demux(track):
        flushing = packet.size == 0
        try:
            decoded = packet.decode()
        except MemoryError:
            raise
        except av.FFmpegError:
            broken += 1
            decoded = []
        if broken > 1 or (broken and decoded and not flushing):
            raise Refused("damaged", "part of the sound in the middle of the recording cannot be decoded")
        for frame in decoded:
            if frame.time is not None:
                if expected is not None and abs(frame.time - expected) > LONGEST_GAP:
                    raise Refused("damaged", f"sound is missing {expected:.1f} s into the recording")
                expected = frame.time + frame.samples / frame.sample_rate
            yield frame
    if broken and expected is None:
        raise Refused("undecodable", "nothing in the recording can be decoded")


def declared_seconds(container: InputContainer, track: AudioStream) -> float | None:
    if track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    return None if container.duration is None else container.duration / 1_000_000


def check_length(declared: float | None, decoded: float) -> None:
    if declared is not None and decoded + LENGTH_SLACK < declared:
        raise Refused("cut_short", f"the header declares {declared:.1f} s of sound, {decoded:.1f} s are there")


if __name__ == "__main__":
    main()
