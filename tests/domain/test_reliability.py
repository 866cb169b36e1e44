"""The floor from which a promise of precision is kept, read off what a model said of held-out calls."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.facts import FactKind
from insights.domain.intents import Intent
from insights.domain.reliability import FEWEST_OWN, Answer, Reliability
from insights.domain.scoring import wilson

ONE, TWO, OTHER = Intent.SOLICITOR, Intent.NEW_CUSTOMER, Intent.JOB_SEEKER
NOT_CHARGED = frozenset(Intent) - {TWO}
Told = tuple[float, Intent]


def answer(p: float, label: Intent, said: Intent = ONE) -> Answer:
    """``said`` with probability ``p``, and what is left for a new customer."""
    return Answer(tuple(p if intent is said else 1 - p if intent is TWO else 0.0 for intent in Intent), label)


def floor(answers: Sequence[Told], precision: float = 0.95, *others: Answer) -> float | None:
    known = Reliability((*(answer(p, label) for p, label in answers), *others))
    return known.floor(ONE, NOT_CHARGED, precision, 0.95)


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
    assert Reliability().floor(ONE, NOT_CHARGED, 0.5, 0.5) is None
    assert floor([], 0.95, *[answer(0.9, OTHER, OTHER)] * 100) is None


def test_another_reason_of_the_same_side_is_right_about_the_charge() -> None:
    assert floor([(0.9, ONE)] * 60 + [(0.8, OTHER)] * 20) == 0.8


def test_reasons_that_are_not_charged_keep_the_promise_together() -> None:
    """Thirty answers are too few to show anything by themselves, and enough among others that were right."""
    assert floor([(0.9, ONE)] * 30) is None
    assert floor([(0.9, ONE)] * 30, 0.95, *[answer(0.9, OTHER, OTHER)] * 100) == 0.9
    assert floor([(0.9, ONE)] * (FEWEST_OWN - 1), 0.95, *[answer(0.9, OTHER, OTHER)] * 100) is None


def test_a_reason_that_is_wrong_more_often_than_the_others_has_a_higher_floor() -> None:
    weak = [(0.9, ONE)] * 40 + [(0.8, TWO)] * 4 + [(0.8, ONE)] * 16
    strong = [answer(0.8, OTHER, OTHER)] * 400
    assert floor(weak, 0.95, *strong) == 0.9
    assert Reliability((*(answer(*told) for told in weak), *strong)).floor(OTHER, NOT_CHARGED, 0.95, 0.95) == 0.8


def test_what_it_is_about_the_charge_counts_not_which_reason_it_is() -> None:
    torn = tuple(0.5 if intent in (ONE, OTHER) else 0.0 for intent in Intent)
    assert Answer(torn, ONE).chance(NOT_CHARGED) == 1.0
    assert Answer(torn, ONE).said is ONE


@given(
    st.lists(st.tuples(st.floats(0.5, 1), st.sampled_from([ONE, TWO])), max_size=200), st.sampled_from([0.5, 0.8, 0.95])
)
def test_answers_from_the_floor_on_keep_the_promise(answers: list[Told], precision: float) -> None:
    found = floor([(p, label) for p, label in answers if p > 0.5], precision)
    if found is not None:
        kept = [label is ONE for p, label in answers if p >= found and p > 0.5]
        assert wilson(sum(kept), len(kept), 1.6448)[0] >= precision - 1e-3


def test_it_is_the_same_after_a_file() -> None:
    known = Reliability((answer(0.5, TWO), answer(0.25, ONE)), {FactKind.REFERRAL_NAMED: 4.0})
    assert Reliability.from_dict(known.as_dict()) == known


@pytest.mark.parametrize("odds", [0.0, -1.0, float("inf"), float("nan")])
def test_odds_that_are_no_odds_are_refused(odds: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Reliability.from_dict({"answers": [], "fact_odds": {"referral_named": odds}})


@pytest.mark.parametrize("told", [[1.0], [0.5] * 9, [-0.1, *[0.0] * 7], [1.2, *[0.0] * 7], [float("nan")] * 8])
def test_answers_that_are_no_probabilities_are_refused(told: list[float]) -> None:
    with pytest.raises(ValueError, match="a probability from 0 to 1 for every intent"):
        Reliability.from_dict({"answers": [["solicitor", *told]], "fact_odds": {}})
