"""Finds the cities and zips that a call names, and in what company: as the place of the work, as a home, in passing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from insights.domain.campaigns import Campaign
from insights.domain.fact_kinds import Places
from insights.domain.place_company import STREET, Company, company_of
from insights.domain.place_words import NEVER_CITIES, NUMBER_WORDS, ORDINARY_CITIES, ORDINARY_PAIRS, STATES
from insights.domain.spoken import digit_runs, spelled_runs
from insights.domain.transcript import Turn

Turns = Sequence[tuple[int, Turn]]
"""Turns with their index in the transcript; those that say nothing are left out."""


@dataclass(frozen=True, slots=True)
class CityNamed:
    """A city with its place in the call. ``city`` is spelled as the campaign does where ``listed``; ``state`` is the
    one said right after it, or empty."""

    turn: int
    start: int
    end: int
    city: str
    listed: bool
    state: str
    company: Company


@dataclass(frozen=True, slots=True)
class ZipNamed:
    """Five digits that can be a zip, with their place in the call."""

    turn: int
    start: int
    end: int
    digits: str


_MARKS = {ord("’"): "'", **{ord(mark): " " for mark in "\t\n\r\f\v\xa0"}}


def plain(text: str) -> str:
    """Text with straight apostrophes and blanks for all white space, letter for letter as long as before."""
    return text.translate(_MARKS)


# --- zips ------------------------------------------------------------------------------------------------------------

_COUNTED = re.compile(
    rf"[\s,]{{1,2}}(?:(?:north|south|east|west|old|county|state)\b|(?:[A-Za-z']{{1,20}} ){{0,3}}{STREET}\b|"
    r"(?:square|feet|foot|miles|dollars|bucks|pounds|gallons|hundred|thousand|people|units)\b)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:number|order|account|policy|claim|case|invoice|extension|model|serial)\b.{0,12}$", re.IGNORECASE
)
_BROKEN = re.compile(r",|\. |teen\b|ty\b|\b(?:ten|eleven|twelve)\b", re.IGNORECASE)  # "five thirty, one eighty five"
_ZIP = re.compile(r"\bzip", re.IGNORECASE)


def zips_named(turns: Turns) -> Iterator[ZipNamed]:
    """Runs of five digits said in one go that are no house number and count nothing; any five where a zip is asked."""
    asked = False
    for index, turn in turns:
        text = turn.text
        asks = bool(_ZIP.search(text))
        for run in digit_runs(text):
            numbered = _NUMBERED.search(text, max(0, run.start - 32), run.start)
            broken = _BROKEN.search(text, run.start, run.end)
            counted = _COUNTED.match(text, run.end)
            if len(run.digits) == 5 and not numbered and (asked or asks or not (broken or counted)):
                yield ZipNamed(index, run.start, run.end, run.digits)
        asked = asks


# --- states ----------------------------------------------------------------------------------------------------------

_STATE_NAMES = "|".join(sorted((name.replace(" ", r"\s") for name in STATES), key=len, reverse=True))
_NOT_THE_STATE = rf"(?!\s(?i:{STREET}|beach)\b)"
_RIGHT_AFTER = re.compile(
    rf"[\s,.]{{1,3}}(?:in )?(?:((?i:{_STATE_NAMES}))|({'|'.join(STATES.values())}))\b{_NOT_THE_STATE}"
)
_STATE = re.compile(rf"(?<!not )(?<!from )\b({_STATE_NAMES})\b{_NOT_THE_STATE}", re.IGNORECASE)


def states_named(text: str) -> Iterator[str]:
    """Two-letter states whose names are said; not "Ohio Street", "Virginia Beach", "from Ohio" or "not Ohio"."""
    for match in _STATE.finditer(text):
        yield _code(match.group(1))


def _code(name: str) -> str:
    return STATES[" ".join(name.lower().split())]


def _state_after(text: str, place: int) -> str:
    """The state said right after a city: its name in any case, or its two letters in capitals ("or" is a word)."""
    match = _RIGHT_AFTER.match(text, place)
    return "" if match is None else _code(match.group(1)) if match.group(1) else match.group(2)


# --- cities ----------------------------------------------------------------------------------------------------------

_WORDS = r"(?=([A-Za-z][A-Za-z'.-]{1,24}(?: [A-Za-z][A-Za-z'.-]{0,24}){0,2}))"  # ahead: "in the house in Macon" has two
_IN = re.compile(
    r"\b(?:in|(?:out|up|down|over) (?:at|to|by)|"
    r"(?:come|go|get|drive|driving|service)s? (?:(?:all the way|out|up|down|over) ){0,2}to) "
    rf"{_WORDS}",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:(?:uh|um|oh|well|yeah|yes|so|okay|ok|it's|its|it is|it'd be|i'm|im|we're|in|just|actually|sir|ma'am|no|right|"
    rf"over|out|up|down)[\s,.]{{1,3}}){{0,6}}{_WORDS}",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    r"[.,?!]|$|(?: ?,)? (?:off|on|by|near|out|over|up|down|just|right|kind|about|it's|its|i|we|we're|they're)\b",
    re.IGNORECASE,
)
_BEFORE_A_STATE = re.compile(
    rf"(?=\b([A-Za-z][A-Za-z'.-]{{1,24}}(?: [A-Za-z][A-Za-z'.-]{{1,24}}){{0,2}}),? ((?:{_STATE_NAMES}))\b)",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\bwhereabouts\b|\bwhere\b(?! we)(?! i\b)|\b(?:what|which) (?:city|town|part of town|area|side of town|part)\b|"
    r"\b(?:is|are|and) (?:that|it|she|he|this|you|the house|the job) in\b.{0,24}$",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"[a-z,] [A-Z][a-z]{2}")  # somebody wrote names with capitals: a small letter is no name

_SHORTENED = {"saint": "st", "mount": "mt", "fort": "ft"}


@dataclass(frozen=True, slots=True, order=True)
class _Found:
    """A name before its company is known; ``answers``: it answers the question where."""

    start: int
    end: int
    city: str
    listed: bool
    state: str
    answers: bool


@dataclass(frozen=True, slots=True)
class _Ear:
    """What helps to take a word for a city: the listed ones by their bare letters, a pattern for them, and whether the
    call is written with capitals."""

    by_letters: dict[str, str]
    listed: re.Pattern[str]
    places: Places
    written: bool


def cities_named(turns: Turns, campaign: Campaign, places: Places) -> Iterator[CityNamed]:
    """Cities of the list anywhere, and others that the country knows where a place is told, with their company.

    Names that only describe something ("Macon Road", "near Macon", "from Macon", "a man in Macon") are left out.
    """
    cities = campaign.service_area.cities
    written = any(_CAPITAL.search(turn.text) for _, turn in turns)
    ear = _Ear({_letters(city): city for city in cities}, _pattern(cities, campaign.client), places, written)
    asked = False
    for index, turn in turns:
        text = plain(turn.text)
        taken = 0
        for found in sorted([*_listed(text, asked, ear), *_others(text, asked, ear)]):
            if found.start < taken:
                continue
            taken = found.end
            company = company_of(text, found.start, found.end, turn.speaker, found.state, written)
            if company is not None:
                told = Company.TOLD if found.state or found.answers else Company.PASSING
                company = max(company, told)
                yield CityNamed(index, found.start, found.end, found.city, found.listed, found.state, company)
        asked = bool(_WHERE.search(text))


def _letters(name: str) -> str:
    """A name's bare letters: "St. Marys", "saint marys" and "s t m a r y s" are one."""
    words = (_SHORTENED.get(word, word) for word in re.findall(r"[a-z]+", name.lower()))
    return "".join(words)


@lru_cache(maxsize=256)
def _pattern(cities: tuple[str, ...], client: str) -> re.Pattern[str]:
    """Finds any of the cities, however it is spaced and shortened, the longest first; not in the client's own name."""
    both = {short: f"{short}|{long}" for long, short in _SHORTENED.items()}
    both |= {long: f"{short}|{long}" for long, short in _SHORTENED.items()}
    ways = [
        r"[\s.'-]{0,3}".join(f"(?:{both.get(word, re.escape(word))})" for word in words)
        for city in sorted(cities, key=len, reverse=True)
        if (words := re.findall(r"[^\W_]+", city.lower()))
    ]
    said = itertools.pairwise(map(re.escape, re.findall(r"\w+", client)))
    own = "".join(rf"(?!{one}\W{{1,3}}{two}\b)" for one, two in said)
    return re.compile(rf"(?<![A-Za-z'-]){own}(?:{'|'.join(ways) or '(?!)'})(?![A-Za-z-])", re.IGNORECASE)


def _listed(text: str, asked: bool, ear: _Ear) -> Iterator[_Found]:
    for match in ear.listed.finditer(text):
        said, (start, end) = match.group(), match.span()
        city = ear.by_letters.get(_letters(said), said)
        state = _state_of(city, text, end, ear.places)
        answers = asked and _answers(text, start, end)
        told = ear.written or state or answers or text[max(0, start - 4) : start].lower().endswith(" in ")
        if not (ear.written and said.islower()) and (told or said.lower() not in ORDINARY_CITIES):
            yield _Found(start, end, city, True, state, answers)
    for spelled in spelled_runs(text):
        known = ear.by_letters.get(_letters(spelled.word))
        if known is not None:
            yield _Found(spelled.start, spelled.end, known, True, _state_after(text, spelled.end), False)


def _state_of(city: str, text: str, end: int, places: Places) -> str:
    """The state said right after a city, if the city can lie there ("Columbus, OK?" asks whether that is fine)."""
    state, states = _state_after(text, end), places.states_with_city(city)
    return state if not states or state in states else ""


def _answers(text: str, start: int, end: int) -> bool:
    match = _ANSWER.match(text)
    return match is not None and match.start(1) == start and _ANSWERED.match(text, end) is not None


def _others(text: str, asked: bool, ear: _Ear) -> Iterator[_Found]:
    for match in _IN.finditer(text):
        if found := _city_at(text, *match.span(1), ear):
            yield found
    answer = _ANSWER.match(text) if asked else None
    found = _city_at(text, *answer.span(1), ear) if answer else None
    if found and _ANSWERED.match(text, found.end):
        yield replace(found, answers=True)
    for match in _BEFORE_A_STATE.finditer(text):
        name, state = match.group(1), _code(match.group(2))
        known = name.lower() not in NEVER_CITIES and state in _states(name, ear.places)
        if known and _letters(name) not in ear.by_letters:
            yield _Found(*match.span(1), _capitals(name), False, state, False)


def _city_at(text: str, start: int, end: int, ear: _Ear) -> _Found | None:
    """The longest known city that the words begin with, unless it is one of the list."""
    parts = text[start:end].split(" ")
    for count in range(len(parts), 0, -1):
        name = _ENDS.split(" ".join(parts[:count]))[0].strip(".,'-")
        state = _state_after(text, start + len(name))
        states = _states(name, ear.places)
        if _letters(name) in ear.by_letters:
            return None
        clear = state in states or (not state and _stands_alone(name, ear.written))
        if states and clear and name.lower() not in NEVER_CITIES:
            return _Found(start, start + len(name), _capitals(name), False, state, False)
    return None


_ENDS = re.compile(r"'s\b|(?<!\b[SMFsmf]t)\.(?= |$)")  # of a name: "Macon's", "Macon. Georgia", not "St. Marys"


def _stands_alone(name: str, written: bool) -> bool:
    """Whether a name means a city without its state: everyday words do only as a written name."""
    lowered = name.lower()
    if len(name) < 4 or lowered in STATES or not NUMBER_WORDS.isdisjoint(lowered.split()):
        return False
    if written:
        return all(word[0].isupper() for word in name.split())
    return lowered not in ORDINARY_CITIES and lowered not in ORDINARY_PAIRS


def _states(name: str, places: Places) -> frozenset[str]:
    known = places.states_with_city(name)
    if not known and (head := _SHORT.match(name)):
        known = places.states_with_city(_LONG[head.group(1).lower()] + name[head.end() :])
    return known


_SHORT = re.compile(r"(st|mt|ft)\.? ", re.IGNORECASE)
_LONG = {"st": "Saint ", "mt": "Mount ", "ft": "Fort "}


def _capitals(name: str) -> str:
    return name if name[0].isupper() else name.title()
