"""Webhooks as CallRail and Twilio sign them: published examples, and whatever else somebody may send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.adapters.provider_hooks import MOST_FIELDS, CallRailHooks, HookedCall, TwilioHooks
from insights.domain.leads import LeadId

SID = "CA" + "0123456789abcdef" * 2
CALLRAIL, TWILIO = CallRailHooks(["a company's key"]), TwilioHooks("12345", "https://mycompany.com")


@pytest.mark.parametrize(
    ("number", "signature"),
    [("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="), ("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")],
)
def test_the_signatures_of_twilios_own_examples_are_right(number: str, signature: str) -> None:
    """Of Twilio's page on validating requests, and of the tests of its helper library."""
    fields = {"To": "+18005551212", "CallSid": "CA1234567890ABCDE", "Caller": number, "Digits": "1234", "From": number}
    path, body = "/myapp.php?foo=1&bar=2", urlencode(fields).encode()
    assert TWILIO.is_signed({"x-twilio-signature": signature}, path, body)
    assert not TWILIO.is_signed({"x-twilio-signature": signature}, path, body.replace(b"1234", b"1235"))
    assert not TWILIO.is_signed({"x-twilio-signature": signature}, path.replace("1", "2"), body)
    assert not TwilioHooks("12346", "https://mycompany.com").is_signed({"x-twilio-signature": signature}, path, body)


@pytest.mark.parametrize("public", ["https://mycompany.com", "https://mycompany.com/", "https://mycompany.com:443"])
def test_a_signed_address_may_name_its_port_or_not(public: str) -> None:
    signature = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    body = b"To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030"
    assert TwilioHooks("12345", public).is_signed({"x-twilio-signature": signature}, "/myapp.php?foo=1&bar=2", body)


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ({"resource_id": "CAL1", "id": "444941612"}, "CAL1"),
        ({"resource_id": "CAL1", "id": "CAL2"}, "CAL1"),
        ({"id": "CAL2", "direction": "inbound"}, "CAL2"),
        ({"id": "CAL2", "direction": "outbound"}, None),
        ({"id": 444941612}, None),
        ({"resource_id": "TME1", "content": "a text message"}, None),
        ({"resource_id": "CAL1\n"}, None),
        ({"resource_id": "CAL" + "9" * 80}, None),
        ({}, None),
    ],
)
def test_callrails_call_is_found_in_json_and_in_forms(body: dict[str, str], call: str | None) -> None:
    for sent in (json.dumps(body).encode(), urlencode(body).encode()):
        found = CALLRAIL.call(sent)
        assert (found.call_id if found else None) == call


@pytest.mark.parametrize(
    ("told", "began"),
    [
        ("2026-11-19T18:00:00.236-05:00", datetime(2026, 11, 19, 23, 0, 0, 236_000, UTC)),
        ("2026-11-19 18:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_callrail_tells_when_a_call_began_with_its_offset_or_not_at_all(told: str, began: datetime | None) -> None:
    assert CALLRAIL.call(json.dumps({"id": "CAL1", "start_time": told}).encode()) == HookedCall(LeadId("CAL1"), began)


@pytest.mark.parametrize(
    ("fields", "call"),
    [
        ({"CallSid": SID, "AccountSid": "AC1"}, HookedCall(LeadId(SID), None, "AC1")),
        (
            {"CallSid": SID, "Timestamp": "Thu, 19 Nov 2026 08:12:40 +0000"},
            HookedCall(LeadId(SID), datetime(2026, 11, 19, 8, 12, 40, tzinfo=UTC)),
        ),
        (
            {"CallSid": SID, "RecordingSid": "RE1", "RecordingStartTime": "Thu, 19 Nov 2026 08:12:40 -0000"},
            HookedCall(LeadId(SID), datetime(2026, 11, 19, 8, 12, 40, tzinfo=UTC)),
        ),
        ({"CallSid": SID, "Timestamp": "soon"}, HookedCall(LeadId(SID), None)),
        ({"CallSid": SID + "0"}, None),
        ({"MessageSid": "SM1"}, None),
    ],
)
def test_twilios_call_is_found_in_a_form(fields: dict[str, str], call: HookedCall | None) -> None:
    assert TWILIO.call(urlencode(fields).encode()) == call


def test_twilios_json_is_not_read() -> None:
    assert TWILIO.call(json.dumps({"CallSid": SID}).encode()) is None


def test_of_a_form_with_far_too_many_fields_none_is_read() -> None:
    assert TWILIO.call(b"&".join([f"CallSid={SID}".encode()] * (MOST_FIELDS + 1))) is None


def a_body(text: str) -> bytes:
    return json.dumps({"id": "CAL1", "start_time": text}).encode()


@given(st.binary(max_size=300) | st.text(max_size=200).map(a_body), st.text(max_size=60))
def test_whatever_is_sent_is_answered(body: bytes, signature: str) -> None:
    for reader, name in ((CALLRAIL, "signature"), (TWILIO, "x-twilio-signature")):
        assert not reader.is_signed({name: signature}, "/hooks", body)
        reader.call(body)


@given(st.text(max_size=60))
def test_whatever_twilio_tells_as_a_time_is_read_or_left(told: str) -> None:
    found = TWILIO.call(urlencode({"CallSid": SID, "Timestamp": told}, errors="replace").encode())
    assert found is not None and (found.began is None or found.began.tzinfo is not None)
