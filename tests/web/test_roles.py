"""What each role may send, and that whoever reads or decides stands in the access log."""

from __future__ import annotations

import re

import pytest
from review_desk import ReviewDesk
from web_routes import FIELDS, filled, paths

from insights.domain.accounts import Role

ALL_STAFF = {"viewer", "reviewer", "triage_lead", "policy_admin", "auditor"}
DECIDE, LEAD, CLIENTS = {"reviewer", "triage_lead"}, {"triage_lead"}, {"pipes", "strangers"}
MAY_SEND = {
    "/sign-in": ALL_STAFF | CLIENTS,
    "/sign-out": ALL_STAFF | CLIENTS,
    "/views": ALL_STAFF,
    "/views/drop": ALL_STAFF,
    "/leads/{lead_id}/take": DECIDE,
    "/leads/{lead_id}/decide": DECIDE,
    "/leads/{lead_id}/ask": DECIDE,
    "/leads/{lead_id}/skip": DECIDE,
    "/leads/{lead_id}/leave": DECIDE,
    "/leads/{lead_id}/undo": DECIDE,
    "/leads/{lead_id}/reopen": LEAD,
    "/leads/{lead_id}/accept-together": LEAD,
    "/my-leads/{lead_id}/request": CLIENTS,
    "/my-leads/{lead_id}/answer": CLIENTS,
    "/my-leads/{lead_id}/withdraw": CLIENTS,
    "/auto-accept": {"policy_admin"},
}
OF_EVERYBODY = {"/", "/sign-in", "/healthz", "/readyz", "/metrics"}
"""Those who watch over the machines have no session: /readyz tells a word, /metrics asks for a token of its own."""


@pytest.fixture
def names(desk: ReviewDesk) -> list[str]:
    staff = [role.value for role in Role if role is not Role.CLIENT]
    return [*staff, *CLIENTS]


def accesses(desk: ReviewDesk) -> list[tuple[str, str, str, str]]:
    with desk.office.store(only_reads=True) as unit:
        return [(told.who, told.role, told.what, told.lead_id) for told in unit.accesses(None, None)]


def test_what_may_be_sent_is_told_for_every_form(desk: ReviewDesk) -> None:
    assert set(MAY_SEND) == set(paths(desk.app, "POST"))


def test_a_form_is_taken_of_the_roles_that_may_send_it(desk: ReviewDesk, names: list[str]) -> None:
    taken: dict[str, set[str]] = {path: set() for path in MAY_SEND}
    for name in names:
        browser = desk.signed_in(name)
        token = browser.form_token
        for path in sorted(MAY_SEND, key=lambda path: path == "/sign-out"):
            answer = browser.http.post(filled(path), data={**FIELDS.get(path, {}), "form_token": token})
            assert answer.status_code < 500, (name, path)
            if answer.status_code != 403:
                taken[path].add(name)
    assert taken == MAY_SEND


def test_a_client_reaches_its_own_leads_and_nothing_else(desk: ReviewDesk) -> None:
    browser = desk.signed_in("pipes")
    for path in paths(desk.app, "GET"):
        if path not in OF_EVERYBODY and not path.startswith("/my-leads"):
            answer = browser.http.get(filled(path))
            assert answer.status_code == 403, path
            assert "Blue Pipe" not in answer.text
    for path in ("/openapi.json", "/docs", "/redoc", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert browser.http.get(path).status_code == 404, path


def test_somebody_elses_lead_is_not_there_and_who_tried_is_noted(desk: ReviewDesk) -> None:
    browser = desk.signed_in("strangers")
    token = browser.form_token
    unknown = browser.http.get("/my-leads/L999")
    for path in paths(desk.app, "GET"):
        if path.startswith("/my-leads/"):
            told = browser.http.get(filled(path))
            assert told.status_code == 404
            assert told.text.replace("L1", "L999") == unknown.text.replace("L1", "L999")
    for path in MAY_SEND:
        if path.startswith("/my-leads/"):
            answer = browser.http.post(filled(path), data={**FIELDS.get(path, {}), "form_token": token})
            assert answer.status_code == 404, path
    assert ("strangers", "client", "refused: not theirs", "L1") in accesses(desk)
    assert accesses(desk).count(("strangers", "client", "refused: not theirs", "L1")) == 4


def test_whoever_reads_a_lead_or_hears_it_or_lifts_a_mask_is_noted(desk: ReviewDesk) -> None:
    auditor, viewer = desk.signed_in("auditor"), desk.signed_in("viewer")
    auditor.get("/leads/L2")
    auditor.get("/leads/L2?revealed=yes")
    auditor.get("/leads/L2/audio")
    auditor.get("/access-log")
    viewer.get("/leads/L2?revealed=yes")
    assert accesses(desk) == [
        ("auditor", "auditor", "explain", "L2"),
        ("auditor", "auditor", "explain unmasked", "L2"),
        ("auditor", "auditor", "listen", "L2"),
        ("auditor", "auditor", "access log", ""),
        ("viewer", "viewer", "explain", "L2"),
    ]


def test_a_call_that_is_heard_in_parts_is_heard_once_and_by_each_who_hears_it(desk: ReviewDesk) -> None:
    for name in ("reviewer", "auditor", "reviewer"):
        browser = desk.signed_in(name)
        for first in range(0, 3000, 1000):
            browser.http.get("/leads/L2/audio", headers={"range": f"bytes={first}-{first + 999}"})
    heard = [who for who, _, what, lead in accesses(desk) if (what, lead) == ("listen", "L2")]
    assert heard == ["reviewer", "auditor", "reviewer"]


def test_a_file_of_a_request_is_read_by_those_who_may_and_noted(desk: ReviewDesk) -> None:
    client, token = desk.signed_in("pipes"), desk.signed_in("pipes").form_token
    client = desk.signed_in("pipes")
    token = client.form_token
    form = {**FIELDS["/my-leads/{lead_id}/request"], "form_token": token}
    sent = client.http.post(
        "/my-leads/L2/request",
        data=form,
        files={"files": ("<img src=x>.html", b"<script>alert(1)</script>", "text/html")},
    )
    assert sent.status_code == 200, sent.text
    reviewer = desk.signed_in("reviewer")
    page = reviewer.get("/leads/L2")
    address = re.search(r"/leads/L2/files/[0-9a-f]{64}", page)
    assert address and "<img src=x>" not in page
    file = reviewer.http.get(address[0])
    assert file.content == b"<script>alert(1)</script>"
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment")
    assert ("reviewer", "reviewer", "file", "L2") in accesses(desk)
    assert desk.signed_in("viewer").http.get(address[0]).status_code == 403
    assert reviewer.http.get(address[0].replace("L2", "L1")).status_code == 404


def test_every_decision_is_noted_with_who_made_it(desk: ReviewDesk) -> None:
    browser = desk.signed_in("triage_lead")
    token = browser.form_token
    for path in ("decide", "undo", "ask"):
        form = {**FIELDS.get(f"/leads/{{lead_id}}/{path}", {}), "form_token": token}
        assert browser.http.post(f"/leads/L1/{path}", data=form).status_code == 200, path
    form = {"form_token": token, "note": "Look again."}
    assert browser.http.post("/leads/L2/decide", data={**form, "move": "accept"}).status_code == 200
    assert browser.http.post("/leads/L2/reopen", data=form).status_code == 200
    assert browser.http.post("/leads/L4/accept-together", data={**form, "others": []}).status_code == 200
    done = [
        (what, lead) for who, role, what, lead in accesses(desk) if what != "explain" and who == role == "triage_lead"
    ]
    assert done == [
        ("decide", "L1"),
        ("undo", "L1"),
        ("ask", "L1"),
        ("decide", "L2"),
        ("reopen", "L2"),
        ("decide", "L4"),
    ]


def test_an_undo_button_of_an_older_page_does_not_take_a_newer_decision_back(desk: ReviewDesk) -> None:
    browser = desk.signed_in("triage_lead")
    form = {"form_token": browser.form_token, "note": "Look again."}
    keys = []
    for _ in range(2):
        page = browser.http.post("/leads/L1/decide", data={**form, "move": "accept"}).text
        found = re.search(r'name="decision" value="([^"]+)"', page)
        assert found and f'name="decision" value="{found[1]}"' in browser.get("/leads/L1")
        keys.append(found[1])
        if len(keys) == 1:
            assert browser.http.post("/leads/L1/reopen", data=form).status_code == 200
    stale, standing = keys
    assert browser.http.post("/leads/L1/undo", data={**form, "decision": stale}).status_code == 409
    assert browser.http.post("/leads/L1/undo", data={**form, "decision": standing}).status_code == 200
    assert [what for _, _, what, lead in accesses(desk) if lead == "L1" and what != "explain"] == [
        "decide",
        "reopen",
        "decide",
        "undo",
    ], "what was refused was not done, and is not noted"
