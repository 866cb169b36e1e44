"""The weekly page shows what the report says, and other people's words as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import A_ROW, ROW_FACTS

from insights.adapters.report_page import weekly_page, words, write_page
from insights.domain.leads import LeadId
from insights.domain.weekly import WEEK, Week, weekly_report
from insights.errors import InputError

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


def test_an_empty_week_is_a_page_too() -> None:
    page = weekly_page(weekly_report(Week(START, START + WEEK, [], [])))
    assert "No leads." in page and "Nothing was decided." in page


def test_other_peoples_words_are_text(tmp_path: Path) -> None:
    page = weekly_page(weekly_report(Week(START, START + timedelta(days=7), LEADS, [])))
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "<b>K</b>" not in page
    write_page(page, tmp_path / "week.html")
    assert (tmp_path / "week.html").read_text() == page
    with pytest.raises(InputError, match="cannot be written"):
        write_page(page, tmp_path / "gone" / "week.html")


def test_figures_have_readable_names() -> None:
    assert words("non_billable_mix:job_seeker") == "job seeker"
    assert words("precision:non_billable") == "precision non billable"
