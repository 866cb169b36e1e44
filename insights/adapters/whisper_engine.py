"""openai-whisper behind the speech port: spans decoded greedily in batches, each with its confidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from insights.adapters.whisper_weights import LoadedWhisper
from insights.errors import SpeechFailed
from insights.ports import DecodedAudio, HeardSpan

if TYPE_CHECKING:
    import numpy as np
    from whisper.model import Whisper

    from insights.domain.recordings import Span


@dataclass(frozen=True, slots=True)
class HearingGuards:
    """Limits beyond which a span's text is marked unclear instead of being taken for what was said.

    ``max_compression`` is Whisper's own repetition measure (zlib ratio, 2.4 in its transcribe); ``max_words_per_s``
    is faster than people speak; ``min_confidence`` is the mean token probability; ``max_repeats`` is how often the
    same three words may follow each other.
    """

    max_compression: float = 2.4
    max_words_per_s: float = 6.5
    min_confidence: float = 0.2
    max_repeats: int = 3


_GUARDS = HearingGuards()
MARGIN_FRAMES = 64
"""Silence after the longest span of a batch, in mel frames of 10 ms; even."""
TOKENS_PER_S = 9.0
"""Fast speech is about 4 words a second; a vocabulary that spells needs about 2 tokens a word."""


class WhisperEngine:
    """Greedy decoding, temperature 0, no previous text, the language given by the campaign."""

    name = "whisper"

    def __init__(self, loaded: LoadedWhisper, guards: HearingGuards = _GUARDS, batch: int = 8) -> None:
        self._whisper, self._guards, self._batch = loaded.model, guards, batch
        self._true_length = loaded.true_length
        self.model = loaded.identity

    def hear(self, audio: DecodedAudio, spans: Sequence[Span], language: str) -> list[HeardSpan]:
        """The text of each span, in the order given. Raises SpeechFailed when the model answers with no number."""
        import torch

        order = sorted(range(len(spans)), key=lambda index: spans[index].seconds)
        heard: dict[int, HeardSpan] = {}
        with torch.inference_mode():
            for start in range(0, len(order), self._batch):
                indices = order[start : start + self._batch]
                for index, result in zip(
                    indices, self._decode(audio, [spans[i] for i in indices], language), strict=True
                ):
                    heard[index] = self._judge(spans[index], result)
        return [heard[index] for index in range(len(spans))]

    def _decode(self, audio: DecodedAudio, spans: Sequence[Span], language: str) -> list[Any]:
        import torch
        from whisper.audio import N_FRAMES, N_SAMPLES, log_mel_spectrogram, pad_or_trim
        from whisper.decoding import DecodingOptions, decode

        model = self._whisper
        on_gpu = model.device.type == "cuda"
        longest = max(span.seconds for span in spans)
        frames = min(N_FRAMES, 2 * math.ceil(longest * 50) + MARGIN_FRAMES) if self._true_length else N_FRAMES
        mels = torch.stack(
            [
                pad_or_trim(log_mel_spectrogram(_samples(audio, span), model.dims.n_mels, padding=N_SAMPLES), frames)
                for span in spans
            ]
        ).to(model.device)
        options = DecodingOptions(
            language=(language or None) if model.is_multilingual else "en",
            temperature=0.0,
            sample_len=_most_tokens(longest, model.dims.n_text_ctx),
            fp16=on_gpu,
        )
        with _window(model, frames):
            results = decode(model, mels.half() if on_gpu else mels, options)
        return results if isinstance(results, list) else [results]

    def _judge(self, span: Span, result: Any) -> HeardSpan:
        if not math.isfinite(result.avg_logprob):
            raise SpeechFailed("the speech model answered with no number.", code="speech_not_finite")
        text = " ".join(result.text.split())
        confidence, words = math.exp(min(0.0, result.avg_logprob)), text.lower().split()
        guards = self._guards
        unclear = bool(words) and (
            result.compression_ratio > guards.max_compression
            or len(words) > guards.max_words_per_s * max(span.seconds, 0.5) + 2
            or confidence < guards.min_confidence
            or _repeats(words) > guards.max_repeats
        )
        return HeardSpan(span, text, confidence, unclear)


@contextmanager
def _window(model: Whisper, frames: int) -> Iterator[None]:
    """Let the encoder see ``frames`` mel frames instead of 3000: its positions are sinusoids, so a prefix serves."""
    positions = model.encoder.positional_embedding
    model.encoder.positional_embedding = positions[: frames // 2]
    try:
        yield
    finally:
        model.encoder.positional_embedding = positions


def _most_tokens(seconds: float, context: int) -> int:
    """More tokens than anybody can say in so many seconds: what would run on beyond them is no speech."""
    return min(context // 2, 16 + round(TOKENS_PER_S * seconds))


def _samples(audio: DecodedAudio, span: Span) -> np.ndarray[Any, np.dtype[np.float32]]:
    first, last = int(span.start * audio.sample_rate), math.ceil(span.end * audio.sample_rate)
    return audio.samples[span.channel, first:last]


def _repeats(words: Sequence[str]) -> int:
    """The most often that one run of three words follows itself directly."""
    most = 1
    for start in range(len(words) - 5):
        count = 1
        while words[start : start + 3] == words[start + 3 * count : start + 3 * count + 3]:
            count += 1
        most = max(most, count)
    return most
