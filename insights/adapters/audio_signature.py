"""Decides from the bytes alone which one audio format a recording is in, or why it is none that we decode.

A recording's name and declared type are never looked at: they come from outside, and a playlist called ``call.wav``
once made a decoder read another call's recording. Header fields that a decoder would believe blindly (a sample rate
of 1 Hz turns 32 KB into hours of sound) are range-checked here, in plain Python, before any decoder sees the bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from insights.errors import RecordingRejected

LOWEST_RATE: Final = 4_000  # Hz
HIGHEST_RATE: Final = 192_000  # Hz
MOST_CHANNELS: Final = 2  # the two parties of a call

_ASK_AGAIN: Final = "Fetch the recording again; if it stays so, ask the call-tracking provider for the original."
_UNKNOWN_SIZE: Final = 0xFFFFFFFF  # written by programs that stream a WAV to a pipe and cannot go back

# Format tag -> bits per sample that may stand beside it (0: the coding defines its own).
_WAV_CODINGS: Final[dict[int, tuple[int, ...]]] = {
    0x0001: (8, 16, 24, 32),  # PCM
    0x0002: (4,),  # Microsoft ADPCM
    0x0003: (32, 64),  # IEEE float
    0x0006: (8,),  # A-law
    0x0007: (8,),  # mu-law
    0x0011: (4,),  # IMA ADPCM
    0x0031: (0, 16),  # GSM 06.10
    0x0045: (2, 3, 4, 5),  # G.726
    0x0055: (0, 16),  # MP3 inside a WAV
    0x0064: (2, 3, 4, 5),  # G.726 under its other number
}
_WAV_EXTENSIBLE: Final = 0xFFFE
_WAV_SAMPLE_SIZED: Final = frozenset({0x0001, 0x0003, 0x0006, 0x0007})

_MP3_BITRATES: Final = {  # kbit/s by index, MPEG-1 and MPEG-2/2.5 Layer III
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MP3_SEARCH: Final = 4_096  # bytes: a recorder that was switched on mid-stream starts inside a frame

_PLAYLISTS: Final = (b"#extm3u", b"ffconcat", b"[playlist]", b"v=0\r\n", b"v=0\n", b"<smil", b"<asx", b"<mpd")


@dataclass(frozen=True, slots=True)
class AudioSignature:
    """What a recording is: ``container`` as we name it, ``demuxer`` as the decoder names the one format to force.

    ``exact_length``: the container states how long its sound is, so a result that is shorter has lost some of it.
    """

    container: str
    demuxer: str
    exact_length: bool = False


def recognise(data: bytes) -> AudioSignature:
    """The format of a recording. Raises RecordingRejected with code ``empty``, ``playlist``, ``not_audio``,
    ``bad_header``, ``too_many_channels``, ``unsupported_codec``, ``cut_short`` or ``no_sound``."""
    if not data:
        raise _rejected("empty", "the recording has no bytes")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        _check_wav(data)
        return AudioSignature("wav", "wav")
    if data[:3] == b"ID3":
        return _behind_id3(data)
    if data[:4] == b"fLaC":
        return AudioSignature("flac", "flac", exact_length=True)
    if data[:4] == b"OggS":
        return AudioSignature("ogg", "ogg", exact_length=True)
    if data[:6] == b"#!AMR\n":
        return AudioSignature("amr-nb", "amr")
    if data[:9] == b"#!AMR-WB\n":
        return AudioSignature("amr-wb", "amr")
    if data[4:8] == b"ftyp":
        _check_mp4(data)
        return AudioSignature("mp4", "mov", exact_length=True)
    if data[:4] == b"\x1aE\xdf\xa3" and (b"webm" in data[:64] or b"matroska" in data[:64]):
        return AudioSignature("webm", "matroska", exact_length=True)
    if _is_adts(data, 0):
        return AudioSignature("adts", "aac")
    if _is_mp3(data, 0):
        return AudioSignature("mp3", "mp3")
    _refuse_text(data)
    raise _rejected("not_audio", "the bytes are in no audio format that we know")


def _rejected(code: str, why: str) -> RecordingRejected:
    return RecordingRejected(f"{why}.", code=code, next_step=_ASK_AGAIN)


def _refuse_text(data: bytes) -> None:
    start = data[:4_096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_PLAYLISTS) or (start.startswith(b"<?xml") and (b"<mpd" in start or b"<smil" in start)):
        raise _rejected("playlist", "the bytes are a playlist that names other recordings, not a recording")
    if start.startswith((b"<", b"{")):
        raise _rejected("not_audio", "the bytes are a web page or an error message, not a recording")


# --- WAV -------------------------------------------------------------------------------------------------------------


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and declared size of each RIFF chunk up to and including ``data``."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        yield name, at + 8, size
        if name == b"data":
            return
        at += 8 + size + size % 2


def _check_wav(data: bytes) -> None:
    coding_seen = False
    for name, start, size in _chunks(data):
        if name == b"fmt ":
            _check_wav_coding(data[start : start + size], size)
            coding_seen = True
        elif name == b"data":
            if not coding_seen:
                raise _rejected("bad_header", "the WAV header does not say how its sound is coded")
            _check_wav_length(data, start, size)
            return
    if not coding_seen:
        raise _rejected("bad_header", "the WAV header is broken off")
    raise _rejected("no_sound", "the WAV file ends before its sound begins")


def _check_wav_coding(fields: bytes, size: int) -> None:
    if size < 16 or len(fields) < size:
        raise _rejected("bad_header", "the WAV header is broken off")
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", fields)
    if tag == _WAV_EXTENSIBLE:
        if len(fields) < 40:
            raise _rejected("bad_header", "the WAV header is broken off")
        tag = int.from_bytes(fields[24:26], "little")
    if channels == 0:
        raise _rejected("bad_header", "the WAV header declares no channel")
    if channels > MOST_CHANNELS:
        raise _rejected("too_many_channels", f"the WAV header declares {channels} channels, a call has 1 or 2")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise _rejected("bad_header", f"the WAV header declares {rate} samples a second")
    if tag not in _WAV_CODINGS:
        raise _rejected("unsupported_codec", f"the WAV header declares coding 0x{tag:04x}, which we do not decode")
    if bits not in _WAV_CODINGS[tag]:
        raise _rejected("bad_header", f"the WAV header declares {bits} bits a sample for coding 0x{tag:04x}")
    if block == 0 or (tag in _WAV_SAMPLE_SIZED and block != channels * bits // 8):
        raise _rejected("bad_header", f"the WAV header declares blocks of {block} bytes, which its own fields deny")


def _check_wav_length(data: bytes, start: int, size: int) -> None:
    present = len(data) - start
    if present == 0 and size in (0, _UNKNOWN_SIZE):
        raise _rejected("no_sound", "the WAV file ends where its sound should begin")
    if size == _UNKNOWN_SIZE and data[4:8] == b"\xff\xff\xff\xff":
        return  # streamed: both lengths say "unknown", the sound runs to the end of the file
    if size == 0:
        # A recorder fills the length in when it closes the file; sound behind a zero means that it never did.
        followed_by_chunk = present >= 8 and data[start : start + 4].isalpha() and data[start : start + 4].isascii()
        if followed_by_chunk:
            raise _rejected("no_sound", "the WAV file holds no sound")
        raise _rejected("cut_short", "the WAV file was never finished by its recorder")
    if size > present:
        raise _rejected("cut_short", f"the WAV header declares {size:,} bytes of sound, {present:,} are there")


# --- MP4 -------------------------------------------------------------------------------------------------------------


def _check_mp4(data: bytes) -> None:
    """Every top-level box lies inside the file and the index is there; both are missing from a cut file."""
    at, index_seen = 0, False
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == 0:
            size = len(data) - at  # the last box may run to the end
        if size < 8:
            raise _rejected("bad_header", "the MP4 file has a box smaller than its own header")
        if at + size > len(data):
            raise _rejected("cut_short", "the MP4 file ends inside a box")
        index_seen = index_seen or name == b"moov"
        at += size
    if not index_seen:
        raise _rejected("cut_short", "the MP4 file has no index: its recorder never finished it")


# --- MP3 and ADTS ----------------------------------------------------------------------------------------------------


def _behind_id3(data: bytes) -> AudioSignature:
    """What follows one or more ID3v2 tags, whose sizes are four 7-bit bytes."""
    at = 0
    while data[at : at + 3] == b"ID3":
        size = data[at + 6 : at + 10]
        if len(size) < 4 or max(size) > 0x7F:
            raise _rejected("bad_header", "the ID3 tag states its size in a wrong form")
        has_footer = bool(data[at + 5] & 0x10)
        at += 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]) + (10 if has_footer else 0)
        if at > len(data):
            raise _rejected("bad_header", "the ID3 tag claims more bytes than the file has")
    if at == len(data):
        raise _rejected("no_sound", "nothing follows the ID3 tag")
    if data[at : at + 4] == b"fLaC":
        return AudioSignature("flac", "flac", exact_length=True)
    if _is_adts(data, at):
        return AudioSignature("adts", "aac")
    if _is_mp3(data, at):
        return AudioSignature("mp3", "mp3")
    raise _rejected("not_audio", "what follows the ID3 tag is in no audio format that we know")


def _is_adts(data: bytes, at: int) -> bool:
    """Two AAC frames in a row (or one that is all there is) with one and the same fixed header."""
    following = at + _adts_frame(data, at)
    if following == at:
        return False
    return following >= len(data) or (_adts_frame(data, following) > 0 and data[following + 1] == data[at + 1])


def _adts_frame(data: bytes, at: int) -> int:
    head = data[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or (head[2] >> 2) & 0x0F > 12:
        return 0
    size = (head[3] & 0x03) << 11 | head[4] << 3 | head[5] >> 5
    return size if size > 7 else 0


def _is_mp3(data: bytes, at: int) -> bool:
    """Two Layer III frames in a row at ``at``, or three in a row a little further on."""
    if _mp3_frames(data, at, 2):
        return True
    window = data[at : at + _MP3_SEARCH]
    found = window.find(b"\xff", 1)
    while found != -1:
        if _mp3_frames(data, at + found, 3):
            return True
        found = window.find(b"\xff", found + 1)
    return False


def _mp3_frames(data: bytes, at: int, wanted: int) -> bool:
    kind = None
    for _ in range(wanted):
        head = data[at : at + 4]
        size = _mp3_frame(head)
        if size == 0 or (kind is not None and kind != (head[1] & 0xFE, head[2] & 0x0C)):
            return False
        kind = (head[1] & 0xFE, head[2] & 0x0C)
        at += size
        if at == len(data):
            return True
    return True


def _mp3_frame(head: bytes) -> int:
    """Bytes of the Layer III frame with this header, 0 when it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    if version == 1 or not 0 < bitrate < 15 or rate == 3:
        return 0
    first = version == 3
    samples = 1_152 if first else 576
    return samples * _MP3_BITRATES[first][bitrate] * 125 // _MP3_RATES[version][rate] + ((head[2] >> 1) & 1)
