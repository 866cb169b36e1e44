"""United States places from the ``zipcodes`` package: offline, 42,000 zips with city and state."""

from __future__ import annotations

from functools import cache


@cache
def _tables() -> tuple[dict[str, tuple[str, str]], dict[str, dict[str, frozenset[str]]]]:
    import zipcodes

    zips: dict[str, tuple[str, str]] = {}
    cities: dict[str, dict[str, set[str]]] = {}
    for place in zipcodes.list_all():
        zips[place["zip_code"]] = (place["city"], place["state"])
        for name in (place["city"], *place["acceptable_cities"]):
            cities.setdefault(name.lower(), {}).setdefault(place["state"], set()).add(place["zip_code"])
    return zips, {city: {state: frozenset(own) for state, own in by.items()} for city, by in cities.items()}


class UsPlaces:
    """Answers from tables built once a process (about half a second)."""

    def zip_place(self, zip_code: str) -> tuple[str, str] | None:
        return _tables()[0].get(zip_code)

    def states_with_city(self, city: str) -> frozenset[str]:
        return frozenset(_tables()[1].get(city.lower(), ()))

    def zips_of_city(self, city: str, state: str) -> frozenset[str]:
        return _tables()[1].get(city.lower(), {}).get(state, frozenset())
