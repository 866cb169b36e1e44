"""Where the work is: inside the area, outside it, or not said; no fact rather than a wrong one."""

from __future__ import annotations

import pytest
from builders import a_campaign, a_transcript
from fakes import FewPlaces

from insights.domain.campaigns import Campaign, ServiceArea
from insights.domain.facts import FactKind, extract_facts

INSIDE, CITY_OUT, ZIP_OUT = FactKind.PLACE_INSIDE_AREA, FactKind.CITY_OUTSIDE_AREA, FactKind.ZIP_OUTSIDE_AREA
Found = list[tuple[FactKind, str]]


def places(*lines: str, campaign: Campaign | None = None) -> Found:
    found = extract_facts(a_transcript(*lines), campaign or a_campaign(), FewPlaces())
    return [(fact.kind, fact.value) for fact in found if fact.kind in {INSIDE, CITY_OUT, ZIP_OUT}]


def area(*cities: str, zips: tuple[str, ...] = (), state: str = "OH") -> Campaign:
    return a_campaign(service_area=ServiceArea(cities, zips, state))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("I'm in Columbus.", [(INSIDE, "Columbus")]),
        ("The house is in columbus, ohio.", [(INSIDE, "Columbus")]),
        ("It's over in Dublin OH.", [(INSIDE, "Dublin")]),
        ("Twelve Oak Lane, Dublin.", [(INSIDE, "Dublin")]),
        ("We are in St. Marys right by the lake.", [(INSIDE, "St. Marys")]),
        ("we are in saint marys by the lake", [(INSIDE, "St. Marys")]),
        ("My zip is 43215.", [(INSIDE, "43215")]),
        ("Zip is four three two fifteen.", [(INSIDE, "43215")]),
        ("It's four three double oh four.", [(INSIDE, "43004")]),
        ("it's D-U-B-L-I-N, just off the bridge", [(INSIDE, "Dublin")]),
        ("s t m a r y s", [(INSIDE, "St. Marys")]),
        ("The duplex is in Clintonville.", [(INSIDE, "Clintonville")]),
        ("my last name is M-A-C-O-N", []),  # a far town is called so, but nobody said that the work is there
    ],
)
def test_a_place_of_the_service_area_is_inside(said: str, found: Found) -> None:
    assert places(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("The job is in Springfield.", [(CITY_OUT, "Springfield")]),
        ("A pipe burst in the house in Macon.", [(CITY_OUT, "Macon")]),
        ("my mother's place out in macon", [(CITY_OUT, "Macon")]),
        ("The rental is in Fort Wayne.", [(CITY_OUT, "Fort Wayne")]),
        ("it's up in ft wayne", [(CITY_OUT, "Ft Wayne")]),
        ("Can you come out to Macon Georgia?", [(CITY_OUT, "Macon, GA")]),
        ("It's in Macon. Georgia, that is.", [(CITY_OUT, "Macon, GA")]),
        ("The zip is 30301.", [(ZIP_OUT, "30301")]),
        ("three oh three oh one", [(ZIP_OUT, "30301")]),
    ],
)
def test_a_place_that_the_country_knows_and_the_area_does_not_is_outside(said: str, found: Found) -> None:
    assert places(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("We're in Columbus, Georgia.", [(CITY_OUT, "Columbus, GA")]),
        ("We're in Columbus Indiana off the highway.", [(CITY_OUT, "Columbus, IN")]),
        ("That's Columbus, GA.", [(CITY_OUT, "Columbus, GA")]),
        ("Dublin georgia, not the one up north.", [(CITY_OUT, "Dublin, GA")]),
        ("d u b l i n georgia", [(CITY_OUT, "Dublin, GA")]),
        ("Columbus or thereabouts.", [(INSIDE, "Columbus")]),
        ("It's in Columbus, OK?", [(INSIDE, "Columbus")]),  # Oklahoma has none
        ("My zip is 31901.", [(ZIP_OUT, "31901")]),
    ],
)
def test_a_town_of_the_same_name_in_another_state_is_outside(said: str, found: Found) -> None:
    assert places(said) == found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("It's off Main, in Columbus.", "agent: Are you in Georgia?", "Yes."), [(CITY_OUT, "Columbus, GA")]),
        (("It's in Columbus.", "agent: Which one?", "I'm in Georgia."), [(CITY_OUT, "Columbus, GA")]),
        (("It's in Columbus.", "agent: And the zip?", "31901."), [(CITY_OUT, "Columbus, GA"), (ZIP_OUT, "31901")]),
        (("It's in Columbus.", "agent: And the zip?", "43215."), [(INSIDE, "Columbus"), (INSIDE, "43215")]),
        (("It's in Columbus.", "agent: And the zip?", "99999."), [(INSIDE, "Columbus")]),
        (("It's in Columbus.", "agent: And the zip?", "12345."), [(INSIDE, "Columbus"), (ZIP_OUT, "12345")]),
        (("It's in Columbus.", "agent: Sure.", "Fine.", "Then.", "We drive to Georgia."), [(INSIDE, "Columbus")]),
        (("It's in Columbus, not Georgia.",), [(INSIDE, "Columbus")]),
        (("It's in Columbus.", "I moved here from Georgia."), [(INSIDE, "Columbus")]),
        (("It's in Columbus.", "It's by Georgia Avenue."), [(INSIDE, "Columbus")]),
        (("It's in Columbus.", "We had one in Georgia, then this one in Ohio."), [(INSIDE, "Columbus")]),
        (("It's in Columbus.", "agent: Ohio?", "agent: Is that Georgia?"), [(CITY_OUT, "Columbus, GA")]),
    ],
)
def test_a_name_that_states_share_belongs_to_the_one_said_beside_it_or_told_by_a_zip(
    lines: tuple[str, ...], found: Found
) -> None:
    assert places(*lines) == found


def test_without_a_state_of_its_own_an_area_cannot_tell_namesakes_apart() -> None:
    campaign = area("Columbus", zips=("43215",), state="")
    assert places("We're in Columbus, Georgia.", campaign=campaign) == [(INSIDE, "Columbus")]
    assert places("The zip is 31901.", campaign=campaign) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("I live in Macon but the house is in Dublin.",), [(INSIDE, "Dublin")]),
        (("I'm in Dublin, the cabin is down in Macon.",), [(CITY_OUT, "Macon")]),
        (("I'm over in Dublin, but my rental's somewhere else.",), []),
        (("I live in Columbus.",), []),
        (("I work in Columbus.",), []),
        (("My office is in Columbus.",), []),
        (("I'm calling from Columbus.",), []),
        (("We just moved here from Columbus.",), []),
        (("I grew up in Columbus.",), []),
        (("My sister lives in Columbus.",), []),
        (("The billing address is on Elm in Columbus.",), []),
        (("agent: Are you in Dublin?", "I am, but the leak's in Macon."), [(CITY_OUT, "Macon")]),
        (("I'm in Macon.",), []),
        (("I'm in Macon.", "agent: That's three hours away."), [(CITY_OUT, "Macon")]),
        (("I'm in Columbus.", "agent: Oh, we don't go there."), []),
        (("We want it in Macon.", "agent: That's quite a haul."), [(CITY_OUT, "Macon")]),
        (("Off the parkway in Columbus.", "agent: I don't know that one."), []),
        (("Off the parkway in Columbus, Ohio.", "agent: I don't know that one."), [(INSIDE, "Columbus")]),
    ],
)
def test_the_place_of_the_work_counts_and_not_where_the_caller_lives_works_or_comes_from(
    lines: tuple[str, ...], found: Found
) -> None:
    assert places(*lines) == found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("agent: What city are you in?", "Macon. Off the square."), [(CITY_OUT, "Macon")]),
        (("agent: Whereabouts?", "uh macon off the square"), [(CITY_OUT, "Macon")]),
        (("agent: Whereabouts?", "Columbus."), [(INSIDE, "Columbus")]),
        (("agent: And your name?", "Macon. Off the square."), []),
        (("agent: Whereabouts?", "Macon said the plumber."), []),
        (("agent: So that's in Macon?",), [(CITY_OUT, "Macon")]),
        (("agent: We only serve folks in Columbus.",), []),
        (("agent: We're in Columbus, Ohio.",), []),
        (("agent: I'm in Columbus.",), []),
    ],
)
def test_an_answer_to_the_question_where_is_a_place_and_what_the_business_says_of_itself_is_none(
    lines: tuple[str, ...], found: Found
) -> None:
    assert places(*lines) == found


@pytest.mark.parametrize(
    "said",
    [
        "I'm on Columbus Road.",
        "It's off Macon, behind the mall.",
        "We're near Dublin somewhere.",
        "It was on the way to Dublin.",
        "There's a man in Macon who does that.",
        "Ask for Mr. Columbus.",
        "It's in Dublin Park.",
        "The Dublin Weekly says so.",
        "It said Columbus on the ad, it said Columbus.",
        "Columbus's finest.",
        "Blue Pipe Columbus, hello.",
    ],
)
def test_a_name_that_only_describes_something_is_no_place(said: str) -> None:
    campaign = a_campaign(client="Blue Pipe Columbus Plumbing") if "Blue" in said else None
    assert places(said.replace("Columbus, hello", "Columbus Plumbing, hello"), campaign=campaign) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("I want to price this out.", []),
        ("The price is in price.", []),
        ("The house is in price utah.", [(CITY_OUT, "Price, UT")]),
        ("Well, Tom said the house is in Price.", [(CITY_OUT, "Price")]),
        ("Well, Tom said the house is in march.", []),
        ("Well, Tom said the house is in March.", []),
        ("my house is in state farm", []),
        ("my house is in ninety six", []),
        ("Well, Tom wants it, that's in macon.", []),  # who writes capitals writes them there as well
    ],
)
def test_a_town_that_is_a_word_counts_only_in_clear_company(said: str, found: Found) -> None:
    assert places(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("hope you can come", []),
        ("it's in hope", [(INSIDE, "Hope")]),
        ("hope ohio", [(INSIDE, "Hope")]),
        ("Tom said so, and we hope.", []),
        ("We live by the river, Hope.", [(INSIDE, "Hope")]),
    ],
)
def test_a_listed_town_that_is_a_word_needs_it_too(said: str, found: Found) -> None:
    assert places(said, campaign=area("Hope")) == found


@pytest.mark.parametrize(
    "said",
    [
        "It's in Hogwarts.",
        "The zip is 99999.",
        "My number is 614 555 0100.",
        "It happened in January.",
        "We are in the kitchen.",
        "It's in a hurry to break.",
        "It's in Ohio.",
        "It's in Rye.",
        "The zip is 43201.",
        "It was five thirty, one oh one.",
        "My policy number is 30301.",
        "It's 30301 Oak Street.",
        "It's one eighty fifteen for the visit.",
    ],
    ids=[
        "no such city",
        "no such zip",
        "a phone number",
        "a month",
        "a room",
        "a hurry",
        "a state",
        "three letters",
        "a zip the list forgot, of a city it names",
        "a time and a price",
        "a policy",
        "a house number",
        "a price",
    ],
)
def test_an_unknown_place_is_unknown_and_never_outside(said: str) -> None:
    assert places(said) == []


def test_an_area_of_cities_says_nothing_about_zips_and_the_other_way_round() -> None:
    said = "30301, the house is in Macon."
    assert places(said, campaign=area("Columbus")) == [(CITY_OUT, "Macon")]
    assert places(said, campaign=area(zips=("43215",))) == [(ZIP_OUT, "30301")]
    assert places(said, campaign=area("", zips=("43215",))) == [(ZIP_OUT, "30301"), (CITY_OUT, "Macon")]


def test_a_place_said_twice_in_a_turn_is_one_fact() -> None:
    assert places("It's in Macon, yes, it's in Macon.") == [(CITY_OUT, "Macon")]
