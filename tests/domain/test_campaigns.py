"""A campaign is the offer as it was when the lead came: its pauses, its customers, its time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, a_campaign

from insights.domain.campaigns import EVER, Pause, version_at, with_newest_pauses

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moment", "paused"),
    [
        (NOW - SECOND, False),
        (NOW, True),
        (NOW + HOUR - SECOND, True),
        (NOW + HOUR, False),
    ],
    ids=["a second before", "at its start", "a second before its end", "at its end"],
)
def test_a_pause_holds_from_its_start_until_just_before_its_end(moment: datetime, paused: bool) -> None:
    pause = Pause(NOW, NOW + HOUR)
    assert (a_campaign(pauses=(pause,)).paused_at(moment) == pause) is paused


def test_a_pause_without_an_end_is_still_going_on() -> None:
    assert Pause(NOW).covers(NOW + timedelta(days=900))


def test_of_several_pauses_the_one_in_force_is_told() -> None:
    first, second = Pause(NOW, NOW + HOUR), Pause(NOW + 2 * HOUR, NOW + 3 * HOUR)
    campaign = a_campaign(pauses=(first, second))
    assert campaign.paused_at(NOW + 2 * HOUR) is second
    assert campaign.paused_at(NOW + HOUR) is None


def test_a_pause_that_ends_in_the_repeated_hour_ends_at_its_instant_not_at_its_wall_clock() -> None:
    chicago = ZoneInfo("America/Chicago")
    end = datetime(2026, 11, 1, 1, 30, tzinfo=chicago)  # the first 1:30, 06:30 UTC
    second_quarter_past = datetime(2026, 11, 1, 1, 15, fold=1, tzinfo=chicago)  # 07:15 UTC, after the end
    assert not Pause(datetime(2026, 10, 31, tzinfo=chicago), end).covers(second_quarter_past)


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (datetime(2026, 1, 1), None, "UTC offset"),  # noqa: DTZ001 - the point of the row
        (NOW, datetime(2026, 12, 1), "UTC offset"),  # noqa: DTZ001 - the point of the row
        (NOW, NOW, "not after its start"),
        (NOW, NOW - HOUR, "not after its start"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(start: datetime, end: datetime | None, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Pause(start, end)


def test_pauses_may_be_written_in_different_zones() -> None:
    eastern = datetime(2026, 11, 20, 3, 0, tzinfo=ZoneInfo("America/New_York"))  # 08:00 UTC
    assert Pause(eastern, NOW + HOUR).covers(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["Chicago", "", "America/Chikago", "../etc/passwd"])
def test_a_time_zone_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="IANA time zone"):
        a_campaign(time_zone=zone)


def test_the_customer_list_knows_its_numbers_and_nobody_without_one() -> None:
    campaign = a_campaign(known_customers=frozenset({"+16145550100", ""}))
    assert campaign.knows("+16145550100")
    assert not campaign.knows("+16145550199")
    assert not campaign.knows("")


@pytest.mark.parametrize(
    ("instant", "version"),
    [
        (NOW - timedelta(days=900), 0),
        (NOW - SECOND, 0),
        (NOW, 1),
        (NOW + HOUR - SECOND, 1),
        (NOW + HOUR, 2),
        (NOW + 99 * HOUR, 2),
    ],
)
def test_a_version_holds_from_its_instant_until_the_next(instant: datetime, version: int) -> None:
    assert version_at([EVER, NOW, NOW + HOUR], instant) == version


def test_before_anything_was_known_the_first_version_holds() -> None:
    assert version_at([NOW], NOW - HOUR) == 0


def test_the_offer_is_the_one_at_receipt_and_the_pauses_are_the_newest_known() -> None:
    """A pause that began at noon and was told at night paused the leads of the afternoon."""
    old, new = a_campaign(), a_campaign(services=("drain cleaning",), pauses=(Pause(NOW),))
    afternoon = with_newest_pauses(old, new)
    assert (afternoon.services, afternoon.pauses) == (old.services, new.pauses)
