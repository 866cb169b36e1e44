"""The one missing fact: a ready question to the client for each reason a proposal can have.

It never repeats what a caller said or where a caller lives: the client may forward it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from insights.domain.campaigns import Campaign, ServiceArea
from insights.domain.reasons import Reason

_NAMED = 8  # towns, zips or services that a question spells out

NOT_HEARD = "We could not hear this call. Could you tell us what the caller wanted from you, and what came of it?"
"""Of a lead that nothing is proposed for."""

QUESTIONS: Mapping[Reason, str] = {
    Reason.NEW_CUSTOMER: "Could you tell us what this caller wanted from you, and what came of it?",
    Reason.WRONG_NUMBER: (
        "Could you tell us whom this caller meant to reach, and whether they asked for any work that you do?{services}"
    ),
    Reason.SOLICITOR: (
        "Could you tell us which company this caller spoke for, and whether they wanted any work of yours for"
        " themselves?"
    ),
    Reason.JOB_SEEKER: "Could you tell us whether this caller wanted to work for you, or wanted work done by you?",
    Reason.PREVIOUS_CUSTOMER: (
        "Could you send us the invoice, or tell us its number or the date of the job, of earlier work that you did for"
        " this caller's household or business?"
    ),
    Reason.DIRECT_REFERRAL: "Could you tell us who sent this caller to you, and how you know?",
    Reason.OUT_OF_AREA: "In which town and zip was the job that this caller wanted done?{area}",
    Reason.SERVICE_NOT_OFFERED: "Could you tell us which work this caller wanted done?{services}{not_offered}",
    Reason.CAMPAIGN_PAUSED: (
        "Could you tell us from when to when this campaign was paused, with day and time of day ({time_zone})?"
    ),
    Reason.MISSED_CALL: "Could you tell us whether anybody of yours took this call, and at what time?",
    Reason.UNREACHABLE_CONTACT: (
        "Could you tell us when you called and wrote to this contact, and what came back each time?"
    ),
}
"""The fact that would settle each reason; see also `domain.verdicts.WOULD_CHANGE`."""


def missing_fact(proposal: Mapping[str, Any] | None, campaign: Campaign) -> str:
    """The question that a reviewer would ask first, from the reason that is proposed (None: nothing is) and the
    campaign as it stood when the lead was received."""
    if proposal is None:
        return NOT_HEARD
    return QUESTIONS[Reason(proposal["reason"])].format(
        area=_area(campaign.service_area),
        services=_told(" We read your services as {}.", campaign.services),
        not_offered=_told(" We read that you do not offer {}.", campaign.not_offered),
        time_zone=f"in the time zone {campaign.time_zone}",
    )


def _area(area: ServiceArea) -> str:
    state = f" ({area.state})" if area.state else ""
    if places := _some(area.cities or area.zips):
        return f" We read your area as {places}{state}."
    return f" We read your area as {area.state}." if area.state else ""


def _told(sentence: str, names: Sequence[str]) -> str:
    return sentence.format(_some(names)) if names else ""


def _some(names: Sequence[str]) -> str:
    """A list of many is cut: the client knows it."""
    left = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {left} more" if left > 0 else "")
