"""Leads: one contact that a campaign brought, as the source told it. Nothing here is inferred."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from insights.domain.money import Money

ID_FORM = "[A-Za-z0-9][A-Za-z0-9._:-]{0,99}"
_ID = re.compile(ID_FORM)


LeadId = NewType("LeadId", str)
"""Identity of a lead at its source."""

CampaignId = NewType("CampaignId", str)
"""Identity of a campaign."""


def checked_id(value: str, name: str) -> str:
    """A name safe to print, log and key by: 1-100 letters, digits and ``. _ : -``, a letter or digit first."""
    if not _ID.fullmatch(value):
        raise ValueError(f"{name} {value[:120]!r} is not 1-100 letters, digits or . _ : - (a letter or digit first)")
    return value


class LeadKind(StrEnum):
    """How the contact was made."""

    PHONE_CALL = "phone_call"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class FormContact:
    """What somebody typed into a lead form."""

    name: str = ""
    email: str = ""
    phone: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as received. ``answered`` is the source's own field, never inferred from a recording's existence.

    ``received_at`` is an aware instant; ``duration_s`` is the source's length of the call in seconds (None: unknown);
    ``agent_channel`` is 1 or 2 when the source says which channel of a two-channel recording is the agent.
    """

    lead_id: LeadId
    campaign_id: CampaignId
    received_at: datetime
    answered: bool
    recording_enabled: bool
    kind: LeadKind = LeadKind.PHONE_CALL
    voicemail: bool = False
    recording: str = ""
    recording_sha256: str = ""
    duration_s: float | None = None
    ring_s: float | None = None
    direction: str = ""
    caller_number: str = ""
    caller_zip: str = ""
    tracking_number: str = ""
    agent_channel: int | None = None
    source: str = ""
    price: Money | None = None
    language: str = ""
    form: FormContact = FormContact()
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_id(self.lead_id, "lead_id")
        checked_id(self.campaign_id, "campaign_id")
        if self.received_at.tzinfo is None:
            raise ValueError("received_at has no UTC offset")
        if self.agent_channel not in (None, 1, 2):
            raise ValueError(f"agent_channel {self.agent_channel} is neither 1 nor 2")
