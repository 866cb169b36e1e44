"""The dashboard's page: every link on it leads to leads, words of others stay words, nothing needs inline style."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from random import Random
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from builders import NOW
from summaries import random_rows

from insights.domain.dashboard import dashboard
from insights.domain.dashboard_marks import Chart, Period, marks
from insights.domain.dashboard_nights import NIGHT, Note, leads_of_night
from insights.domain.lead_summary import LeadSummary
from insights.web.desk import page_templates

MONTH = Period(NOW - timedelta(days=30), NOW, NOW)
FAILED = [{"lead_id": f"L-{number}", "code": code} for number, code in enumerate(["not_audio", "too_long"] * 3)]
NIGHTS: list[Note] = [
    (
        NOW - timedelta(days=days),
        {
            "leads_seen": 40, "proposals_posted": 3, "proposals_standing": 9, "audio_s": 600.0, "stages": {},
            "failures": FAILED[days:], "quarantined": [{"where": "<b>", "lead_id": "", "reason": "no date"}],
            "expired_unreviewed": ["L-9"], "expiring": [], "auto_accepted": [],
        },
    )
    for days in range(3)
]  # fmt: skip
HOSTILE = '"><script>alert(1)</script>'


def body(rows: list[LeadSummary], nights: list[Note]) -> str:
    return (
        page_templates()
        .get_template("dashboard_body.html")
        .render(
            board=dashboard(rows, MONTH, nights),
            period=SimpleNamespace(client=""),
            drill=lambda chart, key: "/dashboard/leads?" + urlencode({"chart": chart, "key": key}),
        )
    )


def test_behind_every_link_of_the_page_stand_leads() -> None:
    rows = random_rows(Random(2), 400)
    found = marks(rows, MONTH)
    links = re.findall(r'href="([^"]+)"', body(rows, NIGHTS))
    asked = {(told["chart"][0], told["key"][0]) for told in (parse_qs(urlsplit(unescape(at)).query) for at in links)}
    for chart, key in asked:
        behind = leads_of_night(key, NIGHTS) if chart == NIGHT else found.behind(chart, key)
        assert behind, (chart, key)
    linked = {(chart, key) for chart, key in asked if chart != NIGHT}
    counted = {mark for mark in found.leads if not (mark[0] == Chart.DISPUTES and mark[1].startswith("rest:"))}
    assert counted <= linked, "a mark that nobody can go down from"


@pytest.mark.parametrize(("rows", "nights"), [(random_rows(Random(2), 300), NIGHTS), ([], [])])
def test_the_page_needs_no_style_of_its_own_and_draws_only_finite_places(
    rows: list[LeadSummary], nights: list[Note]
) -> None:
    page = body(rows, nights)
    assert not re.search(r"\bstyle=|<script|\bon\w+=|\bnan\b|\binf\b", page)
    widths = [float(told) for told in re.findall(r'(?:width|height)="(-?[\d.]+)%?"', page)]
    assert all(told >= 0 for told in widths)


def test_a_period_without_leads_says_so_in_every_chart() -> None:
    page = body([], [])
    assert page.count('class="nothing"') == page.count("<section")
    assert "No decisions in this period." in page
    assert "No night was closed yet." in page


def test_names_of_sources_clients_and_reviewers_are_words_whatever_they_hold() -> None:
    rows = [
        replace(row, facts=dict(row.facts) | {"source": HOSTILE, "client": HOSTILE, "client_id": HOSTILE})
        for row in random_rows(Random(2), 30)
    ]
    rows = [
        replace(row, facts=dict(row.facts) | {"decided_by": f"reviewer:{HOSTILE}"}) if row.facts["by_person"] else row
        for row in rows
    ]
    page = body(rows, NIGHTS)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
