"""English is told from other languages by its small words."""

from __future__ import annotations

import pytest
from builders import a_transcript

from insights.domain.language import english_share


@pytest.mark.parametrize(
    "said",
    [
        "hi um my water heater is leaking can somebody come out today",
        "we been callin bout the the roof and nobody picked up so",
    ],
)
def test_english_has_many_small_english_words(said: str) -> None:
    assert english_share(a_transcript(said)) > 0.35


@pytest.mark.parametrize(
    "said", ["bonjour je voudrais un rendez vous", "hola necesito un plomero", "\U0001f600 \U0001f600"]
)
def test_other_languages_have_few(said: str) -> None:
    assert english_share(a_transcript(said)) < 0.2


def test_nothing_said_has_none() -> None:
    assert english_share(a_transcript()) == 0
