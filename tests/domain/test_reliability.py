"""The floor from which a promise of precision is kept, read off what a model said of held-out calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.facts import FactKind
from insights.domain.intents import Intent
from insights.domain.reliability import Reliability
from insights.domain.scoring import wilson

ONE, TWO = Intent.SOLICITOR, Intent.NEW_CUSTOMER
RIGHT = frozenset({ONE})


def floor(answers: list[tuple[float, Intent]], precision: float = 0.95) -> float | None:
    return Reliability({ONE: tuple(answers)}).floor(ONE, RIGHT, precision, 0.95)


def test_without_mistakes_fifty_two_answers_are_enough_for_95_percent() -> None:
    assert floor([(0.9, ONE)] * 51) is None
    assert floor([(0.9, ONE)] * 52) == 0.9


def test_the_floor_lies_above_the_answers_that_were_often_wrong() -> None:
    assert floor([(0.9, ONE)] * 80 + [(0.7, TWO)] * 20 + [(0.6, ONE)] * 10) == 0.9


def test_one_mistake_among_the_surest_does_not_hide_the_many_that_were_right() -> None:
    assert floor([(0.99, TWO)] + [(0.9, ONE)] * 150) == 0.9


def test_answers_of_one_probability_are_taken_together() -> None:
    assert floor([(0.9, ONE)] * 60 + [(0.9, TWO)] * 60) is None


def test_an_intent_that_was_never_said_has_no_floor() -> None:
    assert Reliability().floor(ONE, RIGHT, 0.5, 0.5) is None


@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([ONE, TWO])), max_size=200), st.sampled_from([0.5, 0.8, 0.95])
)
def test_answers_from_the_floor_on_keep_the_promise(answers: list[tuple[float, Intent]], precision: float) -> None:
    found = floor(answers, precision)
    if found is not None:
        kept = [label is ONE for p, label in answers if p >= found]
        assert wilson(sum(kept), len(kept), 1.6448)[0] >= precision - 1e-3


def test_it_is_the_same_after_a_file() -> None:
    known = Reliability({ONE: ((0.5, TWO), (0.25, ONE))}, {FactKind.REFERRAL_NAMED: 4.0})
    assert Reliability.from_dict(known.as_dict()) == known


@pytest.mark.parametrize("odds", [0.0, -1.0, float("inf"), float("nan")])
def test_odds_that_are_no_odds_are_refused(odds: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Reliability.from_dict({"answers": {}, "fact_odds": {"referral_named": odds}})


@pytest.mark.parametrize("p", [-0.1, 1.2, float("nan")])
def test_answers_that_are_no_probabilities_are_refused(p: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Reliability.from_dict({"answers": {"solicitor": [[p, "solicitor"]]}, "fact_odds": {}})
