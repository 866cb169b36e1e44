"""Sixty recordings that are none, or not the whole call, and forty rows that tell of no lead."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from recordings import FORMATS, POISON, encoded, hole, long_silence, tone, wav

BY_MUXER = {row[0]: row[1:5] for row in FORMATS}


@cache
def file_of(muxer: str, seconds: float = 5.0) -> bytes:
    """A tone as a file of this kind."""
    codec, rate, channels, bit_rate = BY_MUXER[muxer]
    return encoded(muxer, codec, rate, channels, bit_rate, seconds)


def pcm(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    """Samples in -1..1 at 8,000 Hz as a WAV file."""
    return wav((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


SILENT = {"hours of silence": long_silence(), "zeros in a good header": wav(bytes(80_000))}
DAMAGED = {f"a hole in {muxer}": hole(file_of(muxer)) for muxer in ("mp3", "adts", "amr", "ogg", "flac", "ipod")}
CUT = {f"two thirds of {muxer}": file_of(muxer)[: len(file_of(muxer)) * 2 // 3] for muxer in ("flac", "ipod", "webm")}
CALL_S = 60.0
"""Seconds that the source tells of a call whose recording is shorter."""
_MONO = pcm(tone(8_000, 6.0))
SHORTER = {
    "half an MP3, shorter than its call": (file_of("mp3", CALL_S)[: len(file_of("mp3", CALL_S)) // 2], "cut_short"),
    "a stereo header on mono sound, shorter than its call": (
        struct.pack("<H", 2).join((_MONO[:22], _MONO[24:])),
        "bad_header",
    ),
}
BROKEN: dict[str, tuple[bytes, str]] = {
    **{name: (data, code) for name, data, code in POISON},
    **{name: (data, "silent") for name, data in SILENT.items()},
    **{name: (data, "damaged") for name, data in DAMAGED.items()},
    **{name: (data, "cut_short") for name, data in CUT.items()},
    **SHORTER,
}
"""Recordings that must fail in any night, each with the code of its failure."""


@dataclass(frozen=True)
class Astray:
    """A row whose recording cannot be fetched as it is told: what the row says, and the code of the failure."""

    says: dict[str, Any]
    code: str


ASTRAY = {
    "a file that is not there": Astray({"recording": "recordings/gone.wav"}, "recording_missing"),
    "no file named": Astray({"recording": ""}, "recording_missing"),
    "a name of 1,900 letters": Astray({"recording": "r" * 1_900 + ".wav"}, "recording_unreadable"),
    "a neighbour above": Astray({"recording": "../beside.wav"}, "recording_outside_source"),
    "a system file": Astray({"recording": "/etc/hostname"}, "recording_outside_source"),
    "an address": Astray({"recording": "http://127.0.0.1:9/x.wav"}, "recording_outside_source"),
    "a chain of file systems": Astray({"recording": "zip::simplecache::x.wav"}, "recording_outside_source"),
    "backslashes": Astray({"recording": "..\\beside.wav"}, "recording_outside_source"),
    "a folder": Astray({"recording": "recordings"}, "recording_unreadable"),
    "a pipe": Astray({"recording": "pipe.wav"}, "recording_unreadable"),
    "a link to a system file": Astray({"recording": "link.wav"}, "recording_unreadable"),
    "another file than its hash": Astray(
        {"recording": "recordings/0/N-0.wav", "recording_sha256": "0" * 64}, "hash_mismatch"
    ),
}


def poison_recordings(folder: Path, row: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Write what is broken into a source that has good calls, and tell its rows, made like ``row``: 60 of them, ids
    ``P-0`` and on; and the code by which each lead fails."""
    (folder / "poison").mkdir()
    os.mkfifo(folder / "pipe.wav")
    (folder / "link.wav").symlink_to("/etc/hostname")
    (folder.parent / "beside.wav").write_bytes(_MONO)
    rows: list[dict[str, Any]] = []
    codes: dict[str, str] = {}
    for name, (data, code) in BROKEN.items():
        file = f"poison/{len(rows)}.wav"
        (folder / file).write_bytes(data)
        duration = CALL_S if name in SHORTER else None
        codes[f"P-{len(rows)}"] = code
        rows.append({**row, "recording": file, "recording_sha256": "", "duration_s": duration})
    for astray in ASTRAY.values():
        codes[f"P-{len(rows)}"] = astray.code
        rows.append({**row, "recording_sha256": "", "duration_s": None, **astray.says})
    return [{**told, "lead_id": f"P-{number}"} for number, told in enumerate(rows)], codes


def _without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: json.dumps({key: value for key, value in row.items() if key != name})


def _with(**changed: Any) -> Callable[[dict[str, Any]], str]:
    return lambda row: json.dumps({**row, **changed})


LINES: Sequence[tuple[Callable[[dict[str, Any]], str], str]] = (
    (_without("lead_id"), "lead_id is missing"),
    (_without("campaign_id"), "campaign_id is missing"),
    (_without("received_at"), "received_at is missing"),
    (_without("answered"), "answered is missing"),
    (_without("recording_enabled"), "recording_enabled is missing"),
    (_with(lead_id=None), "lead_id is missing"),
    (_with(lead_id="   "), "lead_id is missing"),
    (_with(lead_id=["L-1"]), "lead_id: "),
    (_with(lead_id="L" * 300), "is not 1-100 letters"),
    (_with(lead_id="../../etc/passwd"), "is not 1-100 letters"),
    (_with(lead_id="L-1\x1b[31m"), "is not 1-100 letters"),
    (_with(lead_id="L-1\nfailed L-2"), "is not 1-100 letters"),
    (_with(lead_id="\u202eL-1"), "is not 1-100 letters"),
    (_with(lead_id="<script>alert(1)</script>"), "is not 1-100 letters"),
    (_with(lead_id="L-1'; drop table leads; --"), "is not 1-100 letters"),
    (_with(lead_id="L\0"), "characters that are no text"),
    (_with(lead_id="L-\ud800"), "characters that are no text"),
    (_with(source="maps\0"), "characters that are no text"),
    (_with(message="half a pair \udfff"), "characters that are no text"),
    (_with(lead_id="N-0", caller_zip="99999"), "the same lead_id stands on an earlier line"),
    (_with(campaign_id="C-NOBODY"), "campaign 'C-NOBODY' is not in campaigns.json"),
    (_with(campaign_id="../C-101"), "is not 1-100 letters"),
    (_with(campaign_id={"id": "C-101"}), "campaign_id: "),
    (_with(received_at="yesterday"), "received_at: "),
    (_with(received_at="2026-11-19T08:12:40"), "received_at: has no UTC offset"),
    (_with(received_at="2026-02-30T08:12:40-06:00"), "received_at: "),
    (_with(received_at="0001-01-01T00:00:00Z"), "received_at: is no time of a call"),
    (_with(received_at="9999-12-31T23:59:59Z"), "received_at: is no time of a call"),
    (_with(received_at=1e300), "received_at: "),
    (_with(answered="perhaps"), "answered: "),
    (_with(recording_enabled=7), "recording_enabled: "),
    (_with(duration_s=-5), "duration_s: "),
    (_with(duration_s=float("nan")), "duration_s: "),
    (_with(price="free"), "free"),
    (_with(agent_channel=3), "agent_channel: "),
    (_with(recording_sha256="0xabc"), "recording_sha256: "),
    (_with(kind="telegram"), "kind: "),
    (lambda row: json.dumps(row)[:60], "not JSON"),
    (lambda row: "[" * 100_000, "not JSON"),
    (lambda row: json.dumps([row]), "not a JSON object"),
)
"""Lines that tell of no lead, made from the row of a good one (whose id is ``Q-0`` and on), and words of the reason."""


def poison_lines(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Forty lines, and words that stand in the reason why each is refused."""
    return [(line({**row, "lead_id": f"Q-{number}"}), says) for number, (line, says) in enumerate(LINES)]
