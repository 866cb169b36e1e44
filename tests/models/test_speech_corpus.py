"""The speech corpus is large enough, and what it is measured on is never spoken in training."""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path

import pytest

from models.whisper.corpus import (
    Stories,
    chunks,
    combinations,
    digit_strings,
    is_held_out,
    main,
    read_stories,
    write_corpus,
)
from models.whisper.lexicon import FESTIVAL_LEXICON

pytestmark = pytest.mark.skipif(not FESTIVAL_LEXICON.is_file(), reason="festival's lexicon is not installed")

LEADING = 24_000
"""Of the 40,000 texts of the default corpus: less is quicker, and can only have fewer sentences and words."""


@pytest.fixture(scope="module")
def stories() -> Stories:
    return read_stories()


@pytest.fixture(scope="module")
def texts(stories: Stories) -> list[str]:
    return [item["text"] for item in islice(write_corpus(stories.spoken, 40_000, 1), LEADING)]


def test_the_corpus_has_twenty_thousand_sentences_and_eight_thousand_words(texts: list[str]) -> None:
    assert len(set(texts)) >= 20_000
    assert len({word for text in texts for word in text.split()}) >= 8_000


def test_no_sentence_of_a_held_out_story_is_among_the_texts_of_training(stories: Stories, texts: list[str]) -> None:
    assert len(stories.held_out_chunks) > 500
    assert set(stories.held_out_chunks).isdisjoint(texts)
    assert set(stories.held_out_chunks).isdisjoint(stories.spoken)


def test_combinations_and_digits_to_measure_with_are_not_among_the_texts_of_training(texts: list[str]) -> None:
    spoken = set(texts)
    combined, digits = combinations(200, spoken), digit_strings(200, spoken)
    assert len(set(combined)) == len(set(digits)) == 200
    assert spoken.isdisjoint(combined) and spoken.isdisjoint(digits)
    assert all(len(text.split()) >= 4 for text in combined)


def test_a_story_is_split_whole_and_one_in_another_language_is_left_out(tmp_path: Path) -> None:
    """Both sides of a pair tell one story; neither is held out, whatever its own id says."""
    english = [{"speaker": "caller", "text": "Hi, I need somebody to look at my sink, it is leaking."}]
    spanish = [{"speaker": "caller", "text": "Buenas tardes, necesito un plomero para mi cocina, por favor."}]
    ids = [f"call-{number}" for number in range(400)]
    kept = next(name for name in ids if is_held_out({"id": name}))
    rows = [
        {"id": kept, "turns": english},
        {"id": kept, "turns": [{"speaker": "caller", "text": "Is this the dentist that I called?"}], "pair": "p-1"},
        {"id": next(name for name in ids if not is_held_out({"id": name})), "turns": spanish},
    ]
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = read_stories([path])

    assert [call["turns"] for call in found.held_out] == [english]
    assert found.spoken == ["is this the dentist that i called"]


def test_a_turn_is_cut_where_a_breath_is_taken_and_keeps_every_word() -> None:
    turn = "Yes, it is 4512 Oak Street, apartment 3. " + "the water is everywhere and nobody came " * 8
    cut = list(chunks(turn))
    assert all(len(chunk.split()) <= 24 for chunk in cut)
    assert " ".join(cut).startswith("yes it is forty five twelve oak street apartment three the water")


def test_the_same_command_keeps_the_texts_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shards that were spoken belong to the texts that were written; others would be mixed up with them."""
    calls, texts = tmp_path / "calls.jsonl", tmp_path / "texts.jsonl"
    calls.write_text("", encoding="utf-8")
    words = ["corpus", "--calls", str(calls), "--texts", str(texts), "--workers", "0", "--count"]
    monkeypatch.setattr(sys, "argv", [*words, "30"])
    main()
    written = texts.read_bytes()
    monkeypatch.setattr(sys, "argv", [*words, "50", "--seed", "7"])
    main()
    assert len(written.splitlines()) == 30
    assert texts.read_bytes() == written
    assert "stands already" in capsys.readouterr().out
