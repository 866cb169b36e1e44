"""Public holidays by country and state, offline, from the package holidays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from insights.errors import ConfigurationError


class PublicHolidays:
    """Calendars are named ``US`` or, with a state or province, ``US-TX``."""

    def closed(self, calendar: str, first_year: int, last_year: int) -> frozenset[date]:
        return _closed(calendar, first_year, last_year)


@lru_cache(maxsize=64)
def _closed(calendar: str, first_year: int, last_year: int) -> frozenset[date]:
    import holidays

    country, _, part = calendar.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=range(first_year, last_year + 1))
    except NotImplementedError:  # the package's word for a country or state that it does not know
        raise ConfigurationError(
            f"no holiday calendar is called {calendar!r}.",
            next_step="In the policy, write review.holidays like US or US-TX.",
        ) from None
    return frozenset(found)
