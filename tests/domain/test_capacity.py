"""What a large night needs, by arithmetic that anybody can redo."""

from __future__ import annotations

from decimal import Decimal

import pytest

from insights.domain.capacity import Machine, NightLoad, UnitCosts, callrail_calls, capacity_plan

COSTS = UnitCosts(
    work_s=0.1,
    lock_s=0.01,
    open_s=0.001,
    close_s=0.002,
    memory_kb=4,
    database_kb=20,
    recording_kb_per_minute=960,
)
MACHINE = Machine(speech_speed=90, usd_per_hour=Decimal("0.10"))


def test_a_million_calls_of_three_minutes_in_eight_hours() -> None:
    plan = capacity_plan(NightLoad(1_000_000, 3, 8), MACHINE, COSTS)
    # 2.1 s a call at work: 2,100,000 s, in the 8 h (28,800 s) less 3,000 s of opening and closing.
    assert plan.machines == 82
    assert plan.usd == Decimal("58.42")
    assert plan.night_process_hours == pytest.approx(3_000 / 3_600)
    assert plan.writing_hours == pytest.approx(10_000 / 3_600)
    assert (plan.database_gb, plan.recordings_gb, plan.memory_gb) == pytest.approx((20, 2_880, 4))
    assert plan.callrail_accounts == 133


def test_what_allows_the_fewest_calls_gives_out_first() -> None:
    plan = capacity_plan(NightLoad(1_000_000, 3, 8), MACHINE, COSTS)
    assert [(limit.what, limit.calls) for limit in plan.limits] == [
        ("one CallRail account's quota", 7_569),
        ("one worker", 13_714),
        ("the writers' lock", 2_880_000),
        ("the memory of the night's machine", 6_000_000),
        ("the night's own process", 9_600_000),
    ]


def test_a_night_that_cannot_even_be_opened_and_closed_in_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10,000,000 calls takes 8\.3 hours alone"):
        capacity_plan(NightLoad(10_000_000, 3, 8), MACHINE, COSTS)


def test_the_provider_s_quota_counts_the_pages_of_the_listing_and_its_reserve_by_hour_and_by_day() -> None:
    assert callrail_calls(8) == 7_569
    assert callrail_calls(24) == 9_462
