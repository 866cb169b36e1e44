# ruff: noqa: E501 - phrase lists read better in long lines
"""Phrases that speak for a reason: narrower than the cues of cues.py, and with the look-alikes that take them back.

A cue points at words and may be wrong; a fact is shown to a reviewer as found and weighs on the verdict. So a phrase
says the thing by itself, or is a hint that needs another one in the call. All gaps are bounded: the time that a pattern
takes grows with the text and no faster. Tuned on models/intent/seed/train.jsonl (`python -m models.intent.facts`).
"""

from __future__ import annotations

from insights.domain.fact_kinds import FactKind
from insights.domain.fact_phrases import ME, ONE, PEOPLE, YOU, YOUR, Phrases, any_of

_SAID = r"(?:said|says|say|goes|told (?:me|us|the whole \w{1,10})|tells me|insisted)"
_CALL = (
    r"(?:calls?|ask (?:only )?for|asks for|get|use|see|go see|go to|try|hire|only to talk to|talk only with|look up)"
)
_GAVE = r"(?:gave|gives|give|handed|slipped|texted|wrote|read|passed|circled|sends|sent)"

REASONS_SAID: dict[FactKind, Phrases] = {
    FactKind.REFERRAL_NAMED: Phrases(
        any_of(
            rf"{_GAVE} (?:down )?(?:{ME} )?(?:{ONE}{{0,2}})?{YOUR} (?:{ONE}{{0,1}})?(?:names?|numbers?|phone|cards?|info|contact|magnet|flyer)",
            rf"(?:gave|give|gives|texted|sent|handed) {ME} (?:you|(?:the )?(?:the )?contact|his card|her card)(?! guys)",
            r"(?:he|she|who) (?:gave|give) (?:me|us) (?:this|the) (?:the )?(?:number|card|magnet|one|telephone)",
            rf"(?:recommends?|recommended|referred|suggested) (?:{YOU}|me (?:to {YOU}|over)|us (?:to {YOU}|over)|him)",
            r"(?:referred|recommended|sent) (?:over |here )?(?:to you |to y'?all )?by (?:an?|my|our|the|one of)",
            rf"(?:got|have) {YOUR} (?:names?|number|card|info|contact) (?:from|off) (?:of )?(?:my|our|his|her|(?:an? |the )?(?:{PEOPLE}))",
            rf"heard (?:{ONE}{{0,2}})?(?:about|of) {YOU} (?:from|through) (?:my|our|one of|(?:an? |the )?(?:{PEOPLE}))",
            r"(?:you )?(?:come|came|comes) (?:so |very |highly |well )*recommended",
            r"word of mouth",
            rf"{_SAID}\b[^?!]{{0,60}}?\b{_CALL} (?:up )?(?:miss |mister |mr |ms |doctor |dr )?(?P<name>[\w']{{2,20}})(?! back| your| used)",
            rf"{_SAID}\b[^?!]{{0,60}}?\b{_CALL} \w{{2,12}} (?:at|from|over at|with) (?P<house>[\w']{{2,20}})",
            rf"{_SAID}\b[^?!]{{0,40}}?\b{_CALL} (?:these (?:people|folks|ones|guys)|this guy|you guys|y'?all|you people)",
            rf"{_SAID}\b[^?!]{{0,60}}?\b(?:nobody|anybody|no one) else",
            rf"(?:he|she) {_SAID}\b[^?!]{{0,60}}?\bcall (?:him|her|them)(?! back| when| if)",
            r"(?:the|your|a|fridge) (?:magnet|number|card) off (?:of )?(?:his|her|my mother's|the) (?!website|internet)\w{3,12}|with your (?:card|magnet) in|put (?:the number|you|it) in my phone",
            r"yours (?:had|has) (?:the|a|two|three) stars?|circled (?:you|y'?all)|(?:your|his) name on (?:the back|a paint|a post|the receipt|paper)|(?:got|have) you from (?!google|the internet|online|an? ad|the church dir)\w{3,12}",
            r"me (?:pasó|mandó|dio|recomendó) (?:su|el) (?:teléfono|contacto|número|tarjeta)|me dijo (?:que )?(?:háblale|llame|hable)",
            rf"{_SAID}\b[^.?!]{{0,30}}\bgive {YOU} a (?:call|buzz|ring|try|shout)",
            r"(?:told|said) (?:me |us )?to ask for",
            rf"(?:he|she|{PEOPLE}) said to call(?! back| you back| them| him| her| the| when| if)",
            rf"(?:he|she) {_SAID} (?:that )?{YOU}(?:'re| are| were| do| did| does| clean| fix| fixed| stopped| got| settle| took)(?! have| call)",
            rf"(?:swears by|raves about|raved about|speaks highly of|turned me on to|put me on to|put me onto|hooked me up with|vouched for|has|uses|used) (?:{YOU}|you) (?:and|guys and|all and)?(?:{ONE}{{0,3}})(?:loves?|said|says|raved|swears)",
            rf"(?:swears by|raves about|raved about|speaks highly of|turned me on to|put me on to|put me onto|vouched for) {YOU}",
            r"tell (?:him|her|them|em|you) (?:\w{1,15} ){1,2}(?:sent|says)(?: me)?",
            rf"(?:he|she|{PEOPLE}) sent (?:me|us)(?: over| to {YOU}| your way| here)?(?=[.,!?]|$| so\b| and\b| she\b| he\b)",
            r"(?:tell (?:him|her|them|em)|say) (?:that )?(?:i|he|she) sent (?:you|me)",
            r"the only (?:one|ones|people) (?:i|he|she|i'd|they'd) (?:use|uses|trust|trusts|let)",
            r"(?:wrote|writes) (?:it|you|this|him) (?:down )?(?:for me|on (?:the|a|his|her|my) \w{1,12})",
        ),
        any_of(
            r"(?:google|yelp|internet|online|website|computer|operator|siri|alexa|phone book|nextdoor|directory|yellow pages|facebook|chamber)",
            r"(?:can|could|would|do|will) you (?:guys )?(?:recommend|suggest|refer)",
            r"(?:won't|wouldn't|doesn't|didn't|don't|not allowed to|can't|couldn't|never|not) recommend",
            r"(?:nobody|no one|who) (?:sent|told|gave|recommended|referred)",
            r"dispatch(?:er)?",
            rf"{YOU} (?:\w{{1,10}} )?(?:gave|sent|texted|said|told|wrote)",
            r"court|hall|the phone|a form|the office (?:told|said)",
            r"they (?:gave|sent|said|told)",
            r"(?:said|says) (?:to )?(?:call (?:back|when|if|the)|give it)",
        ),
    ),
    FactKind.EARLIER_BUSINESS_NAMED: Phrases(
        any_of(
            rf"(?:{YOU}|your (?:guys?|men|man|crew|company|office|team|techs?|fellas?|people|boys?|installer|son|father)) (?:already |just |also |actually |had )?"
            r"(?:put (?:in|on|up|down|our|my|an?|those|them|(?:it|that) in (?:when|back|last))|did (?:my|our|all|the|it|this|that)|did (?:\w{1,12} ){0,2}(?:last|in|tuesday|monday|friday)|made (?:me|us|it|my|our)|took (?:em|them|out|down|our)|came (?:out|when|for|and|over|last|in)|cut (?:us|me|my|our|down)|"
            r"installed|fixed|replaced|repaired|sprayed|treated|pumped|rekeyed|poured|hung|wired|ground|trimmed|represented|drew up|redid|hauled|packed|loaded|handled|built|painted|cleaned|moved|planted)",
            r"(?:one|thing|box|unit|patio|porch|place|stairs|spots|roof|light|pavers|where|what|same) (?:\w{1,10} )?(?:that )?(?:you|y'?all|you guys|you fellas|you folks) (?:put (?:in|on|up)|set|hung|did|redid|installed|sprayed|built)",
            rf"(?:i|we)(?:'ve| have)? (?:used|hired|been using|been coming to|been going to|been with) {YOU} (?:{ONE}{{0,4}})?(?:before|last|since|years|twice|once|a few times|for)",
            r"i(?:'?m| am) (?:already |actually |currently |an? existing |one of your |a current |a )+(?:patients?|clients?)(?! of (?:another|doctor|dr))",
            r"(?:i|we)(?:'ve| have)? been (?:a|your) (?:customers?|patients?|clients?) (?:here|of yours|since|for|there)",
            rf"(?:bill|invoice|statement|receipt) (?:{ONE}{{0,2}})?(?:from {YOU}|{YOU} (?:guys )?(?:sent|left|gave|mailed))",
            r"(?:i've|i have|i) (?:got|had|just got) (?:a|this|my|another) (?:bill|invoice|statement)",
            rf"i (?:signed|filed) with {YOU}",
            r"charged (?:me )?twice|double charged",
            r"same (?:\w{1,10} )?as (?:last|the last) time",
            r"like (?:he|you|they) did (?:the )?last time",
            r"(?:ninety|thirty)[- ]days? (?:on|warranty|guarantee)|(?:two|one|five|ten)[- ]years? (?:on it|workmanship|guarantee)",
            r"i paid your (?:guy|man|fella|son|crew)",
            r"(?:it might|it should|it'd|it would) be under (?:my|his|her)",
        ),
        any_of(
            r"(?:quoted?|estimates?|bid|price|proposal|consult|looked at|measured|walk-through|appraisal)",
            r"(?:previous|former|prior|last|old) owners?|before we (?:bought|moved)|bought the house (?:off|from)",
            r"across (?:the street|from)|next door|down the (?:street|road)",
            r"(?:her|hers|his|him|their|theirs|airbnb|the host)",
            r"(?:neighbou?rs?|friends?|brothers?|sisters?|cousins?|uncles?|aunts?|boss|buddy|lady|folks across|those people)(?:'s|')?|for (?:miss|mrs|mister|mr)\b",
            rf"(?:can|could|would|will|do|did|does|if|when|how many|thought|apparently|want|wanted|have|need|might|should) (?:\w{{1,10}} )?{YOU}",
            rf"{YOU} (?:came up|put me through|did,)",
            r"new (?:patient|customer|client)",
            r"somebody else|another (?:company|guy|outfit)|home depot",
        ),
        hints=(
            any_of(
                r"(?:your|you guys'?) (?:guy|man|fella|fellas|tech|crew|boys?|people) (?:was|were|came|come|had|did|put|said|left)",
                r"(?:you|y'?all) had (?:a|your) (?:\w{1,10} )?(?:man|guy|fella|tech|crew)(?: \w{1,10}){0,2} out",
            ),
            any_of(
                r"(?:it's|its|it is|is|happened|out|leaking|beeping) (?:\w{1,10} )?(?:again|acting up again|doing it again)"
            ),
            any_of(r"(?:you should |you'd |you )?have (?:me|us) (?:in (?:the|your)|on file)"),
            any_of(
                r"the (?:bill|invoice|statement|folder|binder|packet|slip|paperwork|contract) (?:says|i got|you|that|here)|warranty|last time"
            ),
            any_of(r"your sticker"),
            any_of(r"me again|it's me,"),
            any_of(r"i (?:already )?paid (?:him|it|y'?all|you|at)"),
            any_of(
                r"(?:couple|two|three|few|four|five|six) (?:winters?|springs?|summers?|falls?|years?) (?:ago|back)|last (?:spring|summer|fall|winter)"
            ),
            any_of(
                r"he (?:did a|was) (?:\w{1,8} )?(?:lovely|great|good|nice|very) (?:job|neat|work)|real pleased|very happy|we were happy"
            ),
        ),
        refuted=any_of(
            r"never (?:did|went|got) (?:a thing|go|ahead|around|it)|(?:i|we) never did",
            r"sat on it|let it drop|just left it|didn't (?:go|do it|go ahead)",
            r"(?:wrote|written) (?:me |us |it )?up",
            r"(?:use|got an|had an|that|the|an|your) estimate",
            r"still good",
            r"first time (?:calling|with|using)|never (?:used|had|been)",
        ),
    ),
    FactKind.EMPLOYMENT_NAMED: Phrases(
        any_of(
            rf"(?:are|is|if|whether) (?:{YOU}|they|he|she) (?:\w{{1,12}} )?(?:still )?hiring",
            r"(?:saying |says |said |sign |about |you're |youre |y'?all )(?:you're |now |still |is |was |were )*hiring",
            r"now hiring",
            r"help wanted",
            r"(?:looking|lookin|need|want|wanting|seeking|trying) (?:for |to (?:find|get|pick up) )?(?:a |some |any |part[- ]time |full[- ]time |summer |steady |more |side |first )*(?:work|employment|apprenticeship|internship|externship|preceptorship)(?! done| on| to my| for my)",
            r"(?:looking for|need|want|get) a (?:part[- ]time |full[- ]time |summer |new )?job(?! done)",
            r"(?:apply|applying|applied) for (?:a|the|your|that) (?:\w{1,15} ){0,3}(?:job|position|opening|role|helper|tech|driver)",
            r"(?:fill|filled|filling|put in|dropped off|drop off|turned in|my|check on an|status of my) (?:out )?(?:an |the |my )?(?:application|resume|résumé)",
            r"(?:about|for|saw|seen) (?:the|your|that|a) (?:\w{1,15} ){0,3}(?:job|position|opening|helper job|posting|apprentice)(?: (?:ad|posting|opening|on|you|y'?all|that|is|still|position))?(?! done)",
            r"(?:job|position) (?:you |y'?all |that you |that's )?(?:have |had )?(?:posted|open|listed|on indeed|online)",
            r"on indeed",
            r"(?:my|his|an?|had an|the job) interview (?:at|with|there|for|tomorrow|today)",
            r"(?:come |go to )?work(?:ing)? for (?:you guys|y'?all|your company)(?! guys)",
            rf"(?:do|if|does|would|could) (?:{YOU}|he|she|they) (?:\w{{1,10}} ){{0,2}}(?:need|needs|use|take on|takes on|looking for|ever use) (?:any |some |an |a |more |extra )*(?:help|helpers?|hands|people|anybody|anyone|apprentices?|subs|subcontractors?|crews?|drivers?|clerks?|externs?|interns?|techs?)",
            r"(?:still need|short on|need more) (?:people|guys|hands|help|workers)",
            r"(?:ride[- ]alongs?|externs?|apprentice(?:ship)?|interns?(?:hip)?)",
            r"(?:still|very) interested in the (?:job|position)",
            r"(?:what|how much) (?:do(?:es)? )?(?:it|you|y'?all|they|that job) pay(?:ing)?(?: (?:the|a|an|your|for) (?:guys|helpers?|climbers?|\w{3,12}ers?))?(?= ?[?.]|$)",
            r"take (?:him|her|me|them|somebody|anybody|people) on",
        ),
        any_of(
            r"staffing|candidates?|agency|recruit\w{0,6}",
            r"(?:credit|loan|mortgage|visa|green card|asylum|permit|disability|benefits|unemployment|medicaid|financing|insurance|school district|expunge\w{0,5})",
            r"hiring (?:you|somebody|someone|a lawyer|an attorney|day crews)",
            r"hiring,? (?:out|like|uh|i mean|for)",
            r"(?:lost|quit|between|got) (?:my|his|her|a) job",
            r"(?:our|we place) (?:clients?|recruiters?|bench)",
            r"interviewing",
            r"working capital",
            r"your business",
        ),
        hints=(
            any_of(
                r"(?:my|our|his|her|their) own (?:hand )?(?:tools|boots|saws?|saddle|gauges|helmet|chairs?|van|car|pole|truck|trailer|ride|machine|bond|comp|tablet|brake|equipment|dollies|dot number)",
                r"(?:epa|cdl|osha|cpo|rbt|cna) (?:card|ten|10|certif\w{1,8}|license)?",
                r"i(?:'ve)? got (?:my card|my tools|boots)",
            ),
            any_of(
                r"(?:\w{3,9}) years? (?:with|at|for|in)(?! you| warranty)",
                r"years? (?:of )?experience",
                r"(?:i|he|she) (?:been|used to|did|ran|run|worked|have worked|have|has) (?:\w{1,12} ){0,4}years",
                r"(?:i've|he's|she's) been (?:doing|in|climbing|painting|cleaning|\w{3,9}ing) (?:\w{1,12} ){0,5}years",
            ),
            any_of(
                r"(?:i'm|he's|she's|just|i) (?:finishing|finished|finishes|finish|graduating|graduated|graduates|in the (?:\w{2,10} )?program|in school for)",
                r"trade school|my license in|second year|third year|2l",
            ),
            any_of(
                r"(?:i|he|she|we) (?:can|could|would|'d) (?:start|lift|climb|come in|do a day|shadow|sweep|hang|file|do part)|any day(?: literally)?|(?:he'd|i'd|could|can) start (?:monday|tomorrow|today|yesterday|right away)",
                r"available (?:like )?(?:right away|now|immediately)",
            ),
            any_of(r"(?:full|part)[- ]time"),
            any_of(
                r"(?:do you|you) pay (?:by|each|the|for)|what (?:does|do|you) (?:it|you|they)? ?pay(?:ing)?|what's it pay|pay(?:s|ing)? (?:a|the) (?:climber|helper|guys)|by the (?:job|foot|push|yard)"
            ),
            any_of(
                r"more (?:calls|work|jobs|than) (?:\w{1,8} ){0,4}(?:can|handle|get to|run)|overflow|(?:ones|jobs) you (?:can't|don't|cannot)|too busy|use a hand|need a (?:hand|temp)|need (?:people|anybody|somebody) (?:weekends|for)"
            ),
            any_of(r"your own (?:guys|crews?|installers|people|therapists) or|subcontractor"),
            any_of(
                r"(?:i|we|i've|we've) (?:got|run|have|ran) (?:a|my|our) (?:\w{1,8} ){0,2}crew|(?:four|three|five|six|two|2|3|4|5)[- ]man crew|me and (?:my|two) (?:cousins?|brothers?)|(?:three|four|five|two) (?:strong )?guys (?:we|that)"
            ),
            any_of(
                r"laid off|between things|ready for a change|(?:so |i'm )burned out|got bought out|lost the account|i'm (?:an? )?(?:registered |licensed |certified )?(?:pta|rn|hygienist|journeyman|esthetician|lead tech|paralegal|welder|climber|2l)\b|relocated to"
            ),
            any_of(
                r"(?:saw|seen|about) (?:the|your|that) (?:sign|ad|post|paper|thing) (?:on|in) (?:your|the) (?:window|truck|facebook|gas station|site|door|website|back)"
            ),
            any_of(
                r"too shy to (?:call|pick up)|take (?:him|her|somebody|me) (?:on|green|even)|(?:he|she|i) (?:had me|filled|fill) (?:fill )?out"
            ),
        ),
        refuted=any_of(r"agency|staffing|our bench|we place"),
    ),
    FactKind.SELLING_NAMED: Phrases(
        any_of(
            r"(?:speak|talk|speaking|talking|minutes) (?:to |with )?(?:the |whoever |someone |somebody )?(?:business owner|owner of the business|person (?:in charge|who handles|that handles|responsible)|decision[- ]maker|whoever (?:handles|is in charge|orders|signs off)|who handles|in charge of (?:your|the))",
            r"who (?:handles|does|orders|buys|runs|manages) (?:your|the|the intake) (?:\w{1,12} )?(?:marketing|buying|ordering|supplies|intake|budget|advertising|payroll|insurance|website|listing|shop towels|purchasing|processing)",
            r"your (?:google|business|yelp|online) (?:business )?(?:listing|ranking|profile|presence|rating)",
            r"(?:google|business) (?:listing|profile|ranking)",
            r"merchant services (?:department|provider|for)",
            r"(?:card|payment) processing",
            r"credit card (?:rates|processing|machine|terminal)",
            r"processing (?:fees?|rates?)",
            r"(?:exclusive|qualified|pre-?qualified|live|real[- ]time|signed) (?:leads|calls|appointments|transfers?|retainers?)",
            r"live transfers?|pre-?screened",
            r"press (?:one|two|three|nine|1|2|3|9) (?:now|to (?:speak|be|talk|connect|accept|hear|remove)|if you)",
            r"press one$",
            r"(?:minute|quick|short|brief) (?:survey|demo|presentation)",
            r"business (?:loan|funding|line of credit)|working capital",
            r"(?:car|vehicle|auto|factory)(?:'s)? (?:extended )?warranty",
            r"(?:up|you|you're|be|rank\w{0,4}) (?:up )?on (?:the )?(?:first|second|third) page|page (?:one|two|three) (?:of|on)|(?:the|in the) top three|map pack|search engine|seo|showing up for",
            r"lead generation|web design|digital marketing",
            r"tax[- ]deductible|pledge|benevolent|decal",
            r"no[- ]cost|risk[- ]free|free trial|limited[- ]time|special promotion",
            r"(?:you )?only pay (?:for|on|when|over|if)|per lead",
            r"(?:one|two|a couple|last|only one) (?:spots?|openings?|slots?|ad squares?) (?:left|available)",
            r"been nominated|were nominated|you've been selected|have been (?:selected|chosen|pre-?approved)|pre-?approved",
            r"by the pallet|per seat|wholesale",
            r"lunch and learn|(?:bring|drop off|drop) (?:\w{1,8} ){0,2}(?:donuts|doughnuts|bagels|samples?)",
            r"(?:send|drop|bring|email) (?:you |a |some |out |by |over )*(?:samples?|catalogs?|brochures?|sample pack|one[- ]pager)",
            r"recorded line",
            r"(?:arrest|bench) warrant (?:issued|for)|internal revenue|gift card|disconnection department|your (?:package|parcel)",
            r"on behalf of (?!my|our|a friend|her|his|the (?:family|owner))(?:\w{1,15} ){0,3}(?:fund|association|department|provider|network|company|foundation)",
            r"i(?:'m| am) (?:\w{1,12} )?(?:with|from|over at) (?:\w{1,15} ){1,3}(?:marketing|media|digital|supply|solutions|leads|network|staffing|capital|funding|payments|merchant)",
            r"(?:our|my) (?:platform|software|portal|onboarding|catalog|network of)",
            r"(?:what are|what do) you (?:\w{1,10} )?pay(?:ing)? (?:right now|currently|now|for (?:your|a))",
            r"your (?:current )?(?:supplier|vendor|carrier|provider)",
            r"(?:up for|your) renewal",
            r"homeowners? (?:in|who|right now|here|up)",
            r"(?:may|might) be entitled to|entitled to compensation",
            r"lower your (?:rates?|bills?|costs?|fees?)|save your business",
            r"guarantee(?:d)? (?:top|more|results|page)",
        ),
        any_of(
            r"(?:my|our) (?:insurance|landlord|mortgage|lender|husband|wife|son|brother|mother)",
            r"is this (?:a )?(?:sales|robo)",
            r"under (?:the|my|an) (?:extended )?warranty",
            r"inmate|jail",
            r"(?:i|we) (?:got|have|had|received|bought) (?:a |this )?(?:letter|notice|gift)",
        ),
        hints=(
            any_of(
                r"what's (?:a good|your|the best|his|her) (?:direct )?(?:e-?mail|direct|cell)|can i (?:get|grab) (?:your|his|her) e-?mail|send you (?:a|an|the|some) (?:link|packet|info|intake|kit)"
            ),
            any_of(
                r"how(?:'s| is) (?:your|the) (?:\w{1,10} )?(?:day|morning|week|monday|tuesday|wednesday|thursday|friday)(?: going| treating)?|how (?:are|you) (?:you )?(?:doing )?today"
            ),
            any_of(
                r"(?:is|are) the (?:owner|doctor|boss|attorney|manager)s? (?:in|there|around|available)|the owner|licensed principal"
            ),
            any_of(
                r"(?:we|i) (?:help|work with|partner with|specialize in|place|manage|put|shop) (?:\w{1,12} ){0,3}(?:companies|businesses|contractors|firms|practices|owners|clinics|offices|attorneys|shops|services)"
            ),
            any_of(
                r"calling (?:all )?(?:the |our |local )?(?:\w{1,10} )?(?:businesses|practices|shops|companies|firms)|local business(?:es)?"
            ),
            any_of(r"(?:five|ten|fifteen|two|three|couple) minutes|a minute of your time|a second\?"),
            any_of(r"per month|month to month|apiece|a unit|a pop|a box"),
            any_of(
                r"(?:i'm|this is|it's) (?!looking|calling|on|in)\w{2,12},? (?:\w{1,10} )?(?:with|from|over at|calling from) (?:the )?\w{3,20}"
            ),
            any_of(r"exclusive|leads|vendor|supplier|distributor|manufacturer|factory|wholesale|rep\b|territory"),
            any_of(
                r"how many (?:\w{1,12} ){0,4}(?:a|per|each) (?:month|week|day)|how many (?:calls|jobs|claims|cases)"
            ),
            any_of(r"your (?:reviews|industry|zip|competitors?)"),
            any_of(r"boosters|sponsor\w{0,4}|whats ?app"),
            any_of(
                r"nobody(?:'s)? (?:to send|on)|i've got (?:folks|homeowners|people|somebody|a family|cases|nine)|we have (?:a family|cases|people|homeowners)"
            ),
        ),
    ),
    FactKind.WRONG_PARTY_NAMED: Phrases(
        any_of(
            r"wrong (?:number|place|company|office|department|business|extension)",
            r"mis-?dialed|fat fingered",
            r"(?:dialed|called|punched|hit|pushed|got|have) (?:it |the |you )?(?:wrong|by mistake)",
            r"(?:this isn't|this is not|isn't this|is this not|this ain't|ain't this) (?:the |a |miss |mister |mr |doctor |dr )?(?!one|my|a sales|sales|the one|your|real|going|about|working|right|what|where|how|it|that|urgent|an|in|local)\w{3,15}",
            r"(?:oh,? )?you're not (?:the |mister |doctor )?(?:\w{2,15})(?: works| people| department| company)?\?",
            r"(?:no one|nobody) (?:here )?(?:by that name|named)|no (?-i:[A-Z]\w{2,12}) here",
            r"sorry (?:to (?:have )?bother(?:ed)? you|about that,? (?:bye|wrong))",
        ),
        any_of(
            r"(?:wrong (?:place|office)) (?:for|if)",
            r"if (?:this|you)",
            r"i might have the wrong",
            r"is this not \w{1,15},",
        ),
        hints=(
            any_of(
                r"(?:you|you're|you'd) (?:probably )?(?:want|wanting|looking for|need|thinking of) the (?:\w{1,15} ){0,2}(?:office|department|company|store|place|clinic|city|county|school|course|lady|shop|home|one (?:on|in|over|up|down|across))"
            ),
            any_of(
                r"(?:that's|thats|that is) not us|we don't have (?:a|an|any|your)|(?:this|it) is an? (?:law|private|house|locksmith|\w{3,12} (?:company|shop|firm|office|service))|no,? this is|(?:we're|we are) (?:the|just the|a) \w{3,15}"
            ),
            any_of(
                r"my bad|sorry to (?:bother|have bothered)|sorry for your time|i'll (?:call|try) (?:them|again|him)"
            ),
            any_of(
                r"is this (?:not )?(?:the )?(?!\w+ing\b|mister|number|a\b|an\b)\w{3,15}(?: \w{2,15})?\?|is this the (?!right|number|guy|place that|person|lawyer)\w{3,15}"
            ),
            any_of(
                r"that's them|people mix us up|we get (?:their|your|his|those|that) calls|happens (?:every|all the time|a lot)|a different (?:company|place|business|office)|who are you trying"
            ),
        ),
        agents_too=True,
    ),
}
