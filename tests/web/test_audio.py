"""The sound of a call: whole or in parts as a player asks for it, and nothing else of the disk, whatever is asked."""

from __future__ import annotations

import io
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from review_desk import Browser, ReviewDesk, served

from insights.adapters.process_owner import this_process
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.pipeline.decide import ask_client
from insights.pipeline.purge import Order, purge_lead
from insights.pipeline.request import give_information, submit_request, withdraw_request
from insights.web.visitors import COOKIE

OPENED: list[list[str]] = []


def _note(event: str, told: tuple[Any, ...]) -> None:
    if OPENED and event == "open" and isinstance(told[0], str | bytes):
        OPENED[-1].append(told[0] if isinstance(told[0], str) else told[0].decode(errors="replace"))


sys.addaudithook(_note)


@contextmanager
def files_opened() -> Iterator[list[str]]:
    """The paths that Python opens meanwhile, on any thread."""
    OPENED.append([])
    try:
        yield OPENED[-1]
    finally:
        OPENED.pop()


@pytest.fixture
def browser(desk: ReviewDesk) -> Browser:
    return desk.signed_in("reviewer")


def test_the_copy_that_is_served_can_be_played(browser: Browser) -> None:
    answer = browser.http.get("/leads/L1/audio")
    assert answer.headers["content-type"] == "audio/wav" and answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store" and "content-disposition" not in answer.headers
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert sound.getnchannels() == 2 and sound.getnframes() / sound.getframerate() == pytest.approx(10, abs=0.1)


def test_a_part_is_the_part_that_was_asked_for(browser: Browser) -> None:
    whole = browser.http.get("/leads/L1/audio").content
    size = len(whole)
    for asked, first, end in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=1000-", 1000, size),
        ("bytes=-1", size - 1, size),
        ("bytes=-500", size - 500, size),
        (f"bytes={size - 1}-", size - 1, size),
        ("bytes=5-999999999999999", 5, size),
        ("bytes=-999999999999999", 0, size),
    ]:
        answer = browser.http.get("/leads/L1/audio", headers={"range": asked})
        assert answer.status_code == 206, asked
        assert answer.content == whole[first:end], asked
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
        assert answer.headers["content-length"] == str(end - first)


REFUSED = [
    "bytes=999999999-",
    "bytes=999999999-1000000000",
    "bytes=-0",
    "bytes=5-2",
    "bytes=-",
    "bytes=",
    "bytes=--1",
    "bytes=-1-2",
    "bytes=0-1,2-3",
    "bytes=0-,0-,0-",
    "bytes=" + ",".join(["0-"] * 100),
    "bytes=" + ",".join(f"{n}-{n}" for n in range(2000)),
    f"bytes=0-{10**20}",
    f"bytes={10**20}-",
    f"bytes=-{10**20}",
    "bytes=a-b",
    "lines=0-1",
    "0-1",
    "bytes",
    "bytes=1.5-2",
    "bytes=0x1-0x2",
    "bytes=\u0661-\u0662",
    "bytes= 0 - 1",
    "\x7f",
    "bytes=0-1;",
    "bytes=+1-2",
    "none",
]


def test_a_part_that_cannot_be_given_is_refused(browser: Browser) -> None:
    size = len(browser.http.get("/leads/L1/audio").content)
    for asked in REFUSED:
        answer = browser.http.get("/leads/L1/audio", headers={"range": asked.encode()})
        assert answer.status_code == 416, asked
        assert answer.headers["content-range"] == f"bytes */{size}" and len(answer.content) < 1000


def test_a_part_of_another_version_is_the_whole_call(browser: Browser) -> None:
    whole = browser.http.get("/leads/L1/audio")
    same = {"range": "bytes=0-9", "if-range": whole.headers["etag"]}
    assert browser.http.get("/leads/L1/audio", headers=same).status_code == 206
    old = browser.http.get("/leads/L1/audio", headers={**same, "if-range": '"another"'})
    assert old.status_code == 200 and old.content == whole.content


TRICKS = [
    "..",
    "../..",
    "../../record.sqlite",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2frecord.sqlite",
    "..%2frecord.sqlite",
    "%252e%252e%252f",
    "..%5c..%5crecord.sqlite",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "file:%2f%2f%2fetc%2fpasswd",
    "L1%00",
    "%00",
    "L1%2f..%2fL2",
    "~root",
    "%c0%ae%c0%ae%2f",
    "x" * 5000,
    "L1%0a",
    "con",
    ".",
    "%20L1",
    "L1;x=y",
    "...",
    "secret.txt",
    "%ff",
]


def test_nothing_outside_the_recordings_is_ever_opened(desk: ReviewDesk, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("a secret")
    cookie = {"cookie": f"{COOKIE}={browser.http.cookies[COOKIE]}"}
    browser.get("/leads/L1")
    ours = Path(__file__).parents[2] / "insights"
    inside = tuple(map(str, (tmp_path / "recordings", tmp_path / "attachments", ours, sys.prefix, sys.base_prefix)))
    with served(desk.app) as address, files_opened() as opened:
        for trick in TRICKS:
            for path in (f"/leads/{trick}/audio", f"/leads/{trick}/files/{'0' * 64}", f"/leads/L1/files/{trick}"):
                connection = HTTPConnection(address.removeprefix("http://"))  # sends a path as it is written
                connection.request("GET", path, headers=cookie)
                answer = connection.getresponse()
                told = answer.read()
                connection.close()
                assert answer.status in (404, 422, 307), path  # 307: the same without the slash at its end
                assert b"a secret" not in told and b"root:" not in told
    assert [path for path in opened if path.startswith("/") and not path.startswith(inside)] == []


def test_a_file_is_named_by_the_whole_of_its_hash_and_is_of_its_lead(desk: ReviewDesk) -> None:
    record = submit_request(desk.office.deps, LeadId("L2"), Reason.SOLICITOR, "See.", {"a.txt": b"paper"}, NOW)
    assert record.request
    sha256 = record.request.files[0]["sha256"]
    browser = desk.signed_in("reviewer")
    assert browser.http.get(f"/leads/L2/files/{sha256}").content == b"paper"
    for wrong in (sha256[:63], sha256.upper(), sha256 + "0", "0" * 64, sha256 + "%00", sha256[:2] + "%2f" + sha256):
        assert browser.http.get(f"/leads/L2/files/{wrong}").status_code in (404, 422), wrong
    assert browser.http.get(f"/leads/L1/files/{sha256}").status_code == 404


def test_every_file_that_came_about_a_lead_can_be_opened_also_of_an_answer_and_of_a_request_taken_back(
    desk: ReviewDesk,
) -> None:
    deps, lead = desk.office.deps, LeadId("L2")
    sent = [submit_request(deps, lead, Reason.SOLICITOR, "See.", {"a.txt": b"first"}, NOW).request]
    withdraw_request(deps, lead, "", NOW)
    sent.append(submit_request(deps, lead, Reason.SOLICITOR, "See.", {"b.txt": b"second"}, NOW).request)
    ask_client(deps, lead, "ann", "Which invoice?", NOW)
    (wait,) = give_information(deps, lead, "This one.", {"invoice.txt": b"third"}, NOW).waits
    browser = desk.signed_in("reviewer")
    page = browser.get("/leads/L2")
    assert "b.txt" in page and "invoice.txt" in page
    files = [file["sha256"] for told in (*sent, wait) if told for file in told.files]
    assert [browser.http.get(f"/leads/L2/files/{sha256}").content for sha256 in files] == [
        b"first",
        b"second",
        b"third",
    ]


def test_what_was_deleted_cannot_be_heard_any_more(desk: ReviewDesk, browser: Browser) -> None:
    assert browser.http.get("/leads/L1/audio").status_code == 200
    purge_lead(desk.office.deps, Order("operator:o", this_process()), LeadId("L1"), desk.office.clock.now())
    for asked in ({}, {"range": "bytes=0-99"}):
        answer = browser.http.get("/leads/L1/audio", headers=asked)
        assert answer.status_code == 404 and b"RIFF" not in answer.content
    assert "was deleted" in browser.get("/leads/L1")


@pytest.mark.parametrize("lead", ["L999", "L1x"])
def test_a_call_that_is_not_there_is_not_found(browser: Browser, lead: str) -> None:
    assert browser.http.get(f"/leads/{lead}/audio").status_code == 404
