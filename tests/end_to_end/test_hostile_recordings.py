"""A batch of recordings as bad as they come, through the real decoder, finder and engine: each ends with a name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from builders import NOW, a_campaign, a_lead
from poison import BROKEN, CALL_S, SHORTER, file_of, pcm
from recordings import encoded

from insights import bootstrap
from insights.adapters.speech_check import TEST_CLIP
from insights.domain.leads import LeadId
from insights.pipeline.transcribe import transcribe_leads
from insights.settings import load_settings

RANDOM = np.random.default_rng(11)


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
EXPECTED: dict[str, tuple[bytes, str]] = {**BROKEN, **{name: (data, "") for name, data in NOTHING_SAID.items()}}


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
            told = CALL_S if name in SHORTER else None
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
