"""Tells from the words around a place what it is named as: where the work is, where the caller is, or neither."""

from __future__ import annotations

import re
from enum import IntEnum

from insights.domain.transcript import Speaker


class Company(IntEnum):
    """What a place is named as; a higher one says more about where the work is."""

    PASSING = 0
    """"In Macon", of anything."""
    IS = 1
    """Where the caller is."""
    TOLD = 2
    """The answer to the question where, or a city with its state."""
    WORK = 3
    """Where the house, the job, the leak is."""


STREET = (
    r"(?:road|rd|street|st|avenue|ave|boulevard|blvd|drive|dr|lane|ln|court|ct|pike|highway|hwy|parkway|pkwy|way|place|"
    r"circle|square|trail|turnpike|bridge|center|centre|mall|plaza|park|university|college|hospital|memorial|high|"
    r"elementary|middle|county|state|city|clinic|zoo|museum|airport|store|exit|line|bank|paint|police|jail|roadhouse|"
    r"coffee|baptist|methodist|lutheran|presbyterian|church)"
)
_AFTER = re.compile(
    rf"[\s,]{{1,2}}(?:{STREET}|speaking)\b|'s (?!(?:in|an?|the|too|like|about|that|where|not|kind)\b)|-", re.IGNORECASE
)
_COMPOUND = re.compile(r" [A-Z][a-z]")
_PERSON = (
    r"(?:wife|husband|son|daughter|sister|brother|friend|neighbor|boss|buddy|cousin|uncle|aunt|parents|kids|mom|mother|"
    r"dad|father|landlord|lawyer|attorney|realtor|adjuster|partner|girlfriend|boyfriend)"
)
_DESCRIBES = re.compile(
    r"\b(?:on|off|along|past|near|nearby|by|around|behind|across|between|beyond|toward|towards|via|called|named|mr|"
    r"mrs|ms|miss|mister|dr|doctor|like|than|(?:close|next|way|back|moving|move|moved|going|run|runs) to|"
    r"(?:went|gone|been|flew) to|(?:north|south|east|west|outside|out|ahead) of|from|"
    r"(?:number|phone|code|plates?|tags?|license)(?:'s| is)|"
    r"(?:ad|website|sign|it|thing|you) (?:said|says)|(?:not|nothing|never|isn't|wasn't|aren't|never been)|"
    r"(?:billing|mailing)\b.{0,40})\.?(?: (?:the|one|over|up|down|out|back|here|there|around|of|in|to|just)){0,3} $",
    re.IGNORECASE,
)
_LINK = (
    r"(?:'s|'re)?(?:,? (?:is|are|was|were|that's|we (?:own|rent|bought|have)(?: out)?|with the \w{1,12}|out|up|down|"
    r"over|actually|just|all|right|here|there|in|at|way|back|still|located|it's|its|both|both of them|again|now|uh|um|"
    r"going to be|gonna be)){1,7} $"
)
_THING = (
    r"(?:house|home|rental|unit|building|cabin|cottage|condo|apartment|townhouse|duplex|farm\w{0,6}|barn|property|church|"
    r"restaurant|warehouse|venue|trailer|plant|job|work|leak|pool|yard|roof|lot|land|wedding|event|unload|pickup|"
    r"accident|wreck|crash|court|hearing|address|camp|nursing home)"
)
_WORK = re.compile(
    r"\b(?:(?:(?:the|my|our|his|her|their|this|that|an?|one|[a-z]{2,12}'s) (?:[\w'-]{1,15} ){0,3}?|only )"
    rf"{_THING}|"
    r"(?:my|our|his|her|their|[a-z]{2,12}'s|lake|beach|weekend|this is the) place|it|it's|its|that's|(?:this|that) one|"
    rf"where|they're){_LINK}",
    re.IGNORECASE,
)
_IS = re.compile(rf"\b(?:i'm|im|i am|we're|we are){_LINK}", re.IGNORECASE)
_CALLED = re.compile(
    rf"\b(?:(?:my|your|his|her|our|an?)(?: {_PERSON})?|names?(?:'s| is)?|\d{{1,4}}|"
    r"(?:(?:corner|intersection) of [\w' ]{1,24}|first|second|third|[a-z]{2,10}th) and) $",
    re.IGNORECASE,
)
_HERS = re.compile(rf" (?:[\w'-]{{1,15}} )?{_THING}\b", re.IGNORECASE)  # "my Dublin house" is in Dublin
_OF_ANOTHER = re.compile(
    rf"\b(?:(?:bought|met|made|ordered|married|vacation\w{{0,4}}) |(?:are you|is this) the )"
    rf"(?!(?:[\w'&-]{{1,15}} ){{0,5}}(?:{_THING}|place)\b)(?:[\w'&-]{{1,15}} ){{1,5}}in $",
    re.IGNORECASE,
)
_ELSEWHEN = re.compile(
    rf"\b(?:(?:i|we|he|she|they|who|{_PERSON})(?:'m|'ve|'s)? (?:\w{{1,12}} )?(?:live|living|lives|lived|stay|staying|"
    r"reside|winter|summer|work|works|working|worked|teach|teaches|was|were|moved|grew up|got|paid|had)|(?:my|our) "
    r"(?:\w{1,12} )?(?:office|job|work|insurance|lawyer|attorney|landlord|headquarters|doctor)|born|raised|back "
    r"home|hometown|used to (?:live|be)|stationed|went to (?:school|college)|"
    r"(?:friend|guy|lady|works?) at (?:the |a |my )?\w{1,12}|(?:years?|summers?|winters?|seasons?|months?|weeks?)|"
    rf"to (?:the|my|his|her|their|a) \w{{1,12}}|guy|man|lady|gal|company|outfit|dealer){_LINK}",
    re.IGNORECASE,
)
_BUT = re.compile(
    r".{0,60}\b(?:but (?:the|it|it's|its|that|this|my|our|what|she|she's|he|he's|they|not)|"
    rf"(?:and|while) (?:my|our|the) {_PERSON}(?:'s| is| has))\b",
    re.IGNORECASE,
)
_WE_SERVE = re.compile(
    r"\b(?:we|we're|our|us|guys|trucks?|they) (?:\w{1,12} ){0,3}(?:serve|service|cover|only|just|stay|go|do|work|come|"
    r"get)\b.{0,36}$",
    re.IGNORECASE,
)
_BEFORE = 80  # letters before a name that say what it is named as


def is_no_place(text: str, start: int, end: int, named: bool, written: bool) -> bool:
    """Whether a name stands for a person, a street, a firm, or a place that is told of somebody or something else.

    ``named`` says that a state follows the name, ``written`` that the call is written with capitals.
    """
    before = _before(text, start, written)
    if _DESCRIBES.search(before) or _AFTER.match(text, end) or (written and not named and _COMPOUND.match(text, end)):
        return True
    called = _CALLED.search(before) and not _HERS.match(text, end)
    return bool(called or _ELSEWHEN.search(before) or _OF_ANOTHER.search(before))


def _before(text: str, start: int, written: bool) -> str:
    before = text[max(0, start - _BEFORE) : start]
    return re.split(r"[.?!] ", before)[-1] if written else before


def company_of(text: str, start: int, end: int, speaker: Speaker, state: str, written: bool) -> Company | None:
    """What the words around a name make of it; None for a name that is no place here, or not the place of the work.

    ``state`` is the one said right after the name, ``written`` whether the call is written with capitals.
    """
    before = _before(text, start, written)
    if is_no_place(text, start, end, bool(state), written):
        return None
    if speaker is not Speaker.CALLER and _WE_SERVE.search(before):
        return None
    if _IS.search(before):
        return None if _BUT.match(text, end) or speaker is Speaker.AGENT else Company.IS
    if _WORK.search(before):
        return Company.TOLD if speaker is Speaker.AGENT else Company.WORK
    return Company.PASSING
