"""A week in figures: Monday to Monday, sources with their intervals, each figure beside the week before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from builders import A_ROW, ROW_FACTS

from insights.domain.leads import LeadId
from insights.domain.weekly import WEEK, Week, week_before, weekly_report

CHICAGO = ZoneInfo("America/Chicago")
START = datetime(2026, 11, 16, tzinfo=CHICAGO)
CREDITED = {
    "verdict": "non_billable",
    "reason": "solicitor",
    "decided_reason": "solicitor",
    "decided_billable": False,
    "by_person": True,
}
HOSTILE = {"source": "<script>alert(1)</script>", "client_id": "<b>K</b>"}
LEADS = [
    replace(A_ROW, lead_id=LeadId(f"L-{n}"), facts=ROW_FACTS | change)
    for n, change in enumerate([{}, CREDITED, CREDITED | HOSTILE, {"source": "maps"}])
]


@pytest.mark.parametrize(
    "now", [datetime(2026, 11, 23, 6, tzinfo=CHICAGO), datetime(2026, 11, 29, 23, 59, tzinfo=CHICAGO)]
)
def test_the_last_whole_week_runs_from_monday_to_monday(now: datetime) -> None:
    assert week_before(now) == (START, START + WEEK)


def test_the_report_tells_sources_with_their_intervals_and_the_week_before() -> None:
    report = weekly_report(Week(START, START + WEEK, LEADS, LEADS[:2]))
    leads = next(figure for figure in report["headlines"] if figure["name"] == "leads")
    assert (leads["value"], leads["week_before"]) == (4, 2)
    first = report["sources"][0]
    assert (first["source"], first["leads"], first["non_billable"]) == ("search", 2, 1)
    assert first["interval"][0] < first["share"] < first["interval"][1]
    assert [figure["name"] for figure in report["mix"]] == ["non_billable_mix:solicitor"]
    assert [row["reason"] for row in report["reasons"]] == ["solicitor"]


def test_money_of_every_currency_is_told() -> None:
    leads = [LEADS[0], replace(A_ROW, lead_id=LeadId("L-9"), facts=ROW_FACTS | {"currency": "CAD", "charged": "60.00"})]
    charged = [row for row in weekly_report(Week(START, START + WEEK, leads, []))["money"] if row["name"] == "charged"]
    assert [(row["unit"], row["value"]) for row in charged] == [("CAD", 60.0), ("USD", 45.0)]
