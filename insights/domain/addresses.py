"""Takes e-mail and street addresses out of what was said or written; towns, zips and street names alone stay.

They are looked for as people write them and as they say them ("jane dot doe at gmail dot com", "forty one twelve
McKinnis Avenue"). A hurried mask costs a reader little; an address in the wrong hands costs trust.
"""

from __future__ import annotations

import re

from insights.domain.masking import without_phone_numbers
from insights.domain.spoken import TENS, UNITS

EMAIL, STREET = "[e-mail]", "[address]"
"""What stands in their place; the recogniser's readers pass over words in brackets."""

_WRITTEN_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}")  # quotes may cut one in two
_NO_NAME = r"(?!(?:is|it|it's|its|that's|e-?mail|address|at|to|me|my|the|a|and|or|so|yeah|okay|yes|um|uh|just|send)\b)"
_SPOKEN_EMAIL = re.compile(  # bounded words: in a megabyte without a space every hyphen could begin one
    rf"(?:\b{_NO_NAME}[\w.+'-]{{1,64}}[\s,]+){{0,4}}\b{_NO_NAME}[\w.+'-]{{1,64}}\s+at\s+"
    r"(?:[\w-]{1,63}\s+){0,2}[\w-]{1,63}\s+dot\s+(?:com|net|org|edu|gov|us|co|io|biz|info|me)\b",
    re.IGNORECASE,
)

_SAID = "|".join([*UNITS, *TENS, "hundred", "thousand"])
_NUMBER = rf"(?:\d{{1,6}}[a-d]?|(?:{_SAID})(?:[\s-]+(?:{_SAID}|oh)){{0,5}})"
_COMPASS = r"(?:(?:north|south)?(?:east|west)?|[ns]\.?[ew]?\.?|[ew]\.?)"
_NO_STREET = (
    r"(?!(?:the|a|an|my|your|our|his|her|of|in|on|at|for|to|from|and|or|is|are|was|down|up|off|we|i|you|it|that|this|"
    r"more|other|hours?|minutes?|miles?|blocks?|days?|weeks?|months?|years?|dollars?|feet|foot|times?|people|guys|"
    r"o'?clock|percent|thing|things|bucks|with|which|what|either|any|no|has|flat|forty|fifteen|thirty)\b)"
)
_NAME = rf"(?:{_NO_STREET}[A-Za-z][\w'.-]*|\d{{1,3}}(?:st|nd|rd|th))"
_KIND = (
    r"(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|place|pl|circle|cir|trail|parkway|"
    r"pkwy|terrace|crescent|loop|alley|turnpike|highway|hwy|plaza|square)"
)
_UNIT = r"(?:[\s,]+(?:apartment|apt|unit|suite|number|#)\.?\s*\w{1,5})?"
_NAMED_STREET = re.compile(
    rf"\b{_NUMBER}[\s,]+(?:{_COMPASS}\s+)?(?:{_NAME}\s+){{1,3}}{_KIND}\b\.?{_UNIT}", re.IGNORECASE
)
_CAPITAL_STREET = re.compile(rf"\b(?!(?:19|20)\d\d\b)\d{{3,4}}\s+(?:[NSEW]\.?\s+)?[A-Z][a-z]{{2,}}\b{_UNIT}")


_BOX = re.compile(r"\b(?:p\.? ?o\.?|post office) box\s+\w+", re.IGNORECASE)


def without_addresses(text: str) -> str:
    """The text with every e-mail and street address replaced."""
    for found in (_WRITTEN_EMAIL, _SPOKEN_EMAIL):
        text = found.sub(EMAIL, text)
    for found in (_NAMED_STREET, _CAPITAL_STREET, _BOX):
        text = found.sub(STREET, text)
    return text


def without_contacts(text: str) -> str:
    """The text without addresses and phone numbers: how everybody outside may read it."""
    return without_phone_numbers(without_addresses(text))
