"""The words that an engine may expect on a campaign's calls."""

from __future__ import annotations

from builders import a_campaign

from insights.domain.campaigns import ServiceArea
from insights.domain.vocabulary import MOST_WORDS, campaign_prompt


def test_the_client_its_services_and_its_places_are_named_in_this_order() -> None:
    prompt = campaign_prompt(a_campaign())
    assert prompt.startswith("Blue Pipe Plumbing, plumbing: drain cleaning, water heater repair")
    assert prompt.index("septic tank pumping") < prompt.index("Columbus")


def test_a_long_list_is_cut_at_a_name_and_a_name_stands_once() -> None:
    area = ServiceArea(tuple(f"Town Number {n}" for n in range(100)), (), "OH")
    prompt = campaign_prompt(a_campaign(services=("drain cleaning", "drain  cleaning"), service_area=area))
    assert len(prompt.split()) <= MOST_WORDS
    assert prompt.count("drain cleaning") == 1


def test_a_campaign_that_says_nothing_of_itself_gives_no_words() -> None:
    assert (
        campaign_prompt(a_campaign(trade="", services=(), not_offered=(), service_area=ServiceArea((), (), ""))) == ""
    )
