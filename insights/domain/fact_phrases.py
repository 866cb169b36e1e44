# ruff: noqa: E501 - phrase lists read better in long lines
"""What a phrase of a fact is made of: words that say it, words that take it back, and the people and times in them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """How a kind of fact is put into words.

    ``says``: words that say it by themselves; its groups must hold names that belong to the business.
    ``hints``: words of which two different ones make it. ``unless``: words of the same sentence that take it back.
    ``refuted``: words that take it back wherever they are said. ``agents_too``: whether the business's own words count.
    """

    says: re.Pattern[str]
    unless: re.Pattern[str]
    hints: tuple[re.Pattern[str], ...] = ()
    refuted: re.Pattern[str] | None = None
    agents_too: bool = False


def any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(phrases) + r")(?!\w)", re.IGNORECASE)


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
    rf"(?<!you )\b({PEOPLE})s?\b(?:'s)?(?:,? (?:named |is |uh |um )?(?-i:([A-Z][a-z]{{1,15}})))?", re.IGNORECASE
)
"""The word for a person and, where it is written, the name."""
