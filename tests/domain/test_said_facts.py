"""Facts that lie in a phrase, beside the look-alikes that are none."""

from __future__ import annotations

import time

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
        "agent: Who referred you, did my neighbor give you our card, was it recommended?",
    ],
)
def test_what_only_looks_like_a_referral_is_none(said: str) -> None:
    assert values(REFERRAL, said) == []


def test_a_name_to_ask_for_counts_when_the_business_uses_it() -> None:
    assert values(REFERRAL, "agent: Hi, this is Wade.", "The deacon said call Wade.") == ["deacon"]
    assert values(REFERRAL, "agent: Hi, this is Bob.", "The deacon said call Wade.") == []


@pytest.mark.parametrize(
    "lines",
    [
        ("You guys put in our water heater.",),
        ("It's the box you put up last year.",),
        ("Your son came out in March.",),
        ("We've used you before.",),
        ("I'm already a patient.",),
        ("I got a bill here for ninety dollars.",),
        ("Make it the same as last time.",),
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
        (SELLING, ("May I speak to the business owner?",)),
        (SELLING, ("Your Google business listing has not been verified.",)),
        (SELLING, ("press one to speak with a specialist",)),
        (SELLING, ("We have exclusive leads in your area.",)),
        (SELLING, ("Is the owner in?", "I only need five minutes.")),
        (WRONG, ("Isn't this Kowalski's?",)),
        (WRONG, ("Sorry, wrong number.",)),
        (WRONG, ("agent: Nobody by that name.",)),
        (WRONG, ("Is this the tow yard?", "agent: No, this is a locksmith.")),
        (CANCELLED, ("I need to cancel my appointment.",)),
        (CANCELLED, ("Scratch Monday.",)),
        (LOST, ("I'm going with somebody else.",)),
        (LOST, ("Another company answered.",)),
        (LOST, ("I went ahead and hired the other guy.",)),
        (BOOKED, ("agent: You're all set for Monday.",)),
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
    "$" * 100_000,
    "hundred " * 40_000,
    "d u b l i n " * 5_000,
    "East " * 40_000,
]


@pytest.mark.parametrize("said", HOSTILE, ids=lambda said: said[:20])
def test_no_text_takes_longer_than_its_length(said: str) -> None:
    began = time.process_time()
    extract_facts(a_transcript(a_turn("x", text=said)), a_campaign(), FewPlaces())
    assert time.process_time() - began < 8


def test_ten_thousand_turns_are_read_in_seconds() -> None:
    lines = [a_turn("It's in Columbus, three hours from Georgia, are you in Georgia? $89 and you're all set.")] * 10_000
    began = time.process_time()
    assert extract_facts(a_transcript(*lines), a_campaign(), FewPlaces())
    assert time.process_time() - began < 30
