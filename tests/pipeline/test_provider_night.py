"""A night over a provider: calls are registered and screened, the answered ones fetched, and no key is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from builders import NOW
from office import Office, calls
from provider_servers import ACCESS, KEY, Answer, CallRail, a_callrail_call, a_client, serving, the_campaigns
from recordings import encoded

from insights.adapters.caller_keys import CallerKeys, KeyedSource
from insights.adapters.callrail_source import CallRailSource
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.pipeline.hints import note_hint
from insights.pipeline.night import open_night, run_stage

URI = "callrail://ACC1"
ANSWERED, OTHER = encoded("wav", "pcm_s16le", 8_000, 1, seconds=0.5), encoded("wav", "pcm_s16le", 8_000, 2, seconds=0.5)


@pytest.fixture
def callrail() -> Iterator[CallRail]:
    callrail = CallRail()
    with serving(callrail):
        yield callrail


@pytest.fixture
def office(tmp_path: Path, store: SqlStore, callrail: CallRail) -> Office:
    tracked = the_campaigns()
    client = a_client("CallRail", callrail.base, f'Token token="{KEY}"', callrail.host)
    source = KeyedSource(CallRailSource("ACC1", client, lambda: tracked, now=lambda: NOW), CallerKeys(b"k" * 32))
    office = Office(tmp_path, store, calls())
    office.deps = replace(office.deps, source=lambda uri: source)
    return office


def screened(office: Office, lead_id: str) -> str:
    with office.store() as unit:
        screening = unit.screening(LeadId(lead_id))
    return screening.code if screening else "unknown"


def test_the_calls_of_a_night_are_registered_screened_and_fetched(
    callrail: CallRail, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    callrail.pages = [
        [a_callrail_call("CAL1"), a_callrail_call("CAL2", answered=False)],
        [
            a_callrail_call("CAL2", answered=False),
            a_callrail_call("CAL3"),
            a_callrail_call("CAL4"),
            a_callrail_call("CAL5", company_id="COM9", tracking_phone_number="+16145550000"),
            a_callrail_call("CAL6", start_time=(NOW - timedelta(days=7)).isoformat()),
        ],
    ]
    callrail.sounds = {"CAL1": ANSWERED, "CAL2": ANSWERED, "CAL4": OTHER}
    night = open_night(office.deps, URI, NOW)

    assert night.seen == ("CAL1", "CAL2", "CAL3", "CAL4", "CAL6")
    assert [screened(office, lead_id) for lead_id in night.seen] == ["ready", "missed", "ready", "ready", "too_old"]
    assert [row.lead_id for row in night.quarantined] == ["CAL5"]

    report = run_stage(office.deps, "fetch", URI, night.ready, NOW)
    assert (report.done, report.failed, report.transient) == (2, 1, 1)
    with office.store() as unit:
        kept = {lead_id: unit.recording(LeadId(lead_id)) for lead_id in ("CAL1", "CAL2", "CAL3", "CAL4")}
    assert kept == {
        "CAL1": sha256(ANSWERED).hexdigest(),
        "CAL2": None,  # missed: a recording changes nothing, and nobody asks for it
        "CAL3": None,
        "CAL4": sha256(OTHER).hexdigest(),
    }
    failure = office.failure("CAL3")
    assert failure is not None and (failure.code, failure.transient) == ("recording_missing", True)
    assert "/v3/a/ACC1/calls/CAL2/recording.json" not in callrail.paths()
    written = caplog.text + failure.message
    assert KEY not in written and ACCESS not in written


def test_what_failed_in_passing_is_fetched_the_next_night_and_the_rest_is_not_fetched_again(
    callrail: CallRail, office: Office
) -> None:
    callrail.pages = [[a_callrail_call("CAL1"), a_callrail_call("CAL2")]]
    callrail.sounds = {"CAL1": ANSWERED, "CAL2": b"<html>not yet</html>"}
    ready = open_night(office.deps, URI, NOW).ready
    first = run_stage(office.deps, "fetch", URI, ready, NOW)
    callrail.sounds["CAL2"] = OTHER
    second = run_stage(office.deps, "fetch", URI, open_night(office.deps, URI, NOW).ready, NOW)

    assert (first.done, first.transient, second.done, second.reused) == (1, 1, 2, 1)
    assert callrail.paths().count("/media/CAL1.mp3") == 1
    assert office.failure("CAL2") is None


def test_of_hinted_calls_only_those_that_the_provider_does_not_list_at_all_are_named(
    callrail: CallRail, office: Office
) -> None:
    callrail.pages = [
        [a_callrail_call("CAL1"), a_callrail_call("CAL2", start_time="yesterday")],
        [
            a_callrail_call("CAL3", company_id="COM9", tracking_phone_number="+16145550000"),
            a_callrail_call("CAL4", direction="outbound"),
        ],
    ]
    office.clock.instant = NOW - timedelta(hours=1)
    for number in range(1, 6):
        note_hint(office.deps, URI, LeadId(f"CAL{number}"), None)
    office.clock.instant = NOW
    assert open_night(office.deps, URI, NOW).not_listed == ("CAL5",)


def test_a_hinted_call_that_goes_on_is_not_missed(callrail: CallRail, office: Office) -> None:
    begun = (NOW - timedelta(hours=2)).isoformat()
    callrail.pages = [[a_callrail_call("CAL1", call_type="in_progress", start_time=begun, recording=None)]]
    office.clock.instant = NOW - timedelta(hours=2)
    note_hint(office.deps, URI, LeadId("CAL1"), None)
    office.clock.instant = NOW
    night = open_night(office.deps, URI, NOW)
    assert (night.seen, night.not_listed) == ((), ())


def test_a_provider_that_turns_us_away_while_fetching_fails_leads_not_the_night(
    callrail: CallRail, office: Office
) -> None:
    callrail.pages = [[a_callrail_call("CAL1"), a_callrail_call("CAL2")]]
    ready = open_night(office.deps, URI, NOW).ready
    callrail.at(r"/v3/a/ACC1/calls/\w+/recording.json", Answer(401))
    report = run_stage(office.deps, "fetch", URI, ready, NOW)
    assert (report.done, report.failed, report.transient) == (0, 2, 2)
    failure = office.failure("CAL1")
    assert failure is not None and failure.code == "turned_away"
