"""Facts: what a call says that the rules can weigh, each with the words that say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from insights.domain.campaigns import Campaign
from insights.domain.cues import BOOKING, INTENT_CUES, PRICE
from insights.domain.intents import Intent
from insights.domain.spoken import digit_runs, spelled_runs
from insights.domain.transcript import Speaker, Transcript, Turn


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
    """A thing found: ``value`` in a normal form (``30301``, ``Springfield``), with a quote or a metadata source."""

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


STATES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "florida": "FL", "georgia": "GA", "hawaii": "HI", "idaho": "ID",
    "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME",
    "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN", "mississippi": "MS", "missouri": "MO",
    "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM",
    "new york": "NY", "north carolina": "NC", "north dakota": "ND", "ohio": "OH", "oklahoma": "OK", "oregon": "OR",
    "pennsylvania": "PA", "rhode island": "RI", "south carolina": "SC", "south dakota": "SD", "tennessee": "TN",
    "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA", "washington": "WA", "west virginia": "WV",
    "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip
_PLACE_AFTER = re.compile(
    r"\b(?:in|to|near|outside of|out at)\s+"
    r"(?=((?:[A-Za-z][A-Za-z'.-]*)(?:\s+[A-Za-z][A-Za-z'.-]*){0,2}))",  # ahead: "in the house in Macon" names two
    re.IGNORECASE,
)
_NOT_CITIES = frozenset(
    (
        "a an the my our your his her their this that it me you him them us here there home town back front "
        "order touch case fact general person place today tomorrow monday tuesday wednesday thursday friday "
        "saturday sunday january february march april may june july august september october november "
        "december see be do get go have make take call talk ask price hope need early late total full half "
        "most both any some all one two three four five six seven eight nine ten work business service office "
        "house yard street road avenue drive lane court school church hospital"
    ).split()
)
_WORD = re.compile(r"[A-Za-z0-9]+")
_PLAIN = frozenset(
    "a an and the of for to in or with on service services repair repairs work system systems new".split()
)
_LONGEST_QUOTE = 30  # words; a longer sentence is cut around the words that matter


def extract_facts(
    transcript: Transcript, campaign: Campaign | None, places: Places, known_customer: str = ""
) -> tuple[Fact, ...]:
    """Everything found, in the order of the call. ``known_customer`` names the source when metadata knows the number.

    Turns marked unclear say nothing. Agents' words count for places and bookings, not for who sent the caller.
    """
    facts: list[Fact] = []
    if known_customer:
        facts.append(Fact(FactKind.KNOWN_CUSTOMER, "the caller's number is known", source=known_customer))
    if not any(turn.text.strip() and turn.speaker is not Speaker.IVR for turn in transcript.turns):
        facts.append(Fact(FactKind.NOTHING_SAID, "nobody said a word", source="transcript"))
    for index, turn in enumerate(transcript.turns):
        if turn.unclear or not turn.text.strip() or turn.speaker is Speaker.IVR:
            continue
        if campaign is not None:
            facts += _places(index, turn, campaign, places)
            facts += _services(index, turn, campaign)
        if turn.speaker is not Speaker.AGENT:
            facts += _cued(index, turn, FactKind.REFERRAL_NAMED, INTENT_CUES[Intent.DIRECT_REFERRAL])
            facts += _cued(index, turn, FactKind.EARLIER_BUSINESS_NAMED, INTENT_CUES[Intent.PREVIOUS_CUSTOMER])
        facts += _cued(index, turn, FactKind.PRICE_NAMED, PRICE)
        facts += _cued(index, turn, FactKind.BOOKING_NAMED, BOOKING)
    return tuple(facts)


def quote_around(index: int, turn: Turn, start: int, end: int) -> Quote:
    """The sentence of a turn around the characters ``start..end``, cut to words that can be read at a glance."""
    text = turn.text
    left = max((text.rfind(mark, 0, start) for mark in ".?!"), default=-1) + 1
    stops = [place for place in (text.find(mark, end) for mark in ".?!") if place >= 0]
    right = min(stops) + 1 if stops else len(text)
    words = list(re.finditer(r"\S+", text[left:right]))
    if len(words) > _LONGEST_QUOTE:
        hit = next(number for number, word in enumerate(words) if left + word.end() > start)
        first = max(0, min(hit - _LONGEST_QUOTE // 3, len(words) - _LONGEST_QUOTE))
        right = left + words[min(first + _LONGEST_QUOTE, len(words)) - 1].end()
        left = left + words[first].start()
    return Quote(index, text[left:right].strip(), turn.start, turn.end)


def _cued(index: int, turn: Turn, kind: FactKind, cue: re.Pattern[str]) -> Iterator[Fact]:
    match = cue.search(turn.text)
    if match:
        yield Fact(kind, match.group().lower(), quote_around(index, turn, *match.span()))


def _places(index: int, turn: Turn, campaign: Campaign, places: Places) -> Iterator[Fact]:
    area = campaign.service_area
    for run in digit_runs(turn.text):
        if len(run.digits) != 5 or not area.zips:
            continue
        if run.digits in area.zips:
            yield Fact(FactKind.PLACE_INSIDE_AREA, run.digits, quote_around(index, turn, run.start, run.end))
        elif (found := places.zip_place(run.digits)) is not None and not _same_city(found, campaign):
            yield Fact(FactKind.ZIP_OUTSIDE_AREA, run.digits, quote_around(index, turn, run.start, run.end))
    if not area.cities:
        return
    for city in area.cities:
        for match in re.finditer(rf"\b{re.escape(city)}\b", turn.text, re.IGNORECASE):
            state = _state_after(turn.text, match.end())
            kind = (
                FactKind.CITY_OUTSIDE_AREA
                if state and area.state and state != area.state
                else FactKind.PLACE_INSIDE_AREA
            )
            yield Fact(kind, city if kind is FactKind.PLACE_INSIDE_AREA else f"{city}, {state}",
                       quote_around(index, turn, *match.span()))  # fmt: skip
    inside = {city.lower() for city in area.cities}
    joined = {city.lower().replace(" ", "").replace(".", ""): city for city in area.cities}
    for spelled in spelled_runs(turn.text):
        if spelled.word in joined:
            quote = quote_around(index, turn, spelled.start, spelled.end)
            yield Fact(FactKind.PLACE_INSIDE_AREA, joined[spelled.word], quote)
    for match in _PLACE_AFTER.finditer(turn.text):
        named = _city_at_start(match.group(1), places, inside)
        if named:
            start = match.start(1)
            yield Fact(FactKind.CITY_OUTSIDE_AREA, named, quote_around(index, turn, start, start + len(named)))


def _same_city(found: tuple[str, str], campaign: Campaign) -> bool:
    """A zip that the list lacks but whose city is listed is not outside: zip lists are seldom complete."""
    city, state = found
    area = campaign.service_area
    return city.lower() in {name.lower() for name in area.cities} and (not area.state or state == area.state)


def _state_after(text: str, place: int) -> str | None:
    """The state said right after a city: its name in any case, or its two letters in capitals ("or" is a word)."""
    tail = text[place : place + 24].lstrip(" ,")
    for name, code in STATES.items():
        if re.match(rf"(?:(?i:{name})|{code})\b", tail):
            return code
    return None


def _city_at_start(words: str, places: Places, inside: set[str]) -> str | None:
    """The longest known city that the words begin with, unless it is one of the area's own."""
    parts = words.split()
    for count in range(len(parts), 0, -1):
        name = " ".join(parts[:count]).strip(".,'-")
        lowered = name.lower()
        if lowered in inside:
            return None
        if lowered in STATES or len(lowered) < 4 or lowered.split()[0] in _NOT_CITIES:
            continue
        if places.states_with_city(lowered):
            return name
    return None


def _services(index: int, turn: Turn, campaign: Campaign) -> Iterator[Fact]:
    if turn.speaker is Speaker.AGENT:
        return
    said = [(_stem(word.group().lower()), word.span()) for word in _WORD.finditer(turn.text)]
    for kind, names in (
        (FactKind.UNOFFERED_SERVICE_NAMED, campaign.not_offered),
        (FactKind.OFFERED_SERVICE_NAMED, campaign.services),
    ):
        for name in names:
            wanted = {_stem(word) for word in _WORD.findall(name.lower()) if word not in _PLAIN}
            if wanted and wanted <= {stem for stem, _ in said}:
                first = next(span for stem, span in said if stem in wanted)
                yield Fact(kind, name, quote_around(index, turn, *first))


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "er", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")
