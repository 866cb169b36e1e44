"""Screening: metadata decides who is listened to; instants, never wall clocks, decide who is too late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, a_campaign, a_lead, a_policy
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.campaigns import Pause
from insights.domain.leads import LeadKind
from insights.domain.screening import (
    CLOCK_SKEW,
    EligibilityCode,
    ScreeningCode,
    next_balance_check,
    review_eligibility,
    screen,
)

POLICY = a_policy()
WINDOW, SECOND, HOUR = POLICY.review_window, timedelta(seconds=1), timedelta(hours=1)
PAUSED = a_campaign(pauses=(Pause(NOW - timedelta(days=30)),))
OLD = {"received_at": NOW - WINDOW}
FORM = {"kind": LeadKind.FORM}
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]


@pytest.mark.parametrize(
    ("told", "code", "eligibility"),
    [
        ({}, "ready", "eligible"),
        ({"answered": False}, "missed", "not_answered"),
        ({"voicemail": True}, "voicemail", "not_answered"),
        ({"voicemail": True, "answered": False}, "voicemail", "not_answered"),
        ({"recording_enabled": False}, "recording_disabled", "recording_disabled"),
        (OLD, "too_old", "too_old"),
        (OLD | {"answered": False}, "missed", "not_answered"),
        (OLD | {"recording_enabled": False}, "too_old", "too_old"),
        (FORM, "form", "eligible"),
        (FORM | {"answered": False, "recording_enabled": False}, "form", "eligible"),
        (FORM | OLD, "too_old", "too_old"),
        ({"received_at": NOW + HOUR}, "not_yet_received", "not_yet_received"),
        (FORM | {"received_at": NOW + HOUR}, "not_yet_received", "not_yet_received"),
        ({"received_at": NOW + HOUR, "answered": False}, "not_yet_received", "not_yet_received"),
    ],
)
def test_metadata_decides_where_a_lead_goes(told: dict[str, Any], code: str, eligibility: str) -> None:
    screening = screen(a_lead(**told), a_campaign(), POLICY, NOW)
    assert (screening.code, screening.eligibility.code) == (code, eligibility)
    assert (screening.lead_id, screening.screened_at) == ("L-1", NOW)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "campaign_paused"),
        ({"recording_enabled": False}, "campaign_paused"),
        ({"answered": False}, "missed"),
        ({"voicemail": True}, "voicemail"),
        (OLD, "too_old"),
    ],
)
def test_a_pause_is_decided_without_listening_but_after_missed_calls_and_age(told: dict[str, Any], code: str) -> None:
    assert screen(a_lead(**told), PAUSED, POLICY, NOW).code == code


def test_every_code_is_reached_by_some_lead_of_these_tables() -> None:
    reached = {
        screen(a_lead(**told), campaign, POLICY, NOW).code
        for campaign in (a_campaign(), PAUSED)
        for told in ({}, {"answered": False}, {"voicemail": True}, {"recording_enabled": False}, OLD, FORM)
    } | {screen(a_lead(received_at=NOW + HOUR), a_campaign(), POLICY, NOW).code}
    assert reached == set(ScreeningCode)


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (NOW - HOUR - SECOND, "ready"),
        (NOW - HOUR, "campaign_paused"),
        (NOW - HOUR / 2 - SECOND, "campaign_paused"),
        (NOW - HOUR / 2, "ready"),
    ],
    ids=["a second before the pause", "as it starts", "a second before it ends", "as it ends"],
)
def test_the_pause_counts_at_the_time_of_receipt(moment: datetime, code: str) -> None:
    campaign = a_campaign(pauses=(Pause(NOW - HOUR, NOW - HOUR / 2),))
    assert screen(a_lead(received_at=moment), campaign, POLICY, NOW).code == code


@pytest.mark.parametrize(
    ("age", "eligible"),
    [(WINDOW - SECOND, True), (WINDOW, False), (WINDOW + SECOND, False), (timedelta(0), True)],
    ids=["a second less than the window", "exactly the window", "a second more", "just now"],
)
def test_at_exactly_the_end_of_the_window_a_lead_is_too_old(age: timedelta, eligible: bool) -> None:
    answer = review_eligibility(a_lead(received_at=NOW - age), a_campaign(), POLICY, NOW)
    assert answer.eligible is eligible
    assert (answer.age, answer.time_left, answer.expires_at) == (age, WINDOW - age, NOW - age + WINDOW)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "local",
    ["2026-03-04T12:00", "2026-03-07T23:59:59", "2026-10-28T12:00", "2026-11-01T01:00"],
    ids=["before the spring change", "the night of it", "before the autumn change", "in the repeated hour"],
)
def test_a_week_in_which_the_clocks_change_is_still_seven_times_twenty_four_hours(zone: str, local: str) -> None:
    received_at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    lead, campaign = a_lead(received_at=received_at), a_campaign(time_zone=zone)
    end = (received_at.astimezone(UTC) + WINDOW).astimezone(ZoneInfo(zone))
    just_before = (end.astimezone(UTC) - SECOND).astimezone(ZoneInfo(zone))
    assert review_eligibility(lead, campaign, POLICY, just_before).eligible
    assert review_eligibility(lead, campaign, POLICY, just_before).time_left == SECOND
    assert review_eligibility(lead, campaign, POLICY, end).code is EligibilityCode.TOO_OLD


INSTANTS = st.integers(1_700_000_000, 1_900_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(INSTANTS, st.sampled_from(ZONES), st.timedeltas(HOUR, 2 * WINDOW))
def test_eligibility_depends_on_the_instants_and_not_on_how_they_are_written(
    received_at: datetime, zone: str, age: timedelta
) -> None:
    now, local = received_at + age, ZoneInfo(zone)
    plain = review_eligibility(a_lead(received_at=received_at), a_campaign(), POLICY, now)
    written = review_eligibility(
        a_lead(received_at=received_at.astimezone(local)), a_campaign(), POLICY, now.astimezone(local)
    )
    assert written == plain
    assert plain.eligible is (age < WINDOW)


@pytest.mark.parametrize(("ahead", "held"), [(CLOCK_SKEW, False), (CLOCK_SKEW + SECOND, True)])
def test_a_lead_from_the_future_is_held_beyond_the_skew_of_two_clocks(ahead: timedelta, held: bool) -> None:
    code = screen(a_lead(received_at=NOW + ahead), a_campaign(), POLICY, NOW).code
    assert (code is ScreeningCode.NOT_YET_RECEIVED) is held


def test_a_clients_own_window_is_kept() -> None:
    policy = a_policy({"review_window_hours": 24})
    assert not review_eligibility(a_lead(received_at=NOW - 24 * HOUR), a_campaign(), policy, NOW).eligible
    assert review_eligibility(a_lead(received_at=NOW - 24 * HOUR + SECOND), a_campaign(), policy, NOW).eligible


CHECK = a_policy({"balance_check": "01:30"})


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("now", [NOW, NOW + timedelta(hours=11), NOW + timedelta(hours=23)])
def test_the_next_balance_check_is_within_a_day_at_the_clients_own_hour(zone: str, now: datetime) -> None:
    check = next_balance_check(a_campaign(time_zone=zone), CHECK, now)
    assert check.time() == time(1, 30)
    assert check.tzinfo == ZoneInfo(zone)
    assert timedelta(0) < check.astimezone(UTC) - now <= timedelta(days=1)


def test_at_the_balance_check_itself_the_next_one_is_tomorrows() -> None:
    check = datetime(2026, 11, 20, 1, 30, tzinfo=ZoneInfo("America/Denver"))
    told = next_balance_check(a_campaign(time_zone="America/Denver"), CHECK, check)
    assert told == check + timedelta(days=1)


@pytest.mark.parametrize("now", [datetime(2026, 11, 1, 7, 20, tzinfo=UTC)], ids=["1:20 for the second time"])
@pytest.mark.parametrize("zone", ["America/Chicago", "UTC"])
def test_a_check_that_passed_in_the_first_of_two_equal_hours_is_not_told_again(now: datetime, zone: str) -> None:
    campaign = a_campaign(time_zone="America/Chicago")
    assert next_balance_check(campaign, CHECK, now.astimezone(ZoneInfo(zone))).day == 2
