"""What one visitor can make the app hold is bounded: forms, sessions, saved views, pages, accounts of a demo."""

from __future__ import annotations

from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from builders import NOW
from office import Office, calls
from review_desk import PlainPasswords, ReviewDesk, served
from servers import ON_BOTH

from insights.adapters.store import SqlStore
from insights.domain.accounts import IDLE, MOST_VIEWS, Role, User
from insights.domain.leads import LeadId
from insights.errors import InputError
from insights.ports_record import Access
from insights.web.audio import HeardLately
from insights.web.security import LARGEST_FORM, LARGEST_WITH_FILES
from insights.web.serve import make_demo_accounts
from insights.web.visitors import COOKIE

MINUTE = timedelta(minutes=1)
REQUEST = "/my-leads/L1/request"


def begun_and_never_sent(address: str, length: int, cookie: str) -> int:
    """The answer to a form of which only the head was sent: who reads the body first would wait for it."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", REQUEST)
    connection.putheader("content-type", "multipart/form-data; boundary=x")
    connection.putheader("content-length", str(length))
    connection.putheader("cookie", f"{COOKIE}={cookie}")
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_large_form_is_read_only_of_a_client_who_is_signed_in(desk: ReviewDesk) -> None:
    reviewer = desk.signed_in("reviewer").http.cookies[COOKIE]
    client = desk.signed_in("pipes").http.cookies[COOKIE]
    with served(desk.app) as address:
        for cookie in ("", "x" * 43, reviewer):
            assert begun_and_never_sent(address, LARGEST_WITH_FILES, cookie) == 403
        assert begun_and_never_sent(address, LARGEST_WITH_FILES + 1, client) == 413
        desk.office.clock.instant += IDLE
        assert begun_and_never_sent(address, LARGEST_FORM + 1, client) == 403


def test_a_client_still_sends_large_files(desk: ReviewDesk) -> None:
    client = desk.signed_in("pipes")
    form = {"form_token": client.form_token, "reason": "solicitor", "explanation": "He sells something."}
    answer = client.http.post(REQUEST, data=form, files={"files": ("a.txt", b"x" * 3 * LARGEST_FORM, "text/plain")})
    assert answer.status_code == 200 and "sent=yes" in str(answer.url)


def test_a_page_that_nobody_sits_at_signs_out_although_it_looks_again_by_itself(desk: ReviewDesk) -> None:
    browser = desk.signed_in("reviewer")
    asked = {"accept": "application/json"}
    minutes = 0
    while (status := browser.http.get("/leads/L1/standing", headers=asked).status_code) == 200:
        browser.http.get("/leads/L999/standing")  # nor does a page of trouble
        desk.office.clock.instant += 10 * MINUTE
        minutes += 10
    assert (status, minutes) == (401, 120)


def test_somebody_who_works_is_not_signed_out(desk: ReviewDesk) -> None:
    browser = desk.signed_in("reviewer")
    for _ in range(4):
        desk.office.clock.instant += IDLE - 10 * MINUTE
        assert browser.http.get("/queue", follow_redirects=False).status_code == 200


def test_one_account_saves_so_many_views_and_no_more(desk: ReviewDesk) -> None:
    browser = desk.signed_in("viewer")
    with desk.office.store() as unit:
        for number in range(MOST_VIEWS - 1):
            unit.put_view("viewer", f"view {number}", "")
        unit.commit()

    def saved(name: str) -> int:
        form = {"form_token": browser.form_token, "name": name, "query": "reason=solicitor"}
        return browser.http.post("/views", data=form).status_code

    assert [saved("mine"), saved("mine"), saved("view 3"), saved("one more")] == [200, 200, 200, 422]
    with desk.office.store(only_reads=True) as unit:
        views = unit.views("viewer")
    assert len(views) == MOST_VIEWS and "one more" not in views and views["view 3"] == "reason=solicitor"


@pytest.mark.parametrize("count", [49, 50, 300])
def test_a_filter_of_far_too_many_parameters_is_left_out_wherever_it_is_sent(desk: ReviewDesk, count: int) -> None:
    browser, query = desk.signed_in("viewer"), "reason=solicitor" + "&" * count
    form = {"form_token": browser.form_token, "name": "mine", "query": query}
    answer = browser.http.post("/views", data=form, follow_redirects=False)
    read = count < 50
    assert answer.headers["location"] == ("/queue?reason=solicitor" if read else "/queue?")
    shown = browser.http.get("/leads/L1", params={"queue": query})
    assert shown.status_code == 200 and ("reason%3Dsolicitor" in shown.text) == read


def test_of_a_long_access_log_the_newest_lines_are_shown(desk: ReviewDesk) -> None:
    with desk.office.store() as unit:
        for number in range(620):
            unit.note_access(Access(NOW, f"reader {number:03}", "viewer", "explain", LeadId("L1")))
        unit.commit()
    page = desk.signed_in("auditor").get("/access-log?days=400")
    assert "500 of 620 lines" in page
    assert "reader 619" in page and "reader 120" in page and "reader 119" not in page
    assert page.index("reader 619") < page.index("reader 120")


def test_a_call_heard_before_the_clock_was_put_back_is_noted_anew() -> None:
    heard = HeardLately()
    heard.note("session", "L1", NOW)
    told = [heard.is_new("session", "L1", NOW + minutes * MINUTE) for minutes in (-60, 0, 5, 6)]
    assert told == [True, False, False, True]


@ON_BOTH
def test_a_demonstration_makes_its_accounts_again_each_time_it_begins(tmp_path: Path, store: SqlStore) -> None:
    deps = Office(tmp_path, store, calls()).deps
    first, second = (make_demo_accounts(deps, PlainPasswords()) for _ in range(2))
    assert [name for name, _, _ in first] == ["demo", "demo-reviewer", "demo-client"]
    with store(only_reads=True) as unit:
        kept = {user.name: user.password for user in unit.users()}
    assert kept == {name: f"plain:{password}" for name, _, password in second}


@pytest.mark.parametrize(
    "other",
    [
        User("ann", Role.VIEWER, "hash", NOW),
        User("demo", Role.VIEWER, "hash", NOW),
        User("demo-client", Role.CLIENT, "hash", NOW, "K-02"),
    ],
    ids=lambda user: user.name,
)
def test_a_demonstration_leaves_a_record_alone_where_others_have_accounts(
    tmp_path: Path, store: SqlStore, other: User
) -> None:
    with store() as unit:
        unit.put_user(other)
        unit.commit()
    with pytest.raises(InputError, match=other.name) as refused:
        make_demo_accounts(Office(tmp_path, store, calls()).deps, PlainPasswords())
    assert "--demo" in refused.value.next_step
    with store(only_reads=True) as unit:
        assert unit.users() == [other]
