"""Plain numbers about each turn for the intent model: where it stands, which places, services and phrases it names.

Pure but for the gazetteer behind the ``Places`` port. The numbers are signs for the network to weigh, not findings:
what a verdict quotes comes from ``insights.domain.facts``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from insights.domain.campaigns import Campaign
from insights.domain.cues import INTENT_CUES, OUTCOME_CUES
from insights.domain.facts import STATES, Places
from insights.domain.spoken_words import spoken_digits, spoken_words

STATE_NAMES = {code: name for name, code in STATES.items()}

_OWN_SIGNS = (
    "early",
    "late",
    "long",
    "short_call",
    "one_voice",
    "place",
    "city_served",
    "city_nearby",
    "city_elsewhere",
    "zip_served",
    "zip_nearby",
    "zip_elsewhere",
    "state_served",
    "state_elsewhere",
    "service_offered",
    "service_excluded",
    "names_client",
)
TURN_SIGNS = (*_OWN_SIGNS, *(f"cue_{label.value}" for label in (*INTENT_CUES, *OUTCOME_CUES)))
"""The numbers beside each turn, each in 0..1, in this order."""


def signs_sha256() -> str:
    """SHA-256 over the names of the signs and the phrases behind them: weights are of use with these signs only."""
    phrases = (cue.pattern for table in (INTENT_CUES, OUTCOME_CUES) for cue in table.values())
    return hashlib.sha256("\n".join((*TURN_SIGNS, *phrases)).encode()).hexdigest()


_EMPTY_WORDS = frozenset(
    (
        "and or of for the a an in on to with from at by new old only any all service "
        "services repair repairs replacement installation install installs work cleaning removal general other we "
        "do not does"
    ).split()
)
_PLACE_CUES = frozenset(
    "county city town road street avenue drive lane court zip code address located area neighborhood state north south "
    "east west downtown miles hour far".split()
)
_BEFORE_A_PLACE = frozenset("in to near at from of out over up down outside around by".split())
_LONG_TURN, _LONG_CALL = 60, 150  # words


@dataclass(frozen=True, slots=True)
class _Offer:
    """A campaign's names in the form in which they are looked for in speech."""

    cities: tuple[str, ...]
    zips: frozenset[str]
    state: str
    code: str
    services: tuple[frozenset[str], ...]
    not_offered: tuple[frozenset[str], ...]
    client: frozenset[str]


def _offer(campaign: Campaign | None) -> _Offer:
    if campaign is None:
        return _Offer((), frozenset(), "", "", (), (), frozenset())
    area = campaign.service_area
    return _Offer(
        cities=tuple(filter(None, map(spoken_words, area.cities))),
        zips=frozenset(area.zips),
        state=STATE_NAMES.get(area.state.upper(), ""),
        code=area.state.upper(),
        services=tuple(filter(None, map(_stems, campaign.services))),
        not_offered=tuple(filter(None, map(_stems, campaign.not_offered))),
        client=_stems(campaign.client),
    )


def _stems(text: str) -> frozenset[str]:
    """Content words cut to five letters: enough for "pumps", "pumping" and "pumped" to meet."""
    words = [word for word in spoken_words(text).split() if len(word) > 2]
    content = [word for word in words if word not in _EMPTY_WORDS]
    return frozenset(word[:5].rstrip("s") for word in (content or words))


def _share_named(phrases: Sequence[frozenset[str]], said: frozenset[str]) -> float:
    return max((len(phrase & said) / len(phrase) for phrase in phrases), default=0.0)


def _names(place: str, words: str, squeezed: tuple[str, ...]) -> float:
    """1 when the place is said word for word; 0.7 for a long name that is one letter off or wrongly split."""
    if f" {place} " in f" {words} ":
        return 1.0
    wanted = place.replace(" ", "")
    if len(wanted) >= 7 and any(abs(len(said) - len(wanted)) < 2 and _one_off(said, wanted) for said in squeezed):
        return 0.7
    return 0.0


@lru_cache(maxsize=65536)
def _one_off(said: str, wanted: str) -> bool:
    """Whether two words differ in at most one letter (changed, missing or added)."""
    if said == wanted:
        return True
    start = 0
    while start < min(len(said), len(wanted)) and said[start] == wanted[start]:
        start += 1
    left, right = said[start:], wanted[start:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:]


def turn_signs(
    words: Sequence[str], voices: int, campaign: Campaign | None, places: Places
) -> tuple[tuple[float, ...], ...]:
    """A row of ``len(TURN_SIGNS)`` numbers for every turn. ``words`` are the turns in spoken words, ``voices`` how many
    different speakers the transcript names."""
    offer = _offer(campaign)
    length = sum(len(text.split()) for text in words)
    call = (max(0.0, 1 - length / _LONG_CALL), float(voices == 1))
    return tuple(_signs(text, index, len(words), call, offer, places) for index, text in enumerate(words))


def _signs(
    words: str, index: int, count: int, call: tuple[float, float], offer: _Offer, places: Places
) -> tuple[float, ...]:
    split = words.split()
    said = frozenset(word[:5].rstrip("s") for word in split if len(word) > 2)
    squeezed = tuple({"".join(split[at : at + size]) for size in (1, 2, 3) for at in range(len(split) - size + 1)})
    zips = [digits for digits in spoken_digits(split) if len(digits) == 5]
    near = {code[:3] for code in offer.zips}
    states = [name for name in STATE_NAMES.values() if f" {name} " in f" {words} "]
    served_zip = any(code in offer.zips for code in zips)
    nearby, elsewhere = _other_cities(split, offer, places)
    return (
        math.exp(-index / 3),
        math.exp(-(count - 1 - index) / 3),
        min(1.0, len(split) / _LONG_TURN),
        *call,
        float(bool(zips) or not _PLACE_CUES.isdisjoint(split)),
        max((_names(city, words, squeezed) for city in offer.cities), default=0.0),
        nearby,
        elsewhere,
        float(served_zip),
        float(bool(offer.zips) and not served_zip and any(code[:3] in near for code in zips)),
        float(bool(offer.zips) and any(code[:3] not in near for code in zips)),
        float(bool(offer.state) and offer.state in states),
        float(bool(offer.state) and any(name != offer.state for name in states)),
        _share_named(offer.services, said),
        _share_named(offer.not_offered, said),
        _share_named((offer.client,), said) if offer.client else 0.0,
        *(float(cue.search(words) is not None) for table in (INTENT_CUES, OUTCOME_CUES) for cue in table.values()),
    )


def _other_cities(split: Sequence[str], offer: _Offer, places: Places) -> tuple[float, float]:
    """Whether a city outside the list is named: one of the campaign's state, and one that its state does not have."""
    if not offer.cities:
        return 0.0, 0.0
    nearby = elsewhere = 0.0
    for at in range(1, len(split)):
        if split[at - 1] not in _BEFORE_A_PLACE:
            continue
        for size in (3, 2, 1):
            name = " ".join(split[at : at + size])
            if any(name == city for city in offer.cities):
                break
            states = places.states_with_city(name) if len(name) > 3 else frozenset()
            if states and name not in STATE_NAMES.values():
                nearby, elsewhere = (
                    max(nearby, float(offer.code in states)),
                    max(elsewhere, float(offer.code not in states)),
                )
                break
    return nearby, elsewhere
