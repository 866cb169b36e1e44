"""What the intent model reads: a call and its campaign as windows of words, and plain numbers about each turn.

Pure but for the gazetteer: no torch. Training and serving build their input here, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from insights.adapters.intent_turns import STATE_NAMES, turn_signs
from insights.domain.campaigns import Campaign
from insights.domain.facts import Places
from insights.domain.spoken_words import spoken_words
from insights.domain.transcript import Speaker, Transcript, Turn

SPEAKER_WORDS = {
    Speaker.AGENT: "agent:",
    Speaker.CALLER: "caller:",
    Speaker.IVR: "ivr:",
    Speaker.UNKNOWN: "speaker:",
}

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


# --- windows ---------------------------------------------------------------------------------------------------------

Tokenize = Callable[[str], list[int]]
"""Text to token numbers, without special tokens."""


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """How a call is cut: tokens a window, tokens its header may take, turns repeated from the window before,
    and the number of windows read at most (of a longer call the middle is left out)."""

    tokens: int = 256
    header_tokens: int = 96
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

    ``signs`` holds a row of ``len(TURN_SIGNS)`` numbers for every turn of the transcript, ``readable`` the indices of
    the turns that have text in some window. No windows at all: nothing was said that can be read.
    """

    windows: tuple[Window, ...]
    signs: tuple[tuple[float, ...], ...]
    readable: tuple[int, ...]


def readable_words(turn: Turn) -> str:
    """The words of a turn; none for text that failed the speech guards, which may be invented."""
    return "" if turn.unclear else spoken_words(turn.text)


def call_input(
    transcript: Transcript,
    campaign: Campaign | None,
    known_customer: bool,
    places: Places,
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
    words = [readable_words(turn) for turn in transcript.turns]
    voices = len({turn.speaker for turn in transcript.turns})
    signs = turn_signs(words, voices, campaign, places)
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
    return CallInput(windows, signs, tuple(readable))


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
