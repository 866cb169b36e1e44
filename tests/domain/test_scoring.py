"""Scores: each figure checked by hand on a handful of calls."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.scoring import (
    Bin,
    RiskPoint,
    Scored,
    calibration_bins,
    calibration_error,
    risk_curve,
    score,
    wilson,
)


def call(label: str, decision: str, reason: str, confidence: float = 0.9, **changes: object) -> Scored:
    billable = label == "new_customer"
    scored = Scored(
        call_id="1",
        label_reason=label,
        label_billable=billable,
        label_outcome="open" if billable else None,
        decision=decision,
        reason=reason,
        outcome="open" if reason == "new_customer" else None,
        confidence=confidence,
        price=Decimal("45.00"),
    )
    return replace(scored, **changes)  # type: ignore[arg-type]


CALLS = [
    call("new_customer", "billable", "new_customer"),
    call("new_customer", "billable", "new_customer", outcome="price_shopper"),
    call("new_customer", "non_billable", "solicitor", price=Decimal("60.00")),
    call("solicitor", "non_billable", "solicitor"),
    call("solicitor", "billable", "new_customer", price=Decimal("30.50")),
    call("out_of_area", "needs_review", "out_of_area", 0.4),
]
RESULT = score(CALLS)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("n", 6),
        ("accuracy", 4 / 6),
        ("billable_accuracy", 4 / 6),
        ("outcome_accuracy", 1 / 2),
        ("coverage", 5 / 6),
        ("proposal_precision", 3 / 5),
        ("non_billable_precision", 1 / 2),
        ("non_billable_coverage", 1 / 3),
        ("macro_f1", (2 / 3 + 1 / 2 + 1) / 3),
        ("calibration_error", (abs(5 * 0.9 - 3) + abs(0.4 - 1)) / 6),
    ],
)
def test_a_figure_is_what_counting_by_hand_gives(figure: str, value: float) -> None:
    assert RESULT[figure] == pytest.approx(value)


def test_money_credited_and_charged_by_mistake_is_told_apart() -> None:
    assert RESULT["over_credited"] == {"leads": 1, "amount": "60.00"}
    assert RESULT["under_credited"] == {"leads": 1, "amount": "30.50"}


def test_each_reason_has_its_own_precision_and_recall() -> None:
    solicitor = RESULT["per_reason"]["solicitor"]
    assert (solicitor["n"], solicitor["predicted"], solicitor["precision"], solicitor["recall"]) == (2, 2, 0.5, 0.5)
    assert RESULT["per_reason"]["new_customer"]["recall"] == pytest.approx(2 / 3)


def test_a_reason_that_was_only_guessed_has_no_recall_and_does_not_enter_the_macro_average() -> None:
    result = score(
        [call("new_customer", "billable", "new_customer"), call("new_customer", "needs_review", "solicitor")]
    )
    assert result["per_reason"]["solicitor"]["f1"] == 0
    assert result["macro_f1"] == result["per_reason"]["new_customer"]["f1"]


def test_the_confusion_table_and_the_decisions_count_every_call() -> None:
    assert RESULT["confusion"]["solicitor"] == {"solicitor": 1, "new_customer": 1}
    assert sum(sum(row.values()) for row in RESULT["confusion"].values()) == len(CALLS)
    assert RESULT["decisions"] == {"billable": 3, "non_billable": 2, "needs_review": 1}


def test_an_empty_file_scores_nothing_and_does_not_fail() -> None:
    result = score([])
    assert (result["n"], result["accuracy"], result["coverage"], result["calibration_error"]) == (0, 0, 0, 0)
    assert result["accuracy_interval"] == (0, 1)


def test_wilsons_interval_agrees_with_the_published_example() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_the_share_and_stays_within_nought_and_one(trial: tuple[int, int]) -> None:
    successes, n = trial
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([], 0.0),
        ([(1.0, True)], 0.0),
        ([(1.0, False)], 1.0),
        ([(0.75, True), (0.75, True), (0.75, True), (0.75, False)], 0.0),
        ([(0.9, True), (0.1, True)], (0.1 + 0.9) / 2),
        ([(1.0, False), (0.95, True)], (1.95 - 1) / 2),
    ],
    ids=[
        "nothing",
        "sure and right",
        "sure and wrong",
        "right as often as it says",
        "two bins",
        "certainty shares the last bin",
    ],
)
def test_the_calibration_error_is_the_gap_between_saying_and_being(
    pairs: list[tuple[float, bool]], error: float
) -> None:
    assert calibration_error(pairs) == pytest.approx(error)


def test_the_risk_curve_takes_the_surest_calls_first_and_ties_together() -> None:
    wrong, right = call("solicitor", "billable", "new_customer"), call("solicitor", "non_billable", "job_seeker")
    calls = [replace(wrong, confidence=0.5), replace(right, confidence=0.9), replace(wrong, confidence=0.9), right]
    calls[3] = replace(right, confidence=0.99)
    assert risk_curve(calls) == (RiskPoint(0.25, 0, 0.99), RiskPoint(0.75, 1 / 3, 0.9), RiskPoint(1, 0.5, 0.5))


def test_no_calls_have_no_risk_curve() -> None:
    assert risk_curve([]) == ()


def test_calibration_bins_hold_their_calls_and_leave_out_empty_ones() -> None:
    assert calibration_bins([(0.91, True), (0.99, False), (0.1, True), (1.0, True)]) == (
        Bin(1, 0.1, 1.0),
        Bin(3, pytest.approx((0.91 + 0.99 + 1) / 3), pytest.approx(2 / 3)),
    )
