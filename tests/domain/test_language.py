"""English is told from other languages by its small words."""

from __future__ import annotations

import pytest
from builders import a_transcript, a_turn

from insights.domain.language import english_share, words_of_people


@pytest.mark.parametrize(
    "said",
    [
        "hi um my water heater is leaking can somebody come out today",
        "we been callin bout the the roof and nobody picked up so",
    ],
)
def test_english_has_many_small_english_words(said: str) -> None:
    assert english_share(words_of_people(a_transcript(said))) > 0.35


@pytest.mark.parametrize(
    "said", ["bonjour je voudrais un rendez vous", "hola necesito un plomero", "\U0001f600 \U0001f600"]
)
def test_other_languages_have_few(said: str) -> None:
    assert english_share(words_of_people(a_transcript(said))) < 0.2


def test_nothing_said_has_none() -> None:
    assert english_share(words_of_people(a_transcript())) == 0


def test_machines_and_text_that_nobody_can_have_said_are_no_words_of_people() -> None:
    call = a_transcript("ivr: press one now", a_turn("thanks for watching", unclear=True), "caller: Hello there!")
    assert words_of_people(call) == ["hello", "there"]
