"""Webhooks of telephony providers over real HTTP: who is let in, what is kept of them, and what stays shut."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from builders import NOW
from pydantic import SecretStr
from review_desk import ReviewDesk, a_review_desk, served
from servers import ON_BOTH
from sqlalchemy import select
from starlette.testclient import TestClient
from web_routes import paths

from insights.adapters import tables
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.errors import ConfigurationError, DatabaseBusy
from insights.settings import Settings, load_settings
from insights.web.app import create_app
from insights.web.hooks import Hooks
from insights.web.security import LARGEST_FORM, LARGEST_HOOK

KEY, OTHER_KEY, TOKEN = "a-company-key", "another-company-key", "an-auth-token"
PUBLIC = "https://calls.example.com"
SID = "CA" + "0123456789abcdef" * 2
SETTINGS = Settings(
    callrail_signing_key=SecretStr(f"{OTHER_KEY}, {KEY}"),
    twilio_token=SecretStr(TOKEN),
    public_url=PUBLIC,
    source="callrail://ACC1",
)
CALLRAIL, TWILIO = "/hooks/callrail/ACC1", "/hooks/twilio/AC1"
POST_CALL = {
    "resource_id": "CAL1",
    "customer_name": "Žofie Nováková",
    "customer_phone_number": "+16145550100",
    "recording": "https://app.callrail.com/calls/1/recording?access_key=do-not-tell",
    "start_time": NOW.isoformat(),
}
CALLED = {
    "CallSid": SID,
    "AccountSid": "AC1",
    "From": "+16145550100",
    "CallStatus": "completed",
    "CallerName": "Ž & Co",
}


@pytest.fixture
def desk(tmp_path: Path, store: SqlStore) -> ReviewDesk:
    return a_review_desk(tmp_path, store, leads=1)


@pytest.fixture
def address(desk: ReviewDesk) -> Iterator[str]:
    """The app with webhooks on a real server; a night has listed the account AC1 of Twilio."""
    with desk.office.store() as unit:
        unit.put_source_cursor("twilio://AC1", NOW)
        unit.commit()
    with served(create_app(desk.desk, ["127.0.0.1"], webhooks=Hooks.of(SETTINGS))) as address:
        yield address


def signed(secret: str, said: str | bytes) -> str:
    said = said.encode() if isinstance(said, str) else said
    return b64encode(hmac.new(secret.encode(), said, hashlib.sha1).digest()).decode()


def callrail(address: str, body: bytes | dict[str, str] = POST_CALL, path: str = CALLRAIL, **headers: str) -> int:
    sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    signature = {"signature": signed(KEY, sent), "content-type": "application/json"}
    return httpx.post(address + path, content=sent, headers={**signature, **headers}).status_code


def twilio(address: str, fields: dict[str, str] = CALLED, path: str = TWILIO, **headers: str) -> int:
    said = PUBLIC + path + "".join(name + fields[name] for name in sorted(fields))
    return httpx.post(
        address + path, data=fields, headers={"x-twilio-signature": signed(TOKEN, said), **headers}
    ).status_code


def kept(desk: ReviewDesk) -> list[dict[str, object]]:
    with desk.office.store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.hints).order_by("source")).mappings()]


@ON_BOTH
def test_signed_webhooks_leave_a_hint_and_nothing_else(desk: ReviewDesk, address: str) -> None:
    assert callrail(address) == callrail(address, urlencode(POST_CALL).encode()) == twilio(address) == 204
    at = "2026-11-20T08:00:00.000000+00:00"
    assert kept(desk) == [
        {"source": "callrail://ACC1", "call_id": "CAL1", "at": at, "settled": False},
        {"source": "twilio://AC1", "call_id": SID, "at": at, "settled": False},
    ]
    with desk.office.store() as unit:
        assert unit.lead_ids() == ["L1"]


@ON_BOTH
def test_a_webhook_that_is_sent_again_changes_nothing(desk: ReviewDesk, address: str) -> None:
    assert callrail(address) == twilio(address) == 204
    before = kept(desk)
    desk.office.clock.instant += timedelta(hours=1)
    assert callrail(address) == twilio(address) == 204
    assert kept(desk) == before
    desk.office.clock.instant += timedelta(days=30)
    with desk.office.store() as unit:
        unit.settle_hints("callrail://ACC1", [LeadId("CAL1")])
        unit.forget_hints("callrail://ACC1", desk.office.clock.now())
        unit.commit()
    assert callrail(address) == 204
    assert [row["call_id"] for row in kept(desk)] == [SID], "a call of last month is no news"


def test_who_did_not_sign_is_told_nothing(desk: ReviewDesk, address: str) -> None:
    body = json.dumps(POST_CALL).encode()
    for path in (CALLRAIL, TWILIO, "/hooks/callrail/ACC9", "/hooks/twilio/%00"):
        for wrong in (None, "", "x", signed("wrong", body), signed(KEY, "another body"), "\xff", "=" * 9_000):
            told = {} if wrong is None else dict.fromkeys(("signature", "x-twilio-signature"), wrong.encode("latin-1"))
            answer = httpx.post(address + path, content=body, headers=told)
            assert (answer.status_code, answer.text) == (403, "No.\n")
    assert kept(desk) == []


def test_a_body_that_was_touched_is_refused(desk: ReviewDesk, address: str) -> None:
    body = json.dumps(POST_CALL).encode()
    right = signed(KEY, body)
    for touched in (body.replace(b"CAL1", b"CAL2"), body + b" ", b"", body[:-1]):
        assert callrail(address, touched, signature=right) == 403
    said = PUBLIC + TWILIO + "".join(name + CALLED[name] for name in sorted(CALLED))
    right = signed(TOKEN, said)
    other = SID.replace("0123", "3210")
    for fields in ({**CALLED, "CallSid": other}, {**CALLED, "Extra": ""}, {"CallSid": SID}, {}):
        assert twilio(address, fields, **{"x-twilio-signature": right}) == 403
    assert twilio(address, path=TWILIO + "?x=1", **{"x-twilio-signature": right}) == 403
    assert kept(desk) == []


def test_of_the_keys_of_many_companies_each_one_counts(address: str) -> None:
    body = json.dumps(POST_CALL).encode()
    assert callrail(address, body, signature=signed(OTHER_KEY, body)) == 204
    assert callrail(address, body, signature=signed(f"{OTHER_KEY}, {KEY}", body)) == 403


def test_an_account_that_no_night_asks_is_not_known(desk: ReviewDesk, address: str) -> None:
    assert callrail(address, path="/hooks/callrail/ACC9") == 404
    assert twilio(address, path="/hooks/twilio/AC9") == 404
    assert twilio(address, {**CALLED, "AccountSid": "AC9"}) == 404, "a part of the account with one token"
    assert httpx.post(f"{address}/hooks/invoca/ACC1", content=b"{}").status_code == 404
    assert kept(desk) == []


def test_what_a_provider_tells_of_other_things_is_taken_and_forgotten(desk: ReviewDesk, address: str) -> None:
    """Another answer would make CallRail stop telling."""
    assert callrail(address, {"resource_id": "TME1", "content": "a text message"}) == 204
    assert callrail(address, b"[1, 2]") == callrail(address, b"\xff\x00") == 204
    assert callrail(address, {**POST_CALL, "direction": "outbound"}) == 204
    assert twilio(address, {"MessageSid": "SM1", "Body": "☎ Žluťoučký"}) == 204
    assert kept(desk) == []


def test_a_body_is_read_only_up_to_its_limit(address: str) -> None:
    for length, status in {100_000_000: 413, LARGEST_HOOK + 1: 413, LARGEST_HOOK: 403, LARGEST_FORM + 1: 403}.items():
        connection = HTTPConnection(address.removeprefix("http://"), timeout=20)
        connection.putrequest("POST", CALLRAIL)
        connection.putheader("content-length", str(length))
        connection.endheaders()
        if status == 403:
            connection.send(b"x" * length)
        assert connection.getresponse().status == status, "the larger ones without waiting for a byte of them"
        connection.close()


def test_a_body_in_chunks_is_not_read(desk: ReviewDesk, address: str) -> None:
    body = json.dumps(POST_CALL).encode()
    answer = httpx.post(address + CALLRAIL, content=iter([body]), headers={"signature": signed(KEY, body)})
    assert answer.status_code == 411
    assert kept(desk) == []


def test_a_browser_on_another_site_sends_nothing_here(address: str) -> None:
    assert callrail(address, origin="https://evil.example.com") == 403


def test_a_large_body_is_taken_here_and_nowhere_else(address: str) -> None:
    assert callrail(address, {**POST_CALL, "transcription": "word " * 50_000}) == 204
    form = {"name": "ann", "password": "x" * LARGEST_FORM}
    for path in ("/sign-in", "/hooks", "/hooksx", "/leads/L1/decide"):
        assert httpx.post(address + path, data=form).status_code == 413


def test_without_secrets_there_is_no_such_page(desk: ReviewDesk) -> None:
    nothing_set = Settings(twilio_token=SecretStr(TOKEN))
    assert not Hooks.of(nothing_set).readers, "a token alone is for asking: Twilio's hooks need the public address"
    for app in (desk.app, create_app(desk.desk, ["testserver"], webhooks=Hooks.of(nothing_set))):
        assert not [path for path in paths(app, "POST") if path.startswith("/hooks")]
        client = TestClient(app, base_url="https://testserver")
        assert client.post(CALLRAIL, content=b"{}").status_code == 404


def test_the_page_takes_posts_alone_and_is_the_only_one_that_was_added(desk: ReviewDesk, address: str) -> None:
    app = create_app(desk.desk, ["testserver"], webhooks=Hooks.of(SETTINGS))
    for method in ("GET", "POST"):
        more = set(paths(app, method)) - set(paths(desk.app, method))
        assert more == ({"/hooks/{provider}/{account}"} if method == "POST" else set())
    assert httpx.get(address + CALLRAIL).status_code == 405


def test_secrets_may_stand_in_files(tmp_path: Path) -> None:
    keys, token = tmp_path / "keys", tmp_path / "token"
    keys.write_text(f"{OTHER_KEY}\n{KEY}\n")
    token.write_text(f"{TOKEN}\n")
    hooks = Hooks.of(Settings(callrail_signing_key_file=keys, twilio_token_file=token, public_url=PUBLIC + "/"))
    assert set(hooks.readers) == {"callrail", "twilio"}
    assert hooks.readers["callrail"].is_signed({"signature": signed(KEY, b"{}")}, "", b"{}")
    with pytest.raises(ConfigurationError, match="callrail_signing_key"):
        Hooks.of(Settings(callrail_signing_key_file=tmp_path / "none"))


@pytest.mark.parametrize(
    "wrong", ["calls.example.com", "ftp://a", "https://", "https://a:b@c", "https://a?b=c", "https://a:x"]
)
def test_a_public_address_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="public_url"):
        load_settings(public_url=wrong)


def test_a_database_that_is_busy_is_said_so(desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """CallRail does not tell again: the listing will."""

    def busy(*_: object, **__: object) -> object:
        raise DatabaseBusy("the database is busy.")

    shut = replace(desk.desk, deps=replace(desk.office.deps, store=busy))  # type: ignore[arg-type]
    app = create_app(shut, ["testserver"], webhooks=Hooks.of(SETTINGS))
    body = json.dumps(POST_CALL).encode()
    client = TestClient(app, base_url="https://testserver")
    assert client.post(CALLRAIL, content=body, headers={"signature": signed(KEY, body)}).status_code == 503
