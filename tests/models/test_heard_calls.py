"""Calls are spoken and written down as a recogniser hears them, by whatever Whisper and engine is named."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from models.intent.dataset import heard_turns, read_calls
from models.intent.heard import main

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("flite", "espeak-ng"))), reason="the synthesisers are not installed"
)
CALL = {
    "id": "call-1",
    "turns": [
        {"speaker": "agent", "text": "Thank you for calling, how can I help you?"},
        {"speaker": "caller", "text": "My water heater is leaking and I need somebody to look at it."},
    ],
    "label": {"billable": True, "reason": "new_customer", "outcome": "open"},
}


def test_a_call_is_heard_once_by_each_engine_and_the_training_reads_every_hearing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed, out = tmp_path / "seed.jsonl", tmp_path / "heard.jsonl"
    seed.write_text(json.dumps(CALL) + "\n", encoding="utf-8")
    monkeypatch.setenv("CALL_INSIGHTS_SPEECH_CACHE", str(tmp_path / "speech"))
    for engine in ("ctranslate2", "ctranslate2", "whisper"):
        words = ["--seed-file", str(seed), "--out", str(out), "--calls", "1", "--engine", engine]
        monkeypatch.setattr(sys, "argv", ["heard", *words])
        main()

    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["heard_by"].partition(":")[0] for row in rows] == ["ctranslate2", "whisper"]
    assert all("call-insights-telephone-en@" in row["heard_by"] for row in rows)
    hearings = heard_turns(out)["call-1"]
    assert len(hearings) == 2
    for turns in hearings:
        assert [turn.speaker for turn in turns] == ["agent", "caller"]
        said = [set(turn["text"].lower().strip("?.").split()) for turn in CALL["turns"]]
        assert all(len(set(turn.text.split()) & words) >= 2 for turn, words in zip(turns, said, strict=True))
    assert [call.intent for call in read_calls(out)] == ["new_customer"] * 2
