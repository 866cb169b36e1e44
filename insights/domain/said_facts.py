"""Facts that lie in a phrase: who sent the caller, earlier business, work wanted, sales, prices, bookings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from insights.domain.course_cues import COURSE_SAID
from insights.domain.fact_cues import REASONS_SAID
from insights.domain.fact_kinds import Fact, FactKind, quote_around
from insights.domain.fact_phrases import ORDINARY, PERSON, Phrases
from insights.domain.place_mentions import Turns, plain
from insights.domain.spoken_amounts import amounts
from insights.domain.transcript import Speaker, Turn

Span = tuple[int, int]

_SENTENCE = 160  # letters on either side in which a phrase can be taken back; more than most sentences have
_STOP = re.compile(r"[.?!](?=\s|$)")
_TRIES = 20  # matches of one phrase in one turn that are weighed
_APART = 30  # letters on either side of a hint, in its sentence, that belong to it; many calls have no full stops
_WHO = 120  # letters before a referral in which its giver is looked for
_SOMEBODY = re.compile(
    r"\b(?:he|she|him|her|sent me|to ask for|(?:come|came|comes) .{0,20}recommended|word of mouth|"
    r"me (?:pas|mand|di|recomend)\w{1,3}|(?-i:[A-Z][a-z]{2,15}),? (?:gave|said|says|told|handed))\b",
    re.IGNORECASE,
)  # a person without a word for what he is to the caller
_GREETING = 3  # turns in which the business says its name
_INTRODUCES = re.compile(
    r"(?:\b(?i:this is|my name is|name's|i'm|it's|you've reached|calling|speaking (?:with|to))|^|(?<=[.?!] ))"
    r"(?:[ ,]{1,2}[a-z]{1,6}){0,2}((?:[ ,]{0,2}\b[A-Z][a-z']{1,14}\b){1,5})"
    r"(?=[.,?!]|$| (?:speaking|here|with|at|from|how|can|may)\b)"
)
"""What whoever answers calls himself and the business: "Blue Pipe, this is Wade"."""


def said_facts(turns: Turns, client: str) -> Iterator[Fact]:
    """At most one fact a kind and turn; every amount of money is a price of its own. ``client`` is the business."""
    texts = [(index, turn, plain(turn.text)) for index, turn in turns]
    names = _names(turns, client)
    for kind, phrases in (REASONS_SAID | COURSE_SAID).items():
        callers = [item for item in texts if item[1].speaker is not Speaker.AGENT]
        if phrases.refuted and any(phrases.refuted.search(text) for _, _, text in callers):
            continue
        heard = texts if phrases.agents_too else callers
        for index, turn, text in heard:
            if span := _said(text, phrases, names):
                value = _giver(text, *span) if kind is FactKind.REFERRAL_NAMED else text[slice(*span)].lower()
                if value:
                    yield Fact(kind, value, quote_around(index, turn, *span))
        yield from _hinted(kind, phrases, heard)
    for index, turn, text in texts:
        values = {amount.value: amount for amount in reversed(amounts(text))}
        for amount in values.values():
            yield Fact(FactKind.PRICE_NAMED, amount.value, quote_around(index, turn, amount.start, amount.end))


def _names(turns: Turns, client: str) -> frozenset[str]:
    """Names that belong to the business: the words of its own and those by which it introduces itself.

    A caller's words name no business, nor do words that anybody says (a trade, a weekday).
    """
    words = set(re.findall(r"[a-z']{3,}", client.lower()))
    for _, turn in turns[:_GREETING]:
        if turn.speaker is Speaker.AGENT:
            for said in _INTRODUCES.finditer(turn.text):
                words.update(re.findall(r"[a-z']{3,}", said.group(1).lower()))
    return frozenset(words - ORDINARY)


def _said(text: str, phrases: Phrases, names: frozenset[str]) -> Span | None:
    for phrase in phrases.says:
        for match in islice(phrase.finditer(text), _TRIES):
            named = [name.lower() for name in match.groupdict().values() if name]
            if names.issuperset(named) and not _taken_back(text, match.span(), phrases):
                return match.span()
    return None


def _taken_back(text: str, span: Span, phrases: Phrases) -> bool:
    return phrases.unless.search(text[slice(*_sentence(text, span))]) is not None


def _sentence(text: str, span: Span) -> Span:
    """The sentence around a span with its closing mark, as far as a phrase can be taken back in it."""
    low, high = max(0, span[0] - _SENTENCE), span[1] + _SENTENCE
    starts = [stop.end() for stop in _STOP.finditer(text, low, span[0])]
    stop = _STOP.search(text, span[1], high)
    return (starts[-1] if starts else low), (stop.end() if stop else min(high, len(text)))


def _hinted(kind: FactKind, phrases: Phrases, heard: list[tuple[int, Turn, str]]) -> Iterator[Fact]:
    """Two different hints in two sentences of the call make the fact, once: one sentence hints at one thing."""
    found: list[Fact] = []
    used: list[tuple[int, int, int]] = []
    for hint in phrases.hints:
        for index, turn, text in heard:
            match = hint.search(text)
            if match is None or _taken_back(text, match.span(), phrases):
                continue
            low, high = _sentence(text, match.span())
            low, high = max(low, match.start() - _APART), min(high, match.end() + _APART)
            if all(index != other or high <= start or end <= low for other, start, end in used):
                used.append((index, low, high))
                found.append(Fact(kind, match.group().lower(), quote_around(index, turn, *match.span())))
                break
        if len(found) == 2:
            yield from found
            return


def _giver(text: str, start: int, end: int) -> str:
    """Who gave the number: "neighbor", "realtor Dan"; "somebody" for a he or she, nothing where no person is meant."""
    for part in (text[start : end + 30], text[max(0, start - _WHO) : start]):
        found = list(PERSON.finditer(part))
        if found:
            return " ".join(filter(None, (found[-1].group(1).lower(), found[-1].group(2))))
    return "somebody" if _SOMEBODY.search(text[max(0, start - _WHO) : end]) else ""
