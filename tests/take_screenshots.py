"""Takes the screenshots in docs/screenshots: queue, lead and dashboard over the demo's record, light and dark.

    call-insights demo && python tests/take_screenshots.py

Record and recordings are those of the usual settings. The app works at the demo's date; the demo's accounts get new
passwords. The lead that is shown is put back. Needs Chromium.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from browsing import Windows, a_chromium, in_my_hand
from PIL import Image
from playwright.sync_api import Page, expect
from review_desk import served

from insights.adapters.passwords import Argon2Passwords
from insights.bootstrap import use
from insights.domain.accounts import Role
from insights.pipeline.overview import Overviews
from insights.pipeline.queue_mirror import QueueMirror
from insights.settings import ROOT, load_settings
from insights.web.app import create_app
from insights.web.desk import Desk, page_templates
from insights.web.serve import ShiftedClock, demo_instant, make_demo_accounts

FOLDER = ROOT / "docs/screenshots"
SIZE = {"width": 1280, "height": 800}
AT_THE_DECIDING_WORDS = """() => {
    const audio = document.getElementById("audio"), quote = document.querySelector(".quote.for .play");
    audio.currentTime = Number(quote.dataset.seek);
    document.getElementById(`turn-${quote.dataset.turn}`).scrollIntoView({ block: "center" });
}"""


def open_heard_lead(page: Page) -> str:
    """The first lead of the queue with words to play, stopped at its deciding words."""
    for lead in page.locator("a[data-row]").evaluate_all("all => all.map(one => one.href)"):
        page.goto(lead)
        if page.locator(".quote.for .play").count():
            break
    page.wait_for_function("document.getElementById('audio').readyState >= 1")
    page.evaluate(AT_THE_DECIDING_WORDS)
    expect(page.locator(".turn.playing")).to_have_count(1)
    return in_my_hand(page)


def take(page: Page, name: str, folder: Path) -> None:
    """One picture in light and one in dark, in few colours: a tenth of a megabyte each."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        taken = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        taken.quantize(256, dither=Image.Dither.NONE).save(folder / f"{name}-{scheme}.png", optimize=True)


def main(folder: Path) -> None:
    """Write the six pictures."""
    settings, passwords = load_settings(), Argon2Passwords()
    deps = use(settings)
    deps = replace(deps, clock=ShiftedClock(deps.clock, demo_instant()))
    accounts = {role: (name, password) for name, role, password in make_demo_accounts(deps, passwords)}
    name, password = accounts[Role.TRIAGE_LEAD.value.replace("_", " ")]
    zone = ZoneInfo(settings.time_zone)
    desk = Desk(deps, passwords, QueueMirror(zone), Overviews(), zone, page_templates())
    folder.mkdir(parents=True, exist_ok=True)
    with a_chromium() as chromium, served(create_app(desk, hosts=["127.0.0.1"])) as address:
        windows = Windows(chromium, address)
        page = windows.open(name, "/queue", password, viewport=SIZE)
        take(page, "queue", folder)
        lead_id = open_heard_lead(page)
        take(page, "lead", folder)
        form = {"form_token": page.locator("[name=form_token]").first.input_value()}
        assert page.request.post(f"/leads/{lead_id}/skip", form=form, max_redirects=0).status == 303
        page.goto("/dashboard")
        take(page, "dashboard", folder)
        windows.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
