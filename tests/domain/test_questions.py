"""The one missing fact: one ready question for each reason, and nothing in it that a caller said."""

from __future__ import annotations

import pytest
from builders import a_campaign

from insights.domain.campaigns import ServiceArea
from insights.domain.lead_life import LONGEST_TEXT
from insights.domain.questions import NOT_HEARD, QUESTIONS, missing_fact
from insights.domain.reasons import Reason

CAMPAIGN = a_campaign(services=("drain cleaning", "water heater repair"), not_offered=("septic tank pumping",))
TOLD = {
    Reason.NEW_CUSTOMER: "what this caller wanted from you",
    Reason.WRONG_NUMBER: "whom this caller meant to reach",
    Reason.SOLICITOR: "which company this caller spoke for",
    Reason.JOB_SEEKER: "whether this caller wanted to work for you",
    Reason.PREVIOUS_CUSTOMER: "earlier work that you did for this caller's household or business",
    Reason.DIRECT_REFERRAL: "who sent this caller to you",
    Reason.OUT_OF_AREA: "In which town and zip was the job that this caller wanted done? We read your area as ",
    Reason.SERVICE_NOT_OFFERED: (
        "which work this caller wanted done? We read your services as drain cleaning, water heater repair."
        " We read that you do not offer septic tank pumping."
    ),
    Reason.CAMPAIGN_PAUSED: "(in the time zone America/New_York)",
    Reason.MISSED_CALL: "whether anybody of yours took this call",
    Reason.UNREACHABLE_CONTACT: "when you called and wrote to this contact",
}


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_one_question_that_asks_for_the_fact_that_would_settle_it(reason: Reason) -> None:
    question = missing_fact({"reason": reason.value, "evidence": [{"quote": "4112 McKinnis Avenue"}]}, CAMPAIGN)
    assert TOLD[reason] in question
    assert question.count("?") == 1 and "{" not in question and "McKinnis" not in question
    assert len(question) < LONGEST_TEXT
    assert reason in QUESTIONS


def test_a_call_that_nobody_could_hear_is_asked_about_from_the_start() -> None:
    assert missing_fact(None, CAMPAIGN) == NOT_HEARD


@pytest.mark.parametrize(
    ("area", "told"),
    [
        (ServiceArea(("Columbus", "Dublin"), ("43215",), "OH"), " We read your area as Columbus, Dublin (OH)."),
        (ServiceArea((), ("43215", "43004"), ""), " We read your area as 43215, 43004."),
        (ServiceArea(state="OH"), " We read your area as OH."),
        (ServiceArea(), ""),
        (
            ServiceArea(tuple("ABCDEFGHIJ"), state="OH"),
            " We read your area as A, B, C, D, E, F, G, H and 2 more (OH).",
        ),
    ],
    ids=["cities", "zips", "state", "nothing", "many"],
)
def test_the_question_for_the_place_says_what_we_take_for_the_area(area: ServiceArea, told: str) -> None:
    question = missing_fact({"reason": "out_of_area"}, a_campaign(service_area=area))
    assert question == f"In which town and zip was the job that this caller wanted done?{told}"


def test_a_campaign_that_says_nothing_of_its_services_is_asked_without_them() -> None:
    question = missing_fact({"reason": "service_not_offered"}, a_campaign(services=(), not_offered=()))
    assert question == "Could you tell us which work this caller wanted done?"


def test_a_campaigns_own_braces_are_no_places_to_fill() -> None:
    assert "{area} drains" in missing_fact({"reason": "wrong_number"}, a_campaign(services=("{area} drains",)))
