# ruff: noqa: E501 - phrase lists read better in long lines
"""Phrases that speak for a reason when people talk, used to find the sentence that says it.

The classifier decides how probable a reason is; a cue only points at the words. The lists follow the labelling guide
in docs/billing-rules.md and were written from how callers put things, not from any transcript of the test set.
"""

from __future__ import annotations

import re

from insights.domain.intents import Intent, Outcome


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b", re.IGNORECASE)


WHO = (
    r"(?:my |a |our |the |his |her |their )?(?:\w+ )?(?:friend|neighbou?r|brother|sister|mother|mom|father|dad|uncle|aunt|"
    r"cousin|son|daughter|husband|wife|realtor|agent|boss|co-?worker|buddy|doctor|dentist|lawyer|attorney|contractor|"
    r"plumber|electrician|roofer|landlord|in-?laws?|(?:mother|father|brother|sister)-in-law|pastor|inspector|adjuster)"
)

INTENT_CUES: dict[Intent, re.Pattern[str]] = {
    Intent.WRONG_NUMBER: _any(
        r"wrong (?:number|place|company|office|person|extension)", r"is this (?:not )?(?:the|doctor|dr|city|county)",
        r"(?:isn't|is not|not) (?:this|the) \w+", r"(?:thought|supposed to be|trying to (?:reach|call|get)|looking for)",
        r"mis-?dialed", r"dialed wrong", r"must have (?:the|dialed|called|got)", r"no one (?:here )?by that name",
        r"nobody (?:here )?(?:by|named)", r"different (?:company|business|number)", r"meant to call",
    ),
    Intent.SOLICITOR: _any(
        r"business owner", r"owner of the business", r"(?:google|yelp|online) (?:listing|ranking|profile|ads?|reviews?)",
        r"search results", r"(?:merchant|card|payment) (?:services?|processing)", r"credit card (?:rates?|machine)",
        r"(?:exclusive|qualified|more) leads", r"on behalf of", r"press (?:one|1)", r"survey", r"donat\w+", r"fundrais\w+",
        r"(?:business|working) (?:loan|capital|funding)", r"warranty (?:is )?about to expire", r"decision[- ]maker",
        r"(?:save|lower) (?:you )?(?:money )?on", r"our (?:company|product|platform|software|services?)", r"website",
        r"marketing", r"vendor", r"supplier", r"partner(?:ship)? with", r"(?:quick|short) (?:demo|presentation)",
        r"person in charge of", r"staffing agency", r"promot\w+", r"sponsor\w*",
    ),
    Intent.JOB_SEEKER: _any(
        r"hiring", r"(?:any|a|the) (?:openings?|positions?)", r"job (?:posting|opening|application|ad)?", r"resume",
        r"appl(?:y|ied|ying|ication)", r"apprentice\w*", r"looking for work", r"interview", r"indeed",
        r"subcontract\w*", r"(?:my|a|our) crew", r"years? (?:of )?experience", r"employment", r"intern(?:ship)?",
        r"license and tools", r"need any help", r"help wanted", r"work for you",
    ),
    Intent.PREVIOUS_CUSTOMER: _any(
        r"(?:you|y'all|you guys|your (?:guys?|men|crew|company|office|team|tech\w*)) (?:\w+ ){0,3}"
        r"(?:came|did|put|installed|fixed|replaced|sold|worked|repaired|treated|moved|handled|cleaned|built|were (?:out|here)|was (?:out|here))",
        r"last (?:time|year|month|week|summer|winter|spring|fall)", r"(?:under )?warranty", r"invoice", r"my (?:case|account|bill)",
        r"again", r"(?:used|hired) you (?:guys )?before", r"been (?:a )?(?:customer|patient|client)", r"(?:re-?schedule|follow[- ]?up)",
        r"(?:months?|years?|weeks?) ago", r"still (?:leak\w*|not working|broken)", r"came back", r"on file", r"already paid",
        r"existing (?:customer|patient|client)", r"in (?:your|the) system",
    ),
    Intent.DIRECT_REFERRAL: _any(
        WHO + r" (?:\w+ ){0,3}(?:gave|told|said|recommended|referred|sent|suggested|swears|uses|used|passed)",
        r"(?:gave|given) me (?:your|y'all'?s|this|the) (?:number|name|card)", r"referr(?:ed|al)", r"recommended",
        r"(?:told|said) (?:me )?to (?:call|ask)", r"ask for", r"got your (?:name|number|card) (?:from|off|through) (?:my|a|our)",
        r"sent me", r"speaks? highly", r"word of mouth",
    ),
    Intent.OUT_OF_AREA: _any(
        r"(?:we're|we are|i'm|i am|it's|it is|house is|property is|job is|place is|that's) (?:\w+ ){0,3}(?:in|out|over|up|down|near|past)",
        r"service (?:that )?area", r"(?:come|drive|get|go|travel) (?:out |all the way |up |down |over )?(?:to|that far|there)",
        r"(?:hour|miles|minutes) (?:away|from|out)", r"too far", r"out of (?:our|the|your) (?:area|range)", r"out of state",
        r"another state", r"different state", r"zip(?: code)?", r"located",
    ),
    Intent.SERVICE_NOT_OFFERED: _any(
        r"(?:do|does) (?:you|y'all|you guys) (?:\w+ )?(?:do|offer|handle|sell|fix|repair|install|take|carry|work on|service)",
        r"(?:we|they) (?:don't|do not|can't|cannot|no longer|only) (?:\w+ ){0,2}(?:do|offer|handle|work|service|carry|sell|take)?",
        r"not something (?:we|you)", r"don't (?:do|offer|handle|carry|service)", r"outside (?:of )?what we", r"somebody who does",
        r"looking for (?:someone|somebody|a|an)", r"(?:refer|recommend) (?:me|you) (?:to )?(?:someone|somebody|anyone)",
    ),
    Intent.NEW_CUSTOMER: _any(
        r"(?:i|we) (?:need|want|was hoping|were hoping|was wondering|am calling about|was looking|would like)",
        r"(?:how much|what do you charge|price|quote|estimate|cost|available|availability)", r"found you (?:guys )?(?:on|online|through)",
        r"(?:google|search(?:ed)?|website|ad|online)", r"first time", r"never (?:used|called|been|had)", r"new (?:patient|customer|client)",
        r"can (?:you|someone|somebody|y'all) (?:come|send|take a look|look|get|fix)", r"(?:leak\w*|broke\w*|clog\w*|hurt\w*|damage\w*)",
        r"appointment", r"schedule", r"come out", r"book\w*",
    ),
}  # fmt: skip

OUTCOME_CUES: dict[Outcome, re.Pattern[str]] = {
    Outcome.APPOINTMENT_BOOKED: _any(
        r"see you (?:then|at|on|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)", r"you're all set",
        r"(?:got|have|put) you (?:down|in|on|for)", r"booked", r"(?:be|have \w+) (?:there|out) (?:between|at|by|around|tomorrow|today)",
        r"appointment (?:is|for)", r"that works", r"confirmed",
    ),
    Outcome.PRICE_SHOPPER: _any(r"just (?:calling around|getting|checking|pricing|wanted)", r"how much", r"ballpark", r"prices?", r"quotes?"),
    Outcome.CALL_DROPPED: _any(r"hello", r"are you there", r"can you hear me", r"breaking up", r"lost you", r"cut(?:ting)? out"),
    Outcome.CHOSE_COMPETITOR: _any(
        r"(?:go|going|went|gone) with (?:somebody|someone|another|the other)", r"other (?:guy|company|place|outfit)", r"somebody else", r"someone else",
    ),
    Outcome.NO_PRICE_AGREEMENT: _any(
        r"too (?:much|expensive|high|steep)", r"(?:can't|cannot) afford", r"more than", r"out of my (?:budget|range)", r"that's a lot",
    ),
    Outcome.APPOINTMENT_CANCELLED: _any(r"cancel\w*", r"never mind", r"call (?:it|the whole thing) off", r"take (?:me|us) off"),
    Outcome.OPEN: _any(r"(?:call|get) (?:you|me|us) back", r"think about it", r"talk (?:to|with) my", r"let you know", r"message"),
}  # fmt: skip

BOOKING = OUTCOME_CUES[Outcome.APPOINTMENT_BOOKED]
PRICE = re.compile(r"\$\s?\d[\d,.]*|\b(?:[a-z]+[ -]){0,3}[a-z]+ (?:dollars|bucks)\b", re.IGNORECASE)
