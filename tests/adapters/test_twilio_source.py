"""Twilio's calls as leads: answered by the leg that was dialled, with the recording of the conversation."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from provider_servers import SOUND, TOKEN, Answer, Row, Twilio, a_client, mail, serving, the_campaigns, told
from provider_servers import a_twilio_call as a_call
from provider_servers import a_twilio_leg as a_leg
from provider_servers import a_twilio_recording as a_recording

from insights.adapters.policy_files import load_policies
from insights.adapters.twilio_source import TwilioSource
from insights.bootstrap_sources import lead_source
from insights.domain.leads import Lead
from insights.errors import RecordingUnavailable, SourceUnavailable
from insights.settings import Settings

TRACKED = the_campaigns()
BASIC = f"Basic {b64encode(f'AC1:{TOKEN}'.encode()).decode()}"


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    twilio = Twilio()
    with serving(twilio):
        yield twilio


@pytest.fixture
def source(twilio: Twilio) -> TwilioSource:
    client = a_client("Twilio", twilio.base, BASIC)
    return TwilioSource("AC1", client, lambda: TRACKED, now=lambda: NOW)


def the_lead(twilio: Twilio, source: TwilioSource, calls: list[Row], recordings: list[Row]) -> Lead:
    twilio.calls, twilio.recordings = calls, recordings
    (lead,) = source.listing().leads
    return lead


def reason(source: TwilioSource, lead: Lead) -> str:
    with pytest.raises(RecordingUnavailable) as caught:
        source.fetch(lead)
    assert caught.value.transient and caught.value.lead_id == lead.lead_id and TOKEN not in str(caught.value)
    return caught.value.code


def test_an_inbound_call_with_a_completed_leg_was_answered(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording()])
    assert (lead.lead_id, lead.campaign_id, lead.answered, lead.voicemail) == ("CA1", "C-1", True, False)
    assert (lead.received_at, lead.duration_s) == (NOW - timedelta(hours=2), 61)
    assert (lead.caller_number, lead.tracking_number) == ("+16145550100", "+16145550199")
    assert (lead.recording_enabled, lead.recording, lead.agent_channel) == (True, "RE1", None)
    assert {request.headers["authorization"] for request in twilio.asked} == {BASIC}


@pytest.mark.parametrize(
    "legs",
    [
        [],
        [a_leg(status="no-answer", duration="0")],
        [a_leg(status="completed", duration="0")],
        [a_leg(status="completed", duration=None)],
        [a_leg(status="completed", duration="unknown")],
        [a_leg(status="busy", duration="12")],
        [a_leg(status=["completed"], duration={})],
        [a_leg(of="CA9")],
    ],
)
def test_a_completed_inbound_call_alone_was_answered_by_nobody(
    twilio: Twilio, source: TwilioSource, legs: list[Row]
) -> None:
    assert not the_lead(twilio, source, [a_call(), *legs], [a_recording()]).answered


def test_one_of_many_phones_that_rang_is_enough(twilio: Twilio, source: TwilioSource) -> None:
    legs = [a_leg(sid="CA2", status="no-answer", duration="0"), a_leg(sid="CA3"), a_leg(sid="CA4", status="canceled")]
    assert the_lead(twilio, source, [*legs, a_call()], []).answered


def test_recording_was_off_where_twilio_knows_of_none(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording(of="CA9")])
    assert (lead.recording_enabled, lead.recording) == (False, "")


@pytest.mark.parametrize("status", ["absent", "deleted"])
def test_recording_was_on_where_twilio_kept_nothing(twilio: Twilio, source: TwilioSource, status: str) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording(status=status, channels=2)])
    assert (lead.recording_enabled, lead.recording, lead.agent_channel) == (True, "", None)
    assert reason(source, lead) == "recording_missing"


def test_of_many_recordings_the_conversation_counts(twilio: Twilio, source: TwilioSource) -> None:
    recordings = [
        a_recording(sid="RE1", source="RecordVerb", duration="300"),
        a_recording(sid="RE2", duration="12"),
        a_recording(sid="RE3", duration="48", channels=2),
        a_recording(sid="RE4", duration="99", status="absent"),
    ]
    lead = the_lead(twilio, source, [a_leg(), a_call()], recordings)
    assert (lead.recording, lead.agent_channel) == ("RE3", 2)


def test_a_message_that_nobody_took_is_a_voicemail(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_call()], [a_recording(source="RecordVerb")])
    assert (lead.answered, lead.voicemail) == (False, True)


def test_all_pages_of_both_lists_are_read_and_no_call_is_asked_for_alone(twilio: Twilio, source: TwilioSource) -> None:
    calls = [leg for number in range(5) for leg in (a_leg(f"CA{number}"), a_call(f"CA{number}"))]
    twilio.calls = calls
    twilio.recordings = [a_recording(f"CA{number}", f"RE{number}") for number in range(5)]
    listing = source.listing()
    assert [(lead.lead_id, lead.recording) for lead in listing.leads] == [(f"CA{n}", f"RE{n}") for n in range(5)]
    assert (listing.complete_to, listing.stopped) == (NOW, "")
    assert len(twilio.asked) == 5 + 3
    assert twilio.asked[0].query["StartTime>"] == twilio.asked[5].query["DateCreated>"] == "2026-11-12"


def test_a_call_that_moved_between_pages_is_told_once(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call(duration="1"), a_call(duration="61")], [])
    assert lead.duration_s == 61


def test_a_next_page_elsewhere_is_not_read(twilio: Twilio, source: TwilioSource) -> None:
    page = {"calls": [a_leg(), a_call()], "next_page_uri": "http://evil.example/Calls.json"}
    twilio.at(r"/2010-04-01/Accounts/AC1/Calls.json", told(page))
    twilio.recordings = [a_recording()]
    listing = source.listing()
    assert len(listing.leads) == 1 and listing.stopped and listing.complete_to is None


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress"])
def test_a_call_that_goes_on_is_told_another_night(twilio: Twilio, source: TwilioSource, status: str) -> None:
    begun = NOW - timedelta(minutes=5)
    twilio.calls = [a_call(status=status, start_time=None, date_created=mail(begun)), a_call("CA2")]
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CA2"]
    assert listing.complete_to == begun


def test_calls_before_the_instant_asked_for_are_not_told(twilio: Twilio, source: TwilioSource) -> None:
    twilio.calls = [a_call("CA1"), a_call("CA2", start_time=mail(NOW - timedelta(hours=1)))]
    assert [lead.lead_id for lead in source.listing(NOW - timedelta(minutes=90)).leads] == ["CA2"]


def test_legs_outbound_calls_and_broken_rows_are_no_leads(twilio: Twilio, source: TwilioSource) -> None:
    twilio.calls = [
        a_call("CA1", direction="outbound-api"),
        a_leg(),
        "broken",  # type: ignore[list-item]
        a_call("CA3", start_time="yesterday"),
        a_call("CA4", to="+16145550000"),
        a_call("CA5"),
    ]
    twilio.recordings = [None, {"sid": ["x"]}, {}]  # type: ignore[list-item]
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CA5"]
    assert [row.lead_id for row in listing.quarantined] == ["", "CA3", "CA4"]


def test_of_calls_that_were_listed_half_only_the_certain_ones_are_told(twilio: Twilio, source: TwilioSource) -> None:
    """Whether nobody took CA2 stands on the page that never came."""
    following = "/2010-04-01/Accounts/AC1/Calls.json?Page=1"
    rows = [a_leg("CA1"), a_call("CA1"), a_call("CA2"), a_call("CA3", status="no-answer")]
    twilio.at(r"/2010-04-01/Accounts/AC1/Calls.json", told({"calls": rows, "next_page_uri": following}), Answer(500))
    twilio.recordings = [a_recording("CA1"), a_recording("CA2", "RE2")]
    listing = source.listing()
    assert [(lead.lead_id, lead.answered) for lead in listing.leads] == [("CA1", True), ("CA3", False)]
    assert listing.complete_to is None and "500" in listing.stopped


def test_of_recordings_that_were_listed_half_none_is_said_to_be_off(twilio: Twilio, source: TwilioSource) -> None:
    twilio.calls = [a_leg("CA1"), a_call("CA1"), a_leg("CA2"), a_call("CA2"), a_call("CA3")]
    following = "/2010-04-01/Accounts/AC1/Recordings.json?Page=1"
    first = told({"recordings": [a_recording("CA1")], "next_page_uri": following})
    twilio.at(r"/2010-04-01/Accounts/AC1/Recordings.json", first, Answer(500))
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CA1", "CA3"]
    assert listing.complete_to is None and listing.stopped


@pytest.mark.parametrize("what", ["Calls", "Recordings"])
def test_nothing_told_is_an_error(twilio: Twilio, source: TwilioSource, what: str) -> None:
    twilio.calls = [a_leg(), a_call()]
    twilio.at(rf"/2010-04-01/Accounts/AC1/{what}.json", Answer(503))
    with pytest.raises(SourceUnavailable):
        source.listing()


def test_a_recording_of_one_channel_comes_as_it_is(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording()])
    twilio.sounds["RE1"] = SOUND
    assert source.fetch(lead) == SOUND
    assert (twilio.asked[-1].query, twilio.asked[-1].headers["authorization"]) == ({}, BASIC)


@pytest.mark.parametrize(
    ("dual", "asked"), [({"RE1"}, [{"RequestedChannels": "2"}]), (set(), [{"RequestedChannels": "2"}, {}])]
)
def test_two_channels_are_asked_for_and_one_is_taken_where_there_is_no_more(
    twilio: Twilio, source: TwilioSource, dual: set[str], asked: list[dict[str, str]]
) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording(channels=2)])
    assert lead.agent_channel == 2  # the caller first, the agent second
    twilio.sounds["RE1"], twilio.dual = SOUND, dual
    assert source.fetch(lead) == SOUND
    assert [request.query for request in twilio.asked if request.path.endswith(".wav")] == asked


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "processing"}, "recording_processing"),
        ({"status": "in-progress"}, "recording_processing"),
        ({"status": "deleted"}, "recording_missing"),
        ({"status": ["completed"]}, "recording_missing"),
        ({"encryption_details": {"encryption_public_key_sid": "CR1"}}, "recording_encrypted"),
    ],
)
def test_why_a_recording_cannot_be_had_is_named(
    twilio: Twilio, source: TwilioSource, changes: dict[str, Any], code: str
) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording()])
    twilio.recordings = [a_recording(**changes)]
    assert reason(source, lead) == code


def test_a_recording_in_the_making_is_named_in_the_lead(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording(status="processing")])
    assert (lead.recording, lead.recording_enabled) == ("RE1", True)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_media_that_are_not_to_be_had_are_one_leads_trouble(twilio: Twilio, source: TwilioSource, status: int) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording(channels=2)])
    twilio.at(r"/2010-04-01/Accounts/AC1/Recordings/RE1.wav", Answer(status))
    codes = {403: "turned_away", 404: "recording_missing", 500: "not_answering"}
    assert reason(source, lead) == codes[status]


def test_a_recording_that_names_a_path_is_none(twilio: Twilio, source: TwilioSource) -> None:
    lead = the_lead(twilio, source, [a_leg(), a_call()], [a_recording(sid="../../Calls")])
    asked = len(twilio.asked)
    assert reason(source, lead) == "recording_missing"
    assert len(twilio.asked) == asked


def test_settings_open_it_by_its_address(twilio: Twilio, tmp_path: Path) -> None:
    path = tmp_path / "campaigns.json"
    path.write_text(json.dumps([{"campaign_id": "C-1", "source_ids": ["+16145550199"]}]))
    settings = Settings(twilio_url=twilio.base, twilio_token=TOKEN, campaigns=str(path))  # type: ignore[arg-type]
    twilio.calls = [a_call(start_time=mail(datetime.now(UTC) - timedelta(hours=1)))]
    source = lead_source(settings, load_policies(), "twilio://AC1/")
    assert (source.uri, len(source.listing().leads)) == ("twilio://AC1", 1)
    assert twilio.asked[0].headers["authorization"] == BASIC
