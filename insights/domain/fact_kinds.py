"""What a fact is: its kinds, its quote, and the two ports that know places and services for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from insights.domain.campaigns import Campaign
from insights.domain.transcript import Turn


class FactKind(StrEnum):
    """What kind of thing was found."""

    KNOWN_CUSTOMER = "known_customer"
    NOTHING_SAID = "nothing_said"
    ZIP_OUTSIDE_AREA = "zip_outside_area"
    CITY_OUTSIDE_AREA = "city_outside_area"
    PLACE_INSIDE_AREA = "place_inside_area"
    OFFERED_SERVICE_NAMED = "offered_service_named"
    UNOFFERED_SERVICE_NAMED = "unoffered_service_named"
    REFERRAL_NAMED = "referral_named"
    EARLIER_BUSINESS_NAMED = "earlier_business_named"
    EMPLOYMENT_NAMED = "employment_named"
    SELLING_NAMED = "selling_named"
    WRONG_PARTY_NAMED = "wrong_party_named"
    COMPETITOR_NAMED = "competitor_named"
    CANCELLATION_NAMED = "cancellation_named"
    PRICE_NAMED = "price_named"
    BOOKING_NAMED = "booking_named"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one turn, letter for letter: ``text`` is a substring of ``transcript.turns[turn].text``.

    ``start`` and ``end`` are the turn's seconds in the recording, None where the transcript has no times.
    """

    turn: int
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A thing found: ``value`` in a normal form (``30301``, ``Macon, GA``), with a quote or a metadata source."""

    kind: FactKind
    value: str
    quote: Quote | None = None
    source: str = ""


class Places(Protocol):
    """Knows the places of a country; an unknown place is unknown, never outside."""

    def zip_place(self, zip_code: str) -> tuple[str, str] | None:
        """``(city, state)`` of a five-digit zip, or None."""

    def states_with_city(self, city: str) -> frozenset[str]:
        """Two-letter states that have a city of this name, in any case; empty when nobody knows it."""

    def zips_of_city(self, city: str, state: str) -> frozenset[str]:
        """Five-digit zips to which mail for a city goes; empty when nobody knows it."""


class ServiceMatcher(Protocol):
    """Knows which entry of a campaign's catalogue a sentence means, however it is put."""

    def match(self, sentences: Sequence[str], campaign: Campaign) -> tuple[int, str] | None:
        """The sentence (its index) that asks most clearly for one entry of ``services`` or ``not_offered``, and that
        entry as the campaign spells it; None when no entry is clearly ahead."""


_LONGEST_QUOTE = 30  # words; a longer sentence is cut around the words that matter
_REACH = 400  # letters beside those words that are looked at: a quote costs the same in a turn of any length
_STOPS = ".?!"


def quote_around(index: int, turn: Turn, start: int, end: int) -> Quote:
    """The sentence of a turn around the characters ``start..end``, cut to words that can be read at a glance."""
    text = turn.text
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    left = max(low, *(text.rfind(mark, low, start) + 1 for mark in _STOPS))
    right = min((place + 1 for mark in _STOPS if (place := text.find(mark, end, high)) >= 0), default=high)
    words = list(re.finditer(r"\S+", text[left:right]))
    if len(words) > _LONGEST_QUOTE:
        hit = next(number for number, word in enumerate(words) if left + word.end() > start)
        first = max(0, min(hit - _LONGEST_QUOTE // 3, len(words) - _LONGEST_QUOTE))
        right = left + words[min(first + _LONGEST_QUOTE, len(words)) - 1].end()
        left = left + words[first].start()
    return Quote(index, text[left:right].strip(), turn.start, turn.end)
