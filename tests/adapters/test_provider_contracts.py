"""What descriptions of the providers' answers say, against what our servers tell and our sources ask and read.

Twilio: its public OpenAPI description (github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json, openapi 3.0.1,
version 1.0.0, commit 00c8d36829d67333c14bef357affd57851408ad7). Compared were the schemas ``api.v2010.account.call``
and ``api.v2010.account.recording`` with their enums, the answers of ``ListCall`` and ``ListRecording``, and the query
parameters of both; of the recordings' list the parameters but ``IncludeSoftDeleted``, which stands in an example.

CallRail publishes no such description. Compared was the third-party one that follows its reference of version 3
(github.com/api-evangelist/callrail, openapi/callrail-calls-api-openapi.yml with conventions/callrail-conventions.yml).
It gives ``recording_duration`` as an integer where the reference's own examples show a text; nobody here reads it.

The facts below are written by hand; only those that one of the two sides uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import pytest
from builders import NOW
from provider_servers import (
    KEY,
    CallRail,
    Twilio,
    a_callrail_call,
    a_client,
    a_twilio_call,
    a_twilio_leg,
    a_twilio_recording,
    serving,
    the_campaigns,
)

from insights.adapters import callrail_source, twilio_source
from insights.adapters.callrail_source import CallRailSource
from insights.adapters.provider_hooks import TwilioHooks
from insights.adapters.twilio_source import TwilioSource

TRACKED = the_campaigns()


class Field(NamedTuple):
    """A field of an answer: its JSON type, and whether it may be null."""

    kind: type
    null: bool = True
    form: str = ""


MAIL = "mail date"
OFFSET = "ISO date with offset"
READS = {MAIL: parsedate_to_datetime, OFFSET: datetime.fromisoformat}
CALL_STATUS = {"queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
DIRECTIONS = {"inbound", "outbound-api", "outbound-dial", "trunking-terminating", "trunking-originating"}
RECORDING_STATUS = {"in-progress", "paused", "stopped", "processing", "completed", "absent", "deleted"}
RECORDING_SOURCE = {
    "DialVerb", "Conference", "OutboundAPI", "Trunking", "RecordVerb", "StartCallRecordingAPI",
    "StartConferenceRecordingAPI",
}  # fmt: skip

TWILIO_CALL = {
    "sid": Field(str),
    "parent_call_sid": Field(str),
    "from": Field(str),
    "to": Field(str),
    "status": Field(str),
    "direction": Field(str),
    "duration": Field(str),
    "start_time": Field(str, form=MAIL),
    "end_time": Field(str, form=MAIL),
    "date_created": Field(str, form=MAIL),
}
TWILIO_RECORDING = {
    "sid": Field(str),
    "call_sid": Field(str),
    "status": Field(str),
    "channels": Field(int, null=False),
    "source": Field(str),
    "duration": Field(str),
    "encryption_details": Field(dict),
}
TWILIO_PAGE = {
    "end": Field(int, null=False),
    "start": Field(int, null=False),
    "page": Field(int, null=False),
    "page_size": Field(int, null=False),
    "first_page_uri": Field(str, null=False),
    "next_page_uri": Field(str),
    "previous_page_uri": Field(str),
    "uri": Field(str, null=False),
}
TWILIO_ASKS = {
    "Calls": {"To", "From", "ParentCallSid", "Status", "StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<",
              "EndTime>", "PageSize", "Page", "PageToken"},
    "Recordings": {"DateCreated", "DateCreated<", "DateCreated>", "CallSid", "ConferenceSid", "IncludeSoftDeleted",
                   "PageSize", "Page", "PageToken"},
}  # fmt: skip
MOST_A_TWILIO_PAGE = 1000

CALLRAIL_CALL = {
    "id": Field(str, null=False),
    "answered": Field(bool, null=False),
    "business_phone_number": Field(str),
    "customer_name": Field(str),
    "customer_phone_number": Field(str),
    "direction": Field(str),
    "duration": Field(int),
    "recording": Field(str),
    "start_time": Field(str, null=False, form=OFFSET),
    "tracking_phone_number": Field(str),
    "voicemail": Field(bool),
    "company_id": Field(str),
    "tracker_id": Field(str),
}
CALLRAIL_PAGE = {"has_next_page": Field(bool, null=False), "next_page": Field(str)}
CALLRAIL_ASKS = {"page", "per_page", "relative_pagination", "offset", "start_date", "end_date", "direction", "answered",
                 "company_id", "tracker_id", "tags", "fields", "sort", "order"}  # fmt: skip
MOST_A_CALLRAIL_PAGE = 250


def faults(told: Mapping[str, Any], contract: Mapping[str, Field]) -> Iterator[str]:
    """What of an answer its description does not allow; a field that it has not got is left out."""
    for name, field in contract.items():
        value = told.get(name)
        if value is None:
            if name in told and not field.null:
                yield f"{name} is null"
        elif type(value) is not field.kind:
            yield f"{name} is a {type(value).__name__}"
        elif field.form and READS[field.form](value).tzinfo is None:
            yield f"{name} tells no offset"


def missing(told: Mapping[str, Any], contract: Mapping[str, Field]) -> set[str]:
    return set(contract) - set(told)


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    twilio = Twilio()
    with serving(twilio):
        yield twilio


@pytest.fixture
def callrail() -> Iterator[CallRail]:
    callrail = CallRail()
    with serving(callrail):
        yield callrail


def twilio_client(twilio: Twilio) -> Any:
    return a_client("Twilio", twilio.base, "Basic x")


def test_our_twilio_tells_calls_and_recordings_as_described(twilio: Twilio) -> None:
    twilio.calls = [a_twilio_leg(), a_twilio_call(), a_twilio_call("CA2", status="busy", duration=None, end_time=None)]
    twilio.recordings = [a_twilio_recording(), a_twilio_recording(sid="RE2", status="absent", channels=0)]
    http = twilio_client(twilio)
    for what, contract in (("Calls", TWILIO_CALL), ("Recordings", TWILIO_RECORDING)):
        page = http.json(f"Accounts/AC1/{what}.json")
        assert missing(page, TWILIO_PAGE) == set() and list(faults(page, TWILIO_PAGE)) == []
        for row in page[what.lower()]:
            assert list(faults(row, contract)) == []
            assert missing(row, contract) == set()
    assert {call["status"] for call in twilio.calls} <= CALL_STATUS
    assert {call["direction"] for call in twilio.calls} <= DIRECTIONS
    assert {row["status"] for row in twilio.recordings} <= RECORDING_STATUS
    assert {row["source"] for row in twilio.recordings} <= RECORDING_SOURCE


def test_the_pages_of_our_twilio_lead_on_and_back_by_paths_of_its_own(twilio: Twilio) -> None:
    twilio.calls = [a_twilio_call(f"CA{number}") for number in range(5)]
    http = twilio_client(twilio)
    pages = [http.json("Accounts/AC1/Calls.json", {"PageSize": "2"})]
    while pages[-1]["next_page_uri"]:
        pages.append(http.json(pages[-1]["next_page_uri"]))
    assert [len(page["calls"]) for page in pages] == [2, 2, 1]
    assert [(page["page"], page["start"], page["end"]) for page in pages] == [(0, 0, 1), (1, 2, 3), (2, 4, 4)]
    assert pages[0]["previous_page_uri"] is None and pages[2]["previous_page_uri"]
    for page in pages:
        assert all(
            page[name] is None or page[name].startswith("/2010-04-01/Accounts/AC1/")
            for name in page
            if name.endswith("uri")
        )


def test_the_source_asks_twilio_only_what_it_is_described_to_take(twilio: Twilio) -> None:
    TwilioSource("AC1", twilio_client(twilio), lambda: TRACKED, now=lambda: NOW).listing()
    for asked, (what, allowed) in zip(twilio.asked, TWILIO_ASKS.items(), strict=True):
        assert asked.path == f"/2010-04-01/Accounts/AC1/{what}.json"
        assert set(asked.query) <= allowed
        assert 1 <= int(asked.query["PageSize"]) <= MOST_A_TWILIO_PAGE
        (since,) = (value for name, value in asked.query.items() if name.endswith(">"))
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", since)


def test_the_source_knows_twilios_words_and_no_others() -> None:
    assert twilio_source._GOES_ON < CALL_STATUS
    assert {"completed", "busy", "failed", "no-answer", "canceled"} == CALL_STATUS - twilio_source._GOES_ON
    assert twilio_source._BEING_MADE < RECORDING_STATUS
    assert {"completed", "absent", "deleted"} == RECORDING_STATUS - twilio_source._BEING_MADE
    assert twilio_source._VOICEMAIL in RECORDING_SOURCE and "inbound" in DIRECTIONS


def test_a_call_id_of_a_webhook_has_the_form_that_is_described() -> None:
    assert TwilioHooks._CALL.pattern == "CA[0-9a-fA-F]{32}"


@pytest.mark.parametrize("name", sorted(TWILIO_CALL))
@pytest.mark.parametrize("kind", ["null", "left out", "empty"])
def test_a_field_of_a_call_that_is_null_or_missing_breaks_no_listing(twilio: Twilio, name: str, kind: str) -> None:
    """All of them may be null by the description; a text may be empty where the words beside it say so."""
    call = a_twilio_call()
    changed = {key: value for key, value in call.items() if key != name or kind != "left out"}
    if kind != "left out":
        changed[name] = None if kind == "null" else ""
    twilio.calls, twilio.recordings = [changed, a_twilio_call("CA2")], [a_twilio_recording()]
    listing = TwilioSource("AC1", twilio_client(twilio), lambda: TRACKED, now=lambda: NOW).listing()
    told = {lead.lead_id for lead in listing.leads} | {row.lead_id for row in listing.quarantined}
    assert "CA2" in told and listing.stopped == ""
    if name in ("parent_call_sid", "duration", "end_time", "date_created", "from", "status", "start_time"):
        assert "CA1" in {lead.lead_id for lead in listing.leads}


@pytest.mark.parametrize("name", sorted(TWILIO_RECORDING))
def test_a_field_of_a_recording_that_is_null_breaks_no_listing(twilio: Twilio, name: str) -> None:
    twilio.calls, twilio.recordings = [a_twilio_leg(), a_twilio_call()], [a_twilio_recording(**{name: None})]
    (lead,) = TwilioSource("AC1", twilio_client(twilio), lambda: TRACKED, now=lambda: NOW).listing().leads
    assert lead.answered and lead.agent_channel is None


def test_our_callrail_tells_calls_as_described(callrail: CallRail) -> None:
    callrail.pages = [[a_callrail_call("CAL1"), a_callrail_call("CAL2", recording=None)], [a_callrail_call("CAL3")]]
    http = a_client("CallRail", callrail.base, f'Token token="{KEY}"')
    page = http.json("a/ACC1/calls.json", {"relative_pagination": "true"})
    assert missing(page, CALLRAIL_PAGE) == set() and list(faults(page, CALLRAIL_PAGE)) == []
    assert page["has_next_page"] is True and page["next_page"].startswith(f"{callrail.base}/a/ACC1/calls.json?")
    for row in page["calls"]:
        assert list(faults(row, CALLRAIL_CALL)) == [] and missing(row, CALLRAIL_CALL) == set()
        assert row["direction"] in ("inbound", "outbound")


def test_the_source_asks_callrail_only_what_it_is_described_to_take(callrail: CallRail) -> None:
    http = a_client("CallRail", callrail.base, f'Token token="{KEY}"')
    CallRailSource("ACC1", http, lambda: TRACKED, now=lambda: NOW).listing(NOW - timedelta(days=3))
    (asked,) = callrail.asked
    assert asked.path == "/v3/a/ACC1/calls.json" and set(asked.query) <= CALLRAIL_ASKS
    assert 1 <= int(asked.query["per_page"]) <= MOST_A_CALLRAIL_PAGE
    assert (
        asked.query["direction"] == "inbound" and asked.query["order"] == "asc" and asked.query["sort"] == "start_time"
    )
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", asked.query["start_date"])
    assert "offset" not in asked.query and "page" not in asked.query, "the two ways of paging do not mix"
    assert asked.headers["authorization"] == f'Token token="{KEY}"'


def test_the_source_counts_callrails_own_quota() -> None:
    assert callrail_source.QUOTA == ((3_600, 1_000), (86_400, 10_000))
