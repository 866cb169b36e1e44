# ruff: noqa: E501 - phrase lists read better in long lines
"""What a phrase of a fact is made of: words that say it, words that take it back, and the people and times in them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """How a kind of fact is put into words.

    ``says``: phrases that say it by themselves; their groups must hold names that belong to the business.
    ``hints``: words of which two different ones, in two sentences, make it. ``unless``: words of the same sentence
    that take it back. ``refuted``: words that take it back wherever in the call somebody else than the business says
    them. ``agents_too``: whether the business's own words count.
    """

    says: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str]
    hints: tuple[re.Pattern[str], ...] = ()
    refuted: re.Pattern[str] | None = None
    agents_too: bool = False


def any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(phrases) + r")(?!\w)", re.IGNORECASE)


def each_of(*phrases: str) -> tuple[re.Pattern[str], ...]:
    """Every phrase on its own: in one alternation the first that fits hides those that begin at the same word."""
    return tuple(any_of(phrase) for phrase in phrases)


ONE = r"(?:[\w'-]{1,20},? )"  # one word and its blank
YOU = r"(?:you guys|you all|you folks|you people|you|y'?all|yall)"
YOUR = r"(?:your|y'?all's|yalls|you guys'?s?)"
ME = r"(?:me|us|her|him)"
WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
PEOPLE = (
    r"(?:mother|father|brother|sister|son|daughter)[ -]in[ -]law|friend|neighbou?r|brother|sister|mother|mom|father|dad|uncle|aunt|cousin|son|daughter|niece|nephew|husband|wife|"
    r"fianc[eé]e?|boyfriend|girlfriend|grand(?:son|daughter|ma|mother|pa|father)|"
    r"in-?laws?|realtor|agent|broker|boss|manager|co-?worker|buddy|roommate|doctor|dentist|lawyer|attorney|contractor|plumber|electrician|"
    r"roofer|painter|inspector|adjuster|landlord|landlady|tenant|pastor|priest|reverend|deacon|rabbi|coach|teacher|trainer|therapist|nurse|"
    r"midwife|hairdresser|barber|hygienist|accountant|bookkeeper|banker|lender|sponsor|sergeant|officer|deputy|constable|mailman|mechanic|"
    r"handyman|builder|super|concierge|organist|lady|woman|man|guy|girl|gal|fella|gentleman"
)
PERSON = re.compile(
    rf"(?<!you )(?<!these )(?<!this )\b({PEOPLE})s?\b(?:'s)?(?:,? (?:named |is |uh |um )?(?-i:([A-Z][a-z]{{1,15}})))?",
    re.IGNORECASE,
)
"""The word for a person and, where it is written, the name."""

MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
AGO = (
    rf"(?:yesterday|last (?:time|week|month|year|spring|summer|fall|winter|{WEEKDAY}|{MONTH})|back in|before|"
    rf"in (?:{MONTH}|the (?:spring|summer|fall|winter)|nineteen|twenty|20\d\d)|(?:[\w-]{{1,10}} ){{1,3}}(?:days?|weeks?|months?|years?) (?:ago|back))"
)
"""A time that lies behind."""

ORDINARY = frozenset(
    "the and for you your our with all one any new old good great best first true quality premier american national city "
    "county home house family sons son brothers bros daughters company services service solutions group center care clinic "
    "law firm legal office offices associates partners attorney attorneys dental dentist dentistry smile smiles medical health "
    "therapy physical chiropractic injury tax insurance agency realty plumbing plumber plumbers pipe pipes drain drains sewer "
    "water heating cooling air heat hvac roofing roof roofers electric electrical electricians garage door doors window windows "
    "glass tree trees lawn landscape landscaping garden pest control cleaning cleaners clean maid carpet moving movers junk "
    "removal hauling towing tow auto car repair repairs body shop lock locksmith locks key keys painting paint painters deck "
    "fence concrete foundation mold restoration appliance appliances solar pool pools pump handyman phone camera security massage tutoring wedding catering well "
    "hello hi hey yes yeah okay thanks thank morning afternoon evening help time monday tuesday wednesday thursday friday "
    "saturday sunday january february march april may june july august september october november december".split()
)
"""Words of a business's name or greeting that callers also say when they mean nobody: they name no business."""
