"""Numbers as callers say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.spoken import digit_runs, spelled_runs

NAMES = "zero one two three four five six seven eight nine".split()


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("my zip is 30301.", ["30301"]),
        ("three oh three oh one", ["30301"]),
        ("three zero three, zero one", ["30301"]),
        ("it's thirty three oh one", ["3301"]),
        ("four three two fifteen", ["43215"]),
        ("four three two twenty", ["43220"]),
        ("forty three two oh one", ["43201"]),
        ("double five one", ["551"]),
        ("four double three oh one", ["43301"]),
        ("triple one", ["111"]),
        ("double oh seven", ["007"]),
        ("four three, double two", ["4322"]),
        ("4-3-2-1-5", ["43215"]),
        ("four three. My number is two one", ["43", "21"]),
        ("one. Then (two)", ["1", "2"]),
        ("six (one)", ["6", "1"]),
        ("five (double two)", ["5", "22"]),
        ("twenty zero five", ["2005"]),
        ("oh no, oh dear", []),
        ("oh, one thing", ["1"]),
        ("two (oh)", ["2"]),
        ("double trouble", []),
        ("we have double", []),
        ("Fourteen and SIXTY", ["14", "60"]),
        ("", []),
        ("no digits at all", []),
        ("four three um two, uh, one five", ["43215"]),
        ("four three um no two", ["43", "2"]),
        ("um, four. Um (five)", ["4", "5"]),
        ("two umbrellas, 5 ums, five summer", ["2", "5", "5"]),
    ],
)
def test_digits_said_in_a_row_are_one_number(said: str, digits: list[str]) -> None:
    assert [run.digits for run in digit_runs(said)] == digits


def test_a_number_knows_where_it_stands_in_the_sentence() -> None:
    said = "The zip, double three oh one two, is in Ohio."
    (run,) = digit_runs(said)
    assert (run.digits, said[run.start : run.end]) == ("33012", "double three oh one two")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_digits_said_one_by_one_come_back_as_they_were_said(digits: list[int]) -> None:
    said = " ".join(NAMES[digit] for digit in digits)
    (run,) = digit_runs(f"It is {said}, please.")
    assert run.digits == "".join(map(str, digits))


WORDS = st.sampled_from("oh o one two nine ten forty double triple 5 43215 my . ( , - house 12".split())


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)))
def test_numbers_never_overlap_and_never_leave_the_sentence(said: str) -> None:
    last = 0
    for run in digit_runs(said):
        assert last <= run.start < run.end <= len(said)
        assert run.digits.isdigit()
        last = run.end


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("that's D-U-B-L-I-N, Ohio", ["dublin"]),
        ("d u b l i n", ["dublin"]),
        ("b as in boy, o, l like larry, t, o, n", ["bolton"]),
        ("Kelly, K E double L Y", ["kelly"]),
        ("m. a. c. o. n.", ["macon"]),
        ("I'm a U S citizen", []),  # an article and two letters are no spelled word
        ("is it a b or c", []),
        ("plan A", []),
        ("", []),
    ],
)
def test_a_spelled_word_is_one_word(said: str, words: list[str]) -> None:
    assert [run.word for run in spelled_runs(said)] == words


@given(st.text(max_size=80))
def test_spelled_words_never_overlap_and_never_leave_the_sentence(said: str) -> None:
    last = 0
    for run in spelled_runs(said):
        assert last <= run.start < run.end <= len(said)
        assert len(run.word) >= 4
        last = run.end
