"""Converts a Whisper checkpoint of any dimensions to CTranslate2's form, once; kept in a cache under its hash.

The folder is complete in itself: weights, vocabulary, ``tokenizer.json``, as faster-whisper lays them out too. So a
process that finds its checkpoint converted needs neither torch nor openai-whisper. ``sha256.json`` names each file's
hash, so that a conversion somebody or a bad disk has changed is not used.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from insights.adapters.disk_space import room_at
from insights.adapters.whisper_weights import Checkpoint, file_sha256, load_whisper
from insights.errors import WeightsRejected

if TYPE_CHECKING:
    import numpy as np
    from whisper.model import ModelDimensions
    from whisper.tokenizer import Tokenizer

    State = dict[str, np.ndarray[Any, np.dtype[np.float32]]]

HASHES: Final = "sha256.json"
LAYOUT: Final = "3"
"""Raised when the folder's contents change, so that older conversions are made anew."""


def converted(checkpoint: Checkpoint, precision: str, cache: Path) -> Path:
    """The folder with the checkpoint in ``precision`` (``int8``, ``float16`` or ``float32``); converts it if need be.

    Written beside and moved into place when whole: a process that is killed leaves nothing half-made behind, and of
    two that convert at once one wins. Raises DiskFull, WeightsRejected (a kept conversion is not what was written), and
    what ``convert`` raises.
    """
    folder = cache / f"{checkpoint.sha256[:16]}-{precision}-{LAYOUT}"
    if folder.is_dir():
        _check(folder)
        return folder
    with room_at(cache):
        cache.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".part-", dir=cache))
        try:
            convert(checkpoint, precision, beside)
            (beside / HASHES).write_text(json.dumps(_hashes(beside)), encoding="utf-8")
            os.chmod(beside, 0o755)  # noqa: S103 - weights are no secret; mkdtemp made the folder private
            try:
                beside.rename(folder)
            except OSError:
                if not folder.is_dir():  # another process was quicker; its conversion is the same
                    raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.name != HASHES}


def _check(folder: Path) -> None:
    try:
        told = json.loads((folder / HASHES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = None
    if told != _hashes(folder):
        raise WeightsRejected(
            f"the converted speech weights in {folder} are not the files that were written there.",
            next_step="Delete that folder: it is made again from the checkpoint.",
        )


def convert(checkpoint: Checkpoint, precision: str, folder: Path) -> None:
    """Write the checkpoint into the empty ``folder``; raises what ``load_whisper`` raises."""
    from ctranslate2.specs.whisper_spec import WhisperSpec
    from whisper.tokenizer import get_tokenizer

    model = load_whisper(checkpoint)
    state: State = {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}
    tokenizer = get_tokenizer(model.is_multilingual, num_languages=model.num_languages)
    dims = model.dims
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    _fill_encoder(spec.encoder, state)
    _fill_decoder(spec.decoder, state)
    spec.register_vocabulary(_write_tokenizer(tokenizer, dims, folder))
    spec.config.suppress_ids = sorted({*tokenizer.non_speech_tokens, *_silent_tokens(tokenizer)})
    spec.config.suppress_ids_begin = [*tokenizer.encode(" "), tokenizer.eot]
    spec.config.lang_ids = list(tokenizer.all_language_tokens) if model.is_multilingual else []
    spec.config.alignment_heads = [
        (layer, head) for layer in range(dims.n_text_layer // 2, dims.n_text_layer) for head in range(dims.n_text_head)
    ]
    spec.validate()
    spec.optimize(quantization=precision)
    spec.save(str(folder))


def _silent_tokens(tokenizer: Tokenizer) -> list[int]:
    """Tokens that are never text: the ones Whisper's own decoding suppresses beside the non-speech tokens."""
    return [
        tokenizer.transcribe,
        tokenizer.translate,
        tokenizer.sot,
        tokenizer.sot_prev,
        tokenizer.sot_lm,
        tokenizer.no_speech,
    ]


def _write_tokenizer(tokenizer: Tokenizer, dims: ModelDimensions, folder: Path) -> list[str]:
    """Write ``tokenizer.json`` made from Whisper's own ranks; all tokens as text, in the order of their ids."""
    from tokenizers import AddedToken, Regex
    from tokenizers import Tokenizer as FastTokenizer
    from tokenizers.decoders import ByteLevel as ByteLevelDecoder
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = bytes_to_unicode()
    ranks: dict[bytes, int] = tokenizer.encoding._mergeable_ranks
    # The multilingual vocabulary holds an empty token, by which CTranslate2 tells such checkpoints from English ones.
    texts = {rank: "".join(letters[byte] for byte in token) for token, rank in ranks.items()}
    fast = FastTokenizer(BPE({text: rank for rank, text in texts.items()}, _merges(ranks, letters)))
    fast.pre_tokenizer = Sequence(
        [
            Split(Regex(tokenizer.encoding._pat_str), behavior="isolated"),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    fast.decoder = ByteLevelDecoder()
    special = sorted(tokenizer.encoding._special_tokens.items(), key=lambda item: item[1])
    fast.add_special_tokens([AddedToken(name, special=True) for name, _ in special])
    (folder / "tokenizer.json").write_text(fast.to_str(pretty=True), encoding="utf-8")  # its own save names no errno
    names = [fast.id_to_token(token) for token in range(dims.n_vocab)]
    return [f"<|unused{token}|>" if name is None else name for token, name in enumerate(names)]


def _merges(ranks: dict[bytes, int], letters: dict[int, str]) -> list[tuple[str, str]]:
    """The merge that makes each token: in a rank-ordered vocabulary, the last one when only lower ranks may merge."""
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) < 2:
            continue
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 2:
            best = min(range(len(parts) - 1), key=lambda at: ranks.get(parts[at] + parts[at + 1], rank))
            parts[best : best + 2] = [parts[best] + parts[best + 1]]
        merges.append(tuple("".join(letters[byte] for byte in part) for part in parts))
    return merges  # type: ignore[return-value]


def _fill_encoder(spec: Any, state: State) -> None:
    for name in ("conv1", "conv2"):
        conv = getattr(spec, name)
        conv.weight, conv.bias = state[f"encoder.{name}.weight"], state[f"encoder.{name}.bias"]
    spec.position_encodings.encodings = state["encoder.positional_embedding"]
    _fill_norm(spec.layer_norm, state, "encoder.ln_post")
    for index, layer in enumerate(spec.layer):
        _fill_block(layer, state, f"encoder.blocks.{index}")


def _fill_decoder(spec: Any, state: State) -> None:
    spec.embeddings.weight = spec.projection.weight = state["decoder.token_embedding.weight"]
    spec.position_encodings.encodings = state["decoder.positional_embedding"]
    spec.scale_embeddings = False
    _fill_norm(spec.layer_norm, state, "decoder.ln")
    for index, layer in enumerate(spec.layer):
        name = f"decoder.blocks.{index}"
        _fill_block(layer, state, name)
        _fill_norm(layer.attention.layer_norm, state, f"{name}.cross_attn_ln")
        query, *key_value = _attention(state, f"{name}.cross_attn")
        _fill_linear(layer.attention.linear[0], [query])
        _fill_linear(layer.attention.linear[1], key_value)
        _fill_linear(layer.attention.linear[2], [_pair(state, f"{name}.cross_attn.out")])


def _fill_block(layer: Any, state: State, name: str) -> None:
    _fill_norm(layer.self_attention.layer_norm, state, f"{name}.attn_ln")
    _fill_linear(layer.self_attention.linear[0], _attention(state, f"{name}.attn"))
    _fill_linear(layer.self_attention.linear[1], [_pair(state, f"{name}.attn.out")])
    _fill_norm(layer.ffn.layer_norm, state, f"{name}.mlp_ln")
    _fill_linear(layer.ffn.linear_0, [_pair(state, f"{name}.mlp.0")])
    _fill_linear(layer.ffn.linear_1, [_pair(state, f"{name}.mlp.2")])


def _fill_norm(spec: Any, state: State, name: str) -> None:
    spec.gamma, spec.beta = state[f"{name}.weight"], state[f"{name}.bias"]


def _fill_linear(spec: Any, parts: list[Any]) -> None:
    """One matrix of several stacked ones, as CTranslate2 wants query, key and value."""
    import numpy as np

    spec.weight = np.concatenate([weight for weight, _ in parts])
    spec.bias = np.concatenate([bias for _, bias in parts])


def _attention(state: State, name: str) -> list[Any]:
    return [_pair(state, f"{name}.{part}") for part in ("query", "key", "value")]


def _pair(state: State, name: str) -> tuple[Any, Any]:
    """Weight and bias; Whisper's keys have no bias, which is a bias of nought."""
    import numpy as np

    weight = state[f"{name}.weight"]
    return weight, state.get(f"{name}.bias", np.zeros(weight.shape[0], np.float32))
