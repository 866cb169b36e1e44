"""The review app of each test, over a fresh record; a browser, where a test asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import Windows, a_chromium
from playwright.sync_api import Browser
from review_desk import ReviewDesk, a_review_desk, served

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, store: SqlStore) -> ReviewDesk:
    """A desk of 14 leads, or of as many as a test says."""
    return a_review_desk(tmp_path, store, leads=getattr(request, "param", 14))


@pytest.fixture(scope="session")
def kept_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over one desk for all tests that only look: nobody decides anything there."""
    folder = tmp_path_factory.mktemp("kept-desk")
    engine = open_engine(f"sqlite:///{folder / 'record.sqlite'}")
    with served(a_review_desk(folder, SqlStore(engine)).app) as address:
        yield address
    engine.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file. No longer: while it is open, no other event loop runs in this thread."""
    with a_chromium() as browser:
        yield browser


@pytest.fixture
def windows_on(chromium: Browser) -> Iterator[Callable[[str], Windows]]:
    """Windows on the app at an address; at the end of the test they are closed, and trouble in them fails it."""
    opened: list[Windows] = []

    def windows(address: str) -> Windows:
        opened.append(Windows(chromium, address))
        return opened[-1]

    yield windows
    for each in opened:
        each.close()


@pytest.fixture
def windows(windows_on: Callable[[str], Windows], desk: ReviewDesk) -> Iterator[Windows]:
    """Windows on the app of this test's own desk."""
    with served(desk.app) as address:
        opened = windows_on(address)
        yield opened
        opened.close()  # before there is nobody to answer a page that looks again
