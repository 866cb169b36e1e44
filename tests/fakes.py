"""Hand-written stand-ins, one a port: each does the least that is true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import numpy as np
from builders import ALWAYS_RIGHT, scores_for

from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent, IntentScores
from insights.domain.leads import Lead
from insights.domain.recordings import Span
from insights.domain.transcript import Transcript
from insights.errors import RecordingRejected, RecordingUnavailable
from insights.ports import Clip, DecodedAudio, HeardClip, Listening, Quarantined, SourceListing


class FewPlaces:
    """Knows a handful of zips and cities; everything else is unknown."""

    ZIPS: ClassVar[dict[str, tuple[str, str]]] = {
        "43004": ("Blacklick", "OH"),
        "43215": ("Columbus", "OH"),
        "43201": ("Columbus", "OH"),
        "31901": ("Columbus", "GA"),
        "30301": ("Atlanta", "GA"),
        "12345": ("Schenectady", "NY"),
    }
    CITIES: ClassVar[dict[str, set[str]]] = {
        "columbus": {"OH", "GA", "IN"}, "dublin": {"OH", "GA"}, "springfield": {"OH", "IL", "MA"},
        "fort wayne": {"IN"}, "macon": {"GA"}, "price": {"UT"},
        "washington": {"DC"}, "ohio": {"IL"}, "rye": {"NY"}, "clintonville": {"OH"}, "hope": {"OH"}, "march": {"OH"},
        "state farm": {"VA"}, "ninety six": {"SC"},
    }  # fmt: skip
    MAIL: ClassVar[dict[tuple[str, str], frozenset[str]]] = {("clintonville", "OH"): frozenset({"43215"})}

    def zip_place(self, zip_code: str) -> tuple[str, str] | None:
        return self.ZIPS.get(zip_code)

    def states_with_city(self, city: str) -> frozenset[str]:
        return frozenset(self.CITIES.get(city.lower(), ()))

    def zips_of_city(self, city: str, state: str) -> frozenset[str]:
        return self.MAIL.get((city.lower(), state), frozenset())


class PhraseMatcher:
    """Takes a sentence that holds a phrase for the phrase's entry; notes what it was asked about."""

    def __init__(self, **entries: str) -> None:
        self.entries, self.asked = entries, list[list[str]]()

    def match(self, sentences: Sequence[str], campaign: Campaign) -> tuple[int, str] | None:
        self.asked.append(list(sentences))
        found = [(n, self.entries[word]) for n, said in enumerate(sentences) for word in self.entries if word in said]
        return found[-1] if found else None


class NoHolidays:
    """Every day but Saturday and Sunday counts, unless a test names others."""

    def __init__(self, *days: date) -> None:
        self.days = frozenset(days)

    def closed(self, calendar: str, first_year: int, last_year: int) -> frozenset[date]:
        return self.days


class StoppedClock:
    """Shows one instant until somebody moves it."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant


class ListedSource:
    """Leads, campaigns and recordings held in memory; notes every fetch, and fails those of ``unsteady`` first."""

    uri = "memory://leads"

    def __init__(self, leads: Sequence[Lead], campaigns: Sequence[Campaign], recordings: dict[str, bytes]) -> None:
        self.leads, self.campaigns, self.recordings = list(leads), list(campaigns), recordings
        self.quarantined: tuple[Quarantined, ...] = ()
        self.fetched: list[str] = []
        self.unsteady: dict[str, int] = {}
        self.asked: list[datetime | None] = []
        self.complete_to: datetime | None = None
        self.stopped = ""

    def listing(self, since: datetime | None = None) -> SourceListing:
        self.asked.append(since)
        campaigns = {c.campaign_id: c for c in self.campaigns}
        return SourceListing(tuple(self.leads), campaigns, self.quarantined, self.complete_to, self.stopped)

    def fetch(self, lead: Lead) -> bytes:
        self.fetched.append(lead.lead_id)
        if self.unsteady.get(lead.lead_id, 0) > 0:
            self.unsteady[lead.lead_id] -= 1
            raise RecordingUnavailable("the source does not answer.", code="source_down", next_step="Wait.")
        return self.recordings[lead.lead_id]


LINE = 80_000
"""Samples of a spoken line: five seconds."""


class ScriptDecoder:
    """Takes a recording that is its own script, ``caller: My sink leaks.``, five seconds a line.

    A script with an agent has two channels, the agent on the first. The letters of a line are its first samples.
    ``broken`` is no recording.
    """

    def decode(self, data: bytes) -> DecodedAudio:
        script = data.decode()
        if script == "broken":
            raise RecordingRejected("the bytes are no sound.", code="not_audio", next_step="Ask for another copy.")
        channels = 2 if "agent: " in script else 1
        samples = np.full((channels, LINE * max(1, len(script.splitlines()))), 0.0001, dtype=np.float32)
        samples[:, -1] = 0.1
        for number, line in enumerate(script.splitlines()):
            letters = line.partition(": ")[2].encode()
            channel = 0 if line.startswith("agent: ") else channels - 1
            samples[channel, number * LINE] = len(letters) / 1000
            samples[channel, number * LINE + 1 : number * LINE + 1 + len(letters)] = (
                np.frombuffer(letters, np.uint8) / 1000
            )
        return DecodedAudio(samples, 16_000, 8_000, codec=script, container="script")


class LineFinder:
    """Finds the five seconds of each line of a script."""

    def listen(self, audio: DecodedAudio) -> Listening:
        lines = audio.codec.splitlines()
        last = audio.channels - 1
        return Listening(
            [Span(5.0 * n, 5.0 * n + 5, 0 if line.startswith("agent: ") else last) for n, line in enumerate(lines)]
        )


class ScriptReader:
    """Hears a script's words as they are written; ``fails_on`` a word that breaks it with a surprise.

    ``deaf_to`` a word that breaks it as a crash of the engine's own does.
    """

    name = "reader"

    def __init__(self, model: str = "reader-1") -> None:
        self.takes_prompt, self.confidence = True, 0.9
        self.model, self.heard, self.fails_on, self.deaf_to = model, list[str](), "", ""
        self.prompts: set[str] = set()

    def hear(self, clips: Sequence[Clip]) -> list[HeardClip]:
        texts = [self._text(clip) for clip in clips]
        if self.fails_on and any(self.fails_on in text for text in texts):
            raise ZeroDivisionError(self.fails_on)
        if self.deaf_to and any(self.deaf_to in text for text in texts):
            raise RuntimeError(self.deaf_to)
        self.heard += texts
        self.prompts |= {clip.prompt for clip in clips}
        return [HeardClip(text, self.confidence) for text in texts]

    def _text(self, clip: Clip) -> str:
        length = max(0, round(float(clip.samples[0]) * 1000))
        return bytes(np.round(clip.samples[1 : 1 + length] * 1000).astype(np.uint8)).decode(errors="replace")


class PhraseModel:
    """Takes a call for the intent whose phrase it holds, else for a new customer; counts what it judged."""

    def __init__(self, phrases: dict[str, Intent], model: str = "phrases-1") -> None:
        self.phrases, self.model, self.judged = phrases, model, 0
        self.reliability = ALWAYS_RIGHT

    def score(self, transcript: Transcript, campaign: Campaign | None, known_customer: bool) -> IntentScores:
        self.judged += 1
        said = " ".join(turn.text for turn in transcript.turns)
        intent = next((intent for phrase, intent in self.phrases.items() if phrase in said), Intent.NEW_CUSTOMER)
        even = tuple(1 / len(transcript.turns) for _ in transcript.turns)
        return scores_for(intent, turn_weights=even)


class NotedProgress:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.stages: dict[str, int] = {}
        self.steps: list[tuple[str, str]] = []
        self.failures: list[tuple[str, str, str]] = []

    def stage(self, name: str, total: int) -> None:
        self.stages[name] = total

    def step(self, name: str, lead_id: str, audio_s: float = 0.0) -> None:
        self.steps.append((name, lead_id))

    def failed(self, name: str, lead_id: str, code: str, transient: bool) -> None:
        self.failures.append((name, lead_id, code))
