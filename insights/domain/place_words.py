"""Words around places: the states, ways to write a city, cities that are ordinary words and what is never one."""

from __future__ import annotations

import re

from insights.domain.fact_kinds import Places

STATES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "florida": "FL", "georgia": "GA", "hawaii": "HI", "idaho": "ID",
    "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME",
    "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN", "mississippi": "MS", "missouri": "MO",
    "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM",
    "new york": "NY", "north carolina": "NC", "north dakota": "ND", "ohio": "OH", "oklahoma": "OK", "oregon": "OR",
    "pennsylvania": "PA", "rhode island": "RI", "south carolina": "SC", "south dakota": "SD", "tennessee": "TN",
    "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA", "washington": "WA", "west virginia": "WV",
    "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip

_LONG = {"st": "saint", "ft": "fort", "mt": "mount"}
_SHORT = {long: short for short, long in _LONG.items()}


def bare(name: str) -> str:
    """A name's letters in its shortest spelling: "St. Marys", "saint marys" and "s t m a r y s" are one."""
    return "".join(_SHORT.get(word, word) for word in re.findall(r"[a-z]+", name.lower()))


def states_with(name: str, places: Places) -> frozenset[str]:
    """Two-letter states that have a city of this name, shortened ("St. Marys") or not."""
    return frozenset().union(*(places.states_with_city(way) for way in _spellings(name)))


def zips_of(name: str, state: str, places: Places) -> frozenset[str]:
    """Five-digit zips of a city, its name shortened ("Ft. Worth") or not."""
    return frozenset().union(*(places.zips_of_city(way, state) for way in _spellings(name)))


def _spellings(name: str) -> set[str]:
    """A name without dots, as it is and with long words: lists of places differ in which they know."""
    words = name.lower().replace(".", " ").split()
    return {" ".join(words), " ".join(_LONG.get(word, word) for word in words)}


def ways_of_saying(city: str) -> str:
    """A pattern for a city's name, however it is spaced and shortened; empty for a name without letters."""
    words = re.findall(r"[^\W_]+", city.lower())
    return r"[\s.'-]{0,3}".join(f"(?:{_either(word)})" for word in words)


def _either(word: str) -> str:
    other = _LONG.get(word) or _SHORT.get(word)
    return f"{word}|{other}" if other else re.escape(word)


NUMBER_WORDS = frozenset(
    (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand number"
    ).split()
)

ORDINARY_CITIES = frozenset(
    (
        "academy accident accord ace ada adamant admire advance advent agency agenda alliance alloy almond alpha "
        "amber anchor anna anthem apex arcade arena armour arriba arsenal art ash assumption auto avenue axis ayer "
        "baker ball bangs banks banner banning barber barking barr barrier basin bass bath bay bays beach beacon "
        "bear beauty bee bell bells belt bend bent best between birds bishop black blades bland blanket blaze "
        "blessing bliss blocker bloom blue bluff blunt bolt bond boon booth boring boss bourbon bow branch brave "
        "breaks breeding brethren brewer brick brill brilliant brothers brush bucks bud bunch bunker burden bureau "
        "bush busy butterfly cable cache cadillac calcium california call camp campaign campus cannon canoe canon "
        "canvas canyon capac carbon cardinal carolina carpenter carrier casa cascade cash cass castle cave cedar "
        "celebration cement center central centre century challenge chambers champ champion chance chancellor "
        "chapel charity charm chase check cherry chicken china chloride christmas circle clay clear clever cliff "
        "climax coats cocoa coin colon colony combine comfort commerce community conception concrete cone congress "
        "constable continental convent convoy cook cooks cool cooper cope coral cord core corn cosmos cost cotton "
        "couch council counselor countryside coupon cove covert coward coy crane cranks cross crown crystal cuba "
        "cucumber cylinder dairy dakota darling david dawn day deal dean deer defeated defiance delaware delight "
        "delta democrat dent deport deposit deputy derby diagonal diamond dice dinero dinosaur distant divide dodge "
        "dolphin dow downs drain dresser drew drift drifting driver drums duck duo dwarf eagle early earth eastern "
        "echo eclectic economy effort egypt elim embarrass emblem emma empire endeavor energy english enterprise "
        "equality era ether eva ever excel exchange experiment export extension faith falls farmer farmers farmland "
        "fate fellows felt fence fertile fibre fidelity field fielding fields fine finger fisher flat fleet flora "
        "floral florida flower fly force ford forest fork forks foss fossil foster fountain fox frame freedom "
        "friend friendly friendship fries frontier frost fulfillment funk gable gale gap garden garrison gas gate "
        "gates gateway gay gays gem given glide globe golden golf gordo gore grace granite grant grants gravity "
        "gray green groom guild gulf guy guys halfway hall halls happy harbor hardwood harmony harvest hatch haven "
        "hay hazard headquarters heaters helm helper herald herd highway hill hills holder holiday home homeland "
        "homer hometown hon honor hood hooks hope house hull humble hundred hunt hunter hunters hurricane hurt "
        "hydro hygiene ida ideal imperial independence index indiana industrial industry inland institute "
        "intercourse interior iowa iron island issue jack java jersey jet job jordan joy jud junction junior "
        "justice kettle kiln kindred king kings lake lamb landing lane large lawn lead leaf learned ledger lee "
        "lennox leo levels liberal liberty library licking light likely limestone lively load lodge lone lookout "
        "loop lovely loving loyal luck lum magazine magnet maiden maine mainland maize mammoth man mango many maple "
        "marathon marble marine mark marks mars mart marvel mary mascot mason max may means mechanic media mentor "
        "mercury merit meta mexico michigan micro middle midfield midnight midway miles mills miner mineral miracle "
        "mission mobile mode model monarch monitor monument moon moss mound mountain muddy muse mutual mystic nada "
        "nebraska needles neon nevada newborn nice noble node normal north northwest norway novelty novice nursery "
        "oak oaks ocean odd ohio okay olds olive omega only onset onward opp ora oral orange ord ordinary oregon "
        "organ orient outing outlook overly ozone pace page painter palm palms panorama parachute parade paradise "
        "paradox paramount parchment parish park parks parrot patriot peak pearl peculiar peel peninsula penn "
        "peoples perks peru petroleum petty pigeon pillow pilot pinch pine pinnacle pioneer piso pitcher plain "
        "plains plank plantation platinum plaza plum plush point pointer points poland ponder pony pool pope poplar "
        "portal post pound power powers pray premier premium price pride prim prince printer prospect prosper "
        "prosperity protection public purchase quality queen quick raccoon radiant railroad rainbow rains rake rand "
        "range ranger ransom raven ray reader reading redbud reform register reliance relief remote republic rescue "
        "reserve reunion rice rich ridge rifle rig river roach rock rocky roll romance rose roundup rover roy royal "
        "ruby rugby rule rush russia ruth rye sage saline salmon sample sanctuary sandwich sandy satin savage "
        "scenic scurry secretary section sedan sellers sells separ shade shadow shady shell shepherd shields shock "
        "shook shorter silver singer sisters sixes skyline slaughter slick snow sod soldier solitude solo "
        "southeastern southwest sparks speaks speed spray spring springs spur stab stamps standard staples star "
        "stark start startup static stead stem sterling stone stop story stout strawberry street stringer strong "
        "sublime subtle success summers summit sun sunrise sunset sunshine superior supply surprise sweet swift "
        "symbol tad talent tariff tea telephone tell temple tesla thermal thor tiger timber toast todd toler tom "
        "tool topping tornado tow tower trade trail trainer tram transfer trees triangle trio triumph trooper trout "
        "true tunnel turkey twilight twist typo una union united unity universal university unm uno urban valley "
        "van vantage vendor vest veteran victory village violet virgin virginia volcano wake walker wall walls war "
        "ward ware warrior washington waterfall waterproof waters watts waves wax weed welcome weld wells west "
        "western white widen willow wing winger wink winner winter winters wisdom wise wolf wood woodland woods "
        "worth wyoming yards young"
    ).split()
)
"""Names of cities that are everyday words, first names or companies: they are places only in clear company."""

ORDINARY_PAIRS = frozenset(
    {
        "lone star",
        "state farm",
        "state line",
        "the village",
        "the rock",
        "west end",
        "old town",
        "three point",
        "country club",
        "big water",
        "park row",
        "left hand",
        "great lakes",
        "box elder",
        "new england",
    }
)
"""The same for names of two words."""

NEVER_CITIES = frozenset(
    (
        "january february march april may june july august september october november december monday tuesday "
        "wednesday thursday friday saturday sunday english spanish french german chinese polish mexico china india "
        "egypt israel cuba peru russia poland norway jordan turkey north south east west northern southern eastern "
        "western northwest southwest northeast southeast central downtown street highway okay nice king power kevin "
        "victor house home campus town"
    ).split()
)
"""Names of cities that mean something else in a call about a service, however they are written."""
