"""A provider's quota holds for all machines and all lives of a process together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from servers import ON_BOTH
from sqlalchemy import Engine

from insights.adapters.database import open_engine
from insights.adapters.request_counts import CountsOfAll
from insights.adapters.request_pace import DAY_S, HOUR_S, MINUTE_S, CountsOfOne, RequestBudget, RequestCounts

ACCOUNT = "callrail://ACC1"


class SetClock:
    """Seconds since 1970, as told."""

    def __init__(self, instant: float = 1_000_000 * MINUTE_S) -> None:
        self.instant = instant

    def __call__(self) -> float:
        return self.instant


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["one", "all"])
def budget(request: pytest.FixtureRequest, clock: SetClock) -> Callable[..., RequestBudget]:
    counts: RequestCounts = CountsOfOne() if request.param == "one" else CountsOfAll(open_engine("sqlite://"), ACCOUNT)

    def make(*limits: tuple[float, int], reserve: float = 0.0) -> RequestBudget:
        return RequestBudget(counts, *limits, reserve=reserve, now=clock)

    return make


def test_a_quota_is_spent_up_to_its_reserve_and_comes_back_with_time(
    budget: Callable[..., RequestBudget], clock: SetClock
) -> None:
    asked = budget((HOUR_S, 10), (DAY_S, 30), reserve=0.1)
    began = clock.instant
    assert [asked.take() for _ in range(9)] == [0.0] * 9
    assert asked.take() == HOUR_S + MINUTE_S, "a minute's requests leave with the end of their minute"
    clock.instant += HOUR_S
    assert asked.take() == MINUTE_S
    for _ in range(2):
        clock.instant += MINUTE_S
        assert [asked.take() for _ in range(9)] == [0.0] * 9
        clock.instant += HOUR_S
    clock.instant += MINUTE_S
    assert asked.take() == began + DAY_S + MINUTE_S - clock.instant
    clock.instant = began + DAY_S + MINUTE_S
    assert asked.take() == 0.0


def test_the_wait_is_until_enough_has_left_the_stretch(budget: Callable[..., RequestBudget], clock: SetClock) -> None:
    asked = budget((HOUR_S, 4))
    for _ in range(4):
        assert asked.take() == 0.0
        clock.instant += MINUTE_S
    assert asked.take() == HOUR_S + MINUTE_S - 4 * MINUTE_S
    lowered = budget((HOUR_S, 2))
    assert lowered.take() == HOUR_S + MINUTE_S - 2 * MINUTE_S


def test_a_quota_of_nothing_lets_nothing_go(budget: Callable[..., RequestBudget]) -> None:
    assert budget((HOUR_S, 1), reserve=0.5).take() == HOUR_S


@pytest.mark.parametrize("jump_s", [-20 * MINUTE_S, -400 * DAY_S])
def test_a_clock_that_is_set_back_neither_forgets_nor_keeps_out_for_ever(
    budget: Callable[..., RequestBudget], clock: SetClock, jump_s: float
) -> None:
    asked = budget((HOUR_S, 2))
    assert [asked.take(), asked.take()] == [0.0, 0.0]
    clock.instant += jump_s
    wait_s = asked.take()
    assert wait_s <= 2 * HOUR_S
    assert (wait_s > 0) == (jump_s > -HOUR_S)


@ON_BOTH
def test_machines_share_a_quota_to_the_last_request_and_accounts_do_not(engine: Engine, clock: SetClock) -> None:
    machines = [RequestBudget(CountsOfAll(engine, ACCOUNT), (HOUR_S, 20), reserve=0.0, now=clock) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: machines[number % 4].take(), range(40)))
    assert sorted(waits) == [0.0] * 20 + [HOUR_S + MINUTE_S] * 20

    other = RequestBudget(CountsOfAll(engine, "callrail://ACC2"), (HOUR_S, 20), now=clock)
    assert other.take() == 0.0


@ON_BOTH
def test_a_process_that_starts_again_goes_on_counting(database: str, clock: SetClock) -> None:
    for wait_s in (0.0, 0.0, HOUR_S + MINUTE_S):
        engine = open_engine(database)
        budget = RequestBudget(CountsOfAll(engine, ACCOUNT), (HOUR_S, 2), reserve=0.0, now=clock)
        assert budget.take() == wait_s
        engine.dispose()


def test_the_record_keeps_no_counts_that_no_quota_remembers(clock: SetClock) -> None:
    engine = open_engine("sqlite://")
    budget = RequestBudget(CountsOfAll(engine, ACCOUNT), (HOUR_S, 1_000), now=clock)
    for _ in range(200):
        budget.take()
        clock.instant += 10 * MINUTE_S
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from request_counts").scalar_one() <= 8
