"""United States places: what the tables know, and what nobody knows."""

from __future__ import annotations

import pytest

from insights.adapters.us_places import UsPlaces


@pytest.mark.parametrize(
    ("zip_code", "place"),
    [
        ("60540", ("Naperville", "IL")),
        ("43215", ("Columbus", "OH")),
        ("31901", ("Columbus", "GA")),
        ("00000", None),
        ("6054", None),
        ("", None),
        ("sixty", None),
    ],
)
def test_a_zip_tells_its_city_and_state_or_nothing(zip_code: str, place: tuple[str, str] | None) -> None:
    assert UsPlaces().zip_place(zip_code) == place


@pytest.mark.parametrize("name", ["Columbus", "columbus", "COLUMBUS"])
def test_a_name_that_several_states_share_names_them_all_in_any_case(name: str) -> None:
    assert {"OH", "GA", "IN"} <= UsPlaces().states_with_city(name)


def test_a_city_nobody_knows_is_in_no_state() -> None:
    assert UsPlaces().states_with_city("Gotham Heights") == frozenset()
