"""A checkpoint is measured through the product's own path, and its card tells what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from insights.adapters.whisper_weights import BUNDLED
from models.whisper.card import PLOT, card, draw_curve
from models.whisper.clips import Clip
from models.whisper.evaluate import _figures, evaluate

ROOT = Path(__file__).parents[2]
AUDIO = ROOT / "fixtures" / "audio"


def a_clip(group: str, text: str = "", voice: str = "flite:slt") -> Clip:
    return Clip(Path("none.wav"), group, voice, text)


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    """Figures of ten natural sentences of which one word in ten is wrong, and of digits of which one string is."""
    clips = [a_clip("natural", "my kitchen sink has been leaking since last monday morning")] * 10
    heard = ["my kitchen sink has been leaking since last monday evening"] * 10
    clips += [
        a_clip("held_out_voice", "my sink leaks", "espeak:en-gb"),
        a_clip("calls_mono", "hello is this the dentist"),
    ]
    heard += ["my sink leaks", "hello this is the dentist"]
    clips += [a_clip("digits", "six one four five five five oh one two two")] * 4
    heard += ["six one four five five five zero one two two"] * 3 + ["six one four five five nine oh one two two"]
    clips += [a_clip("nonspeech", voice="music"), a_clip("nonspeech", voice="fax")]
    heard += ["thank you", ""]
    return {"engine": "ctranslate2", **_figures(clips, heard)}


def test_a_set_has_its_error_rate_and_what_draws_of_its_clips_give(metrics: dict[str, Any]) -> None:
    natural = metrics["sets"]["natural"]
    assert (natural["wer"], natural["clips"], natural["words"]) == (0.1, 10, 100)
    assert natural["interval"] == [0.1, 0.1], "every clip is as wrong as the others"
    assert natural["by_voice"] == {"flite:slt": 0.1}


def test_a_digit_string_is_heard_whole_when_every_digit_is_right_however_nought_is_said(
    metrics: dict[str, Any],
) -> None:
    digits = metrics["sets"]["digits"]
    assert digits["whole"] == 0.75
    low, high = digits["interval"]
    assert low < digits["wer"] < high


def test_every_word_where_nobody_speaks_is_an_invented_one(metrics: dict[str, Any]) -> None:
    assert metrics["nonspeech"] == {"minutes": 2, "invented_words": {"music": 2, "fax": 0}}


@pytest.mark.parametrize("engine", ["ctranslate2", "whisper"])
def test_what_is_measured_is_what_the_command_writes(engine: str) -> None:
    told = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["leads"]["L-2121"]
    said = " ".join(turn["text"] for turn in told["script"])
    found = evaluate(ROOT / BUNDLED, [Clip(AUDIO / told["recording"], "natural", "both", said)], engine, direct=False)

    assert found["engine"] == engine
    assert found["model"].startswith("call-insights-telephone-en@")
    assert 0 < found["wer"]["natural"] < 0.9
    assert len(found["examples"][0]["heard"].split()) > 20


def test_the_card_tells_every_set_with_its_clips_and_interval(metrics: dict[str, Any], tmp_path: Path) -> None:
    facts = json.loads((ROOT / BUNDLED).with_suffix(".json").read_text(encoding="utf-8"))
    losses = [{"audio_hours": hours, "phones": 2 / hours, "pool_hours": 12.0} for hours in (1.0, 2.0, 3.0)]
    facts |= {
        "metrics": metrics | {"direct": metrics["sets"]["natural"]},
        "baseline": metrics,
        "curve": {"losses": losses, "points": [{"hours": 1.5, "natural": 0.4, "digits": 0.2}]},
    }
    text = card(facts)
    assert "| 10 | 10 % (10-10) |" in text
    assert "Whole" not in text.partition("on one channel")[0].partition("| The same calls")[2]
    assert "Digit strings heard whole, every digit right: 75 %" in text
    assert "Words invented in 2 minutes in which nobody speaks: music 2, fax 0." in text
    assert "12 hours of different audio" in text
    assert "must not be used for real calls" in text
    assert PLOT in text
    draw_curve(facts, tmp_path / PLOT)
    first = (tmp_path / PLOT).read_bytes()
    draw_curve(facts, tmp_path / PLOT)
    assert (tmp_path / PLOT).read_bytes() == first
    assert len(first) < 60_000


def test_the_card_beside_the_bundled_checkpoint_is_the_one_its_metadata_makes() -> None:
    facts = json.loads((ROOT / BUNDLED).with_suffix(".json").read_text(encoding="utf-8"))
    written = (ROOT / BUNDLED).with_name("MODEL_CARD.md").read_text(encoding="utf-8")
    assert written == card(facts)
    assert (PLOT in written) == (ROOT / BUNDLED).with_name("plots").joinpath("curve.svg").is_file()
