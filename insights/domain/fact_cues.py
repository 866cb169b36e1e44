# ruff: noqa: E501 - phrase lists read better in long lines
"""Phrases that speak for a reason: narrower than the cues of cues.py, and with the look-alikes that take them back.

A cue points at words and may be wrong; a fact is shown to a reviewer as found and weighs on the verdict. So a phrase
says the thing by itself, or is a hint that needs another one in the call. What any customer may say is neither. All
gaps are bounded: the time that a pattern takes grows with the text and no faster. Measured on
models/intent/seed/train.jsonl (`python -m models.intent.facts`).
"""

from __future__ import annotations

from insights.domain.fact_kinds import FactKind
from insights.domain.fact_phrases import AGO, ME, ONE, PEOPLE, YOU, YOUR, Phrases, any_of, each_of

_SAID = r"(?:said|says|say|goes|told (?:me|us|him|her)|tells me|insisted)"
_CALL = (
    r"(?:calls?|ask (?:only )?for|asks for|get|use|see|go see|go to|try|hire|only to talk to|talk only with|look up)"
)
_GAVE = r"(?:gave|gives|give|handed|slipped|texted|wrote|read|passed|circled|sends|sent)"
_PRAISE = r"(?:good|great|best|honest|fair|right|nice|reasonable|cheap\w{0,3}|careful|wonderful|excellent|amazing|clean|one|people|guys?)"

# Own things after the verb tell a customer's "you did my roof" from "you did well" and "you put in heaters".
_OWN = r"(?:(?:all|both|half) )?(?:of )?(?:my|our|ours|mine|it|this|that|these|those|them|em|me|us)"
_WORKED = (
    r"(?:installed|fixed|replaced|repaired|redid|rebuilt|sprayed|treated|pumped|rekeyed|poured|trimmed|hauled|packed|handled|"
    r"built|painted|cleaned|moved|planted|represented|took (?:out|down|care of)|put (?:in|on|up|down|together)|set up|loaded|ground|hung|wired)"
)
_BUSINESS = (
    rf"(?:{YOU}|your (?:guys?|men|man|crew|company|office|team|techs?|fellas?|people|boys?|installer|son|father))"
)
_WORK = r"(?:work|employment|an? apprenticeship|an? internship|an? externship)"
_ROLE = r"(?:helper|assistant|associate|tech|technician|driver|apprentice|receptionist|hygienist|manager|laborer|cleaner|caregiver|installer|sales)"
_NAMED = (
    r"(?:(?:the )?(?-i:[A-Z][a-z']{2,15})|(?:the |a )?(?:[\w']{2,12} )?(?:city|county|district|town|tow|water|gas|electric|power|utility|leasing|clerk|court|"
    r"school|hospital|police|sheriff|library|church|bank|pharmacy|store|shop|department|dmv|landlord|apartments?|vet|florist|clinic|light|permits?|company|inn|restaurant|club|office))"
)  # somebody else: a written name, or a place that people mean to call; not "this isn't normal"

_MEANT = (
    r"(?!normal|urgent|covered|good|bad|fair|free|going|working|right|what|where|how|about|your|my|for|real|sales|local|"
    r"problem|reason|number|place|guy|person|last|first|only|same|price|total|best|one\b)"
)

REASONS_SAID: dict[FactKind, Phrases] = {
    FactKind.REFERRAL_NAMED: Phrases(
        each_of(
            rf"{_GAVE} (?:down )?(?:{ME} )?(?:{ONE}{{0,2}})?{YOUR} (?:{ONE}{{0,1}})?(?:names?|numbers?|phone|cards?|info|contact|magnet|flyer)",
            rf"(?:gave|give|gives|texted|sent|handed) {ME} (?:you|(?:the ){{1,2}}contact|his card|her card)(?! guys)(?=[.,!?]|$| and| so)",
            rf"(?:he|she|who|{PEOPLE}) (?:gave|give|read) (?:me|us) (?:this|the) (?:the )?(?:number|card|magnet|one|telephone)",
            rf"(?:recommends?|recommended|referred|suggested) (?:{YOU}(?=[.,!?;]|$| (?:and|so|to|for|highly|because|i|he|she|they|we)\b)|(?:me|us|him|her) (?:over )?to {YOU})",
            r"(?:referred|recommended|sent) (?:over |here )?(?:to you |to y'?all )?by (?:an?|my|our|the|one of)",
            rf"(?:got|have) {YOUR} (?:names?|number|card|info|contact) (?:from|off) (?:of )?(?:my|our|his|her|(?:an? |the )?(?:{PEOPLE}))",
            rf"(?:got|have) {YOU} from (?:(?:my|our|an?|the) (?:{PEOPLE})|pastor|father|reverend)",
            rf"heard (?:{ONE}{{0,2}})?(?:about|of) {YOU} (?:from|through) (?:my|our|one of|(?:an? |the )?(?:{PEOPLE}))",
            r"(?:come|came|comes) (?:(?:so|very|highly|well) ){0,2}recommended",
            r"word of mouth",
            rf"{_SAID}\b[^.?!]{{0,60}}?\b{_CALL} (?:up )?(?:miss |mister |mr |ms |doctor |dr )?(?P<name>[\w']{{2,20}})(?! back| your| used| guys)",
            rf"{_SAID}\b[^.?!]{{0,60}}?\b{_CALL} \w{{2,12}} (?:at|from|over at|with) (?P<house>[\w']{{2,20}})",
            rf"{_SAID}\b[^.?!]{{0,40}}?\b{_CALL} (?:these (?:people|folks|ones|guys)|this guy|you guys|y'?all|you people)|{_SAID}\b[^.?!]{{0,40}}?\bcall you(?! back| when| if| guys| all)",
            rf"{_SAID}\b[^.?!]{{0,40}}\b(?:don't|call|use|hire|trust|and|but) (?:\w{{1,12}} ){{0,4}}(?:nobody|anybody|no one) else(?! home| here| there)",
            rf"(?:he|she) {_SAID}\b[^.?!]{{0,60}}?\bcall (?:him|her|them)(?! back| when| if)",
            r"(?:your|fridge) (?:magnet|number|card) off (?:of )?(?:his|her|my) \w{3,12}|with your (?:card|magnet) in",
            rf"yours (?:had|has) (?:the|a|two|three) stars?|circled {YOU}",
            r"me (?:pasó|mandó|dio|recomendó) (?:su|el) (?:teléfono|contacto|número|tarjeta)|me dijo (?:que )?(?:háblale|llame|hable)",
            rf"{_SAID}\b[^.?!]{{0,30}}\bgive {YOU} a (?:call|buzz|ring|try|shout)",
            r"(?:told|said) (?:me |us )?to ask for",
            rf"(?:he|she|{PEOPLE}) said to call(?! back| you back| them| him| her| the| when| if)",
            rf"(?:he|she|{PEOPLE}) {_SAID} (?:that )?{YOU}(?:'re| are| were| do| did| does) (?:\w{{1,10}} ){{0,3}}{_PRAISE}",
            rf"(?:has|uses|used) {YOU} (?:{ONE}{{0,3}})(?:loves?|said|says|raved|swears)",
            rf"(?:swears by|raves about|raved about|speaks highly of|turned me on to|put me on to|put me onto|hooked me up with|vouched for) {YOU}",
            r"tell (?:him|her|them|em|you) (?:\w{1,15} ){1,2}(?:sent|says)(?: me)?",
            rf"(?:he|she|{PEOPLE}) sent (?:me|us)(?: over| to {YOU}| your way| here)?(?=[.,!?]|$| so\b| and\b| she\b| he\b)",
            r"(?:tell (?:him|her|them|em)|say) (?:that )?(?:i|he|she) sent (?:you|me)",
            r"the only (?:one|ones|people) (?:i|he|she|i'd|they'd) (?:use|uses|trust|trusts)",
        ),
        any_of(
            r"(?:google|yelp|internet|online|website|computer|operator|siri|alexa|chat ?gpt|angi|angie'?s?|phone book|nextdoor|directory|yellow pages|facebook|chamber)",
            r"(?:reviews?|radio|tv|television|ad|ads|billboard|truck|van|bus|manual|manufacturer|warranty company)",
            r"(?:can|could|would|do|will) you (?:guys )?(?:recommend|suggest|refer)",
            r"(?:won't|wouldn't|doesn't|didn't|don't|not allowed to|can't|couldn't|never|not) recommend",
            r"(?:nobody|no one|who) (?:sent|told|gave|recommended|referred)",
            r"dispatch(?:er)?",
            rf"{YOU} (?:(?!and )\w{{1,10}} )?(?:gave|sent|texted|said|told|wrote)",
            r"let me|i'll|court|hall|the phone|a form|the office (?:told|said)",
            r"they (?:gave|sent|said|told)",
            r"(?:said|says) (?:to )?(?:call (?:back|when|if|the)|give it)",
        ),
    ),
    FactKind.EARLIER_BUSINESS_NAMED: Phrases(
        each_of(
            rf"{_BUSINESS} (?:(?:already|just|also|actually|had|have) ){{0,2}}(?:{_WORKED} (?:(?:in|on|up|down|out|back) )?{_OWN}|did (?:all )?(?:of )?(?:my|our|mine|ours))",
            rf"{_BUSINESS} (?:(?:already|just|also|actually|had|have) ){{0,2}}(?:{_WORKED}|did) (?:the|an?|some|all|those|these|that|this|them|it|us|for) (?:\w{{1,12}} ){{0,4}}(?:(?:for|at|on|in|over) (?:me|us|my|our)|{AGO})",
            rf"{_BUSINESS} put (?:it|that|them) in (?:for (?:me|us)|{AGO})",
            rf"{_BUSINESS} put (?:my|our|an?|the|those|these|that) (?:\w{{1,12}} ){{1,3}}(?:in|on|up|down|over)(?: (?:for|at|on) (?:me|us|my|our)| {AGO}|(?=[.,!?]|$))",
            rf"(?:(?:the|that|those|them) (?:\w{{1,12}} ){{1,2}}|where |what )(?:that )?{YOU} (?:{_WORKED}|did|set) (?:\w{{1,12}} ){{0,2}}(?:{AGO}|for (?:me|us))",
            rf"(?:same|just|like|as) (?:as )?(?:what )?{YOU} did (?:here|for (?:us|me)|last|the last|before)",
            rf"(?:i|we)(?:'ve| have)? (?:used|hired|been using|been coming to|been going to|been with) {YOU} (?:{ONE}{{0,4}})?(?:before|last|since|years|twice|once|a few times|for)",
            r"i(?:'?m| am) (?:already |currently )?(?:already an?|an? existing|one of your|a current) (?:patients?|clients?|customers?)",
            r"(?:i|we)(?:'ve| have)? been (?:a|your) (?:customers?|patients?|clients?) (?:here|of yours|with you|since|for|there)",
            rf"(?:bill|invoice|statement|receipt) (?:{ONE}{{0,2}})?(?:from {YOU}|{YOU} (?:sent|left|gave|mailed))",
            rf"(?:got|have|about|paid|on) {YOUR} (?:bill|invoice|statement)",
            rf"i (?:signed|filed) with {YOU}",
            rf"{YOU} (?:double )?charged (?:me|us|my card)",
            r"(?:i|we) paid your (?:guy|man|fella|son|crew)",
        ),
        any_of(
            r"(?:quoted?|quotes|estimates?|bid|price|proposal|consult|looked|measured|walk-through|appraisal)",
            r"gave (?:me|us) (?:a|an|your) (?:\w{1,10} )?(?:number|figure|card)",
            r"(?:saw|says|website|reviews?|(?:a|the) sticker|appointment|google|search\w{0,3}|map|online|ad|yourself|hung (?:up|the moon))",
            r"(?:previous|former|prior|last|old) owners?|seller|before we (?:bought|moved)|bought the house (?:off|from)",
            r"across (?:the street|from)|next door|down the (?:street|road)",
            r"(?:her|hers|his|him|their|theirs|airbnb|the host)",
            r"(?:neighbou?rs?|friends?|brothers?|sisters?|cousins?|uncles?|aunts?|boss|buddy|lady|folks across|those people)(?:'s|')?|for (?:miss|mrs|mister|mr)\b",
            rf"(?:can|could|would|will|do|did|does|if|how many|thought|apparently|want|wanted|need|might|should) (?:\w{{1,10}} )?{YOU}|have {YOU}",
            r"new (?:patient|customer|client)",
            r"(?:somebody|someone) else|elsewhere|other|another|home depot",
        ),
        hints=(
            any_of(
                r"(?:your|you guys'?) (?:guy|man|fella|fellas|tech|crew|boys?|people|son) (?:was|were|came|come|had|did|put|said|left)"
            ),
            any_of(
                rf"{YOU} (?:had (?:a|your) (?:\w{{1,10}} )?(?:man|guy|fella|tech|crew)(?: \w{{1,10}}){{0,2}} out|(?:came|were|been) out)"
            ),
            any_of(
                r"(?:it's|its|it is|is|out|leaking|beeping|broken) (?:\w{1,10} )?(?:again|acting up again|doing it again)"
            ),
            any_of(r"(?:you should |you'd |you )?have (?:me|us) (?:in (?:the|your)|on file)"),
            any_of(
                rf"(?:like|as|what|where) {YOU} did (?:it )?(?:the )?(?:last time|before)|your (?:sticker|warranty|paperwork|invoice)"
            ),
            any_of(r"i (?:already )?paid (?:y'?all|you)"),
            any_of(r"(?:got|had|about) (?:a|this|another) (?:bill|invoice|statement)(?! from (?!you))"),
            any_of(rf"{_BUSINESS} (?:just |already )?(?:{_WORKED}|did) (?:the|all|both|an?) \w{{3,12}}"),
            any_of(
                r"(?:he|they|you) (?:did a|was|were) (?:\w{1,8} )?(?:lovely|great|good|nice|neat) (?:job|work)|real pleased with"
            ),
        ),
        refuted=any_of(
            r"(?:i|we) never did|never (?:went|got) (?:ahead|around)|let it drop|didn't (?:do it|go ahead|go with you)",
            rf"first time (?:calling|with|using) {YOU}|never (?:used|hired) {YOU}",
            r"just (?:moved in|bought (?:the|this) (?:house|place))",
        ),
    ),
    FactKind.EMPLOYMENT_NAMED: Phrases(
        each_of(
            rf"(?:(?:are|is|if|whether) )?(?:{YOU}|they|he|she) (?:(?!not\b)\w{{1,12}} )?(?:still )?hiring",
            rf"(?:looking|lookin|seeking|searching) (?:for |to (?:find|get|pick up) )(?:(?:a|some|any|part[- ]time|full[- ]time|summer|steady|more|side|first) ){{0,3}}{_WORK}(?! done| on| at| in| to| for)",
            rf"(?:pick|picking) up (?:some |any |more )?work|(?:need|want|wanting|trying to (?:find|get)) (?:a |some |any )?(?:part[- ]time|full[- ]time|summer|steady|side|extra) {_WORK}(?! done| on| at| in| to| for)",
            r"(?:looking for|need|want|get) a (?:part[- ]time |full[- ]time |summer )job(?! done)|(?:looking for|need|want) a job(?=[.,!?]|$| as\b| with\b)",
            r"(?:apply|applying|applied) for (?:a|the|your|that) (?:\w{1,15} ){0,3}(?:job|position|opening|role|helper|tech|driver)",
            r"(?:(?:fill|filled|filling|put|putting|dropped|drop|turned) (?:out|in|off)|check on|status of) (?:an|the|my) application|(?:my|a) (?:resume|résumé)",
            rf"(?:about|for|saw|seen) (?:the|your|that|an?) (?:\w{{1,15}} ){{0,2}}{_ROLE} (?:job|position|opening|role)",
            r"(?:job|position|opening|posting|role)s? (?:\w{1,10} ){0,2}(?:posted|listed|advertised|on indeed|on craigslist)",
            r"on indeed",
            r"job interview|interview (?:with you|at your|there)",
            rf"(?:to|come|wanna|go) work for (?:{YOU}|your company)",
            rf"(?:do|if|does|would|could) (?:{YOU}|he|she|they) (?:(?!use\b)\w{{1,10}} ){{0,2}}(?:need|needs|take on|takes on|looking for) (?:(?:any|some|an|a|more|extra) ){{0,2}}(?:help|helpers?|hands|people|anybody|anyone|apprentices?|subs|subcontractors?|crews?|drivers?|clerks?|externs?|interns?|techs?)(?! (?:to|home|here|there|with|who|else|for)\b)",
            r"(?:still|very) interested in the (?:job|position)",
        ),
        any_of(
            r"staffing|candidates?|agency|recruit\w{0,6}",
            r"(?:credit|loan|mortgage|visa|green card|asylum|permit|disability|benefits|unemployment|medicaid|financing|insurance|school district|expunge\w{0,5}|settlement|patient)",
            r"hiring,? (?:out|like|uh|i mean|you|somebody|someone|a|an|day crews)",
            r"(?:quote|quoted|estimate|bid)",
            r"(?:lost|quit|between|got) (?:my|his|her|a) job",
            r"(?:our|we place) (?:clients?|recruiters?|bench)",
            r"interviewing",
            r"working capital",
            r"your business",
        ),
        hints=(
            any_of(
                r"(?:have|has|had|got|bring|brings|carry|with) (?:(?:all|both) )?(?:my|our|his|her|their) own (?:hand )?(?:tools|boots|saws?|saddle|gauges|helmet|chairs?|van|car|pole|truck|trailer|ride|machine|comp|equipment)",
                r"(?:epa|cdl|osha|cpo|rbt|cna) (?:card|ten|10|certif\w{1,8}|license)",
                r"i(?:'ve)? got (?:my card|my tools|boots)",
            ),
            any_of(
                r"\w{3,9} years? (?:with|at)(?! you| warranty| the| this| my| our)",
                r"years? (?:of )?experience",
                r"(?:i|he|she)(?:'ve|'s| have| has)? (?:did|done|ran|run|worked|(?:been )?(?:doing|in|climbing|painting|cleaning|roofing|plumbing|wiring|welding|driving|installing|framing|working)) (?!it\b|this\b|that\b|them\b|with\b)(?:\w{1,12} ){0,4}years(?! ago| old)",
            ),
            any_of(
                r"(?:finish|graduat)(?:es|e|ed|es|ing)? (?:\w{1,12} ){0,4}(?:school|program|class|classes|course|training|college|certificate|degree)|(?:just|i|he|she|he's|she's) (?:graduated|graduating)|in the \w{2,10} program|in school for",
                r"trade school|my license in|second year|third year|2l",
            ),
            any_of(
                r"(?:i|he|she|we) (?:can|could|would|'d) (?:start|lift|climb|shadow|sweep|hang|file)|(?:he'd|i'd|could|can) start (?:monday|tomorrow|today|right away)",
                r"i'm available|available (?:right away|immediately)",
            ),
            any_of(r"(?:full|part)[- ]time"),
            any_of(
                r"(?:do you|you) pay (?:by|each|for)|(?:what|how much) (?:do|does|are|is)? ?(?:it|you|y'?all|they|that job)? ?pay(?:ing)?|what's it pay|pay(?:s|ing)? (?:a|the) (?:climber|helper|guys)"
            ),
            any_of(
                r"more (?:calls|work|jobs) than (?:\w{1,8} ){0,3}(?:can|handle|get to)|(?:calls|jobs) you (?:can't|don't|cannot)|need a (?:hand|temp)|(?:still need|short on|need more) (?:people|guys|hands|help|workers)"
            ),
            any_of(r"(?:i'm|we're|i am|we are|as) (?:an? )?(?:sub|subs|subcontractors?)"),
            any_of(
                r"(?:i|we|i've|we've) (?:got|run|have|ran) (?:a|my|our) (?:\w{1,8} ){0,2}crew|(?:two|three|four|five|six|\d)[- ]man crew"
            ),
            any_of(
                r"laid off|between things|ready for a change|i'm (?:an? )?(?:registered |licensed |certified )?(?:pta|rn|hygienist|journeyman|esthetician|lead tech|paralegal|welder|climber|2l)\b"
            ),
            any_of(r"(?:ride[- ]alongs?|externs?|externship|apprentice(?:ship)?|interns?(?:hip)?)"),
            any_of(
                r"(?:about|for|saw|seen) (?:the|your|that|a) (?:\w{1,15} ){0,3}(?:job|position|opening)(?! done| you did| you bid)"
            ),
            any_of(r"(?:sign|ad|post|says|said|saying|posting),? (?:[\w']{1,12},? ){0,4}hiring|now hiring|help wanted"),
            any_of(r"take (?:him|her|me|them|somebody|anybody|people) (?:on|green)"),
            any_of(r"(?:my|the|an) application|interview (?:for|tomorrow|today)"),
        ),
        refuted=any_of(r"agency|staffing|our bench|we place"),
    ),
    FactKind.SELLING_NAMED: Phrases(
        each_of(
            r"(?:speak|talk|speaking|talking|minutes) (?:to |with )?(?:the |whoever |someone |somebody )?(?:business owner|owner of the business|person (?:in charge|who handles|that handles|responsible)|decision[- ]maker|whoever (?:handles|is in charge|orders|signs off)|who handles|in charge of (?:your|the))",
            r"who (?:handles|does|orders|buys|runs|manages) (?:your|the|the intake) (?:\w{1,12} )?(?:marketing|buying|ordering|supplies|intake|budget|advertising|payroll|insurance|website|listing|shop towels|purchasing|processing)",
            r"(?:your )?(?:google|business|yelp) (?:business )?(?:listing|ranking|profile|presence|rating)",
            r"merchant services (?:department|provider|for)",
            r"(?:card|payment) processing|credit card (?:rates|processing)|your processing (?:fees?|rates?)",
            r"(?:exclusive|qualified|pre-?qualified|live|real[- ]time|signed) (?:leads|calls|transfers?|retainers)|live transfers?",
            r"press (?:one|two|three|nine|1|2|3|9) (?:now|to (?:speak|be|talk|connect|accept|hear|remove)|if you)|press one$",
            r"(?:minute|opinion|short) survey|(?:minute|quick|short|brief) (?:demo|presentation)",
            r"business (?:loan|funding|line of credit)|working capital",
            r"your (?:car|vehicle|auto|factory)(?:'s)? (?:extended )?warranty",
            r"(?:up|you|you're|be|rank\w{0,4}) (?:up )?on (?:the )?(?:first|second|third) page|page (?:one|two|three) of|map pack|search engine|seo|showing up for",
            r"lead generation|web design|digital marketing|per lead",
            r"tax[- ]deductible|pledge|benevolent",
            r"risk[- ]free|free trial",
            r"you only pay (?:for|on|when|over|if)",
            r"(?:been|were|you're) nominated|you(?:'ve| have) been (?:selected|chosen|pre-?approved)",
            r"lunch and learn",
            rf"(?:i|i'd|i'll|we|we'd|we'll|us|me|and|(?:like|love|happy|want) to) (?:just |also |can |could |love to |like to )?(?:send|drop|bring|email|leave) (?:(?:{YOU}|off|over|a|an|some|out|by|you|in) ){{0,3}}(?:samples?|catalogs?|brochures?|one[- ]pager|donuts|doughnuts|bagels)",
            r"recorded line",
            r"warrant (?:has been |was )?issued|internal revenue|disconnection department|your (?:package|parcel)",
            r"on behalf of (?:the )?(?:\w{1,15} ){0,3}(?:fund|association|department|provider|network|foundation)",
            r"i(?:'m| am) (?:\w{1,12} )?(?:with|from|over at) (?:\w{1,15} ){1,3}(?:marketing|media|digital|supply|leads|network|staffing|capital|funding|payments|merchant)",
            r"our (?:platform|software|onboarding|catalog|network of)",
            r"(?:what are|what do) you (?:\w{1,10} )?pay(?:ing)? (?:right now|currently|now|for your)",
            r"your current (?:supplier|vendor|carrier|provider)|your (?:supplier|vendor)",
            r"your (?:\w{1,12} )?renewal",
            r"homeowners? (?:who|right now)|homeowners in",
            r"(?:you|they) (?:may|might) be entitled to",
            r"save your business|guaranteed? (?:top|page)",
        ),
        any_of(
            r"(?:my|our) (?:insurance|landlord|mortgage|lender|husband|wife|son|brother|mother)",
            r"is this (?:a )?(?:sales|robo)",
            r"under (?:the|my|an) (?:extended )?warranty",
            r"inmate|jail",
            r"(?:i|we) (?:got|have|had|received|bought) (?:a |this )?(?:letter|notice|gift)",
            r"(?:found|saw|read|looked at|clicked on) (?:\w{1,8} ){0,2}(?:you|google|listing|profile|website|reviews?|ad)",
        ),
        hints=(
            any_of(
                r"what's (?:a good|your|the best|his|her) (?:direct )?(?:e-?mail|direct|cell)|can i (?:get|grab) (?:your|his|her) e-?mail|send you (?:a|an|the|some) (?:link|packet|info|intake|kit)"
            ),
            any_of(
                r"(?:is|are) the (?:owner|boss|attorney|manager)s? (?:in|there|around|available)|owner of the (?:business|company|shop)|licensed principal"
            ),
            any_of(
                r"(?:we|i) (?:help|work with|partner with|specialize in|place|manage|shop) (?:\w{1,12} ){0,3}(?:companies|businesses|contractors|firms|practices|owners|clinics|offices|attorneys|shops)"
            ),
            any_of(
                r"calling (?:all )?(?:the |our |local )?(?:\w{1,10} )?(?:businesses|practices|shops|companies|firms)|local businesses"
            ),
            any_of(
                r"(?:minutes?|second) of your time|(?:need|take|have) (?:\w{1,8} ){0,2}(?:five|ten|fifteen|two|three|couple) minutes"
            ),
            any_of(r"per month|month to month|apiece|a unit|a pop|a box|by the pallet|per seat|wholesale"),
            any_of(
                r"(?:i'm|this is|it's) (?!looking|calling|on|in)\w{2,12},? (?:\w{1,10} )?(?:with|from|over at|calling from) (?:the )?\w{3,20}"
            ),
            any_of(r"exclusive|leads|vendor|supplier|distributor|territory|our rep|decals?"),
            any_of(
                r"how many (?:\w{1,12} ){0,4}(?:a|per|each) (?:month|week|day)|how many (?:calls|jobs|claims|cases)"
            ),
            any_of(r"your (?:industry|competitors?)|(?:one|two|a couple|only one) (?:spots?|slots?|ad squares?) left"),
            any_of(r"boosters|sponsor\w{0,4}|whats ?app"),
            any_of(r"i've got (?:homeowners|cases)|we have (?:cases|homeowners)"),
        ),
    ),
    FactKind.WRONG_PARTY_NAMED: Phrases(
        each_of(
            r"wrong (?:number|place|company|office|department|business|extension|listing|people)",
            r"mis-?dialed|fat fingered",
            r"(?:dialed|called|punched|hit|pushed) (?:it |the |you )?(?:wrong|by mistake)|(?:got|have|called) the wrong (?:one|folks)(?=[.,!?]|$)",
            rf"(?:this isn't|this is not|isn't this|is this not|this ain't|ain't this) (?:miss |mister |mr |doctor |dr )?{_NAMED}",
            rf"you're not (?:mister |doctor )?{_NAMED}(?: works| people| department| company)?\?",
            r"(?:no one|nobody) (?:here )?(?:by that name|named)|no (?-i:[A-Z][a-z]{1,11}) here(?=[.,!?]|$)",
        ),
        any_of(
            r"(?:wrong (?:place|office)) (?:for|if)",
            r"if (?:this|you)",
            r"i might have the wrong",
            r"is this not \w{1,15},",
            r"insurance|covered|medicare|medicaid",
        ),
        hints=(
            any_of(
                r"(?:you|you're|you'd) (?:probably )?(?:want|wanting|looking for|need|thinking of) the (?:\w{1,15} ){0,2}(?:office|department|company|store|place|clinic|city|county|school|course|lady|shop|home|one (?:on|in|over|up|down|across))"
            ),
            any_of(
                r"that's not us|thats not us|that is not us|(?:this|it) is an? (?:law|private|house|locksmith|\w{3,12} (?:company|shop|firm|office|service))|no,? (?:sir,? |ma'?am,? )?(?:this is|we're|you've reached)|sir,? we're an?|we're an? \w{3,15} (?:company|place|shop|firm|office)|we don't have an? (?:miss|mister|doctor|(?-i:[A-Z][a-z]))"
            ),
            any_of(
                r"my bad|sorry to (?:bother|have bothered)|sorry for your time|i'll (?:call|try) (?:them|again|him)"
            ),
            any_of(rf"is this (?:not )?{_NAMED}(?: [\w']{{2,15}})?\?|is this (?:not )?the {_MEANT}\w{{3,15}}"),
            any_of(
                r"that's them|people mix us up|that happens (?:a lot|all the time|every)|we get (?:their|your|his|those|that) calls|a different (?:company|place|business|office)|who are you trying"
            ),
            any_of(rf"(?:this isn't|isn't this|is this not|this ain't|ain't this) (?:the |doctor )?{_MEANT}\w{{3,15}}"),
            any_of(r"(?:you|they|i)(?:'ve| have)? (?:got|have|called) the wrong"),
        ),
        agents_too=True,
    ),
}
