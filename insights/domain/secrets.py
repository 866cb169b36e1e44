"""Takes card numbers, their codes and dates, social security and bank numbers out of a call, before anybody keeps it.

Numbers are told in pieces, over several turns, and repeated by the other side; they are looked for in the digits as
they are spoken. Other numbers (zips, prices, telephones, house numbers) are what a verdict is made of and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from insights.domain.spoken import DigitRun, digit_runs
from insights.domain.transcript import Speaker, Turn

MASK = "[masked]"
"""What stands in a number's place; the recogniser's readers pass over words in brackets."""

_CARD = re.compile(r"\b(?:cards?|visa|master ?card|amex|american express|discover|debit|credit)\b", re.IGNORECASE)
_CARD_ASKED = re.compile(
    r"\bcard(?:'s)? (?:number|info|details)|\bnumber (?:on|off|for|of) (?:the|your|that|my) (?:card|debit|credit|visa)"
    r"|\b(?:read|give|get) (?:me |you )?(?:the|your|my|that) (?:card|number)|\bwhat(?:'s| is) the card\b"
    r"|\b(?:visa|master ?card|amex|discover) (?:number|ending)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\bsecurity code|\bc ?v ?[vc]2?\b|\b(?:code|digits?|numbers?) on the (?:back|front)|\bthree digits?\b"
    r"|\bpin(?: number)?\b",
    re.IGNORECASE,
)
_EXPIRY = re.compile(r"\bexp(?:iration|iry|ires?|iring)?\b(?: date)?|\bgood (?:through|thru|until)\b", re.IGNORECASE)
_SOCIAL = re.compile(r"\bsocial(?: security)?(?: number)?\b|\bs ?s ?n\b", re.IGNORECASE)
_BANK = re.compile(
    r"\b(?:routing|checking|savings|bank) (?:and account )?(?:account )?numbers?\b"
    r"|\baccount (?:and routing )?numbers?\b",
    re.IGNORECASE,
)
_WRITTEN_SOCIAL = re.compile(r"\b\d{3}[\s.–—-]{1,3}\d{2}[\s.–—-]{1,3}\d{4}\b")
_CARD_DIGITS = range(13, 20)
_CARD_CONTEXT = 10  # turns in which a card stays the subject
_PIECES_APART = 4  # turns between two pieces of one number
_AFTER = 3  # turns within which a question is answered


@dataclass(frozen=True, slots=True)
class _Piece:
    """Digits of one turn."""

    turn: int
    run: DigitRun
    speaker: Speaker


def mask_secrets(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns with every such number replaced by ``MASK``; everything else stays letter for letter."""
    pieces = [_Piece(at, run, turn.speaker) for at, turn in enumerate(turns) for run in digit_runs(turn.text)]
    secret = {*_cards(pieces, turns), *_asked_for(pieces, turns)}
    secret |= {piece for piece in pieces if any(_repeats(piece, told) for told in secret)}
    marked = {(piece.turn, piece.run.start, piece.run.end) for piece in secret}
    for at, turn in enumerate(turns):
        marked |= {(at, match.start(), match.end()) for match in _WRITTEN_SOCIAL.finditer(turn.text)}
    masked = list(turns)
    for at in {turn for turn, _, _ in marked}:
        spans = sorted((start, end) for turn, start, end in marked if turn == at)
        masked[at] = replace(turns[at], text=_without(turns[at].text, spans))
    return tuple(masked)


def _repeats(piece: _Piece, told: _Piece) -> bool:
    """Whether the other side reads back what was told."""
    return len(piece.run.digits) > 2 and piece.run.digits == told.run.digits and abs(piece.turn - told.turn) <= _AFTER


def _cards(pieces: Sequence[_Piece], turns: Sequence[Turn]) -> Iterator[_Piece]:
    """Pieces that together are a card number: 13 to 19 digits whose check digit is right (ISO/IEC 7812), where a card
    is spoken of or the digits come in one go; and what is told when the card's number was asked for."""
    for speakers in (None, *sorted({piece.speaker for piece in pieces})):
        own = [piece for piece in pieces if speakers is None or piece.speaker == speakers]
        for first in range(len(own)):
            digits, taken = "", list[_Piece]()
            for piece in own[first:]:
                if taken and piece.turn - taken[-1].turn > _PIECES_APART:
                    break
                taken.append(piece)
                digits += piece.run.digits
                if len(digits) >= _CARD_DIGITS.stop:
                    break
                if len(digits) in _CARD_DIGITS and _is_card(digits, taken, turns):
                    yield from taken


def _is_card(digits: str, taken: Sequence[_Piece], turns: Sequence[Turn]) -> bool:
    first = taken[0].turn
    if _asked(_CARD_ASKED, turns, first, _AFTER):
        return True  # a digit may have been misheard
    return _luhn(digits) and (len(taken) == 1 or _asked(_CARD, turns, first, _CARD_CONTEXT))


def _asked_for(pieces: Sequence[_Piece], turns: Sequence[Turn]) -> Iterator[_Piece]:
    """Pieces of the length that was asked for in this turn or the one before."""
    for piece in pieces:
        length, at = len(piece.run.digits), piece.turn
        of_a_card = _asked(_CARD, turns, at, _CARD_CONTEXT)
        asked = (
            (length in (3, 4) and of_a_card and _asked(_CODE, turns, at, 1)),
            (length in (3, 4, 6) and of_a_card and _asked(_EXPIRY, turns, at, 1)),
            (4 <= length <= 9 and _asked(_SOCIAL, turns, at, _AFTER)),
            (length >= 6 and _asked(_BANK, turns, at, _AFTER)),
        )
        if any(asked):
            yield piece


def _asked(words: re.Pattern[str], turns: Sequence[Turn], at: int, before: int) -> bool:
    """Whether words stand in a turn or in one of the turns before it."""
    return any(words.search(turn.text) for turn in turns[max(0, at - before) : at + 1])


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    kept, end = "", 0
    for start, stop in spans:
        if start >= end:
            kept += text[end:start] + MASK
        end = max(end, stop)
    return kept + text[end:]
