"""The figures of a period by hand-made leads: numerator, denominator, and the leads behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import A_ROW, ROW_FACTS

from insights.domain.data_points import Figure, data_points, grouped
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import LeadId

CREDITED = {
    "verdict": "non_billable", "reason": "solicitor", "outcome": "", "credited": "45.00", "proactive": "45.00",
    "decided_reason": "solicitor", "decided_billable": False, "overridden": False, "by_person": True,
    "decided_by": "reviewer:a",
}  # fmt: skip
ANSWERED = [{"requested_at": "x", "result": "partly", "answered_h": hours} for hours in (9, 1, 5)]
OVERRIDDEN = {
    "verdict": "non_billable", "reason": "out_of_area", "decided_reason": "new_customer", "decided_billable": True,
    "decided_outcome": "appointment_booked", "overridden": True, "by_person": True,
    "decided_by": "reviewer:a",
}  # fmt: skip


def leads(*changes: dict[str, Any]) -> list[LeadSummary]:
    return [
        replace(A_ROW, lead_id=LeadId(f"L-{n}"), facts=ROW_FACTS | change) for n, change in enumerate(changes, start=1)
    ]


def figure(name: str, *changes: dict[str, Any]) -> Figure:
    (found,) = (each for each in data_points(leads(*changes)) if each.name == name)
    return found


@pytest.mark.parametrize(
    ("name", "changes", "numerator", "denominator", "behind"),
    [
        ("leads", [{}, {}], 2, 1, ["L-1", "L-2"]),
        ("answer_rate", [{}, {"answered": False}, {"kind": "form"}], 1, 2, ["L-1"]),
        ("missed_rate", [{}, {"answered": False}, {"answered": False, "voicemail": True}], 1, 3, ["L-2"]),
        ("voicemail_rate", [{}, {"answered": False, "voicemail": True}], 1, 2, ["L-2"]),
        ("time_to_answer", [{"ring_s": 10.0}, {"ring_s": 20.0}, {}], 30, 2, ["L-1", "L-2"]),
        ("talk_share", [{"shares": {"talk_s": 30, "silence_s": 0, "hold_s": 0, "overlap_s": 0, "audio_s": 60}}, {}],
         30, 60, ["L-1"]),
        ("billable_rate", [{}, CREDITED, OVERRIDDEN, {"verdict": "needs_review"}], 2, 3, ["L-1", "L-3"]),
        ("non_billable_mix:solicitor", [{}, CREDITED, {"verdict": "non_billable", "reason": "job_seeker"}], 1, 2,
         ["L-2"]),
        ("non_billable_mix:out_of_area", [OVERRIDDEN, CREDITED], 0, 1, []),
        ("booked_rate", [{"outcome": "appointment_booked"}, OVERRIDDEN, {}, CREDITED], 2, 3, ["L-1", "L-2"]),
        ("cost_per_billable_lead", [{}, {}, CREDITED], 90, 2, ["L-1", "L-2"]),
        ("cost_per_booked_job", [{"outcome": "appointment_booked"}, {}], 90, 1, ["L-1"]),
        ("proactive_share_of_credits:USD", [CREDITED, CREDITED | {"proactive": "0"}], 45, 90, ["L-1"]),
        ("over_credit_leakage", [CREDITED | {"second_look_billable": True}, {"second_look_billable": True}],
         45, 2, ["L-1"]),
        ("under_credit_leakage", [OVERRIDDEN | {"second_look_billable": False, "credited": "20.00"}], 25, 1, ["L-1"]),
        ("dispute_rate", [{"requested_at": "x"}, {}], 1, 2, ["L-1"]),
        ("win_rate", [{"requested_at": "x", "result": "partly"}, {"requested_at": "x", "result": "declined"},
                      {"requested_at": "x"}], 1, 2, ["L-1"]),
        ("answered_in_time", [{"requested_at": "x", "result": "partly", "in_time": True},
                              {"requested_at": "x", "result": "partly", "in_time": False}], 1, 2, ["L-1"]),
        ("decision_latency:p50", ANSWERED, 5, 1, ["L-3", "L-1"]),
        ("decision_latency:p90", ANSWERED, 9, 1, ["L-1"]),
        ("expired_unreviewed", [{"expired_unreviewed": True}, {"expirable": True}, CREDITED, {}], 1, 3, ["L-1"]),
        ("review_effort", [{"review_s": 10.0}, {"review_s": 30.0}, {"review_s": 20.0}], 20, 1, ["L-1", "L-2", "L-3"]),
        ("time_to_proposal", [{}, {"proposed_at": ""}], 6, 1, ["L-1"]),
        ("coverage", [{}, {"verdict": "needs_review"}, {"verdict": "", "failure": "x"}, {"screening": "missed"}], 1, 3,
         ["L-1"]),
        ("precision", [CREDITED, OVERRIDDEN, {}, CREDITED | {"by_person": False}], 1, 2, ["L-1"]),
        ("precision:non_billable", [CREDITED, {"decided_billable": True, "by_person": True}],
         1, 1, ["L-1"]),
        ("override_rate", [CREDITED, OVERRIDDEN], 1, 2, ["L-2"]),
        ("recall:solicitor", [CREDITED, CREDITED | {"verdict": "needs_review"}], 1, 2, ["L-1"]),
        ("precision:out_of_area", [OVERRIDDEN], 0, 1, []),
    ],
)  # fmt: skip
def test_a_figure_says_what_it_was_made_from(
    name: str, changes: list[dict[str, Any]], numerator: float, denominator: float, behind: list[str]
) -> None:
    found = figure(name, *changes)
    assert (found.numerator, found.denominator, list(found.leads)) == (numerator, denominator, behind)
    assert found.value == numerator / denominator


def test_a_figure_over_nothing_has_no_value() -> None:
    assert figure("win_rate", {}).value is None
    assert figure("win_rate", {}).as_json()["value"] is None
    assert figure("review_effort", {}).value is None
    assert [each.value for each in data_points([]) if each.name == "answer_rate"] == [None]


def test_the_calibration_error_is_the_gap_between_said_and_seen() -> None:
    sure = CREDITED | {"charge_probability": 0.95}
    wrong = OVERRIDDEN | {"charge_probability": 0.95}
    assert figure("calibration_error", *[sure] * 3, wrong).value == pytest.approx(0.2)
    assert figure("calibration_error", CREDITED | {"charge_probability": None}).value is None
    assert figure("calibration_error", CREDITED | {"charge_probability": 1.0}).value == 0


def test_money_is_told_in_each_currency() -> None:
    told = [each for each in data_points(leads({}, {"currency": "CAD", "charged": "60.00"})) if each.name == "charged"]
    assert [(each.unit, each.numerator) for each in told] == [("CAD", 60.0), ("USD", 45.0)]


@pytest.mark.parametrize(
    ("by", "groups"),
    [("all", ["all"]), ("client", ["K-1", "Red Roof"]), ("campaign", ["C-1"]), ("source", ["search", "unknown"])],
)
def test_figures_are_told_by_group(by: str, groups: list[str]) -> None:
    found = grouped(leads({}, {"client": "Red Roof", "client_id": "", "source": ""}), by)
    assert list(found) == groups
    assert sum(each.numerator for own in found.values() for each in own if each.name == "leads") == 2
