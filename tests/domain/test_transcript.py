"""A transcript is what was heard; its hash names what was said and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import a_hearing, a_transcript, a_turn

from insights.domain.recordings import Span

CALL = a_transcript("agent: Blue Pipe Plumbing.", "caller: My drain is clogged.")


def test_words_are_counted_over_all_turns() -> None:
    assert CALL.words == 7
    assert a_transcript().words == 0


def test_the_same_words_at_the_same_times_have_the_same_hash_whatever_engine_heard_them() -> None:
    assert replace(CALL, engine="other", model="other", hearing=a_hearing()).sha256 == CALL.sha256


@pytest.mark.parametrize(
    "change",
    [{"text": "My drain is fine."}, {"start": 1.0}, {"confidence": 0.2}, {"unclear": True}],
    ids=["words", "time", "confidence", "clarity"],
)
def test_a_different_hearing_has_a_different_hash(change: dict[str, Any]) -> None:
    other = replace(CALL, turns=(CALL.turns[0], replace(CALL.turns[1], **change)))
    assert other.sha256 != CALL.sha256


def test_who_said_it_is_part_of_what_was_said() -> None:
    assert a_transcript(a_turn("agent: Hi.")).sha256 != a_transcript(a_turn("caller: Hi.")).sha256


@pytest.mark.parametrize("field", ["decoded_s", "speech_s", "words"])
def test_seconds_and_words_cannot_be_negative(field: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        a_hearing(**{field: -1})


def test_a_stretch_of_speech_lasts_from_its_start_to_its_end() -> None:
    assert Span(1.5, 4.0).seconds == 2.5
