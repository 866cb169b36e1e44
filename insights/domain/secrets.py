"""Takes card numbers, their codes and dates, social security and bank numbers out of a call, before anybody keeps it.

They are looked for in the digits as they are spoken, in the answers to the questions that ask for them. Other numbers
(zips, prices, telephones, house numbers) are what a verdict is made of and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from insights.domain.card_numbers import CARD, Piece, card_pieces, pieces_of, said_near
from insights.domain.transcript import Speaker, Turn

MASK = "[masked]"
"""What stands in a number's place; the recogniser's readers pass over words in brackets."""

_CODE = re.compile(
    r"\bsecurity (?:code|number)|\bc ?v ?[vc]2?\b|\bc ?i ?d\b"
    r"|\b(?:code|digits?|numbers?|three|security) on the (?:back|front)"
    r"|\b(?:three|four)[ -]digits? (?:code|number)|\bpin(?: number)?\b|\bcode\b",
    re.IGNORECASE,
)
_SURELY_A_CODE = re.compile(r"c ?v ?[vc]|security code|\bpin\b", re.IGNORECASE)
_EXPIRY = re.compile(
    r"\bexp(?:iration|iry|ires?|iring)?\b(?: date)?|\b(?:good|valid) (?:through|thru|until)\b|\bmonth and year\b"
    r"|\bnew date\b",
    re.IGNORECASE,
)
_SURELY_EXPIRY = re.compile(r"\bcard\b.{0,20}\bexp|\bexp\w*\b.{0,20}\bcard\b", re.IGNORECASE)
_LAST_FOUR = re.compile(
    r"\blast (?:four|4)(?: digits)? of (?:your|the|his|her|my) social\b|\bsocial\b[^.?]{0,40}\blast (?:four|4)\b",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"\b(?:your|my|his|her|the|full|whole) social(?: security)?(?: number)?\b"
    r"(?! (?:media|worker?|office|admin\w*|disab\w*|benefits?|income|checks?|security))"
    r"|\bsocial security number\b|^\W*social\W*$|\bs ?s ?n\b",
    re.IGNORECASE,
)
_BANK = re.compile(
    r"\brouting\b(?: and account)?(?: numbers?)?|\b(?:checking|savings|bank) account(?: numbers?)?"
    r"|\baccount number\b|\band (?:the|your) account\b",
    re.IGNORECASE,
)
_WRITTEN_SOCIAL = re.compile(r"(?<![\d-])\d{3}(?:[-–—.]| dash )\d{2}(?:[-–—.]| dash )\d{4}(?![\d-])", re.IGNORECASE)
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?,?(?:\s+of)?\s+$"
    r"|\b\d{1,2}(?:st|nd|rd|th),?\s+$",
    re.IGNORECASE,
)
_OF_ONE_DATE = re.compile(r"\s*(?:slash|/|of|dash|-|st,|nd,|rd,|th,)\s*", re.IGNORECASE)
_NEAR_A_CARD = 12  # turns around a card number in which a code and a date are its own
_READ_BACK = 4


@dataclass(frozen=True, slots=True)
class _Question:
    """What asks for a secret: its ``words``, whether a piece of so many digits ``fits``, how many digits make it
    ``whole`` (None: its first piece is all), and ``within`` how many turns it is told."""

    words: re.Pattern[str]
    fits: Callable[[int], bool]
    whole: int | None
    within: int


_CODES = _Question(_CODE, lambda length: length in (3, 4), None, 4)
_DATES = _Question(_EXPIRY, lambda length: length <= 8, None, 4)
_QUESTIONS = (
    _CODES,
    _DATES,
    _Question(_LAST_FOUR, lambda length: length == 4, None, 4),
    _Question(_SOCIAL, lambda length: length <= 9, 9, 6),
    _Question(_BANK, lambda length: 3 <= length <= 17, 6, 6),
)


def mask_secrets(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns with every such number replaced by ``MASK``; everything else stays letter for letter."""
    pieces = pieces_of(turns)
    cards = card_pieces(pieces, turns)
    answers = {piece for question in _QUESTIONS for piece in _answers(question, pieces, turns, cards)}
    spans = {(p.turn, p.start, p.end) for p in cards | _read_back(pieces, cards | answers)}
    spans |= {(p.turn, _with_month(turns[p.turn].text, p.start), p.end) for p in answers}
    for at, turn in enumerate(turns):
        spans |= {(at, match.start(), match.end()) for match in _WRITTEN_SOCIAL.finditer(turn.text)}
    by_turn: dict[int, list[tuple[int, int]]] = {}
    for at, start, end in sorted(spans):
        by_turn.setdefault(at, []).append((start, end))
    return tuple(
        replace(turn, text=_without(turn.text, by_turn[at])) if at in by_turn else turn for at, turn in enumerate(turns)
    )


def without_secrets(text: str) -> str:
    """One person's text the same way, such as what a client writes."""
    (turn,) = mask_secrets([Turn(Speaker.UNKNOWN, text)])
    return turn.text


def _answers(question: _Question, pieces: Sequence[Piece], turns: Sequence[Turn], cards: set[Piece]) -> Iterator[Piece]:
    """What was told first after each such question, and nothing that came after that."""
    for at, turn in enumerate(turns):
        if not _asks(question, at, turns, cards):
            continue
        for match in question.words.finditer(turn.text):
            ahead = [
                piece
                for piece in pieces
                if piece not in cards
                and ((piece.turn == at and piece.start >= match.end()) or at < piece.turn <= at + question.within)
            ]
            yield from _whole_answer(question, ahead, turns)


def _asks(question: _Question, at: int, turns: Sequence[Turn], cards: set[Piece]) -> bool:
    """Codes and dates are a card's only beside its number, or where the words leave no doubt."""
    text = turns[at].text
    if question is _CODES or question is _DATES:
        surely = _SURELY_A_CODE if question is _CODES else _SURELY_EXPIRY
        near = any(abs(at - card.turn) <= _NEAR_A_CARD for card in cards)
        return near or (surely.search(text) is not None and said_near(CARD, turns, at, 3))
    return question.words is not _SOCIAL or _LAST_FOUR.search(text) is None


def _whole_answer(question: _Question, ahead: Sequence[Piece], turns: Sequence[Turn]) -> list[Piece]:
    found, count = list[Piece](), 0
    for piece in ahead:
        fits = question.fits(len(piece.digits))
        if not found and not fits:
            continue  # the question's own "three" or "four"
        if found and not (fits and _goes_on(question, found[-1], piece, turns)):
            break
        found.append(piece)
        count += len(piece.digits)
        if question is not _DATES and (question.whole is None or count >= question.whole):
            break
    if question is _DATES:
        return _date(found, turns)
    enough = question.whole is None or (count == 9 if question.words is _SOCIAL else count >= question.whole)
    return found if enough else []


def _goes_on(question: _Question, last: Piece, piece: Piece, turns: Sequence[Turn]) -> bool:
    """Whether a piece goes on with the number before it: told by the same side, or read back by the other."""
    if question is _DATES:
        between = turns[piece.turn].text[last.end : piece.start]
        return piece.turn == last.turn and _OF_ONE_DATE.fullmatch(between) is not None
    return piece.speaker == last.speaker or piece.digits == last.digits


def _date(found: Sequence[Piece], turns: Sequence[Turn]) -> list[Piece]:
    """Month and year as one piece: three digits and more, or fewer behind a month's name."""
    if not found:
        return []
    whole = replace(found[0], end=found[-1].end, digits="".join(piece.digits for piece in found))
    text = turns[whole.turn].text
    return [whole] if len(whole.digits) >= 3 or _with_month(text, whole.start) < whole.start else []


def _with_month(text: str, start: int) -> int:
    """Where a date begins whose digits begin at ``start``: at the month or day before them."""
    while led := _MONTH.search(text[:start]):
        start = led.start()
    return start


def _read_back(pieces: Sequence[Piece], told: set[Piece]) -> set[Piece]:
    """Pieces in which the other side repeats what was told."""
    places: dict[str, list[int]] = {}
    for piece in told:
        places.setdefault(piece.digits, []).append(piece.turn)
    return {
        piece
        for piece in pieces
        if len(piece.digits) > 2 and any(abs(piece.turn - at) <= _READ_BACK for at in places.get(piece.digits, ()))
    }


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    kept, end = "", 0
    for start, stop in spans:
        if start >= end:
            kept += text[end:start] + MASK
        end = max(end, stop)
    return kept + text[end:]
