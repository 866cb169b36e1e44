"""Who is signed in is known by a cookie that nobody else gets, and forms come from our own pages or do nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from review_desk import PASSWORD, Browser, ReviewDesk
from starlette.testclient import TestClient
from web_routes import FIELDS, filled, paths

from insights.web.visitors import COOKIE

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/queue\r\nset-cookie: a=b",
    "/\x00",
    "evil.example",
    " /queue",
    "/queue\u2028",
    "@evil.example",
    "",
]


def stands(desk: ReviewDesk) -> Any:
    """Everything that somebody could change from a page."""
    with desk.office.store(only_reads=True) as unit:
        entries, rows = list(unit.entries()), list(unit.summaries(None, None))
        users = unit.users()
        return entries, rows, users, [unit.views(user.name) for user in users]


def who_sends(desk: ReviewDesk, path: str) -> Browser:
    """Somebody who may send this form."""
    name = "pipes" if path.startswith("/my-leads") else "policy_admin" if path == "/auto-accept" else "triage_lead"
    return desk.signed_in(name)


def sent_to(desk: ReviewDesk) -> list[str]:
    return [path for path in paths(desk.app, "POST") if path != "/sign-in"]


def test_the_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    answer = http.post("/sign-in", data={"name": "viewer", "password": PASSWORD}, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    name, *marks = answer.headers["set-cookie"].lower().split("; ")
    assert name.startswith("__host-call-insights=") and len(name.partition("=")[2]) >= 43
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(marks)
    assert not any(mark.startswith("domain") for mark in marks)


def test_nobody_is_sent_to_another_site(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    own = "/queue?reason=solicitor"
    for back, where in {own: own, **dict.fromkeys(ELSEWHERE, "/")}.items():
        told = {"name": "viewer", "password": PASSWORD, "back": back}
        answer = http.post("/sign-in", data=told, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, where), back
        assert "a=b" not in answer.headers.get("set-cookie", "")
        kept = own if where == own else ""
        assert f'name="back" value="{kept}"' in http.get("/sign-in", params={"back": back}).text, back


def test_a_page_with_a_very_long_address_asks_to_sign_in_all_the_same(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    assert http.get("/leads/L1", params={"skipped": "L2 " * 1000}).status_code == 200
    assert http.get("/leads/" + "x" * 5000).status_code == 200


def test_signing_out_ends_the_session_on_the_server(desk: ReviewDesk) -> None:
    browser = desk.signed_in("viewer")
    cookie = browser.http.cookies[COOKIE]
    answer = browser.http.post("/sign-out", data={"form_token": browser.form_token}, follow_redirects=False)
    assert answer.status_code == 303
    stolen = TestClient(desk.app, base_url="https://testserver", headers={"cookie": f"{COOKIE}={cookie}"})
    assert stolen.get("/queue", follow_redirects=False).status_code == 303
    assert stolen.get("/queue", follow_redirects=False, headers={"accept": "application/json"}).status_code == 401


def test_signing_in_again_is_a_new_session_and_ends_the_browsers_old_one(desk: ReviewDesk) -> None:
    browser = desk.signed_in("viewer")
    planted = browser.http.cookies[COOKIE]
    browser.http.post("/sign-in", data={"name": "viewer", "password": PASSWORD})
    assert browser.http.cookies[COOKIE] != planted
    stolen = TestClient(desk.app, base_url="https://testserver", headers={"cookie": f"{COOKIE}={planted}"})
    assert stolen.get("/queue", follow_redirects=False).status_code == 303


def test_whoever_guesses_must_wait_and_then_may_try_again(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    told = []
    for password in ["wrong"] * 5 + [PASSWORD]:
        told.append(http.post("/sign-in", data={"name": "viewer", "password": password}).status_code)
    assert told == [401] * 5 + [429]
    desk.office.clock.instant += timedelta(minutes=16)
    assert http.post("/sign-in", data={"name": "viewer", "password": PASSWORD}).status_code == 200


def test_an_odd_name_is_nobody(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    for name in ("\x00", "viewer\x00", "x" * 101, "' or 1=1 --", "<script>", "", "вiewer"):
        answer = http.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code in (401, 422) and COOKIE not in http.cookies and "<script>" not in answer.text


def test_a_form_without_our_token_does_nothing(desk: ReviewDesk) -> None:
    others = desk.signed_in("reviewer").form_token
    before = stands(desk)
    for path in sent_to(desk):
        browser = who_sends(desk, path)
        form = FIELDS.get(path, {})
        for token in ({}, {"form_token": ""}, {"form_token": others}, {"form_token": "é" * 20}):
            answer = browser.http.post(filled(path), data={**form, **token})
            assert answer.status_code == 403, (path, token)
        assert browser.http.get("/").status_code == 200, f"{path} signed somebody out"
    assert stands(desk) == before


def test_a_form_of_another_site_does_nothing(desk: ReviewDesk) -> None:
    before = stands(desk)
    for path in sent_to(desk):
        browser = who_sends(desk, path)
        form = {**FIELDS.get(path, {}), "form_token": browser.form_token}
        for origin in ("https://evil.example", "null", "http://[", "https://testserver.x", "https://testserver@x"):
            answer = browser.http.post(filled(path), data=form, headers={"origin": origin})
            assert answer.status_code == 403, (path, origin)
    assert stands(desk) == before


def test_nobody_who_is_not_signed_in_changes_anything(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    before = stands(desk)
    for path in sent_to(desk):
        answer = http.post(filled(path), data={**FIELDS.get(path, {}), "form_token": "None"})
        assert answer.status_code == 401, path
    assert stands(desk) == before


def test_looking_at_a_page_changes_nothing(desk: ReviewDesk) -> None:
    browsers = [desk.signed_in(name) for name in ("triage_lead", "auditor", "policy_admin", "pipes")]
    before = stands(desk)
    for path in [*paths(desk.app, "GET"), *sent_to(desk)]:
        for browser in browsers:
            more = {**FIELDS.get(path, {}), "form_token": browser.form_token, "revealed": "yes"}
            assert browser.http.get(filled(path), params=more).status_code < 500, path
    assert stands(desk) == before


def test_the_app_answers_only_under_its_own_names(desk: ReviewDesk) -> None:
    http = TestClient(desk.app, base_url="https://testserver")
    for host in ("evil.example", "testserver.evil.example", "", "[", "testserver\x80"):
        assert http.get("/sign-in", headers={"host": host.encode("latin-1")}).status_code == 400, host


def test_a_form_of_unknown_or_great_length_is_not_read(desk: ReviewDesk) -> None:
    browser = desk.signed_in("reviewer")
    token = browser.form_token
    huge = browser.http.post("/leads/L1/ask", data={"form_token": token, "fact": "x" * 10_000_000})
    assert huge.status_code == 413
    assert browser.http.post("/leads/L1/ask", content=iter([b"fact=x"])).status_code == 411
    long = browser.http.post("/leads/L1/ask", data={"form_token": token, "fact": "x" * 20_000})
    assert long.status_code == 422
