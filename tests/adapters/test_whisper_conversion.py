"""A checkpoint is converted once, whole or not at all, and says the same as the original."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from test_speech_engines import ROOT, small_checkpoint

from insights.adapters import whisper_conversion
from insights.adapters.speech_check import clip_samples
from insights.adapters.whisper_conversion import converted
from insights.adapters.whisper_weights import BUNDLED, find_checkpoint, load_whisper
from insights.errors import WeightsRejected


def test_a_conversion_in_full_precision_has_the_originals_logits(tmp_path: Path) -> None:
    import ctranslate2
    import torch
    from whisper.audio import log_mel_spectrogram, pad_or_trim

    checkpoint = find_checkpoint(str(ROOT / BUNDLED))
    model = load_whisper(checkpoint)
    fast = ctranslate2.models.Whisper(str(converted(checkpoint, "float32", tmp_path)), compute_type="float32")
    mel = pad_or_trim(log_mel_spectrogram(clip_samples()), 3_000)[None]
    begin = [50257, 50362]  # start of transcript, no timestamps
    with torch.inference_mode():
        wanted = model(mel, torch.tensor([begin]))[0, -1].numpy()
    features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel.numpy()))
    (result,) = fast.generate(
        features,
        [begin],
        beam_size=1,
        max_length=4,
        return_logits_vocab=True,
        suppress_tokens=[],
        suppress_blank=False,
    )
    np.testing.assert_allclose(np.asarray(result.logits[0][0]), wanted, atol=0.02)


@pytest.mark.parametrize("multilingual", [False, True])
def test_the_vocabulary_reads_and_writes_as_whispers_own(tmp_path: Path, multilingual: bool) -> None:
    from tokenizers import Tokenizer
    from whisper.tokenizer import get_tokenizer

    folder = converted(small_checkpoint(tmp_path, multilingual=multilingual), "int8", tmp_path / "cache")
    ours, theirs = Tokenizer.from_file(str(folder / "tokenizer.json")), get_tokenizer(multilingual)
    for text in (
        " I need my drain cleaned, 614-555-0142!",
        " ¿Habla español? Sí — día",
        "  two  blanks\nand a line",
        "日本",
    ):
        assert ours.encode(text, add_special_tokens=False).ids == theirs.encode(text)
        assert ours.decode(theirs.encode(text)) == text
    for name, number in theirs.special_tokens.items():
        assert ours.token_to_id(name) == number


def test_a_checkpoint_is_converted_once_for_each_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = small_checkpoint(tmp_path)
    folder = converted(checkpoint, "int8", tmp_path / "cache")
    assert checkpoint.sha256[:16] in folder.name and os.stat(folder).st_mode & 0o777 == 0o755

    def refuse(*_: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(whisper_conversion, "convert", refuse)
    assert converted(checkpoint, "int8", tmp_path / "cache") == folder
    with pytest.raises(AssertionError):
        converted(checkpoint, "float32", tmp_path / "cache")


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "broken.pt"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsRejected):
        converted(find_checkpoint(str(path)), "int8", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
