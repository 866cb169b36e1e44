"""Recordings made for tests: every usual format, and files that are none or not whole."""

from __future__ import annotations

import io
import struct
from typing import Any

import av
import numpy as np

SECONDS = 2.0


def tone(rate: int, seconds: float = SECONDS) -> np.ndarray[Any, np.dtype[np.float32]]:
    """330 Hz that swells and fades, ``float32 [n_samples]``."""
    t = np.arange(int(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * 330 * t) * (1 + np.sin(2 * np.pi * 3 * t)) / 2).astype(np.float32)


def encoded(muxer: str, codec: str, rate: int, channels: int, bit_rate: int = 0, seconds: float = SECONDS) -> bytes:
    """A tone as a file; the second channel is the first turned upside down, so that a mix of the two is silence."""
    layout = "mono" if channels == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = layout
        if bit_rate:
            stream.bit_rate = bit_rate
        both = np.stack([tone(rate, seconds), -tone(rate, seconds)][:channels])
        frame = av.AudioFrame.from_ndarray(both, format="fltp", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def wav(samples: bytes, *, tag: int = 1, channels: int = 1, rate: int = 8_000, bits: int = 16, says: int = -1) -> bytes:
    """A WAV file with any header; ``says`` is the declared number of bytes of sound."""
    block = max(channels * bits // 8, 1) & 0xFFFF
    coding = struct.pack("<HHIIHH", tag, channels, rate, (rate * block) & 0xFFFFFFFF, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + coding
    body += b"data" + struct.pack("<I", len(samples) if says < 0 else says) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def floats(*values: float) -> bytes:
    return wav(np.array([0.1] * 4_000 + list(values) + [0.1] * 4_000, dtype="<f4").tobytes(), tag=3, bits=32)


def long_silence() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=8_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 60 * 8_000), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = 8_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def hole(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(600) + data[middle + 600 :]


FORMATS = [
    ("wav", "pcm_s16le", 8_000, 2, 0, "wav"),
    ("wav", "pcm_s24le", 44_100, 1, 0, "wav"),
    ("wav", "pcm_f64le", 16_000, 1, 0, "wav"),
    ("wav", "pcm_mulaw", 8_000, 2, 0, "wav"),
    ("wav", "pcm_alaw", 8_000, 1, 0, "wav"),
    ("wav", "g726", 8_000, 1, 32_000, "wav"),
    ("mp3", "libmp3lame", 16_000, 2, 64_000, "mp3"),
    ("adts", "aac", 16_000, 1, 32_000, "adts"),
    ("ipod", "aac", 16_000, 2, 64_000, "mp4"),
    ("ogg", "libopus", 48_000, 1, 24_000, "ogg"),
    ("flac", "flac", 8_000, 2, 0, "flac"),
    ("amr", "libopencore_amrnb", 8_000, 1, 12_200, "amr-nb"),
    ("webm", "libopus", 48_000, 1, 24_000, "webm"),
]

HEADER_ONLY = wav(b"")
POISON: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "empty"),
    ("one byte", b"R", "not_audio"),
    ("text", b"recording not available", "not_audio"),
    ("an error page named mp3", b"<!DOCTYPE html><html><body>404</body></html>", "not_audio"),
    ("an error in JSON", b'{"error": "not found"}', "not_audio"),
    ("a playlist of a neighbour", b"#EXTM3U\n#EXTINF:10,\nother-call.wav\n", "playlist"),
    ("a playlist behind a byte order mark", b"\xef\xbb\xbf#EXTM3U\n", "playlist"),
    ("a concat script", b"ffconcat version 1.0\nfile other-call.wav\n", "playlist"),
    ("a DASH manifest", b'<?xml version="1.0"?><MPD><BaseURL>http://x</BaseURL></MPD>', "playlist"),
    ("a session description", b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "playlist"),
    ("half a WAV header", HEADER_ONLY[:28], "bad_header"),
    ("a WAV header alone", HEADER_ONLY, "no_sound"),
    ("a WAV that claims 4 GiB", wav(bytes(1_000), says=0xFFFFFFFF), "cut_short"),
    ("a WAV that claims 3 GiB", wav(bytes(1_000), says=3 << 30), "cut_short"),
    ("a WAV cut in half", wav(bytes(8_000))[:4_000], "cut_short"),
    ("a WAV its recorder never closed", wav(b"\x01\x02" * 900, says=0), "cut_short"),
    ("a WAV of 1 Hz", wav(bytes(32_000), rate=1), "bad_header"),
    ("a WAV of 0 Hz", wav(bytes(100), rate=0), "bad_header"),
    ("a WAV of 4 GHz", wav(bytes(100), rate=0xFFFFFFFF), "bad_header"),
    ("a WAV without channels", wav(bytes(100), channels=0), "bad_header"),
    ("a WAV with three channels", wav(bytes(600), channels=3), "too_many_channels"),
    ("a WAV with 65,535 channels", wav(bytes(600), channels=65_535), "too_many_channels"),
    ("a WAV of 7 bits", wav(bytes(600), bits=7), "bad_header"),
    ("a WAV of an unknown coding", wav(bytes(600), tag=0x2222), "unsupported_codec"),
    ("samples that are no numbers", floats(float("nan")), "not_finite"),
    ("samples without bound", floats(float("inf"), float("-inf")), "not_finite"),
    ("an ID3 tag of 256 MB", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(500), "bad_header"),
    ("an ID3 tag alone", b"ID3\x04\x00\x00\x00\x00\x00\x04" + bytes(4), "no_sound"),
    ("a program", b"\x7fELF\x02\x01\x01" + bytes(500), "not_audio"),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(500), "not_audio"),
    ("an archive", b"PK\x03\x04" + bytes(500), "not_audio"),
    ("zeros", bytes(100_000), "not_audio"),
    ("random bytes", np.random.default_rng(7).bytes(200_000), "not_audio"),
    ("an Ogg file cut in its header", b"OggS" + bytes(40), "undecodable"),
    (
        "an M4A without its index",
        b"\x00\x00\x00\x10ftypM4A " + bytes(4) + b"\x00\x00\x00\x10mdat" + bytes(8),
        "cut_short",
    ),
]
