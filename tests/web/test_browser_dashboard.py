"""From a mark on the dashboard down to its leads: as many as the mark says."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browsing import Windows
from playwright.sync_api import Locator, Page, expect

_MONTH = "/dashboard?first=2026-11-01&last=2026-11-20"


@pytest.fixture
def board(windows_on: Callable[[str], Windows], kept_address: str) -> Page:
    return windows_on(kept_address).open("triage_lead", _MONTH)


def leads_behind(board: Page, mark: Locator) -> list[str]:
    """Click on the mark, and read the list; then back to the dashboard."""
    with board.expect_navigation():
        mark.click()
    found = board.locator("tbody th a").all_inner_texts()
    expect(board.locator("h1")).to_have_text(f"{len(found)} lead{'s' if len(found) != 1 else ''} behind this mark")
    with board.expect_navigation():
        board.get_by_role("main").get_by_role("link", name="Dashboard").click()
    assert board.url.endswith(_MONTH)
    return found


def test_a_bar_of_money_leads_to_the_leads_that_it_counts(board: Page) -> None:
    bars = board.locator("svg.field a:has(rect)")
    found = []
    for number in range(bars.count()):
        said = bars.nth(number).locator("title").text_content() or ""
        counted = re.search(r"at risk \$[\d.]+, (\d+) leads?$", said)
        assert counted, said
        found.append(leads_behind(board, bars.nth(number).locator("rect")))
        assert len(found[-1]) == int(counted[1])
    non_billable = {f"L{number}" for number in range(1, 15) if number % 3 != 2}
    assert sorted(lead for leads in found for lead in leads) == sorted(non_billable)


def test_a_share_leads_to_the_leads_that_were_found(board: Page) -> None:
    share = board.locator("a.cell", has_text="9/14").first
    found = leads_behind(board, share)
    assert len(found) == 9
    assert not {"L2", "L5", "L8", "L11", "L14"} & set(found)


def test_every_number_of_a_table_leads_to_as_many_leads(board: Page) -> None:
    def numbers() -> Locator:
        for table in board.locator("details:has(a)").all():
            table.evaluate("one => { one.open = true; }")
        return board.locator("td.number a").filter(has_text=re.compile(r"^\d+$"))

    for number in range(0, numbers().count(), 3):
        mark = numbers().nth(number)
        counted = int(mark.inner_text())
        assert len(leads_behind(board, mark)) == counted


def test_a_lead_behind_a_mark_can_be_opened(board: Page) -> None:
    with board.expect_navigation():
        board.locator("svg.field a rect").first.click()
    lead = board.locator("tbody th a").first
    name = lead.inner_text()
    with board.expect_navigation():
        lead.click()
    expect(board.locator("h1")).to_have_text(f"Lead {name}")


def test_the_days_of_the_dashboard_are_chosen(board: Page) -> None:
    with board.expect_navigation():
        board.fill("#last", "2026-11-19")
        board.locator("#last").press("Tab")
    assert "last=2026-11-19" in board.url
    expect(board.locator("svg.field a:has(rect) title")).to_have_count(1)
