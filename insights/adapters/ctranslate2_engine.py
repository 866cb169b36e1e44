"""CTranslate2 behind the speech port: the same checkpoint in 8 bits on a processor, 16 on a graphics card."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.adapters.turn_batches import BatchShape, Decoded, hear_in_batches
from insights.adapters.whisper_conversion import converted
from insights.adapters.whisper_weights import Checkpoint
from insights.domain.hearing import HearingGuards

if TYPE_CHECKING:
    import numpy as np

    from insights.ports import Clip, HeardClip

_GUARDS = HearingGuards()
_HOP = 160  # samples of 16 kHz in a mel frame
_CONTEXT = 448  # tokens that Whisper's decoders hold, prompt and answer together
_LONGEST_PROMPT = _CONTEXT // 2 - 1  # tokens, as openai-whisper cuts it


def precision_for(device: str) -> str:
    """``int8`` on a processor, ``float16`` on a graphics card."""
    return "float16" if device.startswith("cuda") else "int8"


class CTranslate2Engine:
    """Greedy decoding without torch. On a processor each core works on a batch of its own."""

    name = "ctranslate2"

    def __init__(
        self,
        checkpoint: Checkpoint,
        cache: Path,
        device: str = "cpu",
        cores: int | None = None,
        guards: HearingGuards = _GUARDS,
    ) -> None:
        import ctranslate2
        from faster_whisper.feature_extractor import FeatureExtractor
        from tokenizers import Tokenizer

        precision = precision_for(device)
        folder = converted(checkpoint, precision, cache)
        kind, _, number = device.partition(":")
        cores = (cores or len(os.sched_getaffinity(0))) if kind == "cpu" else 1
        self._whisper = ctranslate2.models.Whisper(
            str(folder),
            device=kind,
            device_index=int(number or 0),
            compute_type=precision,
            inter_threads=cores,
            intra_threads=1 if kind == "cpu" else 0,
        )
        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._features = FeatureExtractor(feature_size=self._whisper.n_mels)
        self._guards, self._true_length = guards, checkpoint.true_length
        self._shape = BatchShape(16, 20.0, cores) if kind == "cpu" else BatchShape(64, 1200.0)
        self.model, self.takes_prompt = f"{checkpoint.identity}/{precision}", checkpoint.takes_prompt

    def hear(self, clips: Sequence[Clip]) -> list[HeardClip]:
        """The text of each clip, in the order given."""
        return hear_in_batches(
            clips,
            self._decode,
            true_length=self._true_length,
            context=_CONTEXT,
            guards=self._guards,
            shape=self._shape,
        )

    def _decode(self, clips: Sequence[Clip], frames: int, tokens: int) -> list[Decoded]:
        import ctranslate2
        import numpy as np

        mels = np.stack([self._mel(clip.samples, frames) for clip in clips])
        features = ctranslate2.StorageView.from_array(mels)
        prompts = self._prompts(clips, features)
        results = self._whisper.generate(
            features,
            prompts,
            beam_size=1,
            # CTranslate2 lets an answer be half of this, or what the prompt leaves of it, whichever is less.
            max_length=min(_CONTEXT, max(2 * tokens, len(prompts[0]) + tokens)),
            return_scores=True,
        )
        return [
            Decoded(self._tokens.decode(result.sequences_ids[0], skip_special_tokens=True), float(result.scores[0]))
            for result in results
        ]

    def _mel(self, samples: np.ndarray[Any, np.dtype[np.float32]], frames: int) -> np.ndarray[Any, Any]:
        """Log-mel spectrogram ``float32 [n_mels, frames]`` of the samples with digital silence behind them."""
        import numpy as np

        room = max(frames * _HOP - samples.size, 0)
        mel = self._features(np.pad(samples, (0, room)), padding=0)[:, :frames]
        return np.ascontiguousarray(mel, dtype=np.float32)

    def _prompts(self, clips: Sequence[Clip], features: Any) -> list[list[int]]:
        """What the decoder is told before it begins: words to expect, language, task, no timestamps."""
        words = self._tokens.encode(" " + clips[0].prompt.strip(), add_special_tokens=False).ids if clips[0].prompt else []  # fmt: skip  # noqa: E501
        before = [self._id("<|startofprev|>"), *words[-_LONGEST_PROMPT:]] if words else []
        begin, plain = self._id("<|startoftranscript|>"), self._id("<|notimestamps|>")
        if not self._whisper.is_multilingual:
            return [[*before, begin, plain] for _ in clips]
        languages = (
            [f"<|{clips[0].language}|>"] * len(clips)
            if clips[0].language
            else [found[0][0] for found in self._whisper.detect_language(features)]
        )
        task = self._id("<|transcribe|>")
        return [[*before, begin, self._id(language), task, plain] for language in languages]

    def _id(self, token: str) -> int:
        found: int | None = self._tokens.token_to_id(token)
        if found is None:
            raise ValueError(f"this checkpoint has no token {token}")
        return found
