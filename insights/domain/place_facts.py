"""Decides where the work is: inside the campaign's area, outside it, or not said."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from insights.domain.campaigns import Campaign, ServiceArea
from insights.domain.fact_kinds import Fact, FactKind, Places, quote_around
from insights.domain.place_company import Company
from insights.domain.place_mentions import (
    CityNamed,
    Turns,
    ZipNamed,
    cities_named,
    is_written,
    plain,
    states_named,
    zips_named,
)
from insights.domain.place_words import bare, states_with, zips_of
from insights.domain.transcript import Speaker

_NEIGHBOURS = 2  # turns beside a city whose states are taken to be its own, and after it in which it is turned down
_STRANGE = re.compile(
    r"\b(?:(?:don't|dont|do not) (?:think i )?(?:know|recognize) (?:that|any|the|it)|"
    r"(?:not|isn't|isnt|never) (?:finding|placing|pulling|coming up|showing|heard of|one of ours))\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:are you|is (?:this|that|it)|isn't (?:this|that|it)|am i calling|that's|you're) (?:not )?(?:out |over )?"
    r"(?:in )?\w{4,12}",
    re.IGNORECASE,
)
_TOO_FAR = re.compile(
    r"\b(?:(?:that's|thats|it's|that is|that'd be|what,?) (?:\w{1,12},? ){0,5}"
    r"(?:haul|hike|ways|hours?|drive|far|stretch|trip)|hours? (?:away|from us|from here|each way|and a half)|"
    r"(?:don't|dont|do not|can't|never|hardly|won't|wouldn't) (?:really |usually |generally )?"
    r"(?:go|get|come|drive|travel|cover|cross|have (?:anybody|anyone) (?:who|that))|"
    r"(?:ask|see) (?:him |them |the guys |the boss |my dad |her )?(?:if|whether|how far)|"
    r"(?:out of|outside) (?:our|the) (?:area|range)|licensed)\b",
    re.IGNORECASE,
)
_BEGINS = r"\W{0,3}(?:(?:oh|um|uh|well),? )?"
_NO = re.compile(
    rf"{_BEGINS}(?:no|nope|nah|not|uh-uh|huh-uh)\b(?!,? (?:that's (?:right|it)|yeah|yes|problem|worries))",
    re.IGNORECASE,
)
_YES = re.compile(
    rf"{_BEGINS}(?:yes|yeah|yep|yup|correct|right|that's (?:right|correct|it)|mm-hm|uh-huh|sure)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.?!](?=\s|$)")
_SENTENCE = 200  # letters after a city in which its sentence ends


def place_facts(turns: Turns, campaign: Campaign, places: Places) -> list[Fact]:
    """Zips and cities as facts, in the order of the call.

    Where any is named as the place of the work, the others say nothing; where the caller is counts inside, and outside
    only when the business turns it down. A name that several states share belongs to the one said beside it or told by
    a zip of the call; without either, to the campaign's own, unless the business does not know the place.
    """
    area, said = campaign.service_area, dict(turns)
    zips = list(zips_named(turns)) if area.zips else []
    cities = list(cities_named(turns, campaign, places)) if area.cities else []
    answers, written = _answers(turns), is_written(turns)
    around = _Around.of(turns, zips, area, places, answers)
    found: list[tuple[ZipNamed | CityNamed, Company, FactKind, str]] = [
        (named, Company.WORK, kind, named.digits) for named in zips if (kind := _zip_kind(named, area, places))
    ]
    for city in cities:
        turn, answer = said[city.turn], answers.get(city.turn)
        if turn.speaker is Speaker.AGENT and (
            city.state == area.state or not _is_asked(city, turn.text, answer, written)
        ):
            continue  # says where the business is
        kind, value = around.place(city)
        if kind is not None:
            found.append((city, city.company, kind, value))
    best = max((company for _, company, _, _ in found), default=Company.IS)
    kept: dict[tuple[int, FactKind, str], Fact] = {}
    for named, company, kind, value in sorted(found, key=lambda item: (item[0].turn, item[0].start)):
        if company is best or best <= Company.IS:
            quote = quote_around(named.turn, said[named.turn], named.start, named.end)
            kept.setdefault((named.turn, kind, value), Fact(kind, value, quote))
    return list(kept.values())


def _answers(turns: Turns) -> dict[int, bool | None]:
    """What the business hears when it says something, by its turn: True for a yes, False for a no, None for else."""
    return {
        index: False if _NO.match(heard.text) else True if _YES.match(heard.text) else None
        for (index, turn), (_, heard) in itertools.pairwise(turns)
        if turn.speaker is Speaker.AGENT and heard.speaker is not Speaker.AGENT
    }


def _is_asked(city: CityNamed, text: str, answer: bool | None, written: bool) -> bool:
    """Whether the business asks for a city and hears no "no", or tells it and hears "yes"; a call that is not written
    with capitals has no question marks either."""
    if answer is not None:
        return answer
    mark = _ENDS.search(text, city.end, city.end + _SENTENCE)
    return mark.group() == "?" if mark else not written


def _zip_kind(named: ZipNamed, area: ServiceArea, places: Places) -> FactKind | None:
    if named.digits in area.zips:
        return FactKind.PLACE_INSIDE_AREA
    found = places.zip_place(named.digits)
    if found is None:
        return None
    city, state = found
    own = not area.state or state == area.state
    listed = own and any(
        bare(name) == bare(city) or named.digits in zips_of(name, state, places) for name in area.cities
    )
    return None if listed else FactKind.ZIP_OUTSIDE_AREA  # zip lists are seldom complete


@dataclass(frozen=True, slots=True)
class _Around:
    """What else a call says about places: states by turn with the cities they belong to, turns with such a question,
    turns in which the business says that it is far, states of its zips, and whether it does not know a place."""

    area: ServiceArea
    places: Places
    states: dict[int, list[tuple[str, str]]]
    asked: frozenset[int]
    too_far: frozenset[int]
    zip_states: tuple[str, ...]
    strange: bool

    @classmethod
    def of(
        cls, turns: Turns, zips: list[ZipNamed], area: ServiceArea, places: Places, answers: dict[int, bool | None]
    ) -> _Around:
        written = is_written(turns)
        texts = [(index, turn, plain(turn.text)) for index, turn in turns]
        told = [area.state if named.digits in area.zips else places.zip_place(named.digits) for named in zips]
        return cls(
            area,
            places,
            {
                index: list(dict.fromkeys(states_named(text, places, written)))  # a turn may say one a thousand times
                for index, _, text in texts
                if answers.get(index) is not False
            },
            frozenset(index for index, _, text in texts if _ASKED.search(text)),
            frozenset(i for i, turn, text in texts if turn.speaker is not Speaker.CALLER and _TOO_FAR.search(text)),
            tuple(dict.fromkeys(place if isinstance(place, str) else place[1] for place in told if place)),
            any(_STRANGE.search(text) for _, _, text in texts),
        )

    def place(self, city: CityNamed) -> tuple[FactKind | None, str]:
        """The kind of fact that a city makes, and its value; None where it says nothing."""
        far = any(index in self.too_far for index in range(city.turn, city.turn + _NEIGHBOURS + 1))
        state = city.state or (self._state(city) if city.listed else "")
        elsewhere = bool(state and self.area.state and state != self.area.state)
        value = f"{city.city}, {state}" if elsewhere or (state and not city.listed) else city.city
        if not city.listed and state in ("", self.area.state) and self._shares_a_zip(city):
            return FactKind.PLACE_INSIDE_AREA, city.city
        if not city.listed:
            return (FactKind.CITY_OUTSIDE_AREA if city.company > Company.IS or far else None), value
        if elsewhere:
            return FactKind.CITY_OUTSIDE_AREA, value
        return (FactKind.PLACE_INSIDE_AREA if state or not (self.strange or far) else None), value

    def _shares_a_zip(self, city: CityNamed) -> bool:
        """Whether mail for a city that is not listed goes to a zip that is: another name for a part of the area."""
        return not zips_of(city.city, self.area.state, self.places).isdisjoint(self.area.zips)

    def _state(self, city: CityNamed) -> str:
        """The state of a listed city that is said without one, as zips and neighbouring turns tell; empty if none."""
        states, name = states_with(city.city, self.places), bare(city.city)
        for state in self.zip_states:
            if state == self.area.state or state in states:
                return state
        near = range(city.turn - _NEIGHBOURS, city.turn + _NEIGHBOURS + 1)
        said = (pair for index in near for pair in self.states.get(index, ()))
        named = [state for state, its_city in said if its_city in ("", name)]
        others = [state for state in named if state != self.area.state and state in states]
        if others and (self.area.state not in named or not self.asked.isdisjoint(near)):
            return others[0]
        return ""
