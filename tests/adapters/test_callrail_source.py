"""CallRail's calls as leads: told once, never more than is certain, and their recordings asked for anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from provider_servers import (
    ACCESS,
    KEY,
    SOUND,
    Answer,
    CallRail,
    a_callrail_call,
    a_client,
    sent_to,
    serving,
    sound,
    the_campaigns,
    told,
)

from insights.adapters.callrail_source import CallRailSource
from insights.adapters.policy_files import load_policies
from insights.adapters.provider_campaigns import read_tracked_campaigns
from insights.adapters.provider_http import Patience
from insights.bootstrap_sources import lead_source
from insights.domain.leads import Lead
from insights.errors import ConfigurationError, InputError, RecordingUnavailable, SourceUnavailable
from insights.settings import Settings, load_settings

TRACKED = the_campaigns()


@pytest.fixture
def callrail() -> Iterator[CallRail]:
    callrail = CallRail()
    with serving(callrail):
        yield callrail


@pytest.fixture
def source(callrail: CallRail) -> CallRailSource:
    return a_source(callrail)


def a_source(callrail: CallRail, key: str = KEY, patience: Patience | None = None) -> CallRailSource:
    client = a_client("CallRail", callrail.base, f'Token token="{key}"', callrail.host, patience=patience)
    return CallRailSource("ACC1", client, lambda: TRACKED, now=lambda: NOW)


def the_lead(callrail: CallRail, source: CallRailSource, **changes: Any) -> Lead:
    callrail.pages = [[a_callrail_call(**changes)]]
    (lead,) = source.listing().leads
    return lead


def reason(source: CallRailSource, lead: Lead) -> str:
    """Why a fetch failed; and that it passes, names the lead, and tells no key."""
    with pytest.raises(RecordingUnavailable) as caught:
        source.fetch(lead)
    assert caught.value.transient and caught.value.lead_id == lead.lead_id
    assert KEY not in str(caught.value) and ACCESS not in str(caught.value)
    return caught.value.code


def test_a_call_is_read_as_callrail_tells_it(callrail: CallRail, source: CallRailSource) -> None:
    lead = the_lead(callrail, source)
    assert (lead.lead_id, lead.campaign_id, lead.answered, lead.voicemail) == ("CAL1", "C-1", True, False)
    assert (lead.received_at, lead.duration_s) == (NOW - timedelta(hours=2), 4)
    assert (lead.caller_number, lead.tracking_number, lead.caller_zip) == ("+16145550100", "+16145550199", "43215")
    assert (lead.source, lead.direction, lead.extra["first_call"]) == ("Google Ads", "inbound", "True")
    assert "Somebody" not in str(lead)


def test_what_a_lead_keeps_of_its_recording_is_no_address_that_dies(callrail: CallRail, source: CallRailSource) -> None:
    direct = f"https://app.callrail.com/calls/CAL1/recording/redirect?{ACCESS}"
    for address in (direct, a_callrail_call()["recording"]):
        assert the_lead(callrail, source, recording=address).recording == "calls/CAL1/recording.json"


def test_a_call_that_callrail_calls_missed_is_missed_whatever_was_recorded(
    callrail: CallRail, source: CallRailSource
) -> None:
    lead = the_lead(callrail, source, answered=False, call_type="missed", recording_duration="27")
    assert (lead.answered, bool(lead.recording)) == (False, True)


def test_a_call_without_a_recording_has_none(callrail: CallRail, source: CallRailSource) -> None:
    lead = the_lead(callrail, source, recording=None)
    assert (lead.answered, lead.recording_enabled, lead.recording) == (True, True, "")
    assert reason(source, lead) == "recording_missing"


@pytest.mark.parametrize("told_so", [{"voicemail": True}, {"call_type": "voicemail_transcription"}])
def test_a_voicemail_is_one_by_its_flag_or_its_type(
    callrail: CallRail, source: CallRailSource, told_so: dict[str, Any]
) -> None:
    assert the_lead(callrail, source, answered=False, **told_so).voicemail


def test_numbers_may_come_as_texts(callrail: CallRail, source: CallRailSource) -> None:
    assert the_lead(callrail, source, duration="51").duration_s == 51
    assert the_lead(callrail, source, duration=None).duration_s is None


@pytest.mark.parametrize(
    ("changes", "campaign"),
    [
        ({}, "C-1"),
        ({"company_id": "COM9", "tracker_id": "TRK2"}, "C-2"),
        ({"company_id": "COM1", "tracker_id": "TRK2"}, "C-1"),
        ({"company_id": None, "tracker_id": None}, "C-1"),
        ({"company_id": None, "tracker_id": None, "tracking_phone_number": "614-555-0199"}, "C-1"),
    ],
)
def test_a_call_belongs_to_the_campaign_of_its_company_then_its_tracker_then_its_number(
    callrail: CallRail, source: CallRailSource, changes: dict[str, Any], campaign: str
) -> None:
    assert the_lead(callrail, source, **changes).campaign_id == campaign


def test_a_call_of_nobodys_number_is_set_aside(callrail: CallRail, source: CallRailSource) -> None:
    stranger = {"company_id": "COM9", "tracker_id": ["x"], "tracking_phone_number": "+16145550000"}
    callrail.pages = [[a_callrail_call(**stranger), a_callrail_call("CAL2")]]
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CAL2"]
    assert [(row.lead_id, row.fault) for row in listing.quarantined] == [
        ("CAL1", "its tracking number belongs to no campaign")
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"answered": None}, "answered is missing"),
        ({"start_time": None}, "received_at is missing"),
        ({"start_time": "2026-11-20T08:00:00"}, "received_at: has no UTC offset"),
        ({"id": None}, "lead_id is missing"),
        ({"id": "../../etc/passwd"}, "a value is not what it should be"),
        ({"duration": "long"}, "duration_s"),
        ({"customer_phone_number": {"a": 1}}, "caller_number"),
        ({"source_name": "x\0"}, "a value is not what it should be"),
    ],
)
def test_a_call_that_cannot_be_read_is_set_aside_and_the_others_go_on(
    callrail: CallRail, source: CallRailSource, changes: dict[str, Any], fault: str
) -> None:
    callrail.pages = [[a_callrail_call(**changes), "no call", None, a_callrail_call("CAL2")]]
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CAL2"]
    assert fault in listing.quarantined[0].fault
    assert [row.fault for row in listing.quarantined[1:]] == ["not a JSON object"] * 2


def test_only_inbound_calls_that_are_over_are_leads(callrail: CallRail, source: CallRailSource) -> None:
    begun = NOW - timedelta(minutes=3)
    callrail.pages = [
        [
            a_callrail_call("CAL1", direction="outbound"),
            a_callrail_call("CAL2", call_type="in_progress", start_time=begun.isoformat()),
            a_callrail_call("CAL3"),
        ]
    ]
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CAL3"]
    assert listing.quarantined == ()
    assert listing.complete_to == begun  # so that the next night asks for it


def test_a_call_that_is_said_to_go_on_for_ever_is_not_waited_for(callrail: CallRail, source: CallRailSource) -> None:
    begun = (NOW - timedelta(days=3)).isoformat()
    callrail.pages = [[a_callrail_call(call_type="in_progress", start_time=begun)]]
    assert source.listing().complete_to == NOW


def test_a_call_just_taken_whose_recording_is_not_there_yet_is_told_again(
    callrail: CallRail, source: CallRailSource
) -> None:
    begun = NOW - timedelta(minutes=10)
    callrail.pages = [[a_callrail_call(recording=None, start_time=begun.isoformat())]]
    listing = source.listing()
    assert (len(listing.leads), listing.complete_to) == (1, begun)


def test_all_pages_are_read_and_a_call_that_moved_is_told_once_as_it_is_now(
    callrail: CallRail, source: CallRailSource
) -> None:
    callrail.pages = [
        [a_callrail_call("CAL1"), a_callrail_call("CAL2", recording=None)],
        [a_callrail_call("CAL2"), a_callrail_call("CAL3")],
        [a_callrail_call("CAL3", duration=99)],
    ]
    listing = source.listing()
    assert [(lead.lead_id, lead.duration_s, bool(lead.recording)) for lead in listing.leads] == [
        ("CAL1", 4, True),
        ("CAL2", 4, True),
        ("CAL3", 99, True),
    ]
    assert (listing.quarantined, listing.stopped, listing.complete_to) == ((), "", NOW)


def test_the_last_eight_days_are_asked_for_where_nobody_says_since_when(
    callrail: CallRail, source: CallRailSource
) -> None:
    callrail.pages = [[]]
    source.listing()
    query = callrail.asked[0].query
    assert (query["relative_pagination"], query["per_page"], query["direction"]) == ("true", "250", "inbound")
    assert query["start_date"] == "2026-11-11"  # a day more: nobody says in whose time zone it counts


def test_calls_before_the_instant_asked_for_are_not_told(callrail: CallRail, source: CallRailSource) -> None:
    since = NOW - timedelta(hours=3)
    early = a_callrail_call("CAL1", start_time=(since - timedelta(seconds=1)).isoformat())
    callrail.pages = [[early, a_callrail_call("CAL2", start_time=since.isoformat())]]
    assert [lead.lead_id for lead in source.listing(since).leads] == ["CAL2"]


@pytest.mark.parametrize(
    "second", [Answer(500), Answer(429, headers={"Retry-After": "9999"}), Answer(200, b"<html>"), told({"calls": None})]
)
def test_a_listing_that_dies_half_way_tells_what_it_had_and_that_it_is_not_complete(
    callrail: CallRail, source: CallRailSource, second: Answer
) -> None:
    following = f"{callrail.base}/a/ACC1/calls.json?offset=1"
    first = told({"calls": [a_callrail_call()], "has_next_page": True, "next_page": following})
    callrail.at(r"/v3/a/ACC1/calls.json", first, second)
    listing = source.listing()
    assert [lead.lead_id for lead in listing.leads] == ["CAL1"]
    assert listing.complete_to is None
    assert listing.stopped


@pytest.mark.parametrize("where", ["same", "https://evil.example/calls.json?x=1", "/v3/elsewhere"])
def test_a_listing_without_an_end_is_ended(callrail: CallRail, source: CallRailSource, where: str) -> None:
    address = f"{callrail.base}/a/ACC1/calls.json?offset=1" if where == "same" else where
    page = told({"calls": [a_callrail_call()], "has_next_page": True, "next_page": address})
    callrail.at(r"/v3/a/ACC1/calls.json", page)
    listing = source.listing()
    assert len(listing.leads) == 1 and listing.stopped and listing.complete_to is None
    assert len(callrail.asked) <= 3


def test_a_wrong_key_lists_nothing_and_says_what_to_check(callrail: CallRail) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        a_source(callrail, key="wrong").listing()
    assert caught.value.code == "turned_away"
    assert "callrail_key" in str(caught.value) and "wrong" not in str(caught.value)


def test_a_history_that_callrail_does_not_have_is_an_error_not_an_empty_listing(
    callrail: CallRail, source: CallRailSource
) -> None:
    callrail.at(r"/v3/a/ACC1/calls.json", Answer(400, b'{"error": "date range"}'))
    with pytest.raises(SourceUnavailable):
        source.listing(NOW - timedelta(days=900))


def test_a_recording_is_asked_for_anew_and_followed_without_the_key(callrail: CallRail, source: CallRailSource) -> None:
    callrail.sounds["CAL1"] = SOUND
    lead = the_lead(callrail, source)
    assert source.fetch(lead) == source.fetch(lead) == SOUND
    asked = [request for request in callrail.asked if request.path.endswith("recording.json")]
    assert len(asked) == 2
    with_key = {request.path for request in callrail.asked if "authorization" in request.headers}
    assert with_key == {"/v3/a/ACC1/calls.json", "/v3/a/ACC1/calls/CAL1/recording.json"}


def test_a_recording_that_callrail_does_not_have_is_missing(callrail: CallRail, source: CallRailSource) -> None:
    assert reason(source, the_lead(callrail, source)) == "recording_missing"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (told({"url": None}), "not_audio_yet"),
        (told({"url": {"a": 1}}), "not_audio_yet"),
        (told({}), "not_audio_yet"),
        (told({"url": f"http://169.254.169.254/latest?{ACCESS}"}), "address_refused"),
        (told({"url": f"file:///etc/passwd?{ACCESS}"}), "address_refused"),
        (sent_to("http://evil.example/"), "refused"),
        (Answer(200, b"<html>"), "unreadable"),
        (Answer(503), "not_answering"),
        (Answer(401), "turned_away"),
    ],
)
def test_why_a_recording_cannot_be_had_is_named(
    callrail: CallRail, source: CallRailSource, answer: Answer, code: str
) -> None:
    callrail.at(r"/v3/a/ACC1/calls/CAL1/recording.json", answer)
    assert reason(source, the_lead(callrail, source)) == code


def test_a_page_in_place_of_a_recording_waits_for_another_night(callrail: CallRail, source: CallRailSource) -> None:
    callrail.sounds["CAL1"] = b"<!DOCTYPE html>"
    assert reason(source, the_lead(callrail, source)) == "not_audio_yet"


def test_a_recording_that_stalls_is_one_leads_trouble(callrail: CallRail) -> None:
    callrail.sounds["CAL1"] = SOUND
    callrail.at(r"/media/CAL1.mp3", sound(cut=10, stall=True))
    source = a_source(callrail, patience=Patience(silence_s=0.05))
    assert reason(source, the_lead(callrail, source)) == "not_answering"


def test_a_lead_with_a_strange_name_leads_nowhere_else(callrail: CallRail, source: CallRailSource) -> None:
    lead = replace(the_lead(callrail, source), lead_id="a:..:b")
    reason(source, lead)
    assert callrail.paths()[-1] == "/v3/a/ACC1/calls/a%3A..%3Ab/recording.json"


@pytest.mark.parametrize("account", ["", "ACC/../..", "a?b", "x" * 65])
def test_an_account_is_a_plain_name(callrail: CallRail, account: str) -> None:
    with pytest.raises(ConfigurationError, match="account"):
        CallRailSource(account, a_client("CallRail", callrail.base, "Token"), lambda: TRACKED)


def test_the_clock_is_the_systems_where_nobody_gives_another(callrail: CallRail) -> None:
    callrail.pages = [[]]
    client = a_client("CallRail", callrail.base, f'Token token="{KEY}"')
    complete_to = CallRailSource("ACC1", client, lambda: TRACKED).listing().complete_to
    assert isinstance(complete_to, datetime) and complete_to.tzinfo is not None


def test_settings_open_it_by_its_address(callrail: CallRail, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "campaigns.json").write_text(json.dumps([{"campaign_id": "C-1", "source_ids": ["COM1"]}]))
    settings = Settings(
        callrail_url=callrail.base,
        callrail_key_file=tmp_path / "key",
        campaigns=(tmp_path / "campaigns.json").as_uri(),
    )
    begun = (datetime.now(NOW.tzinfo) - timedelta(hours=2)).isoformat()
    callrail.pages = [[a_callrail_call(start_time=begun)]]
    source = lead_source(settings, load_policies(), "callrail://ACC1")
    assert source.uri == "callrail://ACC1"
    assert [lead.campaign_id for lead in source.listing().leads] == ["C-1"]


@pytest.mark.parametrize(
    ("uri", "given", "named"),
    [
        ("callrail://ACC1", {}, "callrail_key"),
        ("callrail://ACC1", {"callrail_key_file": Path("/no/such/file")}, "callrail_key_file"),
        ("callrail://", {"callrail_key": "k"}, "account"),
        ("callrail://ACC1", {"callrail_key": "k", "callrail_url": "http://api.callrail.com"}, "https"),
        ("twilio://AC1", {}, "twilio_token"),
        ("twilio://", {"twilio_token": "k"}, "account"),
        ("invoca://1", {}, "invoca"),
    ],
)
def test_what_a_source_lacks_is_named(uri: str, given: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        lead_source(Settings(**given), load_policies(), uri)


def test_hosts_of_recordings_are_plain_names() -> None:
    assert load_settings(recording_hosts=("media.example.com", ".example.com", "localhost:80"))
    for wrong in ("https://media.example.com", "a b", "*.example.com", "a/b", ""):
        with pytest.raises(ConfigurationError, match="recording_hosts"):
            load_settings(recording_hosts=(wrong,))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "is not JSON"),
        ("{}", "must hold a list"),
        ('[{"campaign_id": "C-1", "source_ids": "COM1"}]', "source_ids is no list"),
        ('[{"campaign_id": "C-1", "source_ids": [["COM1"]]}]', "source_ids is no list"),
        ('[{"campaign_id": "A", "source_ids": ["+1 614 555 0199"]}, {"campaign_id": "B", "source_ids": [6145550199]}]',
         "two campaigns"),
    ],
)  # fmt: skip
def test_a_file_of_campaigns_that_cannot_be_used_is_named(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "campaigns.json"
    path.write_text(text)
    with pytest.raises(InputError, match=fault):
        read_tracked_campaigns(str(path), load_policies())


def test_without_campaigns_no_call_has_one() -> None:
    with pytest.raises(ConfigurationError, match="campaigns"):
        read_tracked_campaigns("", load_policies())
    with pytest.raises(InputError, match="missing"):
        read_tracked_campaigns("/no/such/campaigns.json", load_policies())
    with pytest.raises(InputError, match="cannot be read"):
        read_tracked_campaigns("nothing://x/campaigns.json", load_policies())
