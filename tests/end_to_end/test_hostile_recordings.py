"""A batch of recordings as bad as they come, through the real decoder, finder and engine: each ends with a name."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
from builders import NOW, a_campaign, a_lead
from recordings import FORMATS, POISON, encoded, hole, long_silence, tone, wav

from insights import bootstrap
from insights.adapters.speech_check import TEST_CLIP
from insights.domain.leads import LeadId
from insights.pipeline.transcribe import transcribe_leads
from insights.settings import load_settings

RANDOM = np.random.default_rng(11)
BY_MUXER = {row[0]: row[1:5] for row in FORMATS}


def file_of(muxer: str, seconds: float = 5.0) -> bytes:
    codec, rate, channels, bit_rate = BY_MUXER[muxer]
    return encoded(muxer, codec, rate, channels, bit_rate, seconds)


def pcm(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    return wav((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


def amr_of(seconds: int) -> bytes:
    """Frames of AMR filled at random: decodes to loud noise, without an error."""
    return b"#!AMR\n" + b"".join(b"\x3c" + RANDOM.bytes(31) for _ in range(50 * seconds))


NOTHING_SAID = {
    "noise that fills the scale": pcm(RANDOM.uniform(-1, 1, 40_000)),
    "a square wave": pcm(np.sign(np.sin(np.arange(40_000) / 9))),
    "a constant": pcm(np.full(40_000, 0.5)),
    "one click": pcm(np.eye(1, 40_000, 20_000)[0]),
    "hiss below hearing": pcm(RANDOM.uniform(-1, 1, 40_000) * 0.001),
    "AMR frames at random": amr_of(3),
    "a twentieth of a second": pcm(0.3 * RANDOM.standard_normal(400)),
    "a tone in AAC": file_of("ipod"),
    "a tone in AMR": file_of("amr"),
    "a tone in Opus": file_of("ogg"),
    "a tone in G.726": encoded("wav", "g726", 8_000, 1, 32_000),
}
SILENT = {"hours of silence": long_silence(), "zeros in a good header": wav(bytes(80_000))}
DAMAGED = {f"a hole in {muxer}": hole(file_of(muxer)) for muxer in ("mp3", "adts", "amr", "ogg", "flac", "ipod")}
CUT = {f"two thirds of {muxer}": file_of(muxer)[: len(file_of(muxer)) * 2 // 3] for muxer in ("flac", "ipod", "webm")}
STEREO_HEADER_ON_MONO = struct.pack("<H", 2).join((pcm(tone(8_000, 6.0))[:22], pcm(tone(8_000, 6.0))[24:]))
EXPECTED: dict[str, tuple[bytes, str]] = {
    **{name: (data, code) for name, data, code in POISON},
    **{name: (data, "") for name, data in NOTHING_SAID.items()},
    **{name: (data, "silent") for name, data in SILENT.items()},
    **{name: (data, "damaged") for name, data in DAMAGED.items()},
    **{name: (data, "cut_short") for name, data in CUT.items()},
    "half an MP3, shorter than its call": (file_of("mp3", 60.0)[: len(file_of("mp3", 60.0)) // 2], "cut_short"),
    "a stereo header on mono sound, shorter than its call": (STEREO_HEADER_ON_MONO, "bad_header"),
}


def test_each_of_fifty_bad_recordings_gets_its_name_and_the_good_one_among_them_is_heard(tmp_path: Path) -> None:
    """None stops the batch, none is taken for a conversation, and only what can be a call without words passes."""
    assert len(EXPECTED) >= 50
    files = {**EXPECTED, "a good call": (TEST_CLIP.read_bytes(), "")}
    deps = bootstrap.build(
        load_settings(database=f"sqlite:///{tmp_path}/record.sqlite", recordings=tmp_path / "recordings")
    )
    names = {LeadId(f"L-{number}"): name for number, name in enumerate(files)}
    with deps.store() as unit:
        unit.put_campaign(a_campaign(), NOW)
        for lead_id, name in names.items():
            told = 60.0 if "shorter than its call" in name else None
            kept = deps.recordings.keep(files[name][0])
            unit.put_lead(replace(a_lead(), lead_id=lead_id, duration_s=told, agent_channel=None), "test")
            unit.put_recording(lead_id, kept.sha256)
        unit.commit()

    outcome: dict[str, str] = {}
    words: dict[str, int] = {}
    for done in transcribe_leads(deps, list(names)):
        name = names[done.lead_id]
        outcome[name] = done.failure.code if done.failure else ""
        words[name] = done.transcript.words if done.transcript else 0
        if done.failure is not None:
            assert done.failure.next_step, name

    assert outcome == {name: code for name, (_, code) in files.items()}
    assert {name for name, count in words.items() if count} == {"a good call"}
