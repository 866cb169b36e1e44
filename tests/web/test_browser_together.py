"""Two people at one lead, and pages that are loaded anew: nobody decides twice, and nothing that was typed is lost."""

from __future__ import annotations

from datetime import timedelta

from browsing import Windows, decided, in_my_hand, press_and_follow, record_of
from playwright.sync_api import Page, expect
from review_desk import ReviewDesk

from insights.domain.ledger import EntryKind

_BETWEEN_LOOKS_MS = 9_000
"""A little more than the page waits before it asks again whether somebody did something."""


def look_again(page: Page) -> None:
    """Let the page's own time go on until it asked how the lead stands."""
    with page.expect_response("**/standing"):
        page.clock.fast_forward(_BETWEEN_LOOKS_MS)


def with_its_own_clock(windows: Windows, name: str, path: str) -> Page:
    page = windows.open(name, "/queue")
    page.clock.install()
    page.goto(path)
    return page


def test_a_lead_in_hand_tells_others_who_has_it(windows: Windows) -> None:
    in_my_hand(windows.open("reviewer", "/leads/L3"))
    second = windows.open("triage_lead", "/leads/L3")
    expect(second.get_by_role("status").first).to_contain_text("reviewer has this lead in hand")
    expect(second.locator("[data-key=a]")).to_have_count(0)
    expect(second.locator(".actions")).to_contain_text("reviewer has it in hand")
    second.goto("/queue")
    expect(second.locator("li.lead", has_text="L3").locator(".hand")).to_have_text("reviewer")


def test_who_loses_a_race_is_told_and_keeps_what_was_typed(windows: Windows, desk: ReviewDesk) -> None:
    second = with_its_own_clock(windows, "triage_lead", "/leads/L3")
    in_my_hand(second)
    for _ in range(3):  # it lies open until it is kept from others no longer
        desk.office.clock.instant += timedelta(minutes=90)
        look_again(second)
        second.evaluate("() => fetch('/queue')")  # somebody who only lets a page lie open is signed out
    expect(second.locator("#changed")).to_be_hidden()

    first = windows.open("reviewer", "/leads/L3")
    in_my_hand(first)
    second.keyboard.press("m")
    second.keyboard.type("He said it was about our listing.")
    second.keyboard.press("Escape")
    press_and_follow(first, "a")
    look_again(second)
    expect(second.locator("#changed")).to_be_visible()
    expect(second.locator("#changed")).to_contain_text("changed while you looked at it (reviewer)")

    windows.refusals = {409}
    press_and_follow(second, "a")
    expect(second.get_by_role("alert")).to_contain_text("Nothing was done")
    expect(second.get_by_label("Your note")).to_have_value("He said it was about our listing.")
    expect(second.locator("#verdict-heading")).to_have_text("Decided")
    expect(second.locator(".verdict")).to_contain_text("by reviewer")
    assert decided(desk) == {"L3": ("reviewer:reviewer", "solicitor")}
    assert len(desk.office.entries(EntryKind.DECISION)) == 1


def test_a_lead_that_somebody_only_took_can_still_be_written_about(windows: Windows, desk: ReviewDesk) -> None:
    second = with_its_own_clock(windows, "triage_lead", "/leads/L3")
    in_my_hand(second)
    for _ in range(3):
        desk.office.clock.instant += timedelta(minutes=90)
        look_again(second)
        second.evaluate("() => fetch('/queue')")  # somebody who only lets a page lie open is signed out
    in_my_hand(windows.open("reviewer", "/leads/L3"))
    second.keyboard.press("i")
    second.fill("#fact", "Which listing was it?")
    windows.refusals = {409}
    press_and_follow(second, "Control+Enter")
    expect(second.get_by_role("alert")).to_contain_text("Nothing was done")
    expect(second.get_by_label("Your question")).to_have_value("Which listing was it?")
    assert desk.office.entries(EntryKind.INFORMATION_ASKED) == []


def test_what_was_typed_survives_a_reload(windows: Windows, desk: ReviewDesk) -> None:
    page = windows.open("reviewer", "/leads/L3")
    in_my_hand(page)
    page.keyboard.press("m")
    page.keyboard.type("A note\nof two lines")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.fill("#fact", "When did you call?")
    page.reload()
    expect(page.locator("#note")).to_have_value("A note\nof two lines")
    expect(page.locator("#fact")).to_have_value("When did you call?")
    in_my_hand(page)
    press_and_follow(page, "a")
    page.goto("/leads/L4")
    expect(page.locator("#note")).to_have_value("")  # another lead's words are its own
    assert [entry.body["note"] for entry in desk.office.entries(EntryKind.DECISION)] == ["A note\r\nof two lines"]


def test_a_lead_that_is_left_undecided_is_put_back_and_one_that_does_not_wait_is_not_taken(
    windows: Windows, desk: ReviewDesk
) -> None:
    page = windows.open("reviewer", "/leads/L3")
    in_my_hand(page)
    page.click("[data-key=q]")
    page.wait_for_url("**/queue*")
    for _ in range(100):  # what a page sends as it goes is seen by nobody but the server
        if record_of(desk, "L3").reviewer == "":
            break
        page.wait_for_timeout(100)
    page.goto("/leads/L2")  # somebody who needs a plumber: nobody has to look at it
    page.wait_for_load_state("networkidle")
    assert record_of(desk, "L2").reviewer == ""
    assert [entry.kind for entry in desk.office.entries(EntryKind.REVIEW_LEFT, "L3")] == [EntryKind.REVIEW_LEFT]
    assert record_of(desk, "L3").reviewer == ""
