"""Screening: what metadata decides about a lead before anyone listens, and its eligibility with both clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from insights.domain.campaigns import Campaign
from insights.domain.leads import Lead, LeadId, LeadKind
from insights.domain.policy import Policy


class ScreeningCode(StrEnum):
    """Where a lead goes next. Only ``ready`` leads are ever fetched and listened to."""

    READY = "ready"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    CAMPAIGN_PAUSED = "campaign_paused"
    TOO_OLD = "too_old"
    RECORDING_DISABLED = "recording_disabled"
    FORM = "form"
    NOT_YET_RECEIVED = "not_yet_received"


class EligibilityCode(StrEnum):
    """Whether a lead can still be reviewed, or the first thing that forbids it."""

    ELIGIBLE = "eligible"
    NOT_ANSWERED = "not_answered"
    TOO_OLD = "too_old"
    RECORDING_DISABLED = "recording_disabled"
    NOT_YET_RECEIVED = "not_yet_received"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer every lead gets. ``time_left`` is zero or less once the review window has passed."""

    code: EligibilityCode
    age: timedelta
    time_left: timedelta
    expires_at: datetime
    next_balance_check: datetime

    @property
    def eligible(self) -> bool:
        return self.code is EligibilityCode.ELIGIBLE


@dataclass(frozen=True, slots=True)
class Screening:
    """The screening of one lead at one instant."""

    lead_id: LeadId
    code: ScreeningCode
    eligibility: Eligibility
    screened_at: datetime


CLOCK_SKEW = timedelta(minutes=5)
"""A lead stamped later than this beyond our own clock is held: one of the two clocks is wrong."""


def screen(lead: Lead, campaign: Campaign, policy: Policy, now: datetime) -> Screening:
    """Decide from metadata alone. A missed call comes first (always billable), then age, pause, and recording.

    A voicemail is a call that nobody took, whatever was recorded. A pause decides without a recording, so a lead of a
    paused campaign is never fetched even where recording was enabled.
    """
    eligibility = review_eligibility(lead, campaign, policy, now)
    if eligibility.code is EligibilityCode.NOT_YET_RECEIVED:
        code = ScreeningCode.NOT_YET_RECEIVED
    elif lead.kind is LeadKind.FORM:
        code = ScreeningCode.FORM if eligibility.time_left > timedelta(0) else ScreeningCode.TOO_OLD
    elif lead.voicemail:
        code = ScreeningCode.VOICEMAIL
    elif not lead.answered:
        code = ScreeningCode.MISSED
    elif eligibility.code is EligibilityCode.TOO_OLD:
        code = ScreeningCode.TOO_OLD
    elif campaign.paused_at(lead.received_at) is not None:
        code = ScreeningCode.CAMPAIGN_PAUSED
    elif eligibility.code is EligibilityCode.RECORDING_DISABLED:
        code = ScreeningCode.RECORDING_DISABLED
    else:
        code = ScreeningCode.READY
    return Screening(lead.lead_id, code, eligibility, now)


def review_eligibility(lead: Lead, campaign: Campaign, policy: Policy, now: datetime) -> Eligibility:
    """Answered, received less than the review window ago, and recorded at receipt; instants, never wall clocks.

    Two instants 7 x 24 h apart are compared strictly: at exactly the window's end a lead is not eligible. A form lead
    has no call to answer and no recording; only its age counts.
    """
    received_at, now = lead.received_at.astimezone(UTC), now.astimezone(UTC)
    age = now - received_at
    expires_at = received_at + policy.review_window
    if age < -CLOCK_SKEW:
        code = EligibilityCode.NOT_YET_RECEIVED
    elif lead.kind is LeadKind.PHONE_CALL and (not lead.answered or lead.voicemail):
        code = EligibilityCode.NOT_ANSWERED
    elif not now < expires_at:
        code = EligibilityCode.TOO_OLD
    elif lead.kind is LeadKind.PHONE_CALL and not lead.recording_enabled:
        code = EligibilityCode.RECORDING_DISABLED
    else:
        code = EligibilityCode.ELIGIBLE
    return Eligibility(code, age, expires_at - now, expires_at, next_balance_check(campaign, policy, now))


def next_balance_check(campaign: Campaign, policy: Policy, now: datetime) -> datetime:
    """The next daily charge in the client's time zone: a verdict before it avoids a charge, after it it is a credit."""
    zone = ZoneInfo(campaign.time_zone)
    today = now.astimezone(zone).date()
    check = datetime.combine(today, policy.balance_check, zone)
    if check.astimezone(UTC) > now.astimezone(UTC):
        return check
    return datetime.combine(today + timedelta(days=1), policy.balance_check, zone)
