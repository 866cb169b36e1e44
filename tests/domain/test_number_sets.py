"""Sets of numbers as bits behave like sets of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from insights.domain.number_sets import first_of, members, number_set

SIZE = 70
SOME = st.sets(st.integers(0, SIZE - 1))


@given(SOME, SOME)
def test_they_are_united_cut_and_counted_like_sets(some: set[int], others: set[int]) -> None:
    one, two = number_set(some, SIZE), number_set(others, SIZE)
    assert one | two == number_set(some | others, SIZE)
    assert one & two == number_set(some & others, SIZE)
    assert one & ~two == number_set(some - others, SIZE)
    assert one.bit_count() == len(some)


@given(SOME)
def test_their_members_are_told_number_by_number(some: set[int]) -> None:
    flags = members(number_set(some, SIZE), SIZE)
    assert [number for number in range(SIZE) if flags[number]] == sorted(some)
    assert len(flags) == SIZE


def test_of_nothing_there_is_nothing() -> None:
    assert (number_set((), 0), members(0, 0).count(1)) == (0, 0)


@given(SOME.filter(bool))
def test_the_first_of_them_is_the_least(some: set[int]) -> None:
    assert first_of(number_set(some, SIZE)) == min(some)
