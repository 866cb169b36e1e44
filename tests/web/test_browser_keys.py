"""Leads are worked by keys alone, and what is on the billing record is exactly what was pressed."""

from __future__ import annotations

import pytest
from browsing import Windows, decided, in_my_hand, lead_on, press_and_follow, record_of
from playwright.sync_api import Page, expect
from review_desk import PASSWORD, ReviewDesk

from insights.domain.billing import LeadState
from insights.domain.ledger import EntryKind

PROPOSED = {1: "job_seeker", 0: "solicitor"}  # the new customers between them wait for nobody


def proposed(lead_id: str) -> str:
    """What the night says of a lead of the desk."""
    return PROPOSED[int(lead_id.removeprefix("L")) % 3]


def first_lead(windows: Windows, **context: object) -> Page:
    page = windows.open("reviewer", "/queue", **context)
    page.keyboard.press("j")
    press_and_follow(page, "Enter")
    return page


@pytest.mark.parametrize("desk", [18], indirect=True)
def test_ten_leads_are_worked_without_touching_the_mouse(windows: Windows, desk: ReviewDesk) -> None:
    page = windows.open(path="/queue")
    page.keyboard.type("reviewer")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    press_and_follow(page, "Enter")
    page.keyboard.press("j")
    press_and_follow(page, "Enter")
    expected = {}

    windows.refusals = {409}  # to a page that takes its lead in hand a moment after the key decided it
    for _ in range(4):  # accept: one key, and the next lead is there; however fast the key comes
        lead = lead_on(page)
        press_and_follow(page, "a")
        expected[lead] = ("reviewer:reviewer", proposed(lead))
        assert lead_on(page) != lead
        expect(page.locator("#done")).to_contain_text(f"{lead} accepted as {proposed(lead).replace('_', ' ')}")

    overridden = in_my_hand(page)
    page.keyboard.press("o")
    expect(page.locator("#override .pop-up")).to_be_visible()
    press_and_follow(page, "p")
    expected[overridden] = ("reviewer:reviewer", "previous_customer")

    taken_back = in_my_hand(page)
    press_and_follow(page, "a")
    in_my_hand(page)
    press_and_follow(page, "u")
    assert lead_on(page) == taken_back
    assert record_of(desk, taken_back).decided is None
    in_my_hand(page)
    page.keyboard.press("o")
    press_and_follow(page, "w")
    expected[taken_back] = ("reviewer:reviewer", "wrong_number")

    asked = in_my_hand(page)
    page.keyboard.press("i")
    expect(page.locator("#fact")).to_be_focused()
    question = page.input_value("#fact")
    assert question
    press_and_follow(page, "Control+Enter")
    expect(page.locator("#done")).to_contain_text(f"{asked} asked for a fact")

    for _ in range(3):
        lead = in_my_hand(page)
        press_and_follow(page, "a")
        expected[lead] = ("reviewer:reviewer", proposed(lead))

    assert decided(desk) == expected
    assert len(expected) == 9
    assert record_of(desk, asked).state is LeadState.INFORMATION_NEEDED
    assert [entry.body["fact"] for entry in desk.office.entries(EntryKind.INFORMATION_ASKED)] == [question]
    assert len(desk.office.entries(EntryKind.DECISION)) == 10  # one of them was taken back


def test_passing_over_a_lead_decides_nothing_and_shows_another(windows: Windows, desk: ReviewDesk) -> None:
    page = first_lead(windows)
    seen = [in_my_hand(page)]
    for _ in range(3):
        press_and_follow(page, "n")
        seen.append(in_my_hand(page))
    assert len(set(seen)) == 4
    assert desk.office.entries(EntryKind.DECISION) == []
    assert {record_of(desk, lead).reviewer for lead in seen[:-1]} == {""}


def test_the_last_lead_leads_back_to_the_queue_where_it_can_be_undone(windows: Windows, desk: ReviewDesk) -> None:
    page = windows.open("reviewer", "/leads/L3?queue=words%3Dnowhere")
    in_my_hand(page)
    press_and_follow(page, "a")
    assert page.url.endswith("/queue?words=nowhere&done=L3")
    expect(page.locator("#done")).to_contain_text("L3 accepted as solicitor. Nothing else waits here.")
    press_and_follow(page, "u")
    assert lead_on(page) == "L3"
    assert decided(desk) == {}


def test_a_question_mark_shows_the_keys_and_escape_closes_them(windows: Windows, desk: ReviewDesk) -> None:
    page = first_lead(windows)
    lead = in_my_hand(page)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("accept the proposal, go to the next lead")
    page.keyboard.press("a")  # no key of the page while they are read
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    assert lead_on(page) == lead
    assert desk.office.entries(EntryKind.DECISION) == []


def test_escape_closes_what_a_key_opened(windows: Windows, desk: ReviewDesk) -> None:
    page = first_lead(windows)
    in_my_hand(page)
    for key in "oim":
        page.keyboard.press(key)
        expect(page.locator("details.pop[open]")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(page.locator("details.pop[open]")).to_have_count(0)
    assert desk.office.entries(EntryKind.DECISION) == []


def test_letters_typed_into_a_field_decide_nothing(windows: Windows, desk: ReviewDesk) -> None:
    page = first_lead(windows)
    lead = in_my_hand(page)
    every_key = "aonuimqbjke <>?wspv"
    for key, field in (("m", "#note"), ("i", "#fact")):
        page.keyboard.press(key)
        expect(page.locator(field)).to_be_focused()
        page.keyboard.type(every_key)
        expect(page.locator(field)).to_have_value(every_key)
        page.keyboard.press("Escape")
    assert lead_on(page) == lead
    queue = windows.open("reviewer", "/queue")
    queue.keyboard.press("/")
    queue.keyboard.type("jkuq?a")
    expect(queue.locator("#words")).to_have_value("jkuq?a")
    assert desk.office.entries(EntryKind.DECISION) == []
    assert desk.office.entries(EntryKind.INFORMATION_ASKED) == []
