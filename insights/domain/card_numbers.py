"""Finds card numbers in a call, told in one breath or in pieces over many turns, with slips of tongue and recogniser.

What is a card is told by the issuer's leading digits with their lengths and by the check digit (ISO/IEC 7812). Ten in a
hundred numbers of ordinary talk have a right check digit by chance, so neither alone is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insights.domain.spoken import digit_runs
from insights.domain.transcript import Speaker, Turn

CARD = re.compile(r"\b(?:cards?|visa|master ?card|amex|american express|discover|debit|credit|diners)\b", re.IGNORECASE)
_ASKED = re.compile(
    r"\bcard(?:'s)? (?:number|info|details)"
    r"|\bnumber (?:on|off|for|of) (?:the|your|that|my) (?:card|debit|credit|visa|amex)"
    r"|\b(?:read|give|get|grab) (?:me |you )?(?:the|your|my|that) (?:debit |credit )?card\b"
    r"|\b(?:visa|master ?card|amex|discover) number|\bgo ahead with (?:the|your|that) (?:debit |credit )?card\b",
    re.IGNORECASE,
)
_PAID = re.compile(r"\bpay\b|\bpayment\b|\bdeposit\b|\bexpir", re.IGNORECASE)
_ISSUED = re.compile(r"4(?:\d{12}|\d{15})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|6\d{15}")
_MISHEARD = re.compile(r"[456]\d{14,16}|3[47]\d{12,14}")
_WHOLE = re.compile(r"[456]\d{15}|3[47]\d{13}")
_GROUPS = ([4, 4, 4, 4], [4, 6, 5])  # as they are printed on a card
_TELEPHONES = (7, 10, 11)
_ZIPS = (5,)
_LONGEST = 19
_TALK = 40  # turns in which a card stays the subject
_APART = 8  # turns between two pieces of one number
_AFTER = 4  # turns within which a question is answered
_LEADING_OH = re.compile(r"\b(?:oh|o)[\s,]{1,2}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Digits that were told in one go: their turn, their place in its text (characters), and who told them."""

    turn: int
    start: int
    end: int
    digits: str
    speaker: Speaker


def pieces_of(turns: Sequence[Turn]) -> list[Piece]:
    """All digits of a call in the order in which they were told; "oh three four" begins with its zero."""
    pieces: list[Piece] = []
    for at, turn in enumerate(turns):
        for run in digit_runs(turn.text):
            led = _LEADING_OH.search(turn.text[: run.start])
            start, digits = (led.start(), f"0{run.digits}") if led else (run.start, run.digits)
            pieces.append(Piece(at, start, run.end, digits, turn.speaker))
    return pieces


def said_near(words: re.Pattern[str], turns: Sequence[Turn], at: int, before: int) -> bool:
    """Whether words stand in a turn or in one of the turns before it."""
    return any(words.search(turn.text) for turn in turns[max(0, at - before) : at + 1])


def card_pieces(pieces: Sequence[Piece], turns: Sequence[Turn]) -> set[Piece]:
    """The pieces that are card numbers, or parts of them."""
    return {*_in_pieces(pieces, turns), *_corrected(pieces, turns)}


def _in_pieces(pieces: Sequence[Piece], turns: Sequence[Turn]) -> Iterator[Piece]:
    """Pieces that make a card together, whoever told them, or one speaker's alone; the first that do, no more."""
    for who in (None, *sorted({piece.speaker for piece in pieces})):
        own = [piece for piece in pieces if who is None or piece.speaker == who]
        for first, begins in enumerate(own):
            if len(begins.digits) < 2:
                continue
            digits, taken = "", list[Piece]()
            for piece in own[first:]:
                if taken and piece.turn - taken[-1].turn > _APART:
                    break
                taken.append(piece)
                digits += piece.digits
                if _is_card(digits, taken, turns):
                    yield from taken
                    break
                if len(digits) >= _LONGEST:
                    break


def _is_card(digits: str, taken: Sequence[Piece], turns: Sequence[Turn]) -> bool:
    first, last, one = taken[0].turn, taken[-1].turn, len(taken) == 1
    talked, asked = said_near(CARD, turns, first, _TALK), said_near(_ASKED, turns, first, _AFTER)
    telephone = any(len(p.digits) in _TELEPHONES and p.digits[:2] not in ("34", "37") for p in taken)
    if _issued(digits):
        return one or (talked and not telephone)
    if one and talked and len(digits) > 16:  # with its date and code in one breath
        return any(_issued(digits[:length]) for length in (14, 15, 16)) or (asked and bool(_MISHEARD.match(digits)))
    if asked and not telephone and _MISHEARD.fullmatch(digits):
        return True
    grouped = one or [len(piece.digits) for piece in taken] in _GROUPS
    return bool(_WHOLE.fullmatch(digits)) and grouped and (talked or said_near(_PAID, turns, last, _AFTER))


def _corrected(pieces: Sequence[Piece], turns: Sequence[Turn]) -> Iterator[Piece]:
    """An answer to the question for the card in which somebody corrects himself: too many digits to be one number."""
    for at in sorted({piece.turn for piece in pieces}):
        own = [piece for piece in pieces if piece.turn == at and len(piece.digits) > 2]
        known = any(len(piece.digits) in (*_TELEPHONES, *_ZIPS) for piece in own)
        long = sum(len(piece.digits) for piece in own) >= 13
        if long and not known and own[0].digits[0] in "3456" and said_near(_ASKED, turns, at, 1):
            yield from own


def _issued(digits: str) -> bool:
    """Whether an issuer gives such numbers, and the check digit is right (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and _ISSUED.fullmatch(digits) is not None
