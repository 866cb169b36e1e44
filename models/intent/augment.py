"""Training-only noise: what a weak recogniser, a mono line and thin campaign data do to a call, and other place names.

Nothing here changes what the right label is. Places are renamed in the call and in its campaign together, so that the
network has to compare the two instead of learning towns by heart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from insights.domain.campaigns import Campaign, ServiceArea
from insights.domain.intents import Intent
from insights.domain.spoken_words import spoken_words
from insights.domain.transcript import Speaker, Turn
from models.intent.dataset import LabelledCall

_HOLD_LINES = (
    "thank you for calling this call may be recorded for quality and training purposes",
    "please hold while we connect your call",
    "your call is important to us please stay on the line",
    "thanks for calling please hold for the next available representative",
    "press one for new appointments press two for all other questions",
    "this call will be recorded",
)
_VOWELS = re.compile(r"[aeiouyhw']+")
_DOUBLES = re.compile(r"(.)\1+")
_SOUNDS = str.maketrans("bpfvckgqjsxzdtlmnr", "bbbbcccccssstdlmnr")


@dataclass(frozen=True, slots=True)
class Noise:
    """How often things go wrong: chances a call, and shares of its words."""

    heard: float = 0.7
    recogniser: float = 0.5
    worst_word_share: float = 0.3
    mono: float = 0.2
    merged_turns: float = 0.15
    cut_end: float = 0.08
    no_campaign: float = 0.04
    ivr_in_front: float = 0.1
    other_places: float = 0.5
    moved_job: float = 0.08
    thinner_offer: float = 0.5
    known_number: float = 0.15
    fragment: float = 0.1


class Augmenter:
    """Makes a fresh, noisy copy of a call. The same seed gives the same copies."""

    def __init__(self, calls: Sequence[LabelledCall], noise: Noise, heard: dict[str, list[tuple[Turn, ...]]]) -> None:
        self._noise = noise
        self._heard = heard
        words = {word for call in calls for turn in call.transcript.turns for word in spoken_words(turn.text).split()}
        self._alike: dict[str, list[str]] = {}
        for word in sorted(words):
            self._alike.setdefault(_sound(word), []).append(word)
        self._common = sorted(words)
        areas = {call.campaign.client: call.campaign for call in calls if call.campaign}
        self._areas = [(c.service_area.state, c.service_area.cities, c.service_area.zips) for c in areas.values()]

    def noisy(self, call: LabelledCall, rng: Random) -> LabelledCall:
        noise = self._noise
        heard = self._heard.get(call.call_id)
        if heard and rng.random() < noise.heard:
            call = call.with_turns(rng.choice(heard))
        elif rng.random() < noise.moved_job:
            call = self._moved_job(call, rng)
        if rng.random() < noise.other_places:
            call = self._other_places(call, rng)
        if rng.random() < noise.thinner_offer:
            call = _thinner_offer(call, rng)
        if call.intent in _KNOWN_BY_A_FRAGMENT and rng.random() < noise.fragment:
            call = _fragment(call, rng)
        turns = list(call.transcript.turns)
        if rng.random() < noise.recogniser:
            share = noise.worst_word_share * rng.random() ** 2
            turns = [replace(turn, text=self._misheard(spoken_words(turn.text), share, rng)) for turn in turns]
        if rng.random() < noise.cut_end and len(turns) > 6:
            turns = turns[: -rng.randint(1, 2)]
        if rng.random() < noise.mono:
            turns = [replace(turn, speaker=Speaker.UNKNOWN) for turn in turns]
        if rng.random() < noise.merged_turns:
            turns = _merged(turns, rng)
        if rng.random() < noise.ivr_in_front:
            turns.insert(0, Turn(rng.choice([Speaker.IVR, turns[0].speaker]), rng.choice(_HOLD_LINES)))
        call = call.with_turns(turns)
        if call.intent is Intent.PREVIOUS_CUSTOMER and rng.random() < noise.known_number:
            call = replace(call, known_customer=True)
        if call.intent in _NEEDS_NO_CAMPAIGN and rng.random() < noise.no_campaign * 2:
            call = replace(call, campaign=None)
        return call

    def _misheard(self, text: str, share: float, rng: Random) -> str:
        said: list[str] = []
        for word in text.split():
            if rng.random() >= share:
                said.append(word)
                continue
            kind = rng.random()
            if kind < 0.25:
                continue
            if kind < 0.7:
                said.append(rng.choice(self._alike.get(_sound(word), [word])))
            elif kind < 0.8:
                said.append(rng.choice(self._common))
            elif kind < 0.9 and said:
                said[-1] += word
            elif len(word) > 5:
                cut = rng.randint(2, len(word) - 2)
                said += [word[:cut], word[cut:]]
            else:
                said.append(word)
        return " ".join(said)

    def _other_places(self, call: LabelledCall, rng: Random) -> LabelledCall:
        """Rename the towns of the service area in call and campaign alike."""
        if call.campaign is None:
            return call
        area = call.campaign.service_area
        names = sorted({city for _, cities, _ in self._areas for city in cities} - set(area.cities))
        fresh = dict(zip(area.cities, rng.sample(names, len(area.cities)), strict=True))
        spoken = " ".join(turn.text.lower() for turn in call.transcript.turns)
        if any(name.lower() in spoken for name in fresh.values()):
            return call
        turns = [replace(turn, text=_renamed(turn.text, fresh)) for turn in call.transcript.turns]
        renamed = replace(area, cities=tuple(fresh[city] for city in area.cities))
        return replace(call.with_turns(turns), campaign=replace(call.campaign, service_area=renamed))

    def _moved_job(self, call: LabelledCall, rng: Random) -> LabelledCall:
        """A new customer whose only named town is swapped for one in another state: out of area, noticed or not."""
        if call.campaign is None or call.intent is not Intent.NEW_CUSTOMER:
            return call
        area = call.campaign.service_area
        spoken = " ".join(spoken_words(turn.text) for turn in call.transcript.turns)
        named = [city for city in area.cities if f" {spoken_words(city)} " in f" {spoken} "]
        opening = " ".join(spoken_words(turn.text) for turn in call.transcript.turns[:1])
        zip_said = any(spoken_words(code) in spoken or code[:3] in spoken for code in area.zips)
        agreed = re.search(r"\b(our area|cover|covers|serve|we go|get out (to|that way)|out there)\b", spoken)
        others = [cities for state, cities, _ in self._areas if state != area.state and cities]
        if len(named) != 1 or spoken_words(named[0]) in opening or zip_said or " zip " in spoken:
            return call
        if agreed or not others:
            return call
        if call.campaign.client.lower().split()[0] in named[0].lower():
            return call
        away = {named[0]: rng.choice(rng.choice(others))}
        turns = [replace(turn, text=_renamed(turn.text, away)) for turn in call.transcript.turns]
        return replace(call.with_turns(turns), intent=Intent.OUT_OF_AREA, outcome=None)


_KNOWN_BY_A_FRAGMENT = frozenset({Intent.SOLICITOR, Intent.NEW_CUSTOMER})
"""A pitch shows in any of its sentences; a call of which nothing is left but small talk is a new customer's."""

_NEEDS_NO_CAMPAIGN = frozenset(
    {
        Intent.SOLICITOR,
        Intent.JOB_SEEKER,
        Intent.WRONG_NUMBER,
        Intent.PREVIOUS_CUSTOMER,
        Intent.DIRECT_REFERRAL,
        Intent.NEW_CUSTOMER,
    }
)


def _sound(word: str) -> str:
    """A rough key under which words that sound alike meet."""
    return word[:1].translate(_SOUNDS) + _DOUBLES.sub(r"\1", _VOWELS.sub("", word[1:].translate(_SOUNDS)))


def _renamed(text: str, names: dict[str, str]) -> str:
    """Replace place names, the longest first, whatever their case."""
    small = {old.lower(): new for old, new in names.items()}
    every = "|".join(re.escape(old) for old in sorted(names, key=len, reverse=True))
    return re.sub(rf"\b(?:{every})\b", lambda found: small[found[0].lower()], text, flags=re.IGNORECASE)


def _fragment(call: LabelledCall, rng: Random) -> LabelledCall:
    """What one voice says in the middle of the call, begun and ended in mid-sentence, as of a recording cut at both
    ends. A voice that says too little stays as it is."""
    turns = call.transcript.turns
    said = Counter[Speaker]()
    for turn in turns:
        said[turn.speaker] += len(turn.text.split()) if turn.speaker in (Speaker.CALLER, Speaker.UNKNOWN) else 0
    voice = said.most_common(1)[0][0] if said else Speaker.CALLER
    words = [word for turn in turns if turn.speaker is voice for word in turn.text.split()]
    length = rng.randint(12, 70)
    if len(words) < length + 4:
        return call
    first = rng.randint(2, len(words) - length)
    kept = words[first : first + length]
    breaks = sorted({0, length, *(rng.randint(1, length - 1) for _ in range(rng.randint(0, 2)))})
    return call.with_turns(Turn(Speaker.UNKNOWN, " ".join(kept[a:b])) for a, b in pairwise(breaks))


def _merged(turns: list[Turn], rng: Random) -> list[Turn]:
    """Join a few neighbouring turns, as a recogniser does that missed the pause between two voices."""
    joined: list[Turn] = []
    for turn in turns:
        if joined and rng.random() < 0.3:
            last = joined[-1]
            speaker = last.speaker if last.speaker == turn.speaker else rng.choice([last.speaker, turn.speaker])
            joined[-1] = Turn(speaker, f"{last.text} {turn.text}")
        else:
            joined.append(turn)
    return joined


def _thinner_offer(call: LabelledCall, rng: Random) -> LabelledCall:
    """Shuffle the campaign's lists and drop entries that the call does not touch."""
    if call.campaign is None:
        return call
    spoken = " ".join(spoken_words(turn.text) for turn in call.transcript.turns)

    def thinned(entries: tuple[str, ...]) -> tuple[str, ...]:
        kept = [entry for entry in entries if _touches(entry, spoken) or rng.random() < 0.75]
        rng.shuffle(kept)
        return tuple(kept or entries)

    campaign: Campaign = call.campaign
    area = campaign.service_area
    return replace(
        call,
        campaign=replace(
            campaign,
            services=thinned(campaign.services) if call.intent is not Intent.NEW_CUSTOMER else _shuffled(campaign, rng),
            not_offered=thinned(campaign.not_offered)
            if call.intent is not Intent.SERVICE_NOT_OFFERED
            else tuple(rng.sample(campaign.not_offered, len(campaign.not_offered))),
            service_area=ServiceArea(thinned(area.cities), area.zips, area.state),
        ),
    )


def _shuffled(campaign: Campaign, rng: Random) -> tuple[str, ...]:
    return tuple(rng.sample(campaign.services, len(campaign.services)))


def _touches(entry: str, spoken: str) -> bool:
    return any(len(word) > 3 and word[:5] in spoken for word in spoken_words(entry).split())
