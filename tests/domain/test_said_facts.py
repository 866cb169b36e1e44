"""Facts that lie in a phrase, beside the look-alikes that are none."""

from __future__ import annotations

import pytest
from builders import a_campaign, a_transcript, a_turn
from fakes import FewPlaces

from insights.domain.facts import FactKind, extract_facts

REFERRAL, EARLIER, JOB = FactKind.REFERRAL_NAMED, FactKind.EARLIER_BUSINESS_NAMED, FactKind.EMPLOYMENT_NAMED
SELLING, WRONG = FactKind.SELLING_NAMED, FactKind.WRONG_PARTY_NAMED
BOOKED, CANCELLED, LOST = FactKind.BOOKING_NAMED, FactKind.CANCELLATION_NAMED, FactKind.COMPETITOR_NAMED


def values(kind: FactKind, *lines: str) -> list[str]:
    found = extract_facts(a_transcript(*lines), a_campaign(), FewPlaces())
    return [fact.value for fact in found if fact.kind is kind]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("My neighbor gave me your number.", "neighbor"),
        ("My realtor Dan gave me your card.", "realtor Dan"),
        ("My mother-in-law recommended you.", "mother-in-law"),
        ("I got your name from my sister.", "sister"),
        ("I was referred to you by my dentist.", "dentist"),
        ("my plumber was here and he said call you guys", "plumber"),
        ("My brother said call Blue and nobody else.", "brother"),
        ("My boss swears by you.", "boss"),
        ("Tell him Curtis sent me.", "somebody"),
        ("You come highly recommended.", "somebody"),
        ("the lady next door wrote your number on an envelope", "lady"),
        ("My brother said call these guys.", "brother"),
        ("My neighbor told me to give you a call today.", "neighbor"),
        ("My aunt uses you and said you were great.", "aunt"),
        ("She gave me your number.", "somebody"),
        ("Barb, gave me your number.", "somebody"),
    ],
)
def test_a_person_who_gave_the_number_is_named(said: str, who: str) -> None:
    assert values(REFERRAL, said) == [who]


@pytest.mark.parametrize(
    "said",
    [
        "I saw your truck at my neighbor's.",
        "I found you online.",
        "Google gave me your number.",
        "You did my neighbor's roof, and I looked you up.",
        "Can you recommend somebody?",
        "He doesn't recommend anybody.",
        "The office told me to call Miguel.",
        "You gave me your card.",
        "Nobody referred me to you.",
        "My wife said to call back on Monday.",
        "My friend said call Roto Rooter but they were booked.",
        "My husband said get plumbing fixed.",
        "My mother says see you Friday.",
        "The manual recommended you replace the anode.",
        "It's recommended you get it pumped.",
        "My doctor suggested you get implants.",
        "ChatGPT recommended you.",
        "Angi recommended you.",
        "You came highly recommended in the reviews.",
        "An ad on the radio said to give you a call.",
        "I got your number off the truck.",
        "i got you from the back of a bus",
        "I've got you from two to four, right?",
        "He said there was nobody else home.",
        "She said you were closed Sunday.",
        "My husband wrote it down for me, the model number.",
        "At the counter they handed me your card.",
        "agent: Who referred you, did my neighbor give you our card, was it recommended?",
    ],
)
def test_what_only_looks_like_a_referral_is_none(said: str) -> None:
    assert values(REFERRAL, said) == []


def test_a_name_to_ask_for_counts_when_the_business_uses_it() -> None:
    assert values(REFERRAL, "agent: Hi, this is Wade.", "The deacon said call Wade.") == ["deacon"]
    assert values(REFERRAL, "agent: Blue Pipe, Wade speaking.", "The deacon said call Wade.") == ["deacon"]
    assert values(REFERRAL, "agent: Hi, this is Bob.", "The deacon said call Wade.") == []


@pytest.mark.parametrize(
    "lines",
    [
        ("agent: We carry Rheem.", "My dad said get Rheem."),
        ("Hello?", "agent: We can come Tuesday.", "My wife said call Tuesday if it still leaks."),
        ("agent: Hi, this is Bob.", "Hi.", "agent: Sure.", "agent: This is Wade.", "The deacon said call Wade."),
        ("Hi, this is Wade.", "My dad said call Wade."),
        ("agent: Blue Pipe Plumbing.", "My wife says get plumbing and get a quote."),
    ],
)
def test_words_of_the_caller_or_of_the_trade_name_no_business(lines: tuple[str, ...]) -> None:
    assert values(REFERRAL, *lines) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("You guys put in our water heater.",),
        ("It's the box you put up last year.",),
        ("Your son fixed our furnace in March.",),
        ("You all did the gutters on my house.",),
        ("You guys put a new lock in for us.",),
        ("We've used you before.",),
        ("I'm already a patient.",),
        ("I've got your invoice here.",),
        ("Do it just like you did last time.",),
        ("I have used you before.",),
        ("I have hired you guys twice.",),
        ("You came out in October.", "And it's leaking again."),
        ("You fixed our furnace last year and I've never had a problem.",),
        ("You redid our porch.", "agent: Is this your first time using us?"),
        ("Your guy was here Tuesday.", "And it's leaking again."),
    ],
)
def test_own_business_bought_before_is_named(lines: tuple[str, ...]) -> None:
    assert values(EARLIER, *lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("You guys came out last year and gave me a quote.",),
        ("You came out in October.", "We never did go ahead with it."),
        ("The previous owner said you put in the heater.",),
        ("You put in a softener across the street.",),
        ("You did my neighbor's roof.",),
        ("Another company installed it, you fixed nothing.",),
        ("Can you put in a heater?",),
        ("It's leaking again.",),
        ("You came up on the map.",),
        ("You guys came out and gave me a number, too high.",),
        ("You came out and looked.",),
        ("It's like the roof you put on over on Elm.",),
        ("It says you handled over a thousand cases.",),
        ("There's a sticker, says you installed this.", "We just moved in."),
        ("You did our kitchen, I guess.", "Well, we just moved in."),
        ("you put in the system for the seller",),
        ("You guys came out on top when I searched.",),
        ("You cut me off. Hello?",),
        ("Sorry, you came in a little choppy.",),
        ("you made it sound easy",),
        ("You put in water heaters, is that right?",),
        ("You moved my appointment to Friday.",),
        ("Is there a ninety day warranty on it?",),
        ("I got a bill from the city.",),
        ("I've got a bill from the water company.", "And it's leaking again."),
        ("My bank charged me twice for the other plumber.",),
        ("I'm currently a client with another lawyer.",),
        ("It should be under my sink.",),
        ("My warranty ran out two years ago.",),
        ("I had a wreck two years ago.", "It happened again."),
        ("your guy was here and it's leaking again",),
        ("agent: We installed your heater last year.",),
        ("Your guy was here Tuesday.",),
    ],
)
def test_a_quote_a_former_owner_another_company_or_again_is_no_earlier_business(lines: tuple[str, ...]) -> None:
    assert values(EARLIER, *lines) == []


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (JOB, ("Are you guys hiring?",)),
        (JOB, ("I saw the position you posted.",)),
        (JOB, ("Do you need any help this summer?",)),
        (JOB, ("I've got my own tools.", "I did nine years with Overhead.")),
        (JOB, ("Are you hiring for plumbers?",)),
        (JOB, ("agent: Sunrise Home Care Agency.", "Are y'all hiring?")),
        (JOB, ("I'm looking for part time work.",)),
        (JOB, ("I saw the sign, you're hiring?", "Is it full time?")),
        (SELLING, ("May I speak to the business owner?",)),
        (SELLING, ("Your Google business listing has not been verified.",)),
        (SELLING, ("press one to speak with a specialist",)),
        (SELLING, ("We have exclusive leads in your area.",)),
        (SELLING, ("Is the owner in?", "I only need five minutes.")),
        (WRONG, ("Isn't this Kowalski's?",)),
        (WRONG, ("Isn't this Anderson Roofing?",)),
        (WRONG, ("This isn't Myers Dental?",)),
        (WRONG, ("Is this not Howard's Towing?",)),
        (WRONG, ("is this not the water department",)),
        (WRONG, ("Sorry, wrong number.",)),
        (WRONG, ("agent: Nobody by that name.",)),
        (WRONG, ("Is this the tow yard?", "agent: No, this is a locksmith.")),
        (CANCELLED, ("I need to cancel my appointment.",)),
        (CANCELLED, ("Scratch Monday.",)),
        (LOST, ("I'm going with somebody else.",)),
        (LOST, ("Another company answered.",)),
        (LOST, ("We're going with ServiceMaster.",)),
        (LOST, ("I asked a different company.", "They're coming tomorrow.")),
        (LOST, ("I went ahead and hired the other guy.",)),
        (BOOKED, ("agent: You're all set for Monday.",)),
        (BOOKED, ("agent: I've got you down for two.",)),
        (BOOKED, ("Thursday's perfect.",)),
    ],
)
def test_a_kind_is_found_in_its_own_words(kind: FactKind, lines: tuple[str, ...]) -> None:
    assert values(kind, *lines)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (JOB, ("agent: Are you hiring?",)),
        (JOB, ("We're thinking of hiring somebody to paint.",)),
        (JOB, ("Are you guys hiring out right now?",)),
        (JOB, ("We are a staffing agency.", "Do you need any drivers?")),
        (JOB, ("I've got my own tools.",)),
        (JOB, ("I'm calling about the job you did.",)),
        (JOB, ("I'm calling about the job you bid.",)),
        (JOB, ("It's about a job, I need my basement waterproofed.",)),
        (JOB, ("I need a quote for a roofing job.",)),
        (JOB, ("I need a job quoted.",)),
        (JOB, ("It's the garage door opening.",)),
        (JOB, ("I'll take the opening you have Friday.",)),
        (JOB, ("Can you take me on as a patient?",)),
        (JOB, ("Will a lawyer take me on?",)),
        (JOB, ("What does it pay? The settlement.",)),
        (JOB, ("I want some work at my house.",)),
        (JOB, ("Do you need people home when you come?",)),
        (JOB, ("The apprentice broke it.",)),
        (JOB, ("Your sign said you're hiring, anyway my toilet is leaking.",)),
        (JOB, ("my own van needs brakes", "i've been driving it eight years")),
        (JOB, ("I've got my own truck.", "I've been living here eight years.")),
        (SELLING, ("Can I pay with a gift card?",)),
        (SELLING, ("There's a bench warrant for my son, I need a lawyer.",)),
        (SELLING, ("So I only pay when we win?",)),
        (SELLING, ("Is it a no cost estimate?",)),
        (SELLING, ("Is there a processing fee?",)),
        (SELLING, ("I saw your Google profile.",)),
        (SELLING, ("Do you take an auto warranty?",)),
        (SELLING, ("Can you bring some samples of the tile?",)),
        (SELLING, ("How are you doing today?", "Is this a local business?")),
        (WRONG, ("This isn't normal, water's everywhere.",)),
        (WRONG, ("This isn't covered by insurance.",)),
        (WRONG, ("You're not open?",)),
        (WRONG, ("I got the wrong part.",)),
        (WRONG, ("No Water here in the kitchen.",)),
        (WRONG, ("Sorry to bother you, my toilet's overflowing.",)),
        (WRONG, ("Is this covered?", "agent: No, this is an extra.")),
        (LOST, ("I'm going with Moen for the faucet.",)),
        (LOST, ("My in-laws, they're coming tomorrow.",)),
        (BOOKED, ("One is fine, the other leaks.",)),
        (BOOKED, ("agent: I'm putting you in touch with somebody else.",)),
        (CANCELLED, ("They want to cancel our homeowners.",)),
        (SELLING, ("Is this a sales call?",)),
        (SELLING, ("My dishwasher is under the extended warranty.",)),
        (SELLING, ("Is the owner in?",)),
        (WRONG, ("Isn't this urgent?",)),
        (WRONG, ("This isn't working.",)),
        (CANCELLED, ("Can I cancel later?",)),
        (CANCELLED, ("I want to cancel my membership.",)),
        (LOST, ("I haven't gone with anybody else.",)),
        (BOOKED, ("Does Thursday's slot work, if that works?",)),
        (BOOKED, ("Nine is the minimum.",)),
    ],
)
def test_a_look_alike_is_none(kind: FactKind, lines: tuple[str, ...]) -> None:
    assert values(kind, *lines) == []


def test_two_hints_make_a_fact_and_both_are_quoted() -> None:
    said = a_transcript("I've got my own tools. Really.", "agent: Oh?", "Nine years with Overhead. Yes.")
    quotes = [f.quote for f in extract_facts(said, a_campaign(), FewPlaces()) if f.kind is JOB]
    assert [(quote.turn, quote.text) for quote in quotes if quote] == [
        (0, "I've got my own tools."),
        (2, "Nine years with Overhead."),
    ]


def test_every_amount_is_a_price_once_a_turn() -> None:
    said = "It's eighty nine dollars, or $120, eighty nine dollars if you book."
    assert sorted(values(FactKind.PRICE_NAMED, said)) == ["120", "89"]


def test_typographic_apostrophes_and_blanks_read_like_plain_ones() -> None:
    assert values(BOOKED, "agent: You’re\tall set.") == ["you're all set"]
    (fact,) = extract_facts(a_transcript(a_turn("x", text="You’re\tall set.")), a_campaign(), FewPlaces())
    assert fact.quote is not None
    assert fact.quote.text == "You’re\tall set."


HOSTILE = [
    "in " * 60_000,
    "in Columbus " * 5_000,
    "a" * 300_000,
    "a" + " " * 200_000 + "b",
    "1 " * 60_000,
    "said call said " * 12_000,
    "my neighbor gave me can you recommend " * 6_000,
    "you're not " * 20_000,
    "if that works " * 20_000,
    "got " * 40_000,
    "have " * 40_000,
    "just " * 40_000,
    "gonna " * 40_000,
    "you're " * 40_000,
    "you did the " * 15_000,
    "years ago " * 15_000,
    "he said don't " * 12_000,
    "Wade, " * 30_000,
    "$" * 100_000,
    "hundred " * 40_000,
    "d u b l i n " * 5_000,
    "East " * 40_000,
]


@pytest.mark.parametrize("said", HOSTILE, ids=lambda said: said[:20])
def test_endless_repetition_is_read_to_its_end_and_quoted_in_short(said: str) -> None:
    """A pattern whose time grows with the square of the text takes minutes for one of these."""
    for fact in extract_facts(a_transcript(a_turn("x", text=said)), a_campaign(), FewPlaces()):
        assert fact.quote is not None
        assert fact.quote.text in said
        assert len(fact.quote.text) < 2_000


def test_a_call_of_ten_thousand_turns_gives_facts_of_its_last_turn_too() -> None:
    lines = [a_turn("It's in Columbus, three hours from Georgia, are you in Georgia? $89 and you're all set.")] * 10_000
    facts = extract_facts(a_transcript(*lines), a_campaign(), FewPlaces())
    assert max(fact.quote.turn for fact in facts if fact.quote) == len(lines) - 1
