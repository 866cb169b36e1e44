"""The player of a call: from a quote, from the waveform, from keys; what is heard is shown in the words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browsing import Windows, in_my_hand
from office import JOB
from playwright.sync_api import Page, expect
from review_desk import a_review_desk, served

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore

LONG_PITCH = """agent: Blue Pipe Plumbing, how can I help?
caller: Hello there, how are you today?
agent: I am well, thank you. What is it about?
caller: I can get your google listing to the top.
agent: No, thank you, we have somebody for that.
caller: Then have a nice day."""
"""Half a minute, five seconds a line; the deciding words begin at 0:15."""
QUOTE, SECONDS = 15, 30


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app for all of these tests: hearing a call changes nothing that another of them looks at."""
    folder = tmp_path_factory.mktemp("heard")
    engine = open_engine(f"sqlite:///{folder / 'record.sqlite'}")
    with served(a_review_desk(folder, SqlStore(engine), leads=2, scripts=[LONG_PITCH, JOB]).app) as address:
        yield address
    engine.dispose()


@pytest.fixture
def page(windows_on: Callable[[str], Windows], address: str) -> Page:
    page = windows_on(address).open("reviewer", "/leads/L2")
    in_my_hand(page)
    page.wait_for_function("document.getElementById('audio').readyState >= 1")  # it knows how long the call is
    return page


def second(page: Page) -> float:
    at = page.evaluate("document.getElementById('audio').currentTime")
    assert isinstance(at, float | int)
    return at


def is_playing(page: Page) -> None:
    expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
    page.wait_for_function("(at) => document.getElementById('audio').currentTime > at", arg=second(page))


def is_paused(page: Page) -> None:
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play")


def pause(page: Page) -> float:
    """Stop, and tell where."""
    page.evaluate("document.getElementById('audio').pause()")
    is_paused(page)
    return second(page)


def test_a_click_on_a_quote_plays_from_its_words(page: Page) -> None:
    page.locator(".quote.for .play").first.click()
    is_playing(page)
    assert QUOTE <= pause(page) < QUOTE + 5
    expect(page.locator(".turn.playing")).to_have_count(1)
    expect(page.locator(".turn.playing")).to_contain_text("google listing")
    expect(page.locator("#turn-3")).to_have_attribute("aria-current", "true")


def test_a_key_jumps_to_the_deciding_words_and_then_to_those_against(page: Page) -> None:
    page.keyboard.press("e")
    is_playing(page)
    assert QUOTE <= pause(page) < QUOTE + 5
    against = float(page.locator(".quote.against .play").first.get_attribute("data-seek") or "nan")
    page.keyboard.press("e")
    is_playing(page)
    assert against <= pause(page) < against + 5


def test_a_turn_plays_from_there_and_is_the_only_one_that_is_lit(page: Page) -> None:
    page.locator("#turn-4 .said").click()
    is_playing(page)
    assert 20 <= pause(page) < 25
    expect(page.locator(".turn.playing")).to_have_id("turn-4")
    page.locator("#turn-1 a.at").click()
    is_playing(page)
    assert 5 <= pause(page) < 10
    expect(page.locator(".turn.playing")).to_have_id("turn-1")


@pytest.mark.parametrize("way", ["the button", "the arrow"])
def test_three_seconds_back(page: Page, way: str) -> None:
    page.locator(".quote.for .play").first.click()
    is_playing(page)
    at = pause(page)
    if way == "the button":
        page.click("#back3")
    else:
        page.keyboard.press("ArrowLeft")
    assert second(page) == pytest.approx(at - 3, abs=0.01)
    page.keyboard.press("ArrowRight")
    assert second(page) == pytest.approx(at, abs=0.01)


def test_space_plays_and_pauses(page: Page) -> None:
    page.keyboard.press(" ")
    is_playing(page)
    page.keyboard.press(" ")
    is_paused(page)


def test_the_speed_is_chosen_by_mouse_or_keys_and_stays_for_the_next_call(page: Page) -> None:
    rate = "document.getElementById('audio').playbackRate"
    page.select_option("#speed", "1.5")
    assert page.evaluate(rate) == 1.5
    page.locator("#transcript").focus()
    page.keyboard.press("<")
    assert page.evaluate(rate) == 1.25
    page.goto("/leads/L1")
    page.wait_for_function(f"{rate} === 1.25")
    expect(page.locator("#speed")).to_have_value("1.25")
    for _ in range(9):
        page.keyboard.press(">")
    assert page.evaluate(rate) == 2


def test_a_click_on_the_waveform_goes_there(page: Page) -> None:
    box = page.locator("#wave").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    assert second(page) == pytest.approx(0.7 * SECONDS, abs=0.2)
    expect(page.locator(".turn.playing")).to_have_id("turn-4")
    expect(page.locator("#time")).to_have_text("0:21" if second(page) >= 21 else "0:20")
    assert float(page.get_attribute("#playhead", "x1") or "nan") == pytest.approx(700, abs=5)


def test_the_slider_goes_there_by_keys(page: Page) -> None:
    page.fill("#position", "12.5")
    assert second(page) == pytest.approx(12.5, abs=0.01)
    expect(page.locator("#position")).to_have_attribute("aria-valuetext", "0:12")
