"""Finds the cities and zips that a call names, and in what company: as the place of the work, as a home, in passing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from insights.domain.campaigns import Campaign
from insights.domain.fact_kinds import Places
from insights.domain.place_company import STREET, Company, company_of, is_no_place
from insights.domain.place_words import (
    NEVER_CITIES,
    NUMBER_WORDS,
    ORDINARY_CITIES,
    ORDINARY_PAIRS,
    STATES,
    bare,
    states_with,
    ways_of_saying,
)
from insights.domain.spoken import DigitRun, digit_runs, spelled_runs
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

_NAME_WORD = r"(?!(?:in|on|at|by|off|near|over|out|up|down|is|it's|its|the|that's|and|but)\b)[A-Za-z']{1,20} "
_COUNTED = re.compile(
    rf"[\s,]{{1,2}}(?:(?:north|south|east|west|old|county|state)\b|(?:{_NAME_WORD}){{0,3}}"
    rf"(?:{STREET}|run|terrace|cove|loop|trace|row|ridge|pass|crossing|hollow)\b|"
    r"(?:square|feet|foot|miles|dollars|bucks|pounds|gallons|hundred|thousand|people|units)\b)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:number|order|account|policy|claim|case|invoice|extension|model|serial|confirmation|reference|tracking|suite|"
    r"unit|apt|apartment|box|ticket|highway|route|(?:my|your|the|an?) id|(?<!zip )(?<!postal )code)\b"
    r"(?:(?!zip)[^\d.?!]){0,12}$",
    re.IGNORECASE,
)
_MONEY = re.compile(r"\$\s?$")
_DECIMAL = re.compile(r"\d\.\d")
_SAID = r"(?:(?:double|triple) )?(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine)"
# Not "five thirty, one oh five", "2003 2" or "9-10-25": times, prices and dates.
_IN_ONE_GO = re.compile(rf"\d{{5}}(?:-\d{{4}})?|{_SAID}(?: {_SAID}){{2,4}}", re.IGNORECASE)
_PLUS_FOUR = re.compile(r"\d{5}-\d{4}")
_ZIP = re.compile(r"\b(?:zip|postal code)(?! ?-?(?:tie|line)s?\b)(?:code|s)?\b", re.IGNORECASE)
_OPEN = 3  # turns in which a question for the zip waits for its answer: "Um, hold on."


def zips_named(turns: Turns) -> Iterator[ZipNamed]:
    """Five digits that are no price, no house number and count nothing: said in one go, or in any way where a zip is
    asked."""
    waits = 0
    for index, turn in turns:
        asks = bool(_ZIP.search(turn.text))
        waits = _OPEN + 1 if asks else waits
        for run in digit_runs(turn.text):
            if _is_zip(turn.text, run, waits > 0):
                yield ZipNamed(index, run.start, run.end, run.digits[:5])
                waits = waits if asks else 0
        waits -= 1


def _is_zip(text: str, run: DigitRun, asked: bool) -> bool:
    said = text[run.start : run.end]
    if len(run.digits) != 5 and not _PLUS_FOUR.fullmatch(said):
        return False
    if _MONEY.search(text, max(0, run.start - 2), run.start) or _DECIMAL.search(said):
        return False
    if _NUMBERED.search(text, max(0, run.start - 32), run.start) or _COUNTED.match(text, run.end):
        return False
    return asked or _IN_ONE_GO.fullmatch(said) is not None


# --- states ----------------------------------------------------------------------------------------------------------

_STATE_NAMES = "|".join(sorted((name.replace(" ", r"\s") for name in STATES), key=len, reverse=True))
_NOT_THE_STATE = rf"(?!\s(?i:{STREET}|beach|plates?|tags?|license)\b)"
_RIGHT_AFTER = re.compile(
    rf"[\s,.]{{1,3}}(?:in )?(?:((?i:{_STATE_NAMES}))|({'|'.join(STATES.values())}))\b{_NOT_THE_STATE}"
)
_STATE = re.compile(rf"\b({_STATE_NAMES})\b{_NOT_THE_STATE}", re.IGNORECASE)
_WORDS_BEFORE = re.compile(r"(?:[A-Za-z][A-Za-z'.-]{0,24} ){0,2}[A-Za-z][A-Za-z'.-]{1,24}(?=,? $)")


def states_named(text: str, places: Places, written: bool) -> Iterator[tuple[str, str]]:
    """Two-letter states that can be where the work is, with the bare name of the city they belong to ("Atlanta
    Georgia") or "". Not "Ohio Street", "Virginia Beach", "from Ohio", "not Ohio" or "my wife Georgia"."""
    for match in _STATE.finditer(text):
        if not is_no_place(text, *match.span(), False, written):
            state = _code(match.group(1))
            yield state, _city_before(text, match.start(), state, places, written)


def _city_before(text: str, end: int, state: str, places: Places, written: bool) -> str:
    before = _WORDS_BEFORE.search(text, max(0, end - 80), end)
    words = before.group().split(" ") if before else []
    for first in range(len(words)):
        name = " ".join(words[first:])
        if _stands_alone(name, written) and state in states_with(name, places):
            return bare(name)
    return ""


def _code(name: str) -> str:
    return STATES[" ".join(name.lower().split())]


def _state_after(text: str, start: int, end: int) -> str:
    """The state said right after a city: its name in any case, or its two letters in capitals ("or" is a word, and so
    is "IN" where the city is in capitals too)."""
    match = _RIGHT_AFTER.match(text, end)
    if match is None:
        return ""
    if match.group(1):
        return _code(match.group(1))
    return "" if text[start:end].isupper() else match.group(2)


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
    r"\bwhereabouts\b|\bwhere\b(?! we)(?! i\b)(?!.{0,24}\b(?:moved? from|you work|bills?|invoice|hear|heard|find|found|"
    r"mail|born|grow|grew|buy|bought|school)\b)|\b(?:what|which) (?:city|town|part of town|area|side of town|part)\b|"
    r"\b(?:is|are|and) (?:that|it|she|he|this|you|the house|the job) in\b.{0,24}$",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"[a-z,] [A-Z][a-z]{2}")  # somebody wrote names with capitals: a small letter is no name
_NAME = re.compile(r"\bname\b(?! is\b)[^.!]{0,24}$", re.IGNORECASE)


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
    written = is_written(turns)
    ear = _Ear({bare(city): city for city in cities}, _pattern(cities, campaign.client), places, written)
    asked = named = False
    for index, turn in turns:
        text = plain(turn.text)
        taken = 0
        for found in sorted([*_listed(text, asked, named, ear), *_others(text, asked, ear)]):
            if found.start < taken or (named and _answers(text, found.start, found.end)):
                continue
            taken = found.end
            company = company_of(text, found.start, found.end, turn.speaker, found.state, written)
            if company is not None:
                told = Company.TOLD if found.state or found.answers else Company.PASSING
                company = max(company, told)
                yield CityNamed(index, found.start, found.end, found.city, found.listed, found.state, company)
        asked = bool(_WHERE.search(text))
        named = not asked and bool(_NAME.search(text))


def is_written(turns: Turns) -> bool:
    """Whether a call is written with capitals."""
    return any(_CAPITAL.search(turn.text) for _, turn in turns)


@lru_cache(maxsize=256)
def _pattern(cities: tuple[str, ...], client: str) -> re.Pattern[str]:
    """Finds any of the cities, however it is spaced and shortened, the longest first; not in the client's own name."""
    ways = [way for city in sorted(cities, key=len, reverse=True) if (way := ways_of_saying(city))]
    said = itertools.pairwise(map(re.escape, re.findall(r"\w+", client)))
    own = "".join(rf"(?!{one}\W{{1,3}}{two}\b)" for one, two in said)
    return re.compile(rf"(?<![A-Za-z'-]){own}(?:{'|'.join(ways) or '(?!)'})(?![A-Za-z-])", re.IGNORECASE)


def _listed(text: str, asked: bool, named: bool, ear: _Ear) -> Iterator[_Found]:
    for match in ear.listed.finditer(text):
        said, (start, end) = match.group(), match.span()
        city = ear.by_letters.get(bare(said), said)
        state = _state_of(city, text, start, end, ear.places)
        answers = asked and _answers(text, start, end)
        told = ear.written or state or answers or text[max(0, start - 4) : start].lower().endswith(" in ")
        if not (ear.written and said.islower()) and (told or said.lower() not in ORDINARY_CITIES):
            yield _Found(start, end, city, True, state, answers)
    for spelled in () if named else spelled_runs(text):
        known = ear.by_letters.get(bare(spelled.word))
        if known is not None:
            state = _state_of(known, text, spelled.start, spelled.end, ear.places)
            yield _Found(spelled.start, spelled.end, known, True, state, False)


def _state_of(city: str, text: str, start: int, end: int, places: Places) -> str:
    """The state said right after a city, if the city can lie there ("Columbus, OK?" asks whether that is fine)."""
    state, states = _state_after(text, start, end), states_with(city, places)
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
        known = name.lower() not in NEVER_CITIES and state in states_with(name, ear.places)
        if known and bare(name) not in ear.by_letters:
            yield _Found(*match.span(1), _capitals(name), False, state, False)


def _city_at(text: str, start: int, end: int, ear: _Ear) -> _Found | None:
    """The longest known city that the words begin with, unless it is one of the list."""
    parts = text[start:end].split(" ")
    for count in range(len(parts), 0, -1):
        name = _ENDS.split(" ".join(parts[:count]))[0].strip(".,'-")
        state = _state_after(text, start, start + len(name))
        states = states_with(name, ear.places)
        if bare(name) in ear.by_letters:
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


def _capitals(name: str) -> str:
    return name if name[0].isupper() else name.title()
