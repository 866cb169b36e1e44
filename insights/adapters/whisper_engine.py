"""openai-whisper behind the speech port: the reference that the faster engine is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from insights.adapters.turn_batches import FULL_WINDOW, BatchShape, Decoded, hear_in_batches
from insights.adapters.whisper_weights import Checkpoint
from insights.domain.hearing import HearingGuards

if TYPE_CHECKING:
    from whisper.model import Whisper

    from insights.ports import Clip, HeardClip

_GUARDS = HearingGuards()
_SHAPE = BatchShape(clips=8)


class WhisperEngine:
    """Greedy decoding, temperature 0, no previous text, the language given by the campaign."""

    name = "whisper"

    def __init__(
        self, checkpoint: Checkpoint, model: Whisper, guards: HearingGuards = _GUARDS, shape: BatchShape = _SHAPE
    ) -> None:
        self._whisper, self._guards, self._shape = model, guards, shape
        self._true_length = checkpoint.true_length
        self.model, self.takes_prompt = checkpoint.identity, checkpoint.takes_prompt

    def hear(self, clips: Sequence[Clip]) -> list[HeardClip]:
        """The text of each clip, in the order given."""
        return hear_in_batches(
            clips,
            self._decode,
            true_length=self._true_length,
            context=self._whisper.dims.n_text_ctx,
            guards=self._guards,
            shape=self._shape,
        )

    def _decode(self, clips: Sequence[Clip], frames: int, tokens: int) -> list[Decoded]:
        import torch
        from whisper.audio import HOP_LENGTH, log_mel_spectrogram, pad_or_trim
        from whisper.decoding import DecodingOptions, decode

        model = self._whisper
        on_gpu = model.device.type == "cuda"
        mels = torch.stack(
            [
                pad_or_trim(
                    log_mel_spectrogram(
                        clip.samples, model.dims.n_mels, padding=max(0, frames * HOP_LENGTH - clip.samples.size)
                    ),
                    frames,
                )
                for clip in clips
            ]
        ).to(model.device)
        options = DecodingOptions(
            language=(clips[0].language or None) if model.is_multilingual else "en",
            temperature=0.0,
            sample_len=tokens,
            prompt=clips[0].prompt or None,
            without_timestamps=True,
            fp16=on_gpu,
        )
        with torch.inference_mode(), _window(model, frames):
            results = decode(model, mels.half() if on_gpu else mels, options)
        return [
            Decoded(result.text, result.avg_logprob) for result in (results if isinstance(results, list) else [results])
        ]


@contextmanager
def _window(model: Whisper, frames: int) -> Iterator[None]:
    """Let the encoder see ``frames`` mel frames instead of 3000: its positions are sinusoids, so a prefix serves."""
    positions = model.encoder.positional_embedding
    if frames < FULL_WINDOW:
        model.encoder.positional_embedding = positions[: frames // 2]
    try:
        yield
    finally:
        model.encoder.positional_embedding = positions
