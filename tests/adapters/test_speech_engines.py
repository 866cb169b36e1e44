"""Both speech engines with the bundled checkpoint: in order, finite, never running away, and of one opinion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from insights.adapters.audio_decode import CagedDecoder
from insights.adapters.ctranslate2_engine import CTranslate2Engine, precision_for
from insights.adapters.speech_check import check_hears, clip_samples
from insights.adapters.whisper_engine import WhisperEngine
from insights.adapters.whisper_weights import BUNDLED, Checkpoint, find_checkpoint, load_whisper
from insights.errors import EngineDeaf
from insights.ports import Clip, HeardClip, SpeechEngine

ROOT = Path(__file__).parents[2]
AUDIO = ROOT / "fixtures" / "audio"
RATE = 16_000


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speech")


@pytest.fixture(scope="module")
def engines(cache: Path) -> dict[str, SpeechEngine]:
    checkpoint = find_checkpoint(str(ROOT / BUNDLED))
    return {
        "whisper": WhisperEngine(checkpoint, load_whisper(checkpoint)),
        "ctranslate2": CTranslate2Engine(checkpoint, cache),
    }


@pytest.fixture(params=["whisper", "ctranslate2"])
def engine(request: pytest.FixtureRequest, engines: dict[str, SpeechEngine]) -> SpeechEngine:
    return engines[request.param]


def recorded(lead: str) -> tuple[list[Clip], list[dict[str, Any]]]:
    """The turns of a fixture call as clips, and as they were spoken."""
    told = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["leads"][lead]
    samples = CagedDecoder().decode((AUDIO / told["recording"]).read_bytes()).samples[0]
    script = told["script"]
    return [Clip(samples[int(turn["start"] * RATE) : int(turn["end"] * RATE)]) for turn in script], script


def words(text: str) -> set[str]:
    return set("".join(letter.lower() if letter.isalnum() else " " for letter in text).split())


def test_a_call_is_heard_clip_by_clip_in_the_order_asked_for(engine: SpeechEngine) -> None:
    """Clips are batched by length inside; the answers come back in the order of the question, whatever it was."""
    clips, script = recorded("L-2101")
    heard = engine.hear([clips[2], clips[0]])

    for item, own, other in zip(heard, (script[2], script[0]), (script[0], script[2]), strict=True):
        assert 0 < item.confidence <= 1
        assert item.doubt is None
        assert len(words(item.text) & words(own["text"])) > len(words(item.text) & words(other["text"]))


def alike(one: list[HeardClip], other: list[HeardClip]) -> float:
    """Mean share of words that two hearings of the same clips have in common."""
    pairs = [(words(a.text), words(b.text)) for a, b in zip(one, other, strict=True)]
    return float(np.mean([len(a & b) / max(1, len(a | b)) for a, b in pairs]))


def test_neighbours_in_a_batch_do_not_change_what_is_heard(engine: SpeechEngine) -> None:
    """A night that was stopped goes on with other batches; its transcripts, and their names, must be the same."""

    clips = [*recorded("L-2101")[0], *recorded("L-2102")[0]]
    together = engine.hear(clips)
    for places, other in (
        (range(len(clips)), [engine.hear([clip])[0] for clip in clips]),
        (range(len(clips) - 1, -1, -2), engine.hear(clips[::-2])),
    ):
        assert [together[place].text for place in places] == [item.text for item in other]
        sure = [item.confidence for item in other]  # a processor may add numbers of a larger batch in another order
        assert [together[place].confidence for place in places] == pytest.approx(sure, abs=1e-4)


def test_both_engines_may_write_as_many_tokens_as_they_are_told(engines: dict[str, SpeechEngine]) -> None:
    """What is said fast must not be cut off in the middle."""
    clips, _ = recorded("L-2101")
    longest = max(clips, key=lambda clip: clip.seconds)
    reference, fast = (engine._decode([longest], 1_600, 24)[0].text for engine in engines.values())  # type: ignore[attr-defined]
    assert len(fast.split()) >= 0.8 * len(reference.split())


def test_both_engines_hear_nearly_the_same(engines: dict[str, SpeechEngine]) -> None:
    clips, _ = recorded("L-2101")
    assert alike(engines["whisper"].hear(clips), engines["ctranslate2"].hear(clips)) > 0.7


def test_nothing_to_hear_gives_nothing(engine: SpeechEngine) -> None:
    assert engine.hear([]) == []


def test_sound_without_words_never_runs_away(engine: SpeechEngine) -> None:
    """However a clip is filled, its text stays shorter than a mouth could say, or is doubted."""
    noise = np.random.default_rng(1).standard_normal(RATE)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    clips = [Clip(wave.astype(np.float32)) for wave in (0.1 * noise, tone, np.sign(noise), np.zeros(1), np.zeros(RATE))]

    for heard in engine.hear(clips):
        assert 0 <= heard.confidence <= 1
        assert len(heard.text.split()) <= 12 or heard.doubt


def test_both_engines_tell_their_weights_and_the_fast_one_its_precision(engines: dict[str, SpeechEngine]) -> None:
    identity = find_checkpoint(str(ROOT / BUNDLED)).identity
    assert engines["whisper"].model == identity
    assert engines["ctranslate2"].model == f"{identity}/int8"
    assert (precision_for("cpu"), precision_for("cuda:1")) == ("int8", "float16")


def test_an_engine_that_hears_plain_speech_passes_the_check(engine: SpeechEngine) -> None:
    check_hears(engine)
    heard = engine.hear([Clip(clip_samples())])[0]
    assert {"hello", "water", "heater"} & words(heard.text)


@pytest.mark.parametrize("answer", [HeardClip("", 0.9), HeardClip("hello", float("nan"))])
def test_an_engine_that_answers_with_no_text_or_no_number_is_found_before_the_night(answer: HeardClip) -> None:
    class Deaf:
        name, model, takes_prompt = "deaf", "deaf-1", False

        def hear(self, clips: list[Clip]) -> list[HeardClip]:
            return [answer]

    with pytest.raises(EngineDeaf, match="hears nothing in a clip of plain speech") as caught:
        check_hears(Deaf())  # type: ignore[arg-type]
    assert caught.value.exit_status == 2


def small_checkpoint(folder: Path, *, multilingual: bool = False) -> Checkpoint:
    """Random weights in Whisper's layout, with dimensions that no official model has."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    torch.manual_seed(3)
    dims = ModelDimensions(80, 1500, 64, 2, 2, 51_865 if multilingual else 51_864, 448, 64, 2, 2)
    model = Whisper(dims)
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.1)  # Whisper leaves it as memory happens to be
    torch.nn.init.normal_(model.decoder.token_embedding.weight, std=0.1)  # or each token answers with itself
    path = folder / "small.pt"
    torch.save({"dims": vars(dims), "model_state_dict": model.state_dict()}, path)
    return find_checkpoint(str(path))


@pytest.mark.parametrize("multilingual", [False, True])
def test_words_to_expect_and_language_reach_the_decoder(tmp_path: Path, multilingual: bool) -> None:
    """With random weights everything that the decoder is told changes what it answers."""
    checkpoint = small_checkpoint(tmp_path, multilingual=multilingual)
    samples = clip_samples()
    asked = [Clip(samples), Clip(samples, prompt="Blue Pipe Plumbing, drain cleaning in Columbus.")]
    if multilingual:
        asked += [Clip(samples, "es"), Clip(samples, "")]
    for engine in (
        WhisperEngine(checkpoint, load_whisper(checkpoint)),
        CTranslate2Engine(checkpoint, tmp_path / "cache"),
    ):
        assert engine.takes_prompt
        alone = [engine.hear([clip])[0].confidence for clip in asked]
        assert len({round(value, 9) for value in alone[:3]}) == len(alone[:3])
        assert [round(item.confidence, 4) for item in engine.hear(asked)] == pytest.approx(alone, abs=2e-4)
