"""Many reviewers at once over one queue: every lead is decided once, nobody meets an error, and the record holds."""

from __future__ import annotations

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from bench_record import build
from builders import NOW
from fakes import ListedSource
from office import PLUMBER, Office
from review_desk import PASSWORD, PlainPasswords, ReviewDesk, a_desk_over, a_review_desk, served

from insights.adapters.store import SqlStore
from insights.domain.accounts import Role, User
from insights.domain.ledger import EntryKind
from insights.pipeline.audit import verify_record
from insights.pipeline.moves import write_summaries
from insights.web.visitors import COOKIE

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_SEEN = re.compile(r'name="seen" value="(\d+)"')
_LEAD = re.compile(r'href="(/leads/[^"?]+)')
MOST_REQUESTS = 1_000
"""Of one reviewer: those of the largest test send some 300."""


@dataclass
class Reviewer:
    """Works the queue down as a browser would: takes a lead, decides it, and goes where the answer leads.

    ``begins_at`` tells on which page of the list, and at which of its lines.
    """

    name: str
    address: str
    begins_at: int
    decided: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def work(self) -> Reviewer:
        told = {"name": self.name, "password": PASSWORD}
        with httpx.Client(base_url=self.address, timeout=120) as http:
            signed = http.post("/sign-in", data=told)
            cookie = signed.headers["set-cookie"].partition(";")[0]
            assert cookie.startswith(COOKIE)
            http.headers["cookie"] = cookie  # a browser keeps it, because loopback counts as secure
            here = self._list()
            while here := self._next(http, here):
                pass
        return self

    def _next(self, http: httpx.Client, here: str) -> str:
        """Where to go from a page; empty: nothing waits any more."""
        page = self._sent(http, "GET", here)
        if here.startswith("/queue"):
            found = _LEAD.findall(page.text.partition('<ol class="leads"')[2])
            return found[self.begins_at % len(found)] if found else ""
        lead, token = here.partition("?")[0], _TOKEN.search(page.text)
        seen = _SEEN.search(page.text)
        assert token
        form = {"form_token": token[1], "queue": "", "skipped": ""}
        if seen and self._sent(http, "POST", f"{lead}/take", **form).status_code == 200:
            said = {"move": "accept"} if 'value="accept"' in page.text else {"reason": "solicitor"}
            answer = self._sent(http, "POST", f"{lead}/decide", seen=seen[1], **said, **form)
            if answer.status_code == 303:
                self.decided.append(lead.removeprefix("/leads/"))
                return answer.headers["location"]
        # somebody else was faster; what is given out now is taken, so whoever did not go there would keep it from all
        return self._sent(http, "POST", f"{lead}/skip", **form).headers["location"]

    def _list(self) -> str:
        return f"/queue?page={1 + 2 * self.begins_at}"

    def _sent(self, http: httpx.Client, method: str, path: str, **form: str) -> httpx.Response:
        answer = http.request(method, path, data=form or None)
        self.statuses[answer.status_code] += 1
        assert self.statuses.total() < MOST_REQUESTS, f"{self.name} goes round in circles at {path}"
        return answer


def all_work(desk: ReviewDesk, how_many: int) -> tuple[list[Reviewer], float]:
    """So many reviewers until nothing waits; who did what, and the seconds it took."""
    names = {f"reviewer-{number}": number // 2 for number in range(how_many)}  # two begin at the same lead
    with desk.office.store() as unit:
        for name in names:
            unit.put_user(User(name, Role.REVIEWER, PlainPasswords().hashed(PASSWORD), NOW))
        unit.commit()
    with served(desk.app) as address, ThreadPoolExecutor(how_many) as pool:
        began = time.perf_counter()
        done = list(pool.map(lambda name: Reviewer(name, address, names[name]).work(), names))
        return done, time.perf_counter() - began


def holds(desk: ReviewDesk, done: list[Reviewer], waited: set[str]) -> None:
    """What must be true whoever was faster."""
    decided = Counter(lead for reviewer in done for lead in reviewer.decided)
    assert set(decided.values()) == {1}, "two were told that they decided the same lead"
    assert set(decided) == waited, "a lead was lost, or one was decided that did not wait"
    statuses = sum((reviewer.statuses for reviewer in done), Counter[int]())
    assert set(statuses) <= {200, 303, 409}, statuses
    on_record = {
        entry.lead_id: entry.actor for entry in desk.office.entries(EntryKind.DECISION) if entry.lead_id in waited
    }
    told = {lead: f"reviewer:{reviewer.name}" for reviewer in done for lead in reviewer.decided}
    assert on_record == told
    counted = Counter(entry.lead_id for entry in desk.office.entries(EntryKind.DECISION))
    assert set(counted.values()) == {1}
    with desk.office.store(only_reads=True) as unit:
        noted = Counter(read.who for read in unit.accesses(None, None) if read.what == "decide")
    assert noted == {reviewer.name: len(reviewer.decided) for reviewer in done if reviewer.decided}
    assert verify_record(desk.office.deps)["sound"]


def figures(done: list[Reviewer], seconds: float) -> str:
    """How quick it went."""
    statuses = sum((reviewer.statuses for reviewer in done), Counter[int]())
    counts = sorted(len(reviewer.decided) for reviewer in done)
    requests, decisions = sum(statuses.values()), sum(counts)
    return (
        f"{requests} requests, {decisions} decisions ({counts[0]} to {counts[-1]} each) in {seconds:.0f} s: "
        f"{requests / seconds:.0f} requests and {decisions / seconds:.1f} decisions a second; {dict(statuses)}"
    )


def waiting(desk: ReviewDesk) -> set[str]:
    with desk.office.store(only_reads=True) as unit:
        return {row.lead_id for row in unit.waiting(desk.office.clock.now())}


def test_a_dozen_reviewers_decide_every_lead_once(tmp_path: Path, store: SqlStore) -> None:
    desk = a_review_desk(tmp_path, store, leads=45)
    waited = waiting(desk)
    assert len(waited) > 20
    done, seconds = all_work(desk, 12)
    print(figures(done, seconds))
    holds(desk, done, waited)


@pytest.mark.slow
def test_fifty_reviewers_decide_thousands_of_leads_once(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, ListedSource([], [PLUMBER], {}))
    build(office, 60_000)
    write_summaries(office.deps)
    desk = a_desk_over(office)
    waited = waiting(desk)
    print(f"{len(waited)} leads wait")
    done, seconds = all_work(desk, 50)
    print(figures(done, seconds))
    holds(desk, done, waited)


def test_whoever_goes_on_gets_a_lead_that_nobody_else_was_given(desk: ReviewDesk) -> None:
    given = []
    for name in ("reviewer", "triage_lead"):
        browser = desk.signed_in(name)
        answer = browser.http.post("/leads/L3/skip", data={"form_token": browser.form_token}, follow_redirects=False)
        given.append(answer.headers["location"].partition("?")[0])
    assert len(set(given)) == 2
    assert all(path.startswith("/leads/L") for path in given)
