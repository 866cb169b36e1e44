"""Facts: what a call says that the rules can weigh, each with the words that say it. Everyone takes facts from here."""

from __future__ import annotations

from insights.domain.campaigns import Campaign
from insights.domain.fact_kinds import Fact, FactKind, Places, Quote, ServiceMatcher, quote_around
from insights.domain.place_facts import place_facts
from insights.domain.place_words import STATES
from insights.domain.said_facts import said_facts
from insights.domain.service_facts import service_facts
from insights.domain.transcript import Speaker, Transcript

__all__ = ["STATES", "Fact", "FactKind", "Places", "Quote", "ServiceMatcher", "extract_facts", "quote_around"]


def extract_facts(
    transcript: Transcript,
    campaign: Campaign | None,
    places: Places,
    known_customer: str = "",
    services: ServiceMatcher | None = None,
) -> tuple[Fact, ...]:
    """Everything found, metadata first, then in the order of the call.

    ``known_customer`` names the source when metadata knows the number. Turns marked unclear say nothing. Without
    ``services`` an entry of the catalogue is found by its own words alone.
    """
    facts: list[Fact] = []
    if known_customer:
        facts.append(Fact(FactKind.KNOWN_CUSTOMER, "the caller's number is known", source=known_customer))
    if not any(turn.text.strip() and turn.speaker is not Speaker.IVR for turn in transcript.turns):
        facts.append(Fact(FactKind.NOTHING_SAID, "nobody said a word", source="transcript"))
    turns = [
        (index, turn)
        for index, turn in enumerate(transcript.turns)
        if turn.text.strip() and not turn.unclear and turn.speaker is not Speaker.IVR
    ]
    found = list(said_facts(turns, campaign.client if campaign else ""))
    if campaign is not None:
        found += place_facts(turns, campaign, places)
        found += service_facts(turns, campaign, services)
    return (*facts, *sorted(found, key=lambda fact: fact.quote.turn if fact.quote else 0))
