"""The queue: money at stake, the chance that listening changes the bill, and the nearer clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.leads import LeadId
from insights.domain.money import Money
from insights.domain.priority import QueueItem, Ticket, chance_of_change, in_order

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ITEM = Ticket(
    lead_id=LeadId("L-1"),
    worth=20.0,
    expires_at=NOW + 3 * DAY,
    next_balance_check=NOW + DAY,
)


@pytest.mark.parametrize(
    ("expires", "check", "clock"),
    [
        (3 * DAY, HOUR, HOUR),
        (HOUR, DAY, HOUR),
        (3 * DAY, -HOUR, 3 * DAY),
        (-HOUR, DAY, DAY),
        (-HOUR, -HOUR, timedelta(0)),
    ],
    ids=["charge first", "expiry first", "charged already", "expired", "both passed"],
)
def test_the_clock_is_the_nearer_one_that_still_lies_ahead(
    expires: timedelta, check: timedelta, clock: timedelta
) -> None:
    assert ITEM._replace(expires_at=NOW + expires, next_balance_check=NOW + check).clock(NOW) == clock


def test_a_day_before_the_clock_urgency_is_one_half_and_it_grows_from_there() -> None:
    assert ITEM.urgency(NOW) == 0.5
    assert ITEM.urgency(NOW + 12 * HOUR) > 0.5
    assert ITEM.rank(NOW)[0] == pytest.approx(-20 * 0.5)


@pytest.mark.parametrize("late", [timedelta(0), HOUR])
def test_a_lead_past_its_window_is_worth_no_look(late: timedelta) -> None:
    expired = ITEM._replace(expires_at=NOW - late)
    assert (expired.urgency(NOW), expired.rank(NOW)[0]) == (0, 0)


@pytest.mark.parametrize(
    "first",
    [
        ITEM._replace(worth=40.0),
        ITEM._replace(next_balance_check=NOW + HOUR),
        ITEM._replace(lead_id=LeadId("L-0")),
    ],
    ids=["more to move", "less time", "the same but for its name"],
)
def test_what_has_more_at_stake_comes_first(first: Ticket) -> None:
    assert in_order([ITEM, first], NOW) == [first, ITEM]


def test_equal_stakes_are_ordered_by_the_clock() -> None:
    worthless = ITEM._replace(worth=0.0)
    sooner = worthless._replace(lead_id=LeadId("L-9"), next_balance_check=NOW + HOUR)
    assert in_order([worthless, sooner], NOW) == [sooner, worthless]


@given(st.permutations([ITEM._replace(lead_id=LeadId(f"L-{n}"), worth=n % 3) for n in range(8)]))
def test_the_order_does_not_depend_on_the_order_of_asking(items: list[Ticket]) -> None:
    assert in_order(items, NOW) == in_order(items[::-1], NOW)


def test_a_non_billable_proposal_changes_the_bill_when_it_is_right_and_any_other_when_it_is_wrong() -> None:
    assert chance_of_change("non_billable", 0.9, 0.05) == 0.9
    assert chance_of_change("needs_review", 0.6, 0.3) == 0.7


def test_a_requests_due_time_stands_in_the_place_of_day_seven() -> None:
    asked = ITEM._replace(still_open=True, due_at=NOW + 2 * HOUR, expires_at=NOW - DAY)
    assert asked.clock(NOW) == 2 * HOUR
    assert asked.rank(NOW)[0] < 0
    overdue = asked._replace(due_at=NOW - HOUR)
    assert (overdue.clock(NOW), overdue.urgency(NOW)) == (timedelta(0), 1)


@pytest.mark.parametrize(("price", "chance"), [("40", 0.5), ("0", 0.0)])
def test_the_chance_of_a_change_is_what_is_expected_to_move_of_the_price(price: str, chance: float) -> None:
    item = QueueItem(ITEM, "Blue Pipe", "needs_review", "out_of_area", 0.6, Money.parse(price))
    assert item.chance == chance
