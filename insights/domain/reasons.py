"""Reason codes of a verdict: the eight intents, and what metadata or a form decides without listening."""

from __future__ import annotations

from enum import StrEnum

from insights.domain.intents import Intent


class Reason(StrEnum):
    """Why a lead is billable or not. The first eight are the intents."""

    NEW_CUSTOMER = "new_customer"
    WRONG_NUMBER = "wrong_number"
    SOLICITOR = "solicitor"
    JOB_SEEKER = "job_seeker"
    PREVIOUS_CUSTOMER = "previous_customer"
    DIRECT_REFERRAL = "direct_referral"
    OUT_OF_AREA = "out_of_area"
    SERVICE_NOT_OFFERED = "service_not_offered"
    CAMPAIGN_PAUSED = "campaign_paused"
    MISSED_CALL = "missed_call"
    UNREACHABLE_CONTACT = "unreachable_contact"

    @classmethod
    def of(cls, intent: Intent) -> Reason:
        return cls(intent.value)


ALWAYS_BILLABLE = frozenset({Reason.NEW_CUSTOMER, Reason.MISSED_CALL})
"""No policy can make these non-billable: a new customer is the product, a missed call cannot be investigated."""
