"""The queue in a browser: searched by words or id, filtered, counted, saved; the address holds all of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browsing import Windows
from playwright.sync_api import Page, expect


@pytest.fixture
def queue(windows_on: Callable[[str], Windows], kept_address: str) -> Page:
    return windows_on(kept_address).open("reviewer", "/queue")


def total(page: Page) -> int:
    """The number of leads that the page tells."""
    return int(page.locator("h1").inner_text().split()[0].replace(",", ""))


def shown(page: Page) -> list[str]:
    return page.locator("li.lead .id").all_inner_texts()


def counts(page: Page, field: str) -> dict[str, int]:
    """What a field offers, and how many leads it says there are."""
    options = page.locator(f"#{field} option").evaluate_all("all => all.map(one => [one.value, one.textContent])")
    found = {value: re.search(r"\((\d+)\)$", text) for value, text in options}
    return {value: int(match[1]) for value, match in found.items() if match}


def choose(page: Page, field: str, value: str) -> None:
    """Choosing sends the filters."""
    with page.expect_navigation():
        page.select_option(f"#{field}", value)


def search(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_leads_are_found_by_words_of_the_call(queue: Page) -> None:
    search(queue, "google listing")
    assert set(shown(queue)) == {"L3", "L6", "L9", "L12"}
    assert total(queue) == 4
    expect(queue.locator("#words")).to_have_value("google listing")
    search(queue, " zebra")
    expect(queue.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_a_lead_is_found_by_its_id_whatever_the_filters_say(queue: Page) -> None:
    search(queue, "L14")  # which waits for nobody
    with queue.expect_navigation():
        queue.get_by_role("status").get_by_role("link", name="L14").click()
    expect(queue.locator("h1")).to_have_text("Lead L14")


def test_a_filter_is_in_the_address_and_survives_a_reload(queue: Page) -> None:
    choose(queue, "reason", "job_seeker")
    assert "reason=job_seeker" in queue.url
    first = shown(queue)
    assert set(first) == {"L1", "L4", "L7", "L10", "L13"}
    choose(queue, "order", "oldest")
    assert shown(queue) == ["L13", "L10", "L7", "L4", "L1"]
    queue.reload()
    expect(queue.locator("#reason")).to_have_value("job_seeker")
    expect(queue.locator("#order")).to_have_value("oldest")
    assert shown(queue) == ["L13", "L10", "L7", "L4", "L1"]
    with queue.expect_navigation():
        queue.get_by_role("link", name="Clear").click()
    assert total(queue) == 9


def test_the_filters_go_along_to_the_leads_and_back(queue: Page) -> None:
    choose(queue, "reason", "job_seeker")
    queue.keyboard.press("j")
    with queue.expect_navigation():
        queue.keyboard.press("Enter")
    with queue.expect_navigation():
        queue.keyboard.press("n")
    expect(queue.locator(".verdict .headline")).to_contain_text("job seeker")
    with queue.expect_navigation():
        queue.keyboard.press("q")
    expect(queue.locator("#reason")).to_have_value("job_seeker")


@pytest.mark.parametrize("filters", ["", "?reason=solicitor", "?words=google", "?status=all&verdict=billable"])
def test_the_counts_beside_the_choices_add_up_to_the_leads_that_are_shown(queue: Page, filters: str) -> None:
    queue.goto(f"/queue{filters}")
    assert len(shown(queue)) == total(queue)
    for field in ("client", "verdict", "reason", "confidence", "trade", "source", "reviewer"):
        told = counts(queue, field)
        chosen = queue.input_value(f"#{field}")
        assert total(queue) == (told[chosen] if chosen else sum(told.values())), field


def test_a_count_is_what_its_choice_shows(queue: Page) -> None:
    for field in ("verdict", "reason", "status"):
        queue.goto("/queue?status=all")
        told = counts(queue, field)
        assert sum(told.values()) - told.get("waiting", 0) == total(queue)
        for value in [value for value, count in told.items() if count]:
            queue.goto(f"/queue?status=all&{field}={value}" if field != "status" else f"/queue?status={value}")
            assert total(queue) == told[value], (field, value)


def test_filters_are_saved_under_a_name_and_forgotten_again(queue: Page) -> None:
    choose(queue, "reason", "solicitor")
    queue.fill("#view-name", "Pitches <b>")
    with queue.expect_navigation():
        queue.keyboard.press("Enter")
    queue.goto("/queue")
    view = queue.get_by_role("link", name="Pitches <b>")
    with queue.expect_navigation():
        view.click()
    assert set(shown(queue)) == {"L3", "L6", "L9", "L12"}
    expect(view).to_have_attribute("aria-current", "page")
    with queue.expect_navigation():
        queue.get_by_role("button", name="Forget the view Pitches <b>").click()
    expect(view).to_have_count(0)
