"""Stretches of speech are batched by length, language and words to expect; a text in a circle is asked for again."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.adapters.turn_batches import (
    FULL_WINDOW,
    MARGIN,
    STEPS,
    BatchShape,
    Decoded,
    hear_in_batches,
    most_tokens,
    window_of,
)
from insights.domain.hearing import Doubt, HearingGuards
from insights.ports import Clip, HeardClip

LOOP = "thank you so thank you so thank you so thank you so much"


def a_clip(seconds: float, language: str = "en", prompt: str = "") -> Clip:
    return Clip(np.zeros(round(seconds * 16_000), np.float32), language, prompt)


class Decoder:
    """Answers each clip with its length; notes what it was asked. ``looping`` clips run in a circle when cut short."""

    def __init__(self, looping: Sequence[float] = (), cured: bool = True) -> None:
        self.asked: list[tuple[list[float], int, int]] = []
        self.looping, self.cured = looping, cured
        self._lock = threading.Lock()

    def __call__(self, clips: Sequence[Clip], frames: int, tokens: int) -> list[Decoded]:
        assert len({(clip.language, clip.prompt) for clip in clips}) == 1
        with self._lock:
            self.asked.append(([clip.seconds for clip in clips], frames, tokens))
        circle = frames < FULL_WINDOW or not self.cured
        return [
            Decoded(LOOP if clip.seconds in self.looping and circle else f"{clip.seconds:g}", -0.1) for clip in clips
        ]


def heard(decoder: Decoder, clips: Sequence[Clip], *, true_length: bool = True, shape: BatchShape | None = None) -> list[HeardClip]:  # fmt: skip  # noqa: E501
    return hear_in_batches(
        clips, decoder, true_length=true_length, context=448, guards=HearingGuards(), shape=shape or BatchShape()
    )


@pytest.mark.parametrize("at_once", [1, 3])
def test_lengths_go_together_and_answers_come_back_in_order(at_once: int) -> None:
    decoder = Decoder()
    lengths = [1.0, 9.0, 1.02, 8.98, 1.01]
    answers = heard(decoder, [a_clip(s) for s in lengths], shape=BatchShape(clips=2, at_once=at_once))

    assert [item.text for item in answers] == [f"{s:g}" for s in lengths]
    assert sorted(batch for batch, _, _ in decoder.asked) == [[1.0, 1.02], [1.01], [9.0, 8.98]]


def test_a_clip_is_shown_its_own_length_and_a_margin_where_the_weights_know_short_windows() -> None:
    decoder = Decoder()
    heard(decoder, [a_clip(2.0), a_clip(1.0)])
    assert [frames for _, frames, _ in decoder.asked] == [window_of(2.0), window_of(1.0)]
    assert [tokens for *_, tokens in decoder.asked] == [most_tokens(window_of(s) / 100, 448) for s in (2.0, 1.0)]

    padded = Decoder()
    heard(padded, [a_clip(2.0)], true_length=False)
    assert padded.asked[0][1] == FULL_WINDOW


@given(st.floats(0.05, 40.0))
def test_a_window_holds_the_clip_and_a_margin_and_little_more(seconds: float) -> None:
    window, needed = window_of(seconds), seconds * 100 + MARGIN
    assert window % 2 == 0
    assert window == FULL_WINDOW or needed <= window <= needed * (1 + 1 / STEPS) + 2


@given(
    st.lists(st.sampled_from([0.4, 0.41, 1.0, 1.3, 2.0, 2.01, 7.5, 9.0, 31.0]), min_size=1, max_size=40), st.booleans()
)
def test_what_a_clip_is_shown_depends_on_nothing_but_the_clip(lengths: list[float], true_length: bool) -> None:
    together, alone = Decoder(looping=[2.0]), Decoder(looping=[2.0])
    heard(together, [a_clip(s) for s in lengths], true_length=true_length, shape=BatchShape(clips=3))
    for seconds in lengths:
        heard(alone, [a_clip(seconds)], true_length=true_length)

    def shown(decoder: Decoder) -> list[tuple[float, int, int]]:
        return sorted((s, frames, tokens) for clips, frames, tokens in decoder.asked for s in clips)

    assert shown(together) == shown(alone)


def test_full_windows_fall_into_few_batches() -> None:
    decoder = Decoder()
    heard(
        decoder, [a_clip(s / 10) for s in range(2, 300)], true_length=False, shape=BatchShape(clips=1000, seconds=1e6)
    )
    assert len(decoder.asked) <= 6


def test_a_batch_holds_no_more_seconds_than_told() -> None:
    decoder = Decoder()
    heard(decoder, [a_clip(10.0)] * 5, shape=BatchShape(clips=16, seconds=25.0))
    assert [len(batch) for batch, _, _ in decoder.asked] == [2, 2, 1]


def test_languages_and_words_to_expect_are_never_mixed() -> None:
    decoder = Decoder()
    heard(decoder, [a_clip(1.0), a_clip(1.0, "es"), a_clip(1.0, prompt="drains"), a_clip(1.0)])
    assert sorted(len(batch) for batch, _, _ in decoder.asked) == [1, 1, 2]


def test_a_text_in_a_circle_is_asked_for_once_more_with_the_full_window() -> None:
    decoder = Decoder(looping=[3.0])
    answers = heard(decoder, [a_clip(3.0), a_clip(4.0)])

    assert [(item.text, item.doubt) for item in answers] == [("3", None), ("4", None)]
    assert [(batch, frames) for batch, frames, _ in decoder.asked][2:] == [([3.0], FULL_WINDOW)]


def test_a_text_that_stays_in_a_circle_is_kept_as_doubted_and_not_asked_for_a_third_time() -> None:
    decoder = Decoder(looping=[3.0], cured=False)
    (answer,) = heard(decoder, [a_clip(3.0)])
    assert (answer.text, answer.doubt) == (LOOP, Doubt.LOOP)
    assert len(decoder.asked) == 2

    stuck = Decoder(looping=[3.0], cured=False)
    heard(stuck, [a_clip(3.0)], true_length=False)
    assert len(stuck.asked) == 1, "it was given the full window at once"


def test_tokens_are_capped_by_the_time_there_was_to_speak() -> None:
    assert most_tokens(1.0, 448) == 25
    assert most_tokens(60.0, 448) == 224


def test_no_number_is_passed_on_for_the_caller_to_see() -> None:
    def broken(clips: Sequence[Clip], frames: int, tokens: int) -> list[Decoded]:
        return [Decoded("hello", math.nan)]

    (answer,) = hear_in_batches(
        [a_clip(1.0)], broken, true_length=True, context=448, guards=HearingGuards(), shape=BatchShape()
    )
    assert math.isnan(answer.confidence)
