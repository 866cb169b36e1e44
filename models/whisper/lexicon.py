"""The words behind the generated sentences: common words, names, towns, streets, trades."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import zipcodes

from whisper.tokenizer import get_tokenizer

FESTIVAL_LEXICON = Path("/usr/share/festival/dicts/cmu/cmudict-0.4.out")

FIRST_NAMES = """james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan
joseph jessica thomas sarah charles karen christopher lisa daniel nancy matthew betty anthony sandra mark margaret
donald ashley steven kimberly andrew emily paul donna joshua michelle kenneth carol kevin amanda brian melissa george
deborah timothy stephanie ronald rebecca edward laura jason helen jeffrey sharon ryan cynthia jacob kathleen gary amy
nicholas angela eric shirley jonathan anna stephen brenda larry pamela justin emma scott nicole brandon samantha
benjamin katherine samuel christine gregory debra alexander rachel patrick carolyn frank janet raymond maria jack
heather dennis diane jerry olivia tyler julie aaron joyce henry victoria jose kelly adam christina nathan joan peter
lauren walter judith harold megan carl andrea arthur cheryl roger hannah keith jacqueline lawrence martha terry gloria
sean teresa albert ann jesse sara austin madison bruce kathryn ralph abigail roy sophia eugene frances louis jean
philip alice bobby judy johnny julia grace marcus denise wayne beverly russell danielle vincent marilyn logan amber
travis rose carlos luis angel maggie holly wendy tracy dawn felicia luke oscar hector rosa priya omar ali mei ray tom
bob dave mike steve joe jim dan ben matt chris nick tony rick greg jeff dana kyle tasha darnell lupe ernesto yolanda
keisha bernice doris earl vernon hazel mildred clyde jamal aisha farah nadia dmitri svetlana nguyen linh minh raj
anita deepak fatima yusuf kwame bridget colleen siobhan gunther helga pierre giovanni lorenzo""".split()

LAST_NAMES = """smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez
wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson
walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell
carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook
rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks
chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez
powell jenkins perry russell sullivan bell coleman butler henderson barnes fisher vasquez simmons graham murray ford
castro marshall owens harrison fernandez mcdonald woods washington kennedy wells vargas henry chen freeman webb tucker
guzman burns crawford olson simpson porter hunter gordon mendez silva shaw snyder mason dixon munoz hunt hicks holmes
palmer wagner black robertson boyd stone salazar fox warren mills meyer rice schmidt garza daniels ferguson nichols
stephens soto weaver ryan gardner payne grant dunn kelley spencer hawkins arnold pierce hansen peters santos hart
bradley knight elliott cunningham duncan armstrong hudson carroll lane riley andrews alvarado ray delgado berry perkins
hoffman johnston matthews pena richards contreras willis carpenter lawrence kowalski novak okafor schwartz goldberg
fitzgerald o'brien o'connor mcallister vandenberg delacroix yamamoto haddad petrov lindqvist abernathy""".split()

STREETS = """main oak maple cedar pine elm washington lake hill walnut spring north ridge church willow sunset park
jackson lincoln mill river chestnut franklin jefferson highland madison cherry dogwood hickory meadow forest valley
magnolia laurel birch spruce poplar sycamore prospect center pleasant college school monroe adams harrison peachtree
ashwood brookside canyon cottonwood county creekside eastwood fairview glenwood grandview greenwood hawthorne heather
juniper lakeview mountain mulberry northside orchard quail ranch ridgewood rosewood sherwood stonebridge summit timber
vine westgate windsor woodland wildflower pecan bluff harbor bayview martin colonial heritage liberty union""".split()
STREET_ENDS = "street avenue road drive lane court boulevard way circle place trail parkway terrace highway".split()

DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
RELATIVES = """husband wife mother father mom dad son daughter brother sister neighbor friend boss landlord tenant
uncle aunt grandmother cousin roommate mother in law boyfriend girlfriend""".split()
SPELLING_WORDS = """apple boy cat dog edward frank george henry igloo john king larry mary nancy oscar peter queen
robert sam tom umbrella victor william x-ray yellow zebra""".replace("x-ray", "xylophone").split()

COMPANIES = """summit blue sky all seasons first choice precision liberty reliable evergreen golden gate lone star
cornerstone patriot rocky mountain tri county riverside premier anchor eagle pinnacle family capital city bright
heritage red barn dependable northstar coastal keystone sunrise valley silver lake honest old town express guardian
century diamond magnolia bluebird bulldog granite harbor pioneer royal superior titan twin rivers a plus""".split()

TRADES: dict[str, tuple[str, ...]] = {
    "plumbing": tuple(
        "water heater,kitchen sink,garbage disposal,main sewer line,shower drain,toilet,faucet,sump pump,hose bib,"
        "slab leak,water softener,gas line,tankless heater,bathtub,shut off valve,well pump,septic tank".split(",")
    ),
    "heating and air": tuple(
        "furnace,air conditioner,heat pump,thermostat,duct work,compressor,blower motor,condenser,mini split,boiler,"
        "coil,filter,capacitor,vent,humidifier,freon,air handler".split(",")
    ),
    "roofing": tuple(
        "shingles,roof,gutters,flashing,chimney,skylight,attic,ridge vent,tile roof,metal roof,ceiling,downspout,"
        "hail damage,soffit,fascia,flat roof,decking".split(",")
    ),
    "electric": tuple(
        "breaker,panel,outlet,ceiling fan,light switch,generator,car charger,meter,wiring,smoke detector,"
        "recessed lights,fuse box,surge protector,hot tub circuit,porch light".split(",")
    ),
    "law": tuple(
        "car accident,divorce,custody case,speeding ticket,will,injury claim,bankruptcy,immigration papers,lawsuit,"
        "settlement,child support,traffic court,slip and fall,workers comp,estate,restraining order,dui".split(",")
    ),
    "dental": tuple(
        "crown,cleaning,root canal,wisdom tooth,filling,denture,implant,braces,cracked molar,x rays,cavity,"
        "whitening,gum infection,bridge,toothache,night guard,veneer".split(",")
    ),
    "pest control": tuple(
        "termites,bed bugs,ants,roaches,mice,wasp nest,raccoon,squirrels,spiders,mosquitoes,rats,fleas,bees,"
        "carpenter ants,possum,snake,scorpions".split(",")
    ),
    "towing": tuple(
        "flat tire,dead battery,tow,lockout,jump start,spare key,truck,motorcycle,van,transmission,ditch,minivan,"
        "pickup,trailer,wheel,parking garage,impound lot".split(",")
    ),
    "landscaping": tuple(
        "lawn,tree,hedges,sprinklers,stump,mulch,sod,fence,retaining wall,patio,leaves,irrigation,dead oak,weeds,"
        "flower beds,driveway,drainage".split(",")
    ),
    "moving": tuple(
        "piano,couch,storage unit,apartment,two bedroom house,boxes,dresser,pool table,safe,mattress,truck,"
        "washer and dryer,refrigerator,office furniture,hot tub,treadmill".split(",")
    ),
    "garage doors": tuple(
        "garage door,spring,opener,remote,cable,track,panel,keypad,sensor,roller,hinge,bottom seal,motor".split(",")
    ),
    "cleaning": tuple(
        "carpet,windows,house,office,oven,grout,upholstery,rug,pet stain,hardwood floors,move out,pressure washing,"
        "deck,siding,gutters,mattress".split(",")
    ),
}


@cache
def festival_words() -> frozenset[str]:
    """Every word that the CMU lexicon of festival can pronounce."""
    entries = FESTIVAL_LEXICON.read_text(encoding="latin-1")
    return frozenset(re.findall(r'^\("([a-z]+(?:\'[a-z]+)?)"', entries, flags=re.MULTILINE))


@cache
def common_words() -> tuple[str, ...]:
    """About 14,000 everyday words, most frequent first.

    The ranks of the byte-pair merges of Whisper's English vocabulary follow the frequency of the words in the
    text it was made from; the ones that are whole lower-case words and stand in the lexicon are the common words.
    """
    tokenizer = get_tokenizer(multilingual=False)
    known = festival_words()
    words: list[str] = []
    for rank in range(256, tokenizer.eot):
        word = tokenizer.encoding.decode_single_token_bytes(rank).decode("utf-8", "ignore")
        if re.fullmatch(r" [a-z]{2,}", word) and word[1:] in known:
            words.append(word[1:])
    return tuple(words)


@cache
def towns() -> tuple[str, ...]:
    """American town names that are plain words, one entry a name."""
    names = {place["city"].lower() for place in zipcodes.list_all() if place["zip_code_type"] == "STANDARD"}
    return tuple(sorted(name for name in names if re.fullmatch(r"[a-z]+(?: [a-z]+){0,2}", name)))
