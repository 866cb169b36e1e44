"""Whether a candidate takes over: worse by chance is no fault, worse beyond noise is, and the promise must hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.intents import Intent
from insights.domain.promotion import ALPHA, Comparison, Measure, Pair, PromotionReport, at_least, compare_models
from insights.domain.scoring import Scored

TARGET = 0.95
CUSTOMER, PITCH, JOB, AREA = "new_customer", "solicitor", "job_seeker", "out_of_area"


def judged(label: str, said: str, call_id: str, sure: bool = True) -> Scored:
    """A call labelled ``label`` that a model took for ``said``; proposed where it is sure."""
    decision = ("billable" if said == CUSTOMER else "non_billable") if sure else "needs_review"
    return Scored(call_id, label, label == CUSTOMER, None, decision, said, None, 0.9, Decimal("45"))


def calls(count: int, label: str, before: str | None = None, after: str | None = None, sure: bool = True) -> list[Pair]:
    """``count`` calls of a label as the current model and the candidate take them; None: rightly."""
    names = [f"{label}-{before}-{after}-{number}" for number in range(count)]
    return [(judged(label, before or label, name), judged(label, after or label, name, sure)) for name in names]


def compared(gold: Sequence[Pair], replay: Sequence[Pair] = (), target: float = TARGET) -> PromotionReport:
    return compare_models("old", "new", gold, replay, target)


def found(report: PromotionReport, measure: Measure, reason: str, of: str = "gold") -> Comparison:
    (comparison,) = [c for c in report.comparisons if (c.calls, c.measure, c.reason) == (of, measure, reason)]
    return comparison


SOUND = [*calls(40, CUSTOMER), *calls(40, PITCH), *calls(40, JOB)]


def test_a_candidate_that_says_the_same_takes_over() -> None:
    report = compared(SOUND, calls(10, PITCH))
    assert report.passed
    assert report.conclusion == (
        "new may take over from old: on 120 gold and 10 replayed calls no reason is worse beyond noise, "
        "and the promise of precision is kept"
    )
    assert report.changed == ()


def test_a_candidate_that_no_longer_dares_to_propose_does_not_take_over() -> None:
    shy = [*calls(40, CUSTOMER), *calls(30, PITCH), *calls(10, PITCH, sure=False)]
    report = compared(shy)
    assert not report.passed
    assert report.faults == ["right proposals on gold 1.00 -> 0.88 (10 lost, 0 won, p = 0.001)"]


def test_where_nothing_was_proposed_no_precision_is_told() -> None:
    figures = compared(calls(8, PITCH, sure=False)).figures["gold"]
    assert (figures["current"]["non_billable_precision"], figures["candidate"]["non_billable_precision"]) == (1.0, None)


def test_a_candidate_that_is_better_takes_over() -> None:
    report = compared([*SOUND, *calls(10, PITCH, before=JOB)])
    assert report.passed
    assert (found(report, Measure.RECALL, PITCH).won, found(report, Measure.RECALL, PITCH).lost) == (10, 0)


@pytest.mark.parametrize(
    ("lost", "won", "passes"),
    [(4, 0, True), (5, 0, False), (7, 1, False), (6, 1, True), (10, 4, True), (11, 3, False), (12, 12, True)],
)
def test_a_reason_may_be_worse_by_chance_but_not_beyond_noise(lost: int, won: int, passes: bool) -> None:
    """Four calls lost and none won happen by chance once in sixteen times, five once in thirty-two."""
    gold = [*SOUND, *calls(lost, PITCH, after=CUSTOMER), *calls(won, PITCH, before=CUSTOMER)]
    report = compared(gold)
    comparison = found(report, Measure.RECALL, PITCH)
    assert (comparison.lost, comparison.won) == (lost, won)
    assert comparison.worse is not passes
    assert report.passed is passes


def test_what_is_lost_on_the_replay_counts_as_much_as_on_the_gold_set() -> None:
    report = compared(SOUND, [*calls(10, CUSTOMER), *calls(6, PITCH, after=CUSTOMER)])
    assert not report.passed
    assert {c.calls for c in report.comparisons if c.worse} == {"replay"}


def test_a_gain_in_one_reason_does_not_pay_for_a_loss_in_another() -> None:
    report = compared([*SOUND, *calls(30, JOB, before=PITCH), *calls(6, AREA, after=CUSTOMER)])
    assert not found(report, Measure.ACCURACY, "").worse
    assert found(report, Measure.RECALL, AREA).worse
    assert not report.passed


def test_losses_spread_over_reasons_are_found_in_the_accuracy() -> None:
    """Three lost in each of three reasons: noise in each, not in all together."""
    gold = [*SOUND, *(pair for reason in (PITCH, JOB, AREA) for pair in calls(3, reason, after="wrong_number"))]
    report = compared(gold)
    assert [c.measure for c in report.comparisons if c.worse] == [Measure.ACCURACY, Measure.PRECISION]
    assert not any(c.worse for c in report.comparisons if c.measure is Measure.RECALL)


def test_more_false_alarms_are_a_worse_precision() -> None:
    report = compared([*SOUND, *calls(8, JOB, before=AREA, after=PITCH)])
    precision = found(report, Measure.PRECISION, PITCH)
    assert (precision.current, precision.candidate, precision.lost, precision.n) == (1.0, 40 / 48, 8, 88)
    assert precision.worse and not report.passed


def test_more_false_alarms_are_no_worse_precision_where_right_answers_grew_more() -> None:
    """From 8 of 10 to 48 of 56: six more false alarms in forty more calls found."""
    gold = [
        *calls(40, CUSTOMER),
        *calls(8, PITCH),
        *calls(40, PITCH, before=JOB),
        *calls(2, CUSTOMER, before=PITCH, after=PITCH),
        *calls(6, CUSTOMER, before=JOB, after=PITCH),
    ]
    precision = found(compared(gold), Measure.PRECISION, PITCH)
    assert (precision.lost, precision.won, precision.p < ALPHA) == (6, 0, True)
    assert precision.current is not None and precision.candidate is not None
    assert precision.candidate > precision.current
    assert not precision.worse


def test_a_reason_that_only_the_candidate_gives_must_not_be_all_false_alarms() -> None:
    precision = found(compared([*SOUND, *calls(5, JOB, before=PITCH, after=AREA)]), Measure.PRECISION, AREA)
    assert (precision.current, precision.candidate, precision.worse) == (None, 0.0, True)


def test_a_reason_that_the_candidate_never_gives_has_no_worse_precision_but_a_worse_recall() -> None:
    report = compared([*calls(40, CUSTOMER), *calls(6, PITCH, after=CUSTOMER)])
    assert not (precision := found(report, Measure.PRECISION, PITCH)).worse
    assert (precision.current, precision.candidate) == (1.0, None)
    assert "-" in str(precision)
    assert found(report, Measure.RECALL, PITCH).worse


def test_every_reason_of_a_set_is_compared_and_no_other() -> None:
    report = compared([*SOUND, *calls(1, JOB, after="wrong_number")])
    assert {c.reason for c in report.comparisons if c.measure is Measure.RECALL} == {CUSTOMER, PITCH, JOB}
    assert {c.reason for c in report.comparisons if c.measure is Measure.PRECISION} == {
        CUSTOMER,
        PITCH,
        JOB,
        "wrong_number",
    }


def test_an_empty_replay_is_no_fault_and_is_told() -> None:
    report = compared(SOUND)
    assert report.passed
    assert "120 gold calls (there was no replay)" in report.conclusion
    assert {c.calls for c in report.comparisons} == {"gold"}


def test_nothing_is_promoted_without_a_gold_set() -> None:
    report = compared([], calls(40, PITCH))
    assert not report.passed
    assert report.faults == ["no gold call was judged"]


WRONG_CREDITS = [
    (0, 0, True),  # no proposal breaks no promise
    (95, 5, True),  # just the promise
    (18, 2, True),  # below it, but of twenty proposals two are wrong one time in four
    (14, 4, False),  # four of eighteen are not chance
    (180, 20, False),  # of two hundred the share itself must reach the promise
    (188, 12, False),  # though a test would still call twelve wrong ones chance
]


@pytest.mark.parametrize(("right", "wrong", "kept"), WRONG_CREDITS)
@pytest.mark.parametrize("of", ["gold", "replay"])
def test_the_promise_of_precision_is_kept_on_both_sets(of: str, right: int, wrong: int, kept: bool) -> None:
    """The current model is as wrong about the reasons, so that only the promise can fail."""
    credits = [*calls(right, PITCH), *calls(wrong, CUSTOMER, before=PITCH, after=PITCH)]
    rest = calls(40, CUSTOMER)
    report = compared([*rest, *credits], rest) if of == "gold" else compared(rest, [*rest, *credits])
    promise = next(promise for promise in report.promises if promise.calls == of)
    assert (promise.n, promise.right) == (right + wrong, right)
    assert promise.kept is kept
    assert report.passed is kept
    if not kept:
        assert f"on {of}" in report.faults[0] and "below the promise of 0.95" in report.conclusion


def test_a_reason_mistaken_for_another_that_is_not_charged_either_breaks_no_promise() -> None:
    promise = compared(calls(200, JOB, before=PITCH, after=PITCH)).promises[0]
    assert (promise.right, promise.kept) == (200, True)


def test_only_proposals_are_promised_a_doubtful_mistake_is_not() -> None:
    assert compared([*SOUND, *calls(50, CUSTOMER, before=PITCH, after=PITCH, sure=False)]).promises[0].kept


def test_the_report_says_every_fault_in_one_line_and_is_plain_json() -> None:
    report = compared([*SOUND, *calls(6, AREA, after=CUSTOMER), *calls(10, CUSTOMER, before=PITCH, after=PITCH)])
    assert report.conclusion.startswith("new stays beside old: ")
    assert "recall of out_of_area on gold 1.00 -> 0.00 (6 lost, 0 won, p = 0.016)" in report.conclusion
    assert "\n" not in report.conclusion
    body = json.loads(json.dumps(report.as_dict()))
    assert (body["passed"], len(body["faults"])) == (False, len(report.faults))
    assert body["figures"]["gold"]["candidate"]["over_credited_leads"] == 10
    assert body["figures"]["replay"]["current"]["calls"] == 0
    assert [c["worse"] for c in body["comparisons"]] == [c.worse for c in report.comparisons]
    assert body["promises"][0]["kept"] is False


def test_verdicts_that_differ_are_listed_call_by_call_also_when_only_the_doubt_differs() -> None:
    report = compared([*SOUND, *calls(1, AREA, after=CUSTOMER), *calls(1, JOB, sure=False)])
    assert [(change["label"], change["current"], change["candidate"]) for change in report.changed] == [
        (AREA, "non_billable: out_of_area", "billable: new_customer"),
        (JOB, "non_billable: job_seeker", "needs_review: job_seeker"),
    ]


@pytest.mark.parametrize("other", [judged(PITCH, PITCH, "b"), judged(JOB, PITCH, "a")], ids=["call", "label"])
def test_two_calls_are_no_pair(other: Scored) -> None:
    with pytest.raises(ValueError, match="not the same labelled call"):
        compared([(judged(PITCH, PITCH, "a"), other)])


@given(st.integers(1, 60), st.data())
def test_the_chance_of_so_many_is_the_sum_of_the_binomial_tail(trials: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, trials))
    share = data.draw(st.sampled_from([0.5, 0.05, 0.001]))
    exact = sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(count, trials + 1))
    assert at_least(count, trials, share) == pytest.approx(exact)


def test_thousands_of_calls_do_not_overflow() -> None:
    assert at_least(2600, 5000, 0.5) == pytest.approx(0.0024, abs=0.0002)
    assert at_least(0, 0, 0.5) == 1.0


PAIRS = st.lists(st.tuples(*[st.sampled_from([intent.value for intent in Intent])] * 3), min_size=1, max_size=30).map(
    lambda rows: [
        (judged(label, first, f"{number}"), judged(label, second, f"{number}"))
        for number, (label, first, second) in enumerate(rows)
    ]
)


@given(PAIRS)
def test_a_model_is_never_worse_than_itself(pairs: list[Pair]) -> None:
    same = compared([(first, first) for first, _ in pairs])
    assert not any(comparison.worse for comparison in same.comparisons)


@given(PAIRS)
def test_two_models_are_never_each_worse_than_the_other_in_the_same_measure(pairs: list[Pair]) -> None:
    there = {(c.measure, c.reason) for c in compared(pairs).comparisons if c.worse}
    back = {(c.measure, c.reason) for c in compared([(b, a) for a, b in pairs]).comparisons if c.worse}
    assert not there & back
