"""Feeds stretches of speech of many calls to a decoder: sorted by length, batched, and judged one by one.

Whisper's cost grows with the window it is shown, and a batch costs what its longest member costs. So stretches of about
one length go together, and the encoder sees their true length and a margin instead of 30 s of padding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from insights.domain.hearing import Doubt, HearingGuards, confidence_of, doubt
from insights.ports import Clip, HeardClip

FULL_WINDOW: Final = 3_000
"""Mel frames of 10 ms in Whisper's own window of 30 s."""
MARGIN: Final = 64
"""Silence after the longest stretch of a batch, in mel frames; even."""
TOKENS_PER_S: Final = 9.0
"""Fast speech is about 4 words a second; a vocabulary that spells needs about 2 tokens a word."""


@dataclass(frozen=True, slots=True)
class BatchShape:
    """``clips`` at most in a batch, ``seconds`` of window at most in all, ``at_once`` batches side by side."""

    clips: int = 16
    seconds: float = 120.0
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoder's answer for one clip: its text and the mean log probability of its tokens."""

    text: str
    log_probability: float


Decode = Callable[[Sequence[Clip], int, int], Sequence[Decoded]]
"""Clips of one language and prompt, mel frames of the window, and tokens at most, to texts in the same order."""


def hear_in_batches(
    clips: Sequence[Clip], decode: Decode, *, true_length: bool, context: int, guards: HearingGuards, shape: BatchShape
) -> list[HeardClip]:
    """The text of every clip, in the order given. ``context`` is how many tokens the decoder can hold.

    A text that runs in a circle is asked for once more with the full window, which short windows sometimes need.
    """
    windows = [_window(clip) if true_length else FULL_WINDOW for clip in clips]
    first = _decoded(clips, range(len(clips)), windows, decode, context, shape)
    heard = [_judged(clip, answer, guards) for clip, answer in zip(clips, first, strict=True)]
    looped = [place for place, item in enumerate(heard) if item.doubt is Doubt.LOOP and windows[place] < FULL_WINDOW]
    again = _decoded(clips, looped, [FULL_WINDOW] * len(clips), decode, context, shape)
    for place, answer in zip(looped, again, strict=True):
        second = _judged(clips[place], answer, guards)
        if second.text and second.doubt is None:
            heard[place] = second
    return heard


def most_tokens(seconds: float, context: int) -> int:
    """More tokens than anybody can say in so many seconds: what would run on beyond them is no speech."""
    return min(context // 2, 16 + round(TOKENS_PER_S * seconds))


def _window(clip: Clip) -> int:
    return min(FULL_WINDOW, 2 * math.ceil(clip.seconds * 50) + MARGIN)


def _decoded(
    clips: Sequence[Clip],
    places: Sequence[int],
    windows: Sequence[int],
    decode: Decode,
    context: int,
    shape: BatchShape,
) -> list[Decoded]:
    batches = list(_batches(clips, places, windows, shape))

    def work(batch: list[int]) -> Sequence[Decoded]:
        longest = max(clips[place].seconds for place in batch)
        return decode([clips[place] for place in batch], windows[batch[0]], most_tokens(longest, context))

    if shape.at_once > 1 and len(batches) > 1:
        with ThreadPoolExecutor(shape.at_once) as pool:
            answers = list(pool.map(work, batches))
    else:
        answers = [work(batch) for batch in batches]
    found = {place: item for batch, some in zip(batches, answers, strict=True) for place, item in zip(batch, some, strict=True)}  # fmt: skip  # noqa: E501
    return [found[place] for place in places]


def _batches(
    clips: Sequence[Clip], places: Sequence[int], windows: Sequence[int], shape: BatchShape
) -> Iterator[list[int]]:
    """Longest first, so that the last batches, which a worker may have to wait for, are short ones."""

    def kind(place: int) -> tuple[str, str]:
        return clips[place].language, clips[place].prompt

    for _, group in groupby(sorted(places, key=lambda place: (*kind(place), -clips[place].seconds)), key=kind):
        batch: list[int] = []
        for place in group:
            if batch and (len(batch) == shape.clips or (len(batch) + 1) * windows[batch[0]] / 100 > shape.seconds):
                yield batch
                batch = []
            batch.append(place)
        yield batch


def _judged(clip: Clip, answer: Decoded, guards: HearingGuards) -> HeardClip:
    text, confidence = " ".join(answer.text.split()), confidence_of(answer.log_probability)
    return HeardClip(text, confidence, doubt(text, clip.seconds, confidence, clip.prompt, guards))
