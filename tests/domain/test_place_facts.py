"""Where the work is: inside the area, outside it, or not said; no fact rather than a wrong one."""

from __future__ import annotations

from typing import ClassVar

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


# --- prices, house numbers, dates and codes --------------------------------------------------------------------------

ASKED = "agent: Can I get your address and zip?"
DECATUR = area("Columbus", "Decatur", zips=("43004", "43215", "30030"), state="GA")


@pytest.mark.parametrize(
    "said",
    [
        "They charged me $303.01.",
        "They charged me $ 30301.",
        "The bill came to 303.01.",
        "Thirty was it, three oh one.",
        "It's in 30301 Oak Run.",
        "It's 30301 Old Mill Terrace.",
        "A 2018 5 ton unit.",
        "It was built in 3030 1 bath.",
        "The birthday is 3 03 01.",
        "It's 3-03-01 today.",
        "The gate code is 30301.",
        "My confirmation is 30301.",
        "We're in suite 30301.",
        "It's unit 30301.",
        "The PO box is 30301.",
        "Out on highway 30301.",
        "My ticket is 30301.",
        "My ID is 30301.",
        "Three oh thirty one was it.",
    ],
)
def test_a_price_a_date_a_code_or_a_house_number_is_no_zip(said: str) -> None:
    assert places(said) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((ASKED, "30301 Main Street, Macon, three oh three oh one."), [(ZIP_OUT, "30301")]),
        ((ASKED, "30301 Main Street."), []),
        ((ASKED, "They charged me $303.01."), []),
        ((ASKED, "30301, right by the park."), [(ZIP_OUT, "30301")]),
        ((ASKED, "Um, hold on.", "three oh three, oh one"), [(ZIP_OUT, "30301")]),
        ((ASKED, "Um, hold on.", "agent: Sure.", "three oh three, oh one"), [(ZIP_OUT, "30301")]),
        ((ASKED, "No.", "agent: Why?", "Well.", "three oh three, oh one"), []),
        ((ASKED, "30301.", "It was three oh, three oh one."), [(ZIP_OUT, "30301")]),
        (("The zip code is 30301.",), [(ZIP_OUT, "30301")]),
        (("It's unit 12 in 30301.",), [(ZIP_OUT, "30301")]),
        (("The postal code, that's 303 01.",), [(ZIP_OUT, "30301")]),
        (("It's 30301-1234.",), [(ZIP_OUT, "30301")]),
        (("It's 43215-1234.",), [(INSIDE, "43215")]),
        (("The zipper cost three oh three, oh one.",), []),
        (("It held with zip ties.", "three oh three, oh one"), []),
    ],
)
def test_a_question_for_the_zip_is_answered_by_any_five_digits_that_are_no_house_number(
    lines: tuple[str, ...], found: Found
) -> None:
    assert places(*lines) == found


def test_a_price_beside_a_city_does_not_move_it_to_a_namesake() -> None:
    assert places("The house is in Columbus. They charged me $319.01.") == [(INSIDE, "Columbus")]
    assert places(ASKED, "30301 Main Street, Decatur, 30030.", campaign=DECATUR) == [(INSIDE, "30030")]


# --- states and towns that belong to something else ------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("We're in Columbus. I grew up in Georgia.",),
        ("My mother lives in Georgia.", "The house is in Columbus."),
        ("My wife Georgia called before.", "We're in Columbus."),
        ("My name is Georgia.", "It's in Columbus."),
        ("Georgia Miller.", "It's in Columbus."),
        ("I was hit by a car with Georgia plates in Columbus.",),
        ("I'm in Columbus. Not the one in Georgia.",),
        ("It's in Columbus. We moved here from Macon Georgia.",),
        ("It's in Columbus.", "agent: Good.", "My lawyer was good, Macon, Georgia."),
        ("It's in Columbus.", "agent: In Georgia?", "No ma'am."),
        ("It's in Columbus.", "agent: In Georgia?", "Uh, nope."),
        ("The house is in Columbus, we used to be in Georgia.",),
    ],
)
def test_a_state_that_is_a_name_a_memory_a_denial_or_of_another_town_moves_no_town(lines: tuple[str, ...]) -> None:
    assert places(*lines) == [(INSIDE, "Columbus")]


@pytest.mark.parametrize(
    "said",
    [
        "My insurance is in Macon, Georgia.",
        "My lawyer is in Macon, Georgia.",
        "My landlord lives in Macon, Georgia.",
        "Our headquarters is in Macon, Georgia, we have a store here.",
        "We bought the tub in Macon, Georgia.",
        "I met my wife in Macon, Georgia.",
        "I went to Macon, Georgia for school.",
        "I'm in Macon, Georgia, and my wife is home with the leak.",
        "I'm in Macon, Georgia, but my mother has the leak.",
        "Are you the Blue Pipe in Macon, Georgia?",
    ],
)
def test_a_city_with_its_state_is_not_the_place_of_the_work_if_somebody_or_something_else_is_there(said: str) -> None:
    assert places(said) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("We bought a place in Macon, Georgia.", [(CITY_OUT, "Macon, GA")]),
        ("We bought a house in Macon, Georgia.", [(CITY_OUT, "Macon, GA")]),
        ("I'm in Macon, Georgia, and my wife was telling me about you.", [(CITY_OUT, "Macon, GA")]),
        ("Are you the one for the house in Macon, Georgia?", [(CITY_OUT, "Macon, GA")]),
    ],
)
def test_a_house_that_was_bought_there_is_the_place_of_the_work(said: str, found: Found) -> None:
    assert places(said) == found


@pytest.mark.parametrize(
    "asked",
    [
        "Where did you move from?",
        "Where do you work?",
        "Where should the bill go?",
        "Where did you hear about us?",
        "Where did you grow up?",
    ],
)
def test_not_every_question_where_asks_for_the_place_of_the_work(asked: str) -> None:
    assert places(f"agent: {asked}", "Macon.") == []


# --- what the business says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("agent: So that's in Macon?", "No, it's Dublin."), [(INSIDE, "Dublin")]),
        (("agent: Is the house in Macon?", "No ma'am, Columbus."), [(INSIDE, "Columbus")]),
        (("agent: Is the house in Dublin?", "Not Dublin, it's in Macon."), [(CITY_OUT, "Macon")]),
        (("agent: It's in Macon, the warehouse, so parts take a day.", "Okay."), []),
        (("agent: It's in Macon, the warehouse, so parts take a day",), []),
        (("agent: We have a room in Dublin.", "Okay."), []),
        (("agent: We have a room in Dublin.", "That's not for us."), []),
        (("agent: Is that in Macon?", "No, that's in Dublin."), [(INSIDE, "Dublin")]),
        (("agent: So the house is in Macon.", "Yes ma'am."), [(CITY_OUT, "Macon")]),
        (("agent: Is the house in Macon?", "No, that's right."), [(CITY_OUT, "Macon")]),
        (("agent: Is the house in Macon?", "agent: Hello?"), [(CITY_OUT, "Macon")]),
        (("agent: so the house is in macon",), [(CITY_OUT, "Macon")]),
    ],
)
def test_a_city_of_the_business_counts_as_a_question_that_is_not_denied_or_a_statement_that_is_affirmed(
    lines: tuple[str, ...], found: Found
) -> None:
    assert places(*lines) == found


# --- shortened names -------------------------------------------------------------------------------------------------


class SaintPlaces(FewPlaces):
    """Knows towns by their long names, as the post does."""

    ZIPS: ClassVar[dict[str, tuple[str, str]]] = {
        "45885": ("Saint Marys", "OH"),
        "31558": ("Saint Marys", "GA"),
        "43085": ("Columbus", "OH"),
        "76107": ("Fort Worth", "TX"),
    }
    CITIES: ClassVar[dict[str, set[str]]] = {"saint marys": {"OH", "GA"}, "fort worth": {"TX"}, "worthington": {"OH"}}
    MAIL: ClassVar[dict[tuple[str, str], frozenset[str]]] = {("worthington", "OH"): frozenset({"43085"})}


@pytest.mark.parametrize(
    ("city", "state", "lines", "found"),
    [
        ("St. Marys", "OH", ("The zip is 45885.",), []),
        ("St. Marys", "OH", ("The zip is 31558.",), [(ZIP_OUT, "31558")]),
        ("Ft. Worth", "TX", ("The zip is 76107.",), []),
        ("Worthington", "OH", ("The zip is 43085.",), []),  # mail for it goes to a zip that bears another city's name
        ("Worthington", "", ("The zip is 43085.",), []),
        (
            "St. Marys",
            "OH",
            ("It's in St. Marys.", "agent: In Georgia?", "Yes ma'am, Georgia."),
            [(CITY_OUT, "St. Marys, GA")],
        ),
        ("St. Marys", "OH", ("It's in Saint Marys, Georgia.",), [(CITY_OUT, "St. Marys, GA")]),
        ("St. Marys", "OH", ("The house is in Ft. Worth, Texas.",), [(CITY_OUT, "Ft. Worth, TX")]),
    ],
)
def test_a_shortened_name_is_the_long_one(city: str, state: str, lines: tuple[str, ...], found: Found) -> None:
    campaign = area(city, zips=("43004",), state=state)
    facts = extract_facts(a_transcript(*lines), campaign, SaintPlaces())
    assert [(fact.kind, fact.value) for fact in facts if fact.kind in {INSIDE, CITY_OUT, ZIP_OUT}] == found


# --- persons, cars, streets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("My name is Dublin.",),
        ("agent: Lone Star Roofing, Dublin speaking.",),
        ("I was driving my Dublin and got hit.",),
        ("I drive a Dublin.",),
        ("My last name is Smith.", "Last name D U B L I N."),
        ("agent: And your last name?", "D U B L I N."),
        ("agent: And your name?", "Dublin."),
        ("It's the corner of Fifth and Dublin.",),
        ("I'm at Fifth and Dublin.",),
        ("I'm at 45 Dublin.",),
    ],
)
def test_a_person_a_car_or_a_street_of_that_name_is_no_place(lines: tuple[str, ...]) -> None:
    assert places(*lines) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("It leaks in my Dublin house.",), [(INSIDE, "Dublin")]),
        (("agent: What's your name, and where is the house?", "Dublin."), [(INSIDE, "Dublin")]),
        (("agent: And your name?", "Tom, the house is in Dublin."), [(INSIDE, "Dublin")]),
        (("I AM IN COLUMBUS IN THE SHORT NORTH",), [(INSIDE, "Columbus")]),
        (("I AM IN COLUMBUS GEORGIA",), [(CITY_OUT, "Columbus, GA")]),
    ],
)
def test_but_a_house_of_somebody_and_a_town_in_capitals_are_where_they_say(
    lines: tuple[str, ...], found: Found
) -> None:
    assert places(*lines) == found


@pytest.mark.parametrize(
    "said", ["Columbus and Georgia ", "Columbus 90210 ", "Macon, Georgia and ", "Dublin 30301 um "]
)
def test_a_turn_that_says_a_place_two_thousand_times_names_it_once(said: str) -> None:
    """Where each mention is compared with each other one, this takes minutes."""
    once = places("agent: Where?", said)
    assert len(places("agent: Where?", said * 2_000)) <= len(once) + 1
