"""Hints of webhooks: which are one, which are settled by a listing, and which calls the listing should have told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOW

from insights.domain.hints import FRESH, LATE, Compared, Hint, compared, is_fresh
from insights.domain.leads import LeadId

SINCE = NOW - timedelta(days=8)
SECOND = timedelta(seconds=1)


def a_hint(call_id: str, age: timedelta) -> Hint:
    return Hint(LeadId(call_id), NOW - age)


@pytest.mark.parametrize(
    ("began", "fresh"),
    [(None, True), (NOW, True), (NOW + FRESH, True), (NOW - FRESH, True), (NOW - FRESH - SECOND, False)],
)
def test_a_webhook_about_a_call_of_long_ago_is_no_hint(began: object, fresh: bool) -> None:
    assert is_fresh(began, NOW) is fresh  # type: ignore[arg-type]


def test_a_call_that_was_told_is_settled_however_young_its_hint() -> None:
    assert compared([a_hint("A", -SECOND)], {"A"}, SINCE, NOW) == Compared((LeadId("A"),), ())


def test_a_call_that_was_not_told_is_named_once_the_provider_had_its_time() -> None:
    hints = [a_hint("A", LATE), a_hint("B", LATE - SECOND)]
    assert compared(hints, set(), SINCE, NOW) == Compared((), (LeadId("A"),))


def test_a_call_that_may_have_begun_before_what_was_asked_for_proves_nothing() -> None:
    hints = [Hint(LeadId("A"), SINCE + FRESH), Hint(LeadId("B"), SINCE + FRESH - SECOND)]
    assert compared(hints, set(), SINCE, NOW) == Compared((LeadId("B"),), (LeadId("A"),))


def test_nothing_is_said_of_what_came_after_the_end_of_the_listing() -> None:
    assert compared([a_hint("A", timedelta(0))], set(), SINCE, NOW - timedelta(hours=2)) == Compared((), ())
