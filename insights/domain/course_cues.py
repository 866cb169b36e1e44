# ruff: noqa: E501 - phrase lists read better in long lines
"""Phrases that tell how a call went: booked, called off, or somebody else does it."""

from __future__ import annotations

from insights.domain.fact_kinds import FactKind
from insights.domain.fact_phrases import WEEKDAY, Phrases, any_of, each_of

COURSE_SAID: dict[FactKind, Phrases] = {
    FactKind.COMPETITOR_NAMED: Phrases(
        each_of(
            rf"(?:go|going|went|gone|signed|sign|stick|sticking|staying) (?:ahead )?with (?:somebody else|someone else|another|the other|them|him|her|the cheaper|a different|a guy|the first|(?-i:(?:the )?(?!{WEEKDAY})[A-Z]\w{{2,12}}\b(?! for\b))|the (?:\w{{3,12}} )?(?:people|guy|guys))",
            r"went ahead (?:with|and (?:hired|signed|booked|got|let)) (?!you|y'?all)\w{2,12}",
            r"(?:hired|found|got|booked|chose|picked|signed with) (?:(?:somebody|someone) else|another (?:company|guy|place|outfit|lawyer|contractor)|the other (?:guy|company|one))",
            r"(?:somebody|someone) else(?:'s|(?: is| already){1,2}) (?:doing|coming|did|got|came)",
            r"another (?:fella|outfit|guy|company|place|fellow|man|lady) (?:\w{1,10} )?(?:answered|came|come|called|showed|had|can)",
            r"(?:just |gonna |going to ){1,3}let (?:him|her|them|em|'em) (?:do|have) it",
            r"(?:didn't|didnt|don't) want (?:you|y'?all|you guys|him) (?:driving|coming|showing|to drive|to come|holding|calling|waiting)|save you (?:the|a) (?:drive|trip)|(?:don't|dont) waste your (?:time|gas|trip)",
        ),
        any_of(
            r"(?:didn't|haven't|never|not|won't|before i|if|might|may|whether|or) (?:\w{1,10} )?(?:go|going|went|hired|sign|find|found)",
            r"who (?:did|do) you",
        ),
        hints=(
            any_of(
                r"(?:they're|they are|he's|she's) (?:coming|starting|doing it) (?:today|tomorrow|already|now|this)|they (?:can )?(?:start|install|do it) (?:today|tomorrow|monday)|(?:is|are) coming already"
            ),
            any_of(
                r"(?:another|other|different) (?:company|guy|guys|outfit|firm|place|fella|fellow|contractor|lawyer|dentist)"
            ),
            any_of(
                r"(?:don't|dont) send (?:nobody|anybody|anyone)|(?:don't|dont) need (?:you|y'?all|him|anybody) (?:anymore|now)"
            ),
        ),
    ),
    FactKind.CANCELLATION_NAMED: Phrases(
        each_of(
            r"(?:need|want|have|like|going|gonna|got|wanna|calling) (?:to )?cancel",
            r"cancel (?:my|our|it|him|them|for|this|all|that|the (?:appointment|visit|monday|tuesday|wednesday|thursday|friday|saturday|one|whole|job|order))",
            r"call (?:it|the whole thing|that) off",
            rf"take (?:me|us|him|her|{WEEKDAY}) (?:back )?off(?! (?:your|the) list)(?: the (?:books?|schedule|calendar))?",
            r"(?:please|just|let's|lets|can (?:we|you|i)|i guess|so) cancel",
            rf"scratch (?:it|that|tomorrow|{WEEKDAY})|forget (?:about )?(?:it then|{WEEKDAY}|tomorrow|\w{{3,6}} o'clock)",
            rf"cancel (?:me out|{WEEKDAY})",
            r"(?:doesn't|don't|won't) need (?:him|her|you|them|y'?all) (?:to come|anymore|now|then|out)|i'm not coming|can you undo it",
        ),
        any_of(
            r"cancel (?:the |my |our )?(?:membership|subscription|credit card|debt|policy)",
            r"(?:don't|do not|won't|didn't|never|can i|could i|if (?:i|you|we|they)) (?:\w{1,8} )?cancel",
            r"cancellation",
            r"they(?:'re|'ll|'d)?|insurance|homeowners|policy",
        ),
        agents_too=True,
    ),
    FactKind.BOOKING_NAMED: Phrases(
        each_of(
            rf"see (?:you|y'all|ya) (?:then|there|at|on|tomorrow|this|next|{WEEKDAY})",
            r"(?:you're|youre|you are) (?:all set|booked|confirmed|scheduled|on the (?:books|schedule|calendar)|down for|in for)",
            r"(?:i've|i'll|i|we|we've|we'll|let me|got|have|i'm) (?:got |have |put |get |putting |getting ){1,3}(?:you|her|him|them|y'all) (?:down|in (?:at|for)|on the (?:books|schedule|calendar)|set|scheduled|booked)",
            rf"(?:he'll|she'll|they'll|we'll|i'll|somebody will|someone will) (?:be|come|see you)(?: \w{{1,12}}){{0,2}} (?:there|out|over|by|at|between|around|tomorrow|{WEEKDAY})",
            rf"(?:{WEEKDAY}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|tomorrow|noon|thirty|morning) ?(?:(?:'s|is|sounds|'ll be|would be|will be) (?:fine|good|great|perfect|wonderful|lovely)|works\b|it is\b)",
            r"that works",
            r"put me down|sign me up|book it|let's do it|we'll take it",
        ),
        any_of(
            r"(?:does|would|could|can|will|if|how about|what about|is) (?:\w{1,12} ){0,3}(?:that|you|he|she|it|\w{3,9}) (?:works?|good|okay|fine)",
            r"(?:if|whether|unless|depends)",
            r"last|was|were",
            r"(?:can|could|may) (?:i|we) put|(?:the|this|that|which) (?:other|one)|in touch",
        ),
        agents_too=True,
    ),
}
