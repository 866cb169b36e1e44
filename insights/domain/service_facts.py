"""Which entry of the campaign's catalogue the caller asks for: by its own words first, else by its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.domain.campaigns import Campaign
from insights.domain.fact_kinds import Fact, FactKind, ServiceMatcher, quote_around
from insights.domain.place_mentions import Turns, plain
from insights.domain.transcript import Speaker, Turn

_WORD = re.compile(r"[A-Za-z0-9]+")
_PLAIN = frozenset(
    "a an and the of for to in or with on service services repair repairs work system systems new".split()
)
_SENTENCE = re.compile(r"[^.?!]{1,240}")  # a longer one goes on in the next: nobody asks for one thing that long
_ASKED = (
    r"(?:(?:do|does) (?:you|y'?all|they|he|she)|(?:i|we)(?:'m| am|m|'re| are)? (?:really |just |also |still )?(?:"
    r"need|want|wanted|looking|look|trying to (?:find|get)|calling (?:about|for|to see|because)|hoping|wondering|"
    r"would like|gotta get|have to get)|(?:i|we)'d like|"
    r"(?:can|could|would|will) (?:you|y'?all|somebody|someone|anybody|he|she)|"
    r"how much (?:to|for|is|would|do)|what do you (?:charge|get)|(?:price|quote|estimate|bid) (?:on|for|to)|"
    r"you (?:guys )?(?:do|fix|service|handle|install|offer|repair)|is that something|it's for (?:a|my|the))"
)
_REQUEST = re.compile(rf"\b{_ASKED}\b", re.IGNORECASE)
_NEED = re.compile(
    rf"\b(?:{_ASKED}|"
    r"i(?:'ve got|'ve| have| got) (?:a|an|some|this)|"
    r"my .{3,40} (?:is|are|won't|quit|stopped|broke|died|keeps?|just|went|has))\b",
    re.IGNORECASE,
)
_NO_NEED = re.compile(
    r"\b(?:(?:don't|do not|doesn't|does not|didn't|did not|won't) (?:\w{1,10} )?(?:need|want|do|offer|have|clean|fix)|"
    r"(?:i|we|they|he|she)(?:'ve|'d| have)? (?:already |just )?had|(?:is|are|was|got|been|be|all) (?:done|fine|over)|"
    r"(?:it|that|they)'s (?:done|fine)|last (?:week|month|year|spring|summer|fall|winter)|"
    r"(?:weeks?|months?|years?) ago)\b",
    re.IGNORECASE,
)  # what is done or not wanted is not asked for
_FEWEST_WORDS = 4  # of a sentence that tells what is needed
_SENTENCES = 2  # a need is voiced at once; more of them cost time and found nothing more


def service_facts(turns: Turns, campaign: Campaign, matcher: ServiceMatcher | None) -> list[Fact]:
    """Entries whose own words a caller says, and the one that the sentences with the need mean."""
    callers = [(index, turn) for index, turn in turns if turn.speaker is not Speaker.AGENT]
    facts = [fact for index, turn in callers for fact in _by_word(index, turn, campaign)]
    if matcher is not None:
        named = {fact.value for fact in facts}
        facts += [fact for fact in _by_meaning(callers, campaign, matcher) if fact.value not in named]
    return facts


def _by_word(index: int, turn: Turn, campaign: Campaign) -> Iterator[Fact]:
    """Entries whose words one sentence holds. One that is not offered must be asked for: "the roofer was here" and
    "we had the tank pumped" ask for nothing."""
    named: set[str] = set()
    for sentence in _SENTENCE.finditer(turn.text):
        said = [(_stem(word.group().lower()), word.span()) for word in _WORD.finditer(turn.text, *sentence.span())]
        stems = {stem for stem, _ in said}
        asked = plain(sentence.group())
        done = _NO_NEED.search(asked) is not None
        for kind, names in (
            (FactKind.UNOFFERED_SERVICE_NAMED, () if done else campaign.not_offered),
            (FactKind.OFFERED_SERVICE_NAMED, campaign.services),
        ):
            for name in names:
                wanted = {_stem(word) for word in _WORD.findall(name.lower()) if word not in _PLAIN}
                if not wanted or name in named or not wanted <= stems:
                    continue
                need = _NEED if len(wanted) > 1 else _REQUEST  # one word alone is said in passing more often
                if kind is FactKind.OFFERED_SERVICE_NAMED or need.search(asked):
                    named.add(name)
                    first = next(span for stem, span in said if stem in wanted)
                    yield Fact(kind, name, quote_around(index, turn, *first))


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "er", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")


def _by_meaning(callers: Turns, campaign: Campaign, matcher: ServiceMatcher) -> Iterator[Fact]:
    needs = list(_needs(callers))
    match = matcher.match([turn.text[start:end].strip() for _, turn, start, end in needs], campaign)
    if match is not None:
        index, turn, start, end = needs[match[0]]
        offered = match[1] in campaign.services
        kind = FactKind.OFFERED_SERVICE_NAMED if offered else FactKind.UNOFFERED_SERVICE_NAMED
        yield Fact(kind, match[1], quote_around(index, turn, start, end))


def _needs(callers: Turns) -> Iterator[tuple[int, Turn, int, int]]:
    """The first sentences that voice a need: turn and place."""
    found = 0
    for index, turn in callers:
        for match in _SENTENCE.finditer(turn.text):
            if len(match.group().split()) >= _FEWEST_WORDS and _NEED.search(plain(match.group())):
                yield index, turn, *match.span()
                found += 1
                if found == _SENTENCES:
                    return
