"""The speech engine with the bundled checkpoint: what it hears is finite, in order, and never runs away."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from insights.adapters.audio_decode import CagedDecoder
from insights.adapters.whisper_engine import WhisperEngine
from insights.adapters.whisper_weights import BUNDLED, load_whisper
from insights.domain.recordings import Span
from insights.errors import SpeechFailed
from insights.ports import DecodedAudio

ROOT = Path(__file__).parents[2]
AUDIO = ROOT / "fixtures" / "audio"
RATE = 16_000


@pytest.fixture(scope="module")
def engine() -> WhisperEngine:
    return WhisperEngine(load_whisper(str(ROOT / BUNDLED)))


def recorded(lead: str) -> tuple[DecodedAudio, list[dict[str, Any]]]:
    """A fixture call, and its turns as they were spoken."""
    told = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["leads"][lead]
    return CagedDecoder().decode((AUDIO / told["recording"]).read_bytes()), told["script"]


def words(text: str) -> set[str]:
    return set("".join(letter.lower() if letter.isalnum() else " " for letter in text).split())


def test_a_call_is_heard_span_by_span_in_the_order_asked_for(engine: WhisperEngine) -> None:
    """Spans are batched by length inside; the answers come back in the order of the question, whatever it was."""
    audio, script = recorded("L-2101")
    asked = [script[2], script[0]]
    heard = engine.hear(audio, [Span(turn["start"], turn["end"]) for turn in asked], "en")

    assert [item.span for item in heard] == [Span(turn["start"], turn["end"]) for turn in asked]
    for item, own, other in zip(heard, asked, asked[::-1], strict=True):
        assert 0 < item.confidence <= 1
        assert len(words(item.text) & words(own["text"])) > len(words(item.text) & words(other["text"]))


def test_no_spans_give_no_text(engine: WhisperEngine) -> None:
    silence = DecodedAudio(np.zeros((1, RATE), np.float32), RATE, 8_000, "pcm_s16le", "wav")
    assert engine.hear(silence, [], "en") == []


def test_sound_without_words_never_runs_away(engine: WhisperEngine) -> None:
    """However a span is filled, its text stays shorter than a mouth could say, or is marked unclear."""
    noise = np.random.default_rng(1).standard_normal(RATE)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    audio = DecodedAudio(
        np.stack([0.1 * noise, tone, np.sign(noise)]).astype(np.float32), RATE, 8_000, "pcm_s16le", "wav"
    )
    spans = [Span(0.0, 1.0, channel) for channel in range(3)] + [Span(0.0, 1 / RATE)]

    for heard in engine.hear(audio, spans, "en"):
        assert 0 <= heard.confidence <= 1
        assert len(heard.text.split()) <= 12 or heard.unclear


def result(text: str, avg_logprob: float = -0.1, compression_ratio: float = 1.0) -> SimpleNamespace:
    """What Whisper's decoder answers for one span."""
    return SimpleNamespace(text=text, avg_logprob=avg_logprob, compression_ratio=compression_ratio)


@pytest.mark.parametrize(
    ("answer", "unclear"),
    [
        (result("My water heater is leaking."), False),
        (result(""), False),
        (result("no no no no no"), False),
        (result("thank you so thank you so thank you so thank you so much"), True),
        (result("My water heater is leaking.", avg_logprob=-4.0), True),
        (result("My water heater is leaking.", compression_ratio=9.0), True),
        (result("word " * 60), True),
    ],
    ids=["plain", "nothing", "a stammer", "a loop", "a guess", "repetition", "faster than speech"],
)
def test_text_that_was_probably_never_said_is_marked_unclear(
    engine: WhisperEngine, answer: SimpleNamespace, unclear: bool
) -> None:
    heard = engine._judge(Span(0.0, 5.0), answer)
    assert heard.unclear is unclear
    assert heard.text == " ".join(answer.text.split())


def test_weights_that_answer_with_no_number_fail_the_lead(engine: WhisperEngine) -> None:
    with pytest.raises(SpeechFailed) as caught:
        engine._judge(Span(0.0, 5.0), result("hello", avg_logprob=float("nan")))
    assert caught.value.code == "speech_not_finite"
