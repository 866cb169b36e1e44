"""Weights are data: a file that would run code as it is opened is refused, by every way in, and nothing of it runs."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from test_speech_engines import small_checkpoint

from insights.adapters.ctranslate2_engine import CTranslate2Engine
from insights.adapters.intent_model import META, WEIGHTS, SafetensorsIntentModel
from insights.adapters.intent_network import encoder_location, load_encoder
from insights.adapters.service_matcher import ENCODER
from insights.adapters.whisper_conversion import converted
from insights.adapters.whisper_weights import Checkpoint, find_checkpoint, load_whisper
from insights.errors import ModelUnavailable, WeightsRejected
from insights.settings import SHIPPED_INTENT


class Payload:
    """What pickle writes for this makes ``marker`` when it is read back."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.marker, "it ran")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "it-ran"


@pytest.fixture
def payload(tmp_path: Path, marker: Path) -> Path:
    """A checkpoint in Whisper's layout, as torch writes it, with a payload among its parts."""
    import torch

    path = tmp_path / "payload.pt"
    torch.save({"dims": {"n_mels": 80}, "model_state_dict": {"encoder.conv1.weight": Payload(marker)}}, path)
    return path


def test_the_payload_of_these_tests_would_run_if_anybody_let_it(payload: Path, marker: Path) -> None:
    import torch

    torch.load(payload, weights_only=False)
    assert marker.exists()


@pytest.mark.parametrize("environment", [{}, {"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}], ids=["as it is", "forced"])
def test_a_speech_checkpoint_with_a_payload_is_refused(
    payload: Path, marker: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WeightsRejected, match="no checkpoint in Whisper's layout"):
        load_whisper(find_checkpoint(str(payload)))
    assert not marker.exists()


def test_a_speech_checkpoint_with_a_payload_is_not_converted(payload: Path, marker: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsRejected):
        converted(find_checkpoint(str(payload)), "int8", tmp_path / "cache")
    assert not marker.exists()


@pytest.fixture(scope="module")
def conversion(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkpoint, Path]:
    """A small checkpoint, and a cache that holds it converted."""
    folder = tmp_path_factory.mktemp("speech")
    checkpoint = small_checkpoint(folder)
    converted(checkpoint, "int8", folder / "cache")
    return checkpoint, folder / "cache"


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "vocabulary.json", "config.json"])
def test_a_conversion_with_one_flipped_bit_is_not_opened(
    name: str, conversion: tuple[Checkpoint, Path], tmp_path: Path
) -> None:
    checkpoint, cache = conversion[0], Path(shutil.copytree(conversion[1], tmp_path / "cache"))
    path = converted(checkpoint, "int8", cache) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsRejected, match="not the files that were written"):
        CTranslate2Engine(checkpoint, cache)


def test_a_conversion_with_a_file_put_in_or_without_its_hashes_is_not_opened(
    conversion: tuple[Checkpoint, Path], tmp_path: Path
) -> None:
    checkpoint, cache = conversion[0], Path(shutil.copytree(conversion[1], tmp_path / "cache"))
    folder = converted(checkpoint, "int8", cache)
    (folder / "preprocessor_config.json").write_text("{}")
    with pytest.raises(WeightsRejected):
        converted(checkpoint, "int8", cache)
    (folder / "preprocessor_config.json").unlink()
    (folder / "sha256.json").unlink()
    with pytest.raises(WeightsRejected):
        converted(checkpoint, "int8", cache)


def intent_weights(folder: Path, **changes: object) -> Path:
    """A copy of the shipped intent weights with changed metadata."""
    shutil.copytree(SHIPPED_INTENT, folder)
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    (folder / META).write_text(json.dumps({**meta, **changes}), encoding="utf-8")
    return folder


def test_intent_weights_that_are_a_pickle_are_refused_even_under_their_true_hash(
    payload: Path, marker: Path, tmp_path: Path
) -> None:
    data = payload.read_bytes()
    folder = intent_weights(tmp_path / "weights", sha256=hashlib.sha256(data).hexdigest())
    (folder / WEIGHTS).write_bytes(data)
    with pytest.raises(WeightsRejected, match="no safetensors file"):
        SafetensorsIntentModel.load(folder)
    assert not marker.exists()


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """A copy of the encoder without its weights."""
    place = tmp_path / "encoder"
    return Path(shutil.copytree(encoder_location(ENCODER), place, ignore=shutil.ignore_patterns("*.safetensors")))


def test_an_encoder_whose_weights_are_a_pickle_is_refused(encoder: Path, marker: Path) -> None:
    import torch

    torch.save({"embeddings.word_embeddings.weight": Payload(marker)}, encoder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable):
        load_encoder(str(encoder))
    assert not marker.exists()


def test_an_encoder_that_brings_code_of_its_own_is_refused(encoder: Path, marker: Path) -> None:
    (encoder / "own.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    config = {"model_type": "stranger", "auto_map": {"AutoConfig": "own.Own", "AutoModel": "own.Own"}}
    (encoder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable):
        load_encoder(str(encoder))
    assert not marker.exists()


def test_intent_weights_cannot_lead_to_an_encoder_other_than_the_one_they_were_trained_on(
    encoder: Path, tmp_path: Path
) -> None:
    """Also not to one whose weights lie in other files than the one that is hashed."""
    network = json.loads((SHIPPED_INTENT / META).read_text(encoding="utf-8"))["network"]
    folder = intent_weights(tmp_path / "weights", network={**network, "encoder": str(encoder)})
    with pytest.raises(WeightsRejected, match="encoder"):
        SafetensorsIntentModel.load(folder)
