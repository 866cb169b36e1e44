"""Facts that lie in a phrase: who sent the caller, earlier business, work wanted, sales, prices, bookings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from insights.domain.course_cues import COURSE_SAID
from insights.domain.fact_cues import REASONS_SAID
from insights.domain.fact_kinds import Fact, FactKind, quote_around
from insights.domain.fact_phrases import PERSON, Phrases
from insights.domain.place_mentions import Turns, plain
from insights.domain.spoken_amounts import amounts
from insights.domain.transcript import Speaker, Turn

Span = tuple[int, int]

_SENTENCE = 160  # letters on either side in which a phrase can be taken back; more than most sentences have
_STOP = re.compile(r"[.?!](?=\s|$)")
_TRIES = 20  # matches of one kind in one turn that are weighed
_WHO = 120  # letters before a referral in which its giver is looked for
_GREETING = 3  # turns in which the business says its name
_NAME = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][a-z]{2,15}\b")


def said_facts(turns: Turns, client: str) -> Iterator[Fact]:
    """At most one fact a kind and turn; every amount of money is a price of its own. ``client`` is the business."""
    texts = [(index, turn, plain(turn.text)) for index, turn in turns]
    names = _names(turns, client)
    for kind, phrases in (REASONS_SAID | COURSE_SAID).items():
        if phrases.refuted and any(phrases.refuted.search(text) for _, _, text in texts):
            continue
        heard = [item for item in texts if phrases.agents_too or item[1].speaker is not Speaker.AGENT]
        for index, turn, text in heard:
            if span := _said(text, phrases, names):
                value = _giver(text, *span) if kind is FactKind.REFERRAL_NAMED else text[slice(*span)].lower()
                yield Fact(kind, value, quote_around(index, turn, *span))
        yield from _hinted(kind, phrases, heard)
    for index, turn, text in texts:
        values = {amount.value: amount for amount in reversed(amounts(text))}
        for amount in values.values():
            yield Fact(FactKind.PRICE_NAMED, amount.value, quote_around(index, turn, amount.start, amount.end))


def _names(turns: Turns, client: str) -> frozenset[str]:
    """Names that belong to the business: the words of its own, of its greeting and the names that it writes."""
    words = {"you", "y'all", "yall", *re.findall(r"[a-z']{3,}", client.lower())}
    for position, (_, turn) in enumerate(turns):
        if turn.speaker is Speaker.AGENT or position == 0:
            words.update(name.lower() for name in _NAME.findall(turn.text))
    return frozenset(words)


def _said(text: str, phrases: Phrases, names: frozenset[str]) -> Span | None:
    for match in islice(phrases.says.finditer(text), _TRIES):
        named = [name.lower() for name in match.groupdict().values() if name]
        if names.issuperset(named) and not _taken_back(text, match.span(), phrases):
            return match.span()
    return None


def _taken_back(text: str, span: Span, phrases: Phrases) -> bool:
    start, end = span
    before = _STOP.split(text[max(0, start - _SENTENCE) : start])[-1]
    after = _STOP.split(text[end : end + _SENTENCE], maxsplit=1)[0]
    return phrases.unless.search(before + text[start:end] + after) is not None


def _hinted(kind: FactKind, phrases: Phrases, heard: list[tuple[int, Turn, str]]) -> Iterator[Fact]:
    """Two different hints anywhere in the call make the fact, once."""
    found: list[Fact] = []
    for hint in phrases.hints:
        for index, turn, text in heard:
            match = hint.search(text)
            if match and not _taken_back(text, match.span(), phrases):
                found.append(Fact(kind, match.group().lower(), quote_around(index, turn, *match.span())))
                break
        if len(found) == 2:
            yield from found
            return


def _giver(text: str, start: int, end: int) -> str:
    """Who gave the number: "neighbor", "realtor Dan"; "somebody" where nobody is named."""
    for part in (text[start : end + 30], text[max(0, start - _WHO) : start]):
        found = list(PERSON.finditer(part))
        if found:
            return " ".join(filter(None, (found[-1].group(1).lower(), found[-1].group(2))))
    return "somebody"
