"""Feeds stretches of speech of many calls to a decoder: sorted by length, batched, and judged one by one.

Whisper's cost grows with the window it is shown. So the encoder sees a stretch's own length and a margin instead of
30 s of padding, rounded up to one of a few lengths, and stretches of one length go together. What a stretch is shown
depends on the stretch alone: a night that was stopped goes on with other batches and must hear the same words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from insights.domain.hearing import Doubt, HearingGuards, confidence_of, doubt
from insights.ports import Clip, HeardClip

FULL_WINDOW: Final = 3_000
"""Mel frames of 10 ms in Whisper's own window of 30 s."""
MARGIN: Final = 64
"""Silence after a stretch, in mel frames, at least."""
STEPS: Final = 8
"""So many window lengths lie between one and its double: fewer waste sound on silence, more make small batches."""
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


@dataclass(frozen=True, slots=True, order=True)
class _Shown:
    """All that a clip's answer may depend on besides its samples; clips of a batch have it in common."""

    window: int
    tokens: int
    language: str
    prompt: str


def hear_in_batches(
    clips: Sequence[Clip], decode: Decode, *, true_length: bool, context: int, guards: HearingGuards, shape: BatchShape
) -> list[HeardClip]:
    """The text of every clip, in the order given. ``context`` is how many tokens the decoder can hold.

    A text that runs in a circle is asked for once more with the full window, which short windows sometimes need.
    """
    shown = [_shown(clip, true_length, context) for clip in clips]
    first = _decoded(clips, range(len(clips)), shown, decode, shape)
    heard = [_judged(clip, answer, guards) for clip, answer in zip(clips, first, strict=True)]
    looped = [p for p, item in enumerate(heard) if item.doubt is Doubt.LOOP and shown[p].window < FULL_WINDOW]
    again = _decoded(clips, looped, [replace(one, window=FULL_WINDOW) for one in shown], decode, shape)
    for place, answer in zip(looped, again, strict=True):
        second = _judged(clips[place], answer, guards)
        if second.text and second.doubt is None:
            heard[place] = second
    return heard


def most_tokens(seconds: float, context: int) -> int:
    """More tokens than anybody can say in so many seconds: what would run on beyond them is no speech. Callers round
    the seconds up: to the window's, and to a power of two where all windows are full."""
    return min(context // 2, 16 + round(TOKENS_PER_S * seconds))


def window_of(seconds: float) -> int:
    """Mel frames to show for a stretch of so many seconds; even."""
    needed = math.ceil(seconds * 100) + MARGIN
    step = max(2, (1 << needed.bit_length() - 1) // STEPS)
    return min(FULL_WINDOW, math.ceil(needed / step) * step)


def _shown(clip: Clip, true_length: bool, context: int) -> _Shown:
    window = window_of(clip.seconds)
    if true_length:
        return _Shown(window, most_tokens(window / 100, context), clip.language, clip.prompt)
    # Few limits, so that batches stay full where windows are all one.
    seconds = 2.0 ** math.ceil(math.log2(window / 100))
    return _Shown(FULL_WINDOW, most_tokens(seconds, context), clip.language, clip.prompt)


def _decoded(
    clips: Sequence[Clip], places: Sequence[int], shown: Sequence[_Shown], decode: Decode, shape: BatchShape
) -> list[Decoded]:
    batches = list(_batches(places, shown, shape))

    def work(batch: list[int]) -> Sequence[Decoded]:
        return decode([clips[place] for place in batch], shown[batch[0]].window, shown[batch[0]].tokens)

    if shape.at_once > 1 and len(batches) > 1:
        with ThreadPoolExecutor(shape.at_once) as pool:
            answers = list(pool.map(work, batches))
    else:
        answers = [work(batch) for batch in batches]
    found = {place: item for batch, some in zip(batches, answers, strict=True) for place, item in zip(batch, some, strict=True)}  # fmt: skip  # noqa: E501
    return [found[place] for place in places]


def _batches(places: Sequence[int], shown: Sequence[_Shown], shape: BatchShape) -> Iterator[list[int]]:
    """Longest first, so that the last batches, which a worker may have to wait for, are short ones."""

    def of(place: int) -> _Shown:
        return shown[place]

    for kind, group in groupby(sorted(places, key=of, reverse=True), key=of):
        alike, most = list(group), min(shape.clips, max(1, int(shape.seconds * 100) // kind.window))
        yield from (alike[start : start + most] for start in range(0, len(alike), most))


def _judged(clip: Clip, answer: Decoded, guards: HearingGuards) -> HeardClip:
    text, confidence = " ".join(answer.text.split()), confidence_of(answer.log_probability)
    return HeardClip(text, confidence, doubt(text, clip.seconds, confidence, clip.prompt, guards))
