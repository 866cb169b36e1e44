"""Public holidays: the ones of the country, the state's own ones, and a clear word for a calendar nobody knows."""

from __future__ import annotations

from datetime import date

import pytest

from insights.adapters.holiday_calendar import PublicHolidays
from insights.errors import ConfigurationError


def test_thanksgiving_is_a_holiday_in_the_united_states_and_no_working_day_is() -> None:
    closed = PublicHolidays().closed("US", 2026, 2027)
    assert {date(2026, 11, 26), date(2027, 11, 25)} <= closed
    assert date(2026, 11, 27) not in closed


def test_a_holiday_on_a_saturday_is_kept_on_the_friday_before() -> None:
    assert date(2026, 7, 3) in PublicHolidays().closed("US", 2026, 2026)


def test_a_state_has_its_own_holidays() -> None:
    texas = PublicHolidays().closed("US-TX", 2026, 2026)
    assert texas - PublicHolidays().closed("US", 2026, 2026)


@pytest.mark.parametrize("calendar", ["Atlantis", "US-ZZ"])
def test_a_calendar_nobody_knows_is_named(calendar: str) -> None:
    with pytest.raises(ConfigurationError, match=calendar):
        PublicHolidays().closed(calendar, 2026, 2026)
