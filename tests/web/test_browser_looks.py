"""Pages as they are seen: nothing that axe finds serious, nothing cut off at the side, the decision in sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Windows
from playwright.sync_api import Page, expect

PAGES = {
    "/sign-in": "",
    "/queue?reason=solicitor": "reviewer",
    "/queue?words=nothing+says+this": "reviewer",
    "/leads/L3": "reviewer",
    "/leads/L2": "auditor",
    "/leads/L3/alike": "triage_lead",
    "/dashboard": "triage_lead",
    "/dashboard/leads?chart=x&key=y": "triage_lead",
    "/access-log": "auditor",
    "/my-leads": "pipes",
    "/my-leads/L2": "pipes",
}
"""Each page and who looks at it."""
WIDTHS = (390, 800, 1280, 1920)
SERIOUS = ("serious", "critical")


@pytest.fixture
def windows(windows_on: Callable[[str], Windows], kept_address: str) -> Windows:
    return windows_on(kept_address)


def faults(page: Page, **options: object) -> list[str]:
    """What axe finds serious on a page, each with where."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        f"{page.url} {fault['id']}: {node['html'][:200]} {node['any'] and node['any'][0]['message']}"
        for fault in found
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def faults_in_light_and_dark(page: Page) -> list[str]:
    """Both, and in the dark only what can differ there."""
    page.emulate_media(color_scheme="light")
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {fault}" for fault in faults(page, runOnly=["color-contrast"])]


def test_axe_finds_nothing_serious(windows: Windows) -> None:
    found = []
    for name in sorted(set(PAGES.values())):
        # The policy of the pages would stop axe as it stops any other script that is not ours.
        page = windows.open(name, reduced_motion="reduce", bypass_csp=True)
        for path in [path for path, who in PAGES.items() if who == name]:
            page.goto(path)
            found += faults_in_light_and_dark(page)
            for hidden in page.locator("details.pop, dialog").all() if path == "/leads/L3" else []:
                hidden.evaluate("one => { one.open = true; }")
                found += faults_in_light_and_dark(page)
                hidden.evaluate("one => { one.open = false; }")
    assert found == []


def test_no_page_scrolls_sideways(windows: Windows) -> None:
    too_wide = []
    for name in sorted(set(PAGES.values())):
        page = windows.open(name)
        for path in [path for path, who in PAGES.items() if who == name]:
            page.goto(path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                if over > 0:
                    too_wide.append(f"{path} at {width}: {over} px")
    assert too_wide == []


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("lead", ["L1", "L3"])
def test_a_lead_is_decided_without_scrolling(windows: Windows, size: tuple[int, int], lead: str) -> None:
    page = windows.open("reviewer", f"/leads/{lead}", viewport={"width": size[0], "height": size[1]})
    for what in (
        "button[value=accept]",
        "#override > summary",
        ".verdict .headline",
        ".quote.for",
        ".quote.against",
        "#play",
        "#wave",
        "[data-key=n]",
        ".title .number",
    ):
        expect(page.locator(what).first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight - window.innerHeight") <= 0


def test_on_a_phone_the_moves_stay_in_sight_while_the_page_is_read(windows: Windows) -> None:
    page = windows.open("reviewer", "/leads/L3", viewport={"width": 390, "height": 844})
    for _ in range(2):
        expect(page.locator("button[value=accept]")).to_be_in_viewport(ratio=1)
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator("aside.about")).to_be_in_viewport()
