"""Facts change the odds of the reason they speak to, once a kind: by the policy's number, else by the measured one."""

from __future__ import annotations

import pytest
from builders import a_policy, scores_for
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.facts import Fact, FactKind
from insights.domain.intents import Intent
from insights.domain.reliability import Reliability
from insights.domain.weighing import SPEAKS_TO, fact_odds, most_probable, weigh

SCORES = scores_for(Intent.NEW_CUSTOMER, 0.6)
MEASURED = Reliability(fact_odds={FactKind.ZIP_OUTSIDE_AREA: 99.0, FactKind.PLACE_INSIDE_AREA: 0.1})
POLICY = a_policy({"fact_weights": {"zip_outside_area": 10, "known_customer": 5}})
ODDS = fact_odds(MEASURED, POLICY)


def fact(kind: FactKind) -> Fact:
    return Fact(kind, "something")


def odds(kinds: list[FactKind], intent: Intent) -> float:
    p = weigh(SCORES, [fact(kind) for kind in kinds], ODDS)
    return p[intent] / p[Intent.NEW_CUSTOMER]


@pytest.mark.parametrize(
    ("kind", "intent", "factor"),
    [
        (FactKind.ZIP_OUTSIDE_AREA, Intent.OUT_OF_AREA, 10),
        (FactKind.PLACE_INSIDE_AREA, Intent.OUT_OF_AREA, 0.1),
        (FactKind.KNOWN_CUSTOMER, Intent.PREVIOUS_CUSTOMER, 5),
    ],
)
def test_a_fact_multiplies_the_odds_of_its_reason_by_the_policys_number_else_the_measured_one(
    kind: FactKind, intent: Intent, factor: float
) -> None:
    assert odds([kind], intent) == pytest.approx(odds([], intent) * factor)


def test_a_fact_found_three_times_counts_once() -> None:
    assert odds([FactKind.ZIP_OUTSIDE_AREA] * 3, Intent.OUT_OF_AREA) == pytest.approx(
        odds([FactKind.ZIP_OUTSIDE_AREA], Intent.OUT_OF_AREA)
    )


def test_facts_without_odds_and_facts_about_no_reason_change_nothing() -> None:
    assert FactKind.REFERRAL_NAMED not in ODDS
    weightless = [fact(FactKind.REFERRAL_NAMED), fact(FactKind.PRICE_NAMED)]
    assert weigh(SCORES, weightless, ODDS) == pytest.approx(dict(SCORES.probabilities))


@given(st.lists(st.sampled_from(FactKind), max_size=6))
def test_probabilities_still_sum_to_one_whatever_was_found(kinds: list[FactKind]) -> None:
    assert sum(weigh(SCORES, [fact(kind) for kind in kinds], ODDS).values()) == pytest.approx(1)


def test_every_weight_of_the_shipped_policy_speaks_to_some_reason() -> None:
    assert set(a_policy().fact_weights) <= {kind.value for kind in SPEAKS_TO}


def test_a_tie_goes_to_the_reason_the_labelling_guide_names_first() -> None:
    assert most_probable({Intent.OUT_OF_AREA: 0.4, Intent.SOLICITOR: 0.4, Intent.NEW_CUSTOMER: 0.2}) is Intent.SOLICITOR
