"""Generated sentences for the corpus: what callers and receptionists say, with the parts that must be heard right.

Every kind answers one need: digit strings, prices, addresses and spelled names carry a lead's facts; word-salad
over a large vocabulary keeps the decoder from learning sentences by heart instead of listening.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from models.whisper import lexicon
from models.whisper.spoken import cardinal, clock, money, one_by_one, ordinal

# A slot in braces is filled by the function of that name below.
GREETINGS = """thank you for calling {company} this is {first} how can i help you|{company} {first} speaking
good {daytime} {company} how may i direct your call|hi you've reached {company} {trade} this is {first}
{company} this is {first} are you a new customer or an existing customer|thanks for holding this is {first}
thank you for calling {company} your call may be recorded for quality|{company} can you hold please
please leave your name and number after the tone|you have reached the voice mail of {first} {last}
press one for scheduling press two for billing or stay on the line|para espanol oprima el numero dos
our office is closed our hours are {hour} to {hour} {day} through {day}|good {daytime} law office of {last} and {last}
the number you have dialed is not in service|all of our technicians are busy please stay on the line"""
CALLER = """hi i'm calling about {article_item}
yeah hi um i saw your ad online and i need somebody to look at {article_item}
my {item} stopped working {ago} and i was wondering if you could send someone out {when}
i have a problem with my {item} it's been like this since {day}|do you guys do {item} repair
how much do you charge to replace {article_item}|what's your service fee|is there a fee for the estimate
i got a quote from another company for {price} and that seems high|can you beat {price}
i'm at {address} in {town}|the address is {address} {town} and the zip is {zip}|it's {address} apartment {number}
my number is {phone}|you can reach me at {phone}|let me give you my {relative}'s number it's {phone}
my name is {first} {last}|{first} {last} that's {spelled}|it's spelled {spelled}|last name is {last} {spelled_as}
my {relative} used you guys about {number} years ago and said to call you|somebody from there came out {ago}
we bought the house in {month} and the {item} was already old|the {item} is about {number} years old
you were supposed to be here between {hour} and {hour}|nobody showed up {ago} and nobody called
i already have an appointment for {day} and i need to move it to {day}|can i reschedule for {when}
i'm calling to check on my invoice number {digits}|i was charged {price} and it should have been {price}
are you hiring right now i've got {number} years of experience|i'm looking for work i do {trade}
this is {first} with {company} i wanted to talk to the owner about your {sales}
sorry wrong number i was trying to reach {company}|oh i thought this was the {town} pharmacy
do you come out to {town}|i'm about {number} miles from {town}|we live just past {town} off of {street} {street_end}
um i don't know what's wrong with it honestly|it's making a really loud noise|there's water everywhere
okay {when} at {hour} works|could we do {day} instead|no {day} is no good for me i work until {hour}
i'll have to talk to my {relative} and call you back|let me think about it|i'm gonna call around first
well that's more than i wanted to spend|okay go ahead and put me down for {day}
hello can you hear me|i can't hear you you're breaking up|hold on a second let me find a pen|sorry go ahead
how's the weather over there we got {number} inches of rain {ago}|happy {day} how are you doing
i'm fine thanks how are you|you bet thank you so much|all right bye bye now|okay i appreciate it have a good one
my landlord told me to call and have the {item} looked at|i'm the tenant my landlord is {first} {last}
i need the {item} and the {item} both looked at|it isn't the {item} it's the {item}
the insurance adjuster is coming out on {date}|i've got a deductible of {price}|my policy number is {digits}
i was in {article_item} situation back in {month} of twenty {year}|the accident happened on {date} at {hour}"""
AGENT = """can i get your name and a good call back number|what's the address there|and what's the zip code
so that's {address} correct|i have {phone} is that the best number|let me read that back {phone}
we have an opening {when} between {hour} and {hour}|the earliest i can get somebody out is {day}
the service call is {price} and that goes toward the repair|it starts at {price} depending on the {item}
for {article_item} you're looking at anywhere from {price} to {price}|we charge {price} an hour plus parts
no i'm sorry we don't service {town}|unfortunately we don't do {item} anymore|we only do {trade}
i'm sorry we don't work on {item}s|that would be our {town} office their number is {phone}
have you used us before|how did you hear about us|is this for a home or a business|do you own the home
the technician's name is {first} and he'll call you about {number} minutes before|what kind of {item} is it
your confirmation number is {digits}|okay you're all set for {date} at {hour}|what seems to be the problem
let me look you up in the system|i see you were in here back in {month}|i'll have {first} give you a call back
he's out on a job right now can i take a message|we're booked out until {date}|can you spell that for me
was that {spelled}|the total comes to {price} with tax|we take cash check and all major credit cards
is anybody hurt|was there a police report|who is your insurance with|have you been to the doctor yet
sure i can help you with that|no problem at all|all right give me just a second|mhm okay|absolutely
that's under warranty until {month} of twenty {year}|there's a {number} percent discount for seniors"""
SMALL_TALK = """how are you today|how's your {day} going so far|it's been a long day|is it hot enough for you over there
we had {number} inches of snow {ago}|did you see the game {ago}|my {relative} is from {town} too|oh i love {town}
are you going anywhere for the holidays|we're driving up to {town} to see my {relative} {when}|sorry the dog is barking
my {relative} is turning {number} in {month}|that's funny my name is {first} too|i've been on hold for {number} minutes
you sound just like my {relative}|traffic on {street} was terrible this {daytime}|the kids are home from school {day}
no worries take your time|happy {day}|you have a blessed day now|tell {first} i said hello
it's pouring down here in {town}|sorry i was on the other line"""
FIXED_PAIRS = (("the", "a"), ("i", "we"), ("okay", "alright"), ("um", "uh"), ("yeah", "yes"), ("hi", "hello"))

_SLOT = re.compile(r"\{(\w+)\}")


class SentenceWriter:
    """Writes one sentence at a time from its own random stream, so a corpus is the same for the same seed."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.words = lexicon.common_words()[:12_000]
        self.towns = lexicon.towns()
        self.patterns = {
            "greeting": _split(GREETINGS),
            "caller": _split(CALLER),
            "agent": _split(AGENT),
            "talk": _split(SMALL_TALK),
        }
        self._trade = "plumbing"
        self._last = "smith"
        self._slots: dict[str, Callable[[], str]] = {
            "company": self.company,
            "first": lambda: self.rng.choice(lexicon.FIRST_NAMES),
            "last": lambda: self._last,
            "daytime": lambda: self.rng.choice(("morning", "afternoon", "evening")),
            "trade": lambda: self._trade,
            "item": lambda: self.rng.choice(lexicon.TRADES[self._trade]),
            "article_item": self._article_item,
            "relative": lambda: self.rng.choice(lexicon.RELATIVES),
            "sales": lambda: self.rng.choice(("google listing", "website", "credit card processing", "phone service")),
            "town": lambda: self.rng.choice(self.towns),
            "street": lambda: self.rng.choice(lexicon.STREETS),
            "street_end": lambda: self.rng.choice(lexicon.STREET_ENDS),
            "address": self.address,
            "zip": lambda: one_by_one(self._digits(5), self.rng),
            "digits": lambda: one_by_one(self._digits(self.rng.randint(4, 9)), self.rng),
            "phone": self.phone,
            "price": self.price,
            "number": lambda: cardinal(self.rng.choice((2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 45, 60))),
            "year": lambda: cardinal(self.rng.randint(10, 26)),
            "hour": self.hour,
            "day": lambda: self.rng.choice(lexicon.DAYS),
            "month": lambda: self.rng.choice(lexicon.MONTHS),
            "date": lambda: f"{self.rng.choice(lexicon.MONTHS)} {ordinal(self.rng.randint(1, 31))}",
            "when": self.when,
            "ago": lambda: self.rng.choice(
                ("last night", "yesterday", "this morning", "two days ago", "last week", "about an hour ago")
            ),
            "spelled": lambda: " ".join(self._last.replace("'", "")),
            "spelled_as": lambda: self.spelled_as(self._last),
        }

    def sentence(self, kind: str) -> str:
        """One sentence of ``greeting``, ``caller``, ``agent`` or ``talk``."""
        self._trade = self.rng.choice(tuple(lexicon.TRADES))
        self._last = self.rng.choice(lexicon.LAST_NAMES)
        text = _SLOT.sub(lambda slot: self._slots[slot[1]](), self.rng.choice(self.patterns[kind]))
        for one, other in FIXED_PAIRS:
            if self.rng.random() < 0.2:
                text = re.sub(rf"\b{one}\b", other, text)
        return text

    def salad(self) -> str:
        """Three to eleven words that do not belong together; frequent words come more often."""
        count = self.rng.randint(3, 11)
        last = len(self.words) - 1
        return " ".join(self.words[int(last * self.rng.random() ** 1.7)] for _ in range(count))

    def names(self) -> str:
        """Names of people, towns and streets in a row."""
        parts = [self._slots[self.rng.choice(("first", "town", "street"))]() for _ in range(self.rng.randint(2, 4))]
        return " ".join([*parts, self.rng.choice(lexicon.LAST_NAMES)])

    def facts(self) -> str:
        """A bare fact as it is given when asked for: a number, a price, an address, a date, a spelled name."""
        self._last = self.rng.choice(lexicon.LAST_NAMES)
        slots = ("phone", "phone", "zip", "digits", "price", "address", "date", "when", "spelled", "spelled_as", "hour")
        lead_in = self.rng.choice(("", "", "", "it's", "that's", "um", "yes", "okay so", "no it's", "and"))
        return f"{lead_in} {self._slots[self.rng.choice(slots)]()}".strip()

    def phone(self) -> str:
        """A phone number in its groups, sometimes without the area code or as a toll-free number."""
        groups = [self._digits(3), self._digits(3), self._digits(4)]
        kind = self.rng.random()
        if kind < 0.2:
            groups = groups[1:]
        words = [one_by_one(group, self.rng) for group in groups]
        if kind > 0.9:
            words[0] = "eight hundred"
        if kind > 0.6 and self.rng.random() < 0.3:
            words[-1] = f"{cardinal(self.rng.randint(10, 99))} {cardinal(self.rng.randint(10, 99))}"
        return " ".join(words)

    def digits(self) -> str:
        """Digits read one by one as they are given when asked for: most often a phone number, a zip code, a number."""
        return self._slots[self.rng.choice(("phone", "phone", "zip", "digits"))]()

    def price(self) -> str:
        """A price from a service call to a new roof."""
        rng = self.rng
        small, even, odd = rng.randint(19, 99), rng.randint(2, 19) * 50, rng.randint(100, 999)
        amount = rng.choice((small, even, odd, rng.randint(2, 30) * 500))
        if amount > 1000 and amount % 1000 and amount < 10000 and self.rng.random() < 0.6:
            return f"{cardinal(amount // 100)} hundred dollars"
        return money(amount) if self.rng.random() < 0.8 else cardinal(amount)

    def address(self) -> str:
        """A house number and a street."""
        number = self.rng.choice((self._digits(3), self._digits(4), self._digits(5)))
        style = self.rng.random()
        if len(number) == 4 and style < 0.7:
            house = f"{cardinal(int(number[:2]) or 12)} {cardinal(self.rng.randint(10, 99))}"
        elif len(number) == 3 and style < 0.6:
            house = f"{cardinal(int(number[0]) or 4)} {cardinal(self.rng.randint(10, 99))}"
        else:
            house = one_by_one(number, self.rng)
        side = self.rng.choice(("", "", "", "north ", "south ", "east ", "west "))
        return f"{house} {side}{self.rng.choice(lexicon.STREETS)} {self.rng.choice(lexicon.STREET_ENDS)}"

    def hour(self) -> str:
        """A time of day."""
        hour, minute = self.rng.randint(1, 12), self.rng.choice((0, 0, 15, 30, 30, 45, 5, 10, 20))
        plain = cardinal(hour) if self.rng.random() < 0.4 else clock(hour, minute)
        return plain + self.rng.choice(("", "", "", " a m", " p m", " in the morning", " this afternoon"))

    def when(self) -> str:
        """A day or part of a day to come."""
        day = self.rng.choice(lexicon.DAYS)
        return self.rng.choice(
            (
                "today", "tomorrow", "tomorrow morning", "this afternoon", "tonight", "this week", "next week",
                f"on {day}", f"next {day}", f"{day} morning", f"{day} at {self.hour()}", f"tomorrow at {self.hour()}",
                "first thing in the morning", "as soon as possible", f"after {self.hour()}", "sometime next month",
            )
        )  # fmt: skip

    def company(self) -> str:
        """A company's name with its trade."""
        owner = self.rng.choice((self.rng.choice(lexicon.COMPANIES), self._last, self.rng.choice(lexicon.COMPANIES)))
        return f"{owner} {self._trade}"

    def spelled_as(self, word: str) -> str:
        """A name spelled with helper words: "b as in boy o w e n"."""
        letters = list(word.replace("'", ""))[: self.rng.randint(2, 8)]
        said = []
        for letter in letters:
            helpers = [name for name in (*lexicon.SPELLING_WORDS, *lexicon.FIRST_NAMES) if name[0] == letter]
            said.append(f"{letter} as in {self.rng.choice(helpers)}" if helpers and self.rng.random() < 0.3 else letter)
        return " ".join(said)

    def _article_item(self) -> str:
        item = self.rng.choice(lexicon.TRADES[self._trade])
        return f"{'an' if item[0] in 'aeiou' else 'a'} {item}"

    def _digits(self, count: int) -> str:
        return "".join(self.rng.choice("0123456789") for _ in range(count))


def _split(patterns: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in re.split(r"[|\n]", patterns) if line.strip())
