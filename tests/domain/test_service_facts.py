"""Which service the caller asks for: by the catalogue's own words first, else by meaning."""

from __future__ import annotations

import pytest
from builders import a_campaign, a_transcript
from fakes import FewPlaces, PhraseMatcher

from insights.domain.campaigns import Campaign
from insights.domain.facts import Fact, FactKind, extract_facts

OFFERED, UNOFFERED = FactKind.OFFERED_SERVICE_NAMED, FactKind.UNOFFERED_SERVICE_NAMED


def services(
    *lines: str, matcher: PhraseMatcher | None = None, campaign: Campaign | None = None
) -> list[tuple[FactKind, str]]:
    return [(fact.kind, fact.value) for fact in facts(*lines, matcher=matcher, campaign=campaign)]


def facts(*lines: str, matcher: PhraseMatcher | None = None, campaign: Campaign | None = None) -> list[Fact]:
    found = extract_facts(a_transcript(*lines), campaign or a_campaign(), FewPlaces(), services=matcher)
    return [fact for fact in found if fact.kind in (OFFERED, UNOFFERED)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("I need my drains cleaned.", [(OFFERED, "drain cleaning")]),
        ("My water heater died.", [(OFFERED, "water heater repair")]),
        ("Do you pump septic tanks?", [(UNOFFERED, "septic tank pumping")]),
        (
            "I want a gas line installed, and replace the sewer line.",
            [(UNOFFERED, "gas line installation"), (OFFERED, "sewer line replacement")],
        ),
        ("My roof leaks.", []),
        ("I don't need septic tank pumping.", []),
        ("We had gas line installation last year by others.", []),
        ("Septic tank pumping, that was the neighbor.", []),
        ("I need a plumber. The gas line was installed by others.", []),
        ("My septic tank is fine, I need the pumping of the cellar.", []),
        ("agent: We do drain cleaning, not septic tank pumping.", []),
    ],
)
def test_services_are_recognised_in_the_callers_own_forms(said: str, found: list[tuple[FactKind, str]]) -> None:
    assert services(said) == found


def test_an_unoffered_entry_needs_a_sentence_that_asks_for_it() -> None:
    campaign = a_campaign(not_offered=("roofing", "of the and"))
    assert services("The roofer was here.", campaign=campaign) == []
    assert services("My siding is fine, I need the roof fixed.", campaign=a_campaign(not_offered=("siding",))) == []
    lawyers = a_campaign(not_offered=("divorce",))
    assert services("My divorce is done. I need you for my accident.", campaign=lawyers) == []
    assert services("Do you do roofs? A roof is all I need.", campaign=campaign) == [(UNOFFERED, "roofing")]


def test_what_a_sentence_with_the_need_means_is_named_and_quoted() -> None:
    matcher = PhraseMatcher(gurgling="drain cleaning", tank="septic tank pumping")
    (fact,) = facts("agent: Hello?", "Hi. My sink is gurgling at me. Thanks.", matcher=matcher)
    assert (fact.kind, fact.value) == (OFFERED, "drain cleaning")
    assert fact.quote is not None
    assert (fact.quote.turn, fact.quote.text) == (1, "My sink is gurgling at me.")
    assert services("I need someone for a tank.", matcher=matcher) == [(UNOFFERED, "septic tank pumping")]


def test_the_matcher_is_asked_about_the_callers_first_needs_only() -> None:
    matcher = PhraseMatcher()
    services(
        "agent: Do you need a plumber today?",
        "Hi. I need help.",
        "I need somebody for my sink. It's Tom. Can you come out today? I need him by four.",
        matcher=matcher,
    )
    assert matcher.asked == [["I need somebody for my sink", "Can you come out today"]]


def test_nothing_needed_nothing_matched() -> None:
    assert services("Good morning to you.", matcher=PhraseMatcher(morning="drain cleaning")) == []


def test_an_entry_found_by_its_words_is_not_named_twice() -> None:
    matcher = PhraseMatcher(drains="drain cleaning")
    assert services("I need my drains cleaned.", matcher=matcher) == [(OFFERED, "drain cleaning")]
