"""Addresses leave what others read, written or spoken; towns, zips, prices and times stay."""

from __future__ import annotations

import pytest

from insights.domain.addresses import EMAIL, STREET, without_addresses, without_contacts


@pytest.mark.parametrize(
    "said",
    [
        "jane.doe+home@mail.example.com",
        "jane underscore doe at yahoo dot com",
        "john smith at gmail dot com",
        "office at second coat painting dot com",
        "o lindgren at c s s dot edu",
    ],
)
def test_an_email_address_goes(said: str) -> None:
    assert without_addresses(f"my email is {said} okay") == f"my email is {EMAIL} okay"


@pytest.mark.parametrize(
    "said",
    [
        "4112 McKinnis Avenue",
        "4112 McKinnis Ave, apt 3B",
        "forty one twelve mckinnis avenue",
        "nine twelve East Linda Lane",
        "one seven oh nine South Ninety-Third Avenue",
        "two two oh east state street suite b",
        "12 East Fifth Street",
        "6127 Birchdale",
        "212 3rd Street",
    ],
)
def test_a_street_address_goes(said: str) -> None:
    assert without_addresses(f"it's at {said}, the green one") == f"it's at {STREET}, the green one"


@pytest.mark.parametrize(
    "said",
    [
        "we're about three blocks down the road",
        "two years ago we found a way",
        "it was 1500 dollars a year",
        "in 2019 Bob came out",
        "the zip is 38133 in Bartlett",
        "there's only one way",
        "Oh, Victorian Avenue, sure",
        "tomorrow at nine thirty",
        "I had a look at it",
        "",
    ],
)
def test_everything_else_stays(said: str) -> None:
    assert without_addresses(said) == said


def test_phone_numbers_go_with_them_for_readers_outside() -> None:
    assert without_contacts("614 555 0114, or ann@example.com") == f"555-0100, or {EMAIL}"


@pytest.mark.parametrize("said", ["555-", "a-", "x at y-", "a.", "1 ", "forty "])
def test_a_megabyte_without_an_end_is_read_in_the_time_of_a_megabyte(said: str) -> None:
    assert without_contacts(said * (200_000 // len(said)))
