"""Speech weights are loaded by name or path, checked first, and never replaced by others in silence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from insights.adapters.whisper_weights import BUNDLED, file_sha256, find_checkpoint, load_whisper
from insights.errors import ConfigurationError, ModelUnavailable, WeightsRejected

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A copy of the bundled checkpoint, with its metadata, that a test may spoil."""
    copy = Path(shutil.copy(ROOT / BUNDLED, tmp_path / "bundled.pt"))
    shutil.copy((ROOT / BUNDLED).with_suffix(".json"), copy.with_suffix(".json"))
    return copy


def test_the_bundled_checkpoint_loads_as_its_metadata_describes_it() -> None:
    told = json.loads((ROOT / BUNDLED).with_suffix(".json").read_text(encoding="utf-8"))
    checkpoint = find_checkpoint(str(ROOT / BUNDLED))
    model = load_whisper(checkpoint)

    assert checkpoint.identity == f"{told['name']}@{told['sha256'][:12]}"
    assert checkpoint.true_length is (told["window"] == "true_length")
    assert checkpoint.takes_prompt is told["prompt"]
    assert model.dims.n_audio_state == told["dims"]["n_audio_state"]
    assert not model.training


def test_a_checkpoint_of_ones_own_needs_no_metadata_and_is_named_by_its_file(checkpoint: Path) -> None:
    checkpoint.with_suffix(".json").unlink()
    own = checkpoint.rename(checkpoint.with_name("our-calls.pt"))
    found = find_checkpoint(str(own))
    assert found.identity == f"our-calls@{file_sha256(own)[:12]}"
    assert (found.true_length, found.takes_prompt) == (False, True), "as official weights are used"


def test_one_flipped_bit_is_found_before_the_file_is_opened(checkpoint: Path) -> None:
    data = bytearray(checkpoint.read_bytes())
    data[len(data) // 2] ^= 1
    checkpoint.write_bytes(data)

    with pytest.raises(WeightsRejected, match="not the file its metadata describes"):
        find_checkpoint(str(checkpoint))


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all", b"PK\x03\x04" + bytes(500)])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsRejected, match="no checkpoint in Whisper's layout"):
        load_whisper(find_checkpoint(str(path)))


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "other.pt"
    torch.save({"weights": torch.zeros(3)}, path)
    with pytest.raises(WeightsRejected, match="dims"):
        load_whisper(find_checkpoint(str(path)))


@pytest.mark.parametrize("name", ["no-such-model", "small.de", "", "models/whisper/gone.pt"])
def test_a_name_that_is_neither_official_nor_a_file_is_the_callers_mistake(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find_checkpoint(name)
    assert "base.en" in str(caught.value)


def test_official_weights_without_a_network_are_unavailable_and_both_ways_out_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only way out of this machine is a proxy at a port where nobody listens."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelUnavailable) as caught:
        load_whisper(find_checkpoint("tiny.en"), download_root=tmp_path)

    assert "whisper.load_model('tiny.en')" in str(caught.value)
    assert str(BUNDLED) in str(caught.value)
    assert caught.value.exit_status == 2
    assert [path for path in tmp_path.rglob("*.pt") if path.stat().st_size] == []
