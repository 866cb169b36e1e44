"""What callers, clients and sources say is shown as text: it never becomes a part of a page, whatever it is made of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest
from builders import NOW, a_lead
from fakes import ListedSource, ScriptReader
from office import PLUMBER, Office
from review_desk import PASSWORD, Browser, ReviewDesk, a_desk_over
from starlette.testclient import TestClient
from web_routes import filled, paths

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.pipeline.decide import ask_client
from insights.pipeline.request import submit_request
from insights.ports import HeardClip
from insights.web.security import CONTENT_POLICY

TAG = "<x-evil onmouseover=alert(1) style='color:red'>boo</x-evil><script>alert(1)</script>"
SAID = [
    f"I can get your google listing {TAG} to the top.",
    "google listing \"><img src=x onerror=alert(1)> ' onfocus='alert(1)' autofocus {{7*7}} ${7*7} {% raw %} <%= 7*7 %>",
    "google listing \u202eevil\u202d \u2066\u2067 \x00 \x07 \x1b[31m \ufffe \U000e0041 </bdi></li></ol></main></html>",
    "google listing </textarea></title><style>*{}</style><!-- <svg/onload=alert(1)> --> <![CDATA[ &lt;script&gt;",
    "=cmd|'/c calc'!A1 javascript:alert(1) google listing data:text/html,<x-evil>",
    "google listing, write to ann@quokka.example or 4112 McKinnis Avenue or call 614-555-0142",
    "hello there google listing <x-evil> " * 28_000,
]
"""Each is said by the caller of a lead of its own, L1 and so on; the last is a megabyte."""
LEADS = [f"L{number}" for number in range(1, len(SAID) + 1)]
CONTACTS = ("quokka", "McKinnis", "555-0142", "555-0143", "Elsewhere Street")


class SaysAnything(ScriptReader):
    """Hears of each call what its number in ``SAID`` tells."""

    def hear(self, clips: object) -> list[HeardClip]:
        heard: list[HeardClip] = super().hear(clips)  # type: ignore[arg-type]
        return [replace(one, text=self._said(one.text)) for one in heard]

    def _said(self, text: str) -> str:
        number = re.fullmatch(r"say (\d+)", text)
        return SAID[int(number[1])] if number else text


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    KNOWN: ClassVar[set[str]] = set(
        "a aside audio b bdi blockquote body br button caption circle dd details dialog div dl dt fieldset figcaption "
        "text figure form g h1 h2 h3 h4 head header html input kbd label legend li line link main mark meta nav ol "
        "optgroup option output p path polyline q rect section select small span strong summary svg table tbody td "
        "textarea th thead time title tr ul code script title desc polygon tfoot colgroup col defs pattern".split()
    )

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag not in self.KNOWN or (tag == "script" and not (told.get("src") or "").startswith("/static/")):
            self.faults.append(tag)
        for name, value in attrs:
            ours = name not in ("href", "src", "action", "formaction") or re.match(r"(/(?!/)|#|\?|$)", value or "")
            if name.startswith("on") or (name in ("style", "autofocus") and tag != "input") or not ours:
                self.faults.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data[:40]}")

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewDesk]:
    """A desk over a night of hostile calls, of a hostile client, who asks for reviews in hostile words."""
    folder = tmp_path_factory.mktemp("hostile")
    store = SqlStore(open_engine(f"sqlite:///{folder}/record.sqlite"))
    campaign = replace(
        PLUMBER, client=f"Blue {TAG} Pipe", trade=f"plumbing {TAG}", services=(f"drains {TAG}",), not_offered=(TAG,)
    )
    rows = [
        a_lead(
            lead_id=LeadId(name),
            recording=f"{name}.wav",
            agent_channel=1,
            source=f"search {TAG}",
            caller_number="hmac:1",
            extra={"memo": TAG},
        )
        for name in LEADS
    ]
    scripts = {name: f"agent: Hello.\ncaller: say {number}".encode() for number, name in enumerate(LEADS)}
    office = Office(folder, store, ListedSource(rows, [campaign], scripts))
    office.engine = SaysAnything()
    office.night()
    with store() as unit:  # half a character, of a source of an older version
        unit.put_campaign(replace(campaign, not_offered=(f"{TAG} \ud800",)), NOW - timedelta(days=1))
        unit.commit()
    told = f"{TAG} {{{{7*7}}}} \u202e call 614-555-0143 at 12 Elsewhere Street"
    submit_request(office.deps, LeadId("L1"), Reason.SOLICITOR, told, {f"{TAG}.html": b"x"}, NOW)
    ask_client(office.deps, LeadId("L1"), "reviewer", f"Really? {TAG}", NOW)
    submit_request(office.deps, LeadId("L2"), Reason.JOB_SEEKER, told, {}, NOW)
    yield a_desk_over(office)
    store.engine.dispose()
    shutil.rmtree(folder)


def pages(browser: Browser, leads: list[str]) -> dict[str, str]:
    """All pages that this browser may see, some with hostile parameters."""
    found = {}
    queries = [
        "",
        "?words=%3Cx-evil%3E&client=%22%3E%3Cx-evil%3E&order=%3Cx-evil%3E&status=all",
        "?queue=%22%3E%3Cx-evil%3E",
    ]
    for path in paths(browser.http.app, "GET"):  # type: ignore[arg-type]
        for lead in leads if "{lead_id}" in path else leads[:1]:
            for query in queries:
                answer = browser.http.get(filled(path, lead) + query)
                assert answer.status_code in (200, 403, 404, 416, 422), (path, lead, answer.status_code)
                assert answer.headers["content-security-policy"] == CONTENT_POLICY
                if answer.headers["content-type"].startswith("text/html"):
                    found[filled(path, lead) + query] = answer.text
    return found


@pytest.mark.parametrize("name", ["triage_lead", "auditor", "policy_admin", "pipes"])
def test_nothing_that_was_said_is_an_element_of_any_page(desk: ReviewDesk, name: str) -> None:
    browser = desk.signed_in(name)
    found = pages(browser, LEADS[:-1])
    assert len(found) > 10
    for path, page in found.items():
        assert Elements(page).faults == [], path
        assert "<x-evil" not in page, path


def test_what_was_said_is_shown_as_it_was_said(desk: ReviewDesk) -> None:
    browser = desk.signed_in("reviewer")
    assert "<script>alert(1)</script>" in Elements(browser.get("/leads/L1")).words
    assert "{{7*7}} ${7*7} {% raw %} <%= 7*7 %>" in Elements(browser.get("/leads/L2")).words
    assert (
        "<x-evil>boo" not in browser.get("/leads/L1")
        and TAG in Elements(desk.signed_in("pipes").get("/my-leads/L1")).words
    )


def test_a_call_of_a_megabyte_is_a_page_like_any_other(desk: ReviewDesk) -> None:
    page = desk.signed_in("reviewer").get(f"/leads/{LEADS[-1]}")
    assert len(page) > 1_000_000 and Elements(page).faults == []


@pytest.mark.parametrize("name", ["viewer", "reviewer", "triage_lead", "policy_admin", "auditor"])
def test_masks_stay_for_everybody_until_somebody_who_may_lifts_them(desk: ReviewDesk, name: str) -> None:
    browser = desk.signed_in(name)
    for path, page in pages(browser, ["L1", "L2", "L6"]).items():
        assert not [told for told in CONTACTS if told in page], path
    shown = browser.get("/leads/L6?revealed=yes") + browser.get("/leads/L1?revealed=yes")
    seen = {told for told in CONTACTS if told in shown}
    assert seen == (set(CONTACTS) if name in ("reviewer", "triage_lead", "auditor") else set())
    with desk.office.store(only_reads=True) as unit:
        noted = {told.what for told in unit.accesses(LeadId("L6"), None) if told.who == name}
    assert noted >= ({"explain unmasked"} if seen else {"explain"})


@pytest.mark.parametrize(
    "lead", ["%00", "L1%00", "..%2f..%2fetc", "%3Cx-evil%3E", "L1%0d%0aset-cookie:a=b", "x" * 5000, "%ed%a0%80"]
)
def test_an_odd_id_of_a_lead_is_no_lead(desk: ReviewDesk, lead: str) -> None:
    for name in ("triage_lead", "pipes"):
        browser = desk.signed_in(name)
        token = browser.form_token
        for path in paths(desk.app, "GET"):
            if "{lead_id}" in path:
                answer = browser.http.get(filled(path, lead))
                assert answer.status_code in (403, 404, 422), path
                assert Elements(answer.text).faults == [] and "a=b" not in answer.headers.get("set-cookie", "")
        for path in paths(desk.app, "POST"):
            if "{lead_id}" in path:
                answer = browser.http.post(filled(path, lead), data={"form_token": token})
                assert answer.status_code in (403, 404, 422), path


@pytest.mark.parametrize("name", ["triage_lead", "auditor"])
@pytest.mark.parametrize(
    "address",
    [
        "/queue?done=%00",
        "/leads/L1?done=%00",
        "/leads/L1?done=L999",
        "/access-log?lead=%00",
        "/access-log?days=99999999999",
        "/queue?received_from=0001-01-01&received_to=9999-12-31&page=100000",
        "/queue?within_hours=744&words=%00%22*",
        "/dashboard?first=0001-01-01&last=0001-01-01",
        "/dashboard?first=9999-12-31&last=9999-12-31",
        "/dashboard?client=%00",
        "/dashboard/leads?chart=%00&key=%3Cx-evil%3E",
        "/dashboard/leads?chart=verdict&key=" + "x" * 300,
        "/leads/L1?skipped=%00%20" + "a%20" * 200,
        "/leads/L1?queue=" + "a%3Db%26" * 400,
        "/queue?" + "a=b&" * 3000,
        "/dashboard?first=%D9%A1",
        "/queue?words=" + "%22%20OR%20" * 15,
        "/queue?status=%ff%fe",
        "/leads/L1?revealed=%00",
    ],
)
def test_no_address_breaks_a_page(desk: ReviewDesk, name: str, address: str) -> None:
    answer = desk.signed_in(name).http.get(address)
    assert answer.status_code in (200, 403, 422)
    assert Elements(answer.text).faults == []


def test_trouble_inside_is_told_without_the_inside_and_under_the_same_policy(tmp_path: Path, desk: ReviewDesk) -> None:
    store = SqlStore(open_engine(f"sqlite:///{tmp_path}/other.sqlite"))
    broken = a_desk_over(Office(tmp_path, store, ListedSource([], [PLUMBER], {})))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE sign_in_failures")
    http = TestClient(broken.app, base_url="https://testserver", raise_server_exceptions=False)
    answer = http.post("/sign-in", data={"name": "viewer", "password": PASSWORD})
    store.engine.dispose()
    assert answer.status_code == 500 and answer.headers["content-security-policy"] == CONTENT_POLICY
    assert not [word for word in ("sign_in", "sqlite", "Traceback", "SELECT") if word in answer.text]


def test_every_answer_carries_the_policy(desk: ReviewDesk) -> None:
    browser = desk.signed_in("reviewer")
    for method, path in [
        ("GET", "/nowhere"),
        ("GET", "/static/nowhere.css"),
        ("GET", "/static/app.css"),
        ("PUT", "/queue"),
        ("DELETE", "/queue"),
        ("HEAD", "/queue"),
        ("OPTIONS", "/queue"),
        ("POST", "/queue"),
        ("TRACE", "/queue"),
        ("GET", "/healthz"),
        ("GET", "//evil"),
    ]:
        answer = browser.http.request(method, path, headers={"content-length": "0"})
        assert answer.headers["content-security-policy"] == CONTENT_POLICY, (method, path)
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.status_code < 500
