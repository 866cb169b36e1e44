"""What the intent model reads: a call and its campaign as windows of words, and a few plain facts about each turn.

Pure: no torch, no files. Training and serving build their input here, so they cannot drift apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from insights.domain.campaigns import Campaign
from insights.domain.facts import STATES
from insights.domain.spoken_words import spoken_digits, spoken_words
from insights.domain.transcript import Speaker, Transcript, Turn

TURN_FACTS = (
    "early",
    "late",
    "place",
    "city_served",
    "zip_served",
    "zip_nearby",
    "zip_elsewhere",
    "state_served",
    "state_elsewhere",
    "service_offered",
    "service_excluded",
    "names_client",
)
"""The numbers beside each turn, each in 0..1, in this order."""

SPEAKER_WORDS = {
    Speaker.AGENT: "agent:",
    Speaker.CALLER: "caller:",
    Speaker.IVR: "ivr:",
    Speaker.UNKNOWN: "speaker:",
}

_EMPTY_WORDS = frozenset(
    (
        "and or of for the a an in on to with from at by new old only any all service "
        "services repair repairs replacement installation install installs work cleaning removal general other we "
        "do not does"
    ).split()
)

STATE_NAMES = {code: name for name, code in STATES.items()}


# --- the campaign ----------------------------------------------------------------------------------------------------


def campaign_header(campaign: Campaign | None, known_customer: bool) -> str:
    """The compact line that opens every window; empty when the campaign is missing and nothing else is known."""
    known = "known customer yes" if known_customer else "known customer no"
    if campaign is None:
        return known if known_customer else ""
    area = campaign.service_area
    parts = [
        known,
        f"trade {spoken_words(campaign.trade)}",
        "offers " + ", ".join(map(spoken_words, campaign.services)),
        "not " + ", ".join(map(spoken_words, campaign.not_offered)),
        "area " + ", ".join([STATE_NAMES.get(area.state.upper(), area.state.lower()), *map(spoken_words, area.cities)]),
    ]
    return " ; ".join(parts)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A campaign's names in the form in which they are looked for in speech."""

    cities: tuple[str, ...]
    zips: frozenset[str]
    state: str
    services: tuple[frozenset[str], ...]
    not_offered: tuple[frozenset[str], ...]
    client: frozenset[str]


def _offer(campaign: Campaign | None) -> _Offer:
    if campaign is None:
        return _Offer((), frozenset(), "", (), (), frozenset())
    area = campaign.service_area
    return _Offer(
        cities=tuple(filter(None, map(spoken_words, area.cities))),
        zips=frozenset(area.zips),
        state=STATE_NAMES.get(area.state.upper(), ""),
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


_PLACE_CUES = frozenset(
    [
        "county",
        "city",
        "town",
        "road",
        "street",
        "avenue",
        "drive",
        "lane",
        "court",
        "zip",
        "code",
        "address",
        "located",
        "area",
        "neighborhood",
        "state",
        "north",
        "south",
        "east",
        "west",
        "downtown",
        "miles",
        "hour",
        "drive",
        "far",
    ]
)


def _turn_facts(words: str, index: int, count: int, offer: _Offer) -> tuple[float, ...]:
    split = words.split()
    said = frozenset(word[:5].rstrip("s") for word in split if len(word) > 2)
    squeezed = tuple({"".join(split[at : at + size]) for size in (1, 2, 3) for at in range(len(split) - size + 1)})
    zips = [digits for digits in spoken_digits(split) if len(digits) == 5]
    near = {code[:3] for code in offer.zips}
    states = [name for name in STATE_NAMES.values() if f" {name} " in f" {words} "]
    served_zip = any(code in offer.zips for code in zips)
    return (
        math.exp(-index / 3),
        math.exp(-(count - 1 - index) / 3),
        float(bool(zips) or not _PLACE_CUES.isdisjoint(split)),
        max((_names(city, words, squeezed) for city in offer.cities), default=0.0),
        float(served_zip),
        float(bool(offer.zips) and not served_zip and any(code[:3] in near for code in zips)),
        float(bool(offer.zips) and any(code[:3] not in near for code in zips)),
        float(bool(offer.state) and offer.state in states),
        float(bool(offer.state) and any(name != offer.state for name in states)),
        _share_named(offer.services, said),
        _share_named(offer.not_offered, said),
        _share_named((offer.client,), said) if offer.client else 0.0,
    )


# --- windows ---------------------------------------------------------------------------------------------------------

Tokenize = Callable[[str], list[int]]
"""Text to token numbers, without special tokens."""


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """How a call is cut: tokens a window, tokens its header may take, turns repeated from the window before,
    and the number of windows read at most (of a longer call the middle is left out)."""

    tokens: int = 256
    header_tokens: int = 80
    overlap_turns: int = 2
    windows: int = 200


@dataclass(frozen=True, slots=True)
class Window:
    """Token numbers of one window and, beside each, the index of its turn in the transcript (-1: no turn's)."""

    tokens: tuple[int, ...]
    turn_of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CallInput:
    """A call as the network reads it.

    ``facts`` holds a row of ``len(TURN_FACTS)`` numbers for every turn of the transcript, ``readable`` the indices of
    the turns that have text in some window. No windows at all: nothing was said that can be read.
    """

    windows: tuple[Window, ...]
    facts: tuple[tuple[float, ...], ...]
    readable: tuple[int, ...]


def readable_words(turn: Turn) -> str:
    """The words of a turn; none for text that failed the speech guards, which may be invented."""
    return "" if turn.unclear else spoken_words(turn.text)


def call_input(
    transcript: Transcript,
    campaign: Campaign | None,
    known_customer: bool,
    *,
    tokenize: Tokenize,
    start_token: int,
    end_token: int,
    spec: WindowSpec,
) -> CallInput:
    """Windows of at most ``spec.tokens`` tokens, cut at turn boundaries, each opened by the campaign's header.

    A turn longer than a window goes on in the next one. Turns without words take no part.
    """
    header = [start_token, *tokenize(campaign_header(campaign, known_customer))[: spec.header_tokens - 2], end_token]
    room = spec.tokens - len(header) - 1
    offer = _offer(campaign)
    words = [readable_words(turn) for turn in transcript.turns]
    facts = tuple(_turn_facts(text, index, len(words), offer) for index, text in enumerate(words))
    pieces: list[tuple[int, list[int]]] = []
    for index, (turn, text) in enumerate(zip(transcript.turns, words, strict=True)):
        if text:
            tokens = tokenize(f"{SPEAKER_WORDS[turn.speaker]} {text}")
            pieces += [(index, tokens[at : at + room]) for at in range(0, len(tokens), room)]
    groups = _group(pieces, room, spec.overlap_turns)
    if len(groups) > spec.windows:
        half = spec.windows // 2
        groups = groups[:half] + groups[half - spec.windows :]
    windows = tuple(_window(header, group, end_token) for group in groups)
    readable = sorted({index for group in groups for index, _ in group})
    return CallInput(windows, facts, tuple(readable))


def _group(pieces: list[tuple[int, list[int]]], room: int, overlap: int) -> list[list[tuple[int, list[int]]]]:
    groups: list[list[tuple[int, list[int]]]] = []
    current: list[tuple[int, list[int]]] = []
    used = 0
    for piece in pieces:
        if current and used + len(piece[1]) > room:
            groups.append(current)
            current = current[-overlap:] if overlap else []
            used = sum(len(tokens) for _, tokens in current)
            while current and (used + len(piece[1]) > room or used > room // 2):
                used -= len(current.pop(0)[1])
        current.append(piece)
        used += len(piece[1])
    return [*groups, current] if current else groups


def _window(header: list[int], group: list[tuple[int, list[int]]], end_token: int) -> Window:
    tokens, turn_of = list(header), [-1] * len(header)
    for index, piece in group:
        tokens += piece
        turn_of += [index] * len(piece)
    return Window((*tokens, end_token), (*turn_of, -1))
