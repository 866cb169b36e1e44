"""The dashboard: every number is as many leads as stand behind it, and no figure is defined a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import A_ROW, NOW, ROW_FACTS
from hypothesis import given
from hypothesis import strategies as st
from summaries import random_rows

from insights.domain.dashboard import Amount, Dashboard, Share, dashboard, round_up
from insights.domain.dashboard_marks import Chart, Period, Step, leads_behind, marks
from insights.domain.data_points import data_points, grouped
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import LeadId

MONTH = Period(NOW - timedelta(days=30), NOW, NOW)
HISTORIES = st.builds(lambda seed, count: random_rows(Random(seed), count), st.integers(0, 10_000), st.integers(0, 60))


def shares(board: Dashboard) -> Iterator[Share]:
    for reason in board.reasons:
        yield from (reason.coverage, reason.precision, reason.overrides, reason.agreement)
    yield from (source.non_billable for source in board.sources)
    for reviewer in board.reviewers:
        yield from (reviewer.overrides, reviewer.agreement)
    yield board.latency.in_time
    yield from (client.disputes for client in board.clients)


def amounts(board: Dashboard) -> Iterator[Amount]:
    for dollars in board.dollars:
        for bar in (*dollars.bars, dollars.total):
            yield from (bar.proposed, bar.credited, bar.at_risk, bar.expired)
    for row in board.clients:
        yield from (row.charged, row.asked, row.unasked, row.new_customers, row.billable, row.booked)


def counted(board: Dashboard) -> Iterator[tuple[str, str, int]]:
    """Chart, key and count of every mark that the page draws."""
    for share in shares(board):
        yield share.chart, share.hits_key, share.hits
        yield share.chart, share.rest_key, share.of - share.hits
        yield share.chart, share.of_key, share.of
    yield from ((amount.chart, amount.key, amount.leads) for amount in amounts(board))
    yield from ((Chart.MIX, key, count) for row in board.sources for _, key, count in row.reasons)
    yield from ((Chart.DECISIONS, f"in:{row.name}", row.decisions) for row in board.reviewers)
    for wait in board.latency.waits:
        yield Chart.LATENCY, wait.kept_key, wait.kept
        yield Chart.LATENCY, wait.late_key, wait.late
    yield Chart.LATENCY, "p50", board.latency.p50_leads
    yield Chart.LATENCY, "p90", board.latency.p90_leads


@given(HISTORIES)
def test_as_many_leads_stand_behind_every_mark_as_it_counts(rows: list[LeadSummary]) -> None:
    found = marks(rows, MONTH)
    drawn = list(counted(dashboard(rows, MONTH, [])))
    for chart, key, count in drawn:
        behind = found.behind(chart, key)
        assert (len(behind), len(set(behind))) == (count, count), (chart, key)
    assert {chart for chart, _, _ in drawn} == set(Chart) or not rows or len(rows) < 60
    told = {(chart, key) for chart, key, _ in drawn}
    assert set(found.leads) <= told, "a mark that nothing draws"


def test_the_leads_of_one_mark_are_found_without_the_dashboard() -> None:
    rows = random_rows(Random(1), 200)
    share = dashboard(rows, MONTH, []).reasons[0].coverage
    assert 0 < share.hits < share.of
    assert len(leads_behind(share.chart, share.hits_key, rows, MONTH)) == share.hits
    assert leads_behind("coverage", "in:nothing", rows, MONTH) == leads_behind("nothing", "x", rows, MONTH) == []


@given(HISTORIES)
def test_the_dashboard_says_what_the_figures_of_the_report_say(rows: list[LeadSummary]) -> None:
    board = dashboard(rows, MONTH, [])
    figures = {(figure.name, figure.unit): figure for figure in data_points(rows)}

    def same(share: Share, name: str) -> None:
        figure = figures[name, "share"]
        assert (share.hits, share.of) == (figure.numerator, figure.denominator), name

    for row in board.reasons:
        if row.reason == "all":
            same(row.coverage, "coverage")
        suffix = "" if row.reason == "all" else f":{row.reason}"
        if row.precision.of:
            same(row.precision, f"precision{suffix}")
            same(row.overrides, f"override_rate{suffix}")
    same(board.latency.in_time, "answered_in_time")
    assert board.latency.p50 == figures["decision_latency:p50", "hours"].value
    assert board.latency.p90 == figures["decision_latency:p90", "hours"].value
    for reason, _, count in board.sources[0].reasons if board.sources else ():
        assert count == figures[f"non_billable_mix:{reason}", "share"].numerator
    for dollars in board.dollars:
        assert float(dollars.total.credited.money) == figures["credited", dollars.currency].numerator
    by_client = grouped(rows, "client")
    for client in board.clients:
        own = {figure.name: figure for figure in by_client[client.client_id]}
        assert float(client.charged.money) == own["charged"].numerator
        assert client.disputes.value == own["dispute_rate"].value
        for cost, name in ((client.per_billable, "cost_per_billable_lead"), (client.per_booked, "cost_per_booked_job")):
            assert (None if cost is None else float(cost)) == pytest.approx(own[name].value)


@given(HISTORIES)
def test_bars_of_money_add_up_to_the_whole_and_none_is_higher_than_the_axis(rows: list[LeadSummary]) -> None:
    for dollars in dashboard(rows, MONTH, []).dollars:
        assert len(dollars.bars) == 31  # thirty days from eight in the morning
        assert all(bar.height <= dollars.top for bar in dollars.bars)
        for kind in ("proposed", "credited", "at_risk", "expired"):
            parts = [getattr(bar, kind) for bar in dollars.bars]
            assert sum(part.money for part in parts) == getattr(dollars.total, kind).money
            assert sum(part.leads for part in parts) == getattr(dollars.total, kind).leads


PITCH = {"verdict": "non_billable", "reason": "solicitor"}


def row(facts: dict[str, Any], **changes: Any) -> LeadSummary:
    return replace(A_ROW, facts=ROW_FACTS | facts, **changes)


def money_of(lead: LeadSummary) -> dict[str, str]:
    period = Period(NOW - timedelta(days=30), NOW + timedelta(days=1), NOW)
    return {
        key.partition(":")[0]: str(money)
        for (chart, key), money in marks([lead], period).sums.items()
        if chart == Chart.DOLLARS
    }


@pytest.mark.parametrize(
    ("lead", "money"),
    [
        (row(PITCH, waits=True, expirable=True), {"proposed": "45.00", "at_risk": "45.00"}),
        (row(PITCH, waits=True, expirable=True, expires_at=NOW), {"proposed": "45.00", "expired": "45.00"}),
        (row(PITCH | {"expired_unreviewed": True}), {"proposed": "45.00", "expired": "45.00"}),
        (row(PITCH, waits=True, still_open=True, expires_at=NOW), {"proposed": "45.00", "at_risk": "45.00"}),
        (row(PITCH, waits=True, expires_at=NOW), {"proposed": "45.00"}),
        (row(PITCH | {"credited": "45.00"}), {"proposed": "45.00", "credited": "45.00"}),
        (row({"verdict": "needs_review", "credited": "20.00"}), {"credited": "20.00"}),
        (row({}), {}),
    ],
)
def test_money_stands_where_the_life_of_its_lead_is(lead: LeadSummary, money: dict[str, str]) -> None:
    assert money_of(lead) == money


def test_money_of_two_currencies_is_never_added() -> None:
    rows = [row(PITCH, lead_id=LeadId("L-1")), row(PITCH | {"currency": "CAD"}, lead_id=LeadId("L-2"))]
    found = dashboard(rows, Period(NOW, NOW + timedelta(days=1), NOW), [])
    assert [(d.currency, d.total.proposed.money) for d in found.dollars] == [("CAD", Decimal(45)), ("USD", Decimal(45))]


CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("start", "end", "step", "first", "bars"),
    [
        (datetime(2026, 11, 1, tzinfo=CHICAGO), datetime(2026, 12, 1, tzinfo=CHICAGO), Step.DAY, date(2026, 11, 1), 30),
        (datetime(2026, 1, 1, tzinfo=CHICAGO), datetime(2027, 1, 1, tzinfo=CHICAGO), Step.WEEK, date(2025, 12, 29), 53),
        (datetime(2025, 1, 5, tzinfo=CHICAGO), datetime(2027, 1, 1, tzinfo=CHICAGO), Step.MONTH, date(2025, 1, 1), 24),
    ],
)
def test_bars_hold_days_weeks_or_months_by_the_length_of_the_period(
    start: datetime, end: datetime, step: Step, first: date, bars: int
) -> None:
    period = Period(start, end, end)
    assert (period.step, period.bars()[0], len(period.bars())) == (step, first, bars)
    assert period.bar_of(end - timedelta(seconds=1)) == period.bars()[-1]


def test_a_day_is_a_day_of_the_operators_zone() -> None:
    period = Period(datetime(2026, 11, 1, tzinfo=CHICAGO), datetime(2026, 11, 8, tzinfo=CHICAGO), NOW)
    assert period.bar_of(datetime.fromisoformat("2026-11-03T03:00:00+00:00")) == date(2026, 11, 2)


def test_a_reviewer_is_told_with_the_middle_time_of_a_decision_and_second_looks_at_it() -> None:
    by_ann = {"by_person": True, "decided_by": "reviewer:ann", "decided_reason": "solicitor", "decided_billable": False}
    look = {"by": "reviewer:bo", "decided_by": "reviewer:ann", "decided_reason": "solicitor", "reason": "job_seeker"}
    rows = [
        row(PITCH | by_ann | {"review_s": 10.0, "overridden": False}),
        row(PITCH | by_ann | {"review_s": 30.0, "overridden": True, "second_looks": [look]}),
        row({"verdict": "needs_review"} | by_ann),
        row({"second_looks": [look | {"decided_by": "reviewer:cy", "reason": "solicitor"}]}),
    ]
    ann, cy = dashboard(rows, MONTH, []).reviewers
    assert (ann.name, ann.decisions, ann.median_s) == ("ann", 3, 20.0)
    assert (ann.overrides.hits, ann.overrides.of, ann.agreement.hits, ann.agreement.of) == (1, 2, 0, 1)
    assert (cy.name, cy.decisions, cy.median_s, cy.overrides.value, cy.agreement.value) == ("cy", 0, None, None, 1.0)


def test_the_promise_is_the_middle_of_what_was_promised() -> None:
    asked = {"requested_at": NOW.isoformat(), "result": "declined", "answered_h": 500.0, "in_time": False}
    told = dashboard(
        [row(asked, due_at=NOW + timedelta(hours=hours)) for hours in (120, 120, 168)]
        + [row(asked | {"in_time": True, "answered_h": 1.0})],
        MONTH,
        [],
    ).latency
    assert (told.promise_h, told.answers, told.in_time.hits, told.in_time.of) == (120, 4, 1, 4)
    assert [(wait.hours, wait.until, wait.kept, wait.late) for wait in told.waits if wait.kept or wait.late] == [
        (0, 12, 1, 0),
        (240, None, 0, 3),
    ]


def test_an_answer_that_nobody_timed_is_neither_kept_nor_late() -> None:
    told = dashboard([row({"requested_at": NOW.isoformat(), "result": "declined"})], MONTH, []).latency
    assert (told.answers, told.in_time.of) == (0, 0)


def test_a_share_of_few_leads_has_a_wide_interval() -> None:
    few, many = (Share(Chart.COVERAGE, "all", hits, 2 * hits).interval for hits in (2, 200))
    assert few[0] < many[0] < 0.5 < many[1] < few[1]


def test_a_period_without_leads_has_a_dashboard_too() -> None:
    board = dashboard([], MONTH, [])
    assert (board.leads, board.reasons, board.sources, board.dollars, board.clients) == (0, (), (), (), ())
    assert (board.latency.p50, board.latency.promise_h, board.last_night) == (None, None, None)


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.3, 0.4), (1, 1), (3, 4), (45, 50), (99, 100), (820, 1000)])
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)


def test_every_chart_is_defined_beside_the_figures() -> None:
    text = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
    assert set(Chart) <= set(re.findall(r"`([a-z_]+)`", text.partition("## The dashboard")[2]))
