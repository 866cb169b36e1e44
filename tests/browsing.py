"""A real browser for tests: the system's Chromium, watched for errors, and what people do with it in the review app."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright
from review_desk import PASSWORD, ReviewDesk

from insights.domain.billing import BillingRecord, LeadState, fold_ledger
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind

NO_CHROMIUM = "no Chromium is installed: apt-get install chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 30_000
"""A busy machine is slow, not wrong."""


def chromium_path() -> str | None:
    """Where the system's Chromium is; None where there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@contextmanager
def a_chromium() -> Iterator[Browser]:
    """Chromium without a window. Skips the test where none is installed."""
    path = chromium_path()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    expect.set_options(timeout=_PATIENCE_MS)
    as_root = os.geteuid() == 0  # where Chromium refuses its sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=not as_root)
        yield browser
        browser.close()


@dataclass
class Windows:
    """Opens pages at one app, each in a browser of its own: cookies and what was typed are shared with nobody.

    ``troubles`` are errors of pages and scripts, whatever the content policy stopped, and refusals (an answer of 400 or
    more) but for those that a test names in ``refusals``.
    """

    browser: Browser
    address: str
    refusals: set[int] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, name: str = "", path: str = "/", password: str = PASSWORD, **context: Any) -> Page:
        """A page in a new browser; ``name`` signs in first, empty: nobody is signed in."""
        opened = self.browser.new_context(base_url=self.address, **context)
        opened.set_default_timeout(_PATIENCE_MS)
        self._contexts.append(opened)
        page = opened.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message))
        page.on("response", self._answered)
        if name:
            answer = opened.request.post("/sign-in", form={"name": name, "password": password}, max_redirects=0)
            assert answer.status == 303, answer.text()
        page.goto(path)
        return page

    def close(self) -> None:
        """Close them all. Fails the test where there was trouble."""
        while self._contexts:
            self._contexts.pop().close()
        assert self.troubles == []

    def _heard(self, page: Page, message: ConsoleMessage) -> None:
        of_an_answer = "the server responded with a status of" in message.text  # which the answer itself tells
        if message.type == "error" and not of_an_answer:
            self.troubles.append(f"{page.url}: {message.text}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 500 or (answer.status >= 400 and answer.status not in self.refusals):
            self.troubles.append(f"{answer.url}: {answer.status}")


def press_and_follow(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for that."""
    with page.expect_navigation():
        page.keyboard.press(key)


def lead_on(page: Page) -> str:
    """The lead whose page is open."""
    found = page.get_attribute("#standing", "data-lead")
    assert found
    return found


def in_my_hand(page: Page) -> str:
    """The lead whose page is open, once it is in this reviewer's hand."""
    expect(page.locator("#state")).to_have_text("in your hand")
    return lead_on(page)


def record_of(desk: ReviewDesk, lead_id: str) -> BillingRecord:
    """The lead as it stands on the billing record: folded from its entries."""
    with desk.office.store(only_reads=True) as unit:
        return fold_ledger(LeadId(lead_id), unit.entries(LeadId(lead_id)))


def decided(desk: ReviewDesk) -> dict[str, tuple[str, str]]:
    """The decisions that stand: of each lead the reviewer and the reason."""
    leads = {entry.lead_id for entry in desk.office.entries(EntryKind.DECISION)}
    records = {lead_id: record_of(desk, lead_id) for lead_id in leads}
    return {
        lead_id: (record.decided.actor, record.decided.reason.value)
        for lead_id, record in records.items()
        if record.decided and record.state is LeadState.DECIDED
    }
