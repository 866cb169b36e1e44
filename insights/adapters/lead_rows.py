"""Reads the rows of a lead source: ``leads`` and ``campaigns.json`` in the form that INTERFACES fixes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from insights.adapters.holiday_calendar import PublicHolidays
from insights.domain.campaigns import Campaign, Pause, ServiceArea
from insights.domain.leads import CampaignId, FormContact, Lead, LeadId, LeadKind
from insights.domain.money import Money
from insights.domain.policy import PolicyBook
from insights.errors import ConfigurationError, InputError
from insights.ports import Quarantined

_TRUE, _FALSE = {"true", "yes", "1", "y", "t"}, {"false", "no", "0", "n", "f"}


def _flag(value: object) -> object:
    if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
        return value.strip().lower() in _TRUE
    return value


def _blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _text(value: object) -> object:
    """Zips and numbers come as JSON numbers from some exporters; None is an empty cell."""
    return "" if value is None else str(value).strip() if isinstance(value, str | int) else value


def _channel(value: object) -> object:
    return int(value) if isinstance(value, str) and value.strip() in ("1", "2") else _blank(value)


Flag = Annotated[bool, BeforeValidator(_flag)]
OptionalFlag = Annotated[bool, BeforeValidator(lambda value: False if _blank(value) is None else _flag(value))]
OptionalNumber = Annotated[Annotated[float, Field(ge=0, allow_inf_nan=False)] | None, BeforeValidator(_blank)]
Text = Annotated[str, BeforeValidator(_text), Field(max_length=2000)]


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("has no UTC offset")
    if not 1990 <= value.year < 2200:  # exporters write year 1 or 9999 for "unknown"
        raise ValueError("is no time of a call")
    return value


class LeadRow(BaseModel):
    """One row as a source writes it; unknown columns are kept."""

    model_config = ConfigDict(extra="allow")

    lead_id: Text
    campaign_id: Text
    received_at: datetime
    answered: Flag
    recording_enabled: Flag
    kind: LeadKind = LeadKind.PHONE_CALL
    voicemail: OptionalFlag = False
    recording: Text = ""
    recording_sha256: Annotated[str, BeforeValidator(_text), Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""
    duration_s: OptionalNumber = None
    ring_s: OptionalNumber = None
    direction: Text = ""
    caller_number: Text = ""
    caller_zip: Text = ""
    tracking_number: Text = ""
    agent_channel: Annotated[Literal[1, 2] | None, BeforeValidator(_channel)] = None
    source: Text = ""
    price: Text = ""
    currency: Text = "USD"
    language: Text = ""
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    message: Text = ""

    _received_at_is_aware = field_validator("received_at")(_aware)

    @field_validator("kind", mode="before")
    @classmethod
    def _default_kind(cls, value: object) -> object:
        return LeadKind.PHONE_CALL if _blank(value) is None else value

    def lead(self) -> Lead:
        """The lead; raises ValueError for ids and amounts that are none."""
        known = set(type(self).model_fields)
        plain = known - {"price", "currency", "name", "email", "phone", "message", "lead_id", "campaign_id"}
        return Lead(
            lead_id=LeadId(self.lead_id),
            campaign_id=CampaignId(self.campaign_id),
            price=Money.parse(self.price, self.currency or "USD") if self.price else None,
            form=FormContact(self.name, self.email, self.phone, self.message),
            extra={key: str(value) for key, value in (self.model_extra or {}).items() if key and value is not None},
            **{field: getattr(self, field) for field in plain},
        )


class _PauseRow(BaseModel):
    start: Annotated[datetime, Field(alias="from")]
    end: Annotated[datetime | None, Field(alias="to"), BeforeValidator(_blank)] = None


class _AreaRow(BaseModel):
    cities: list[Text] = []
    zips: list[Text] = []
    state: Text = ""


class CampaignRow(BaseModel):
    """A campaign as ``campaigns.json`` or a transcript record writes it."""

    model_config = ConfigDict(extra="ignore")

    campaign_id: Text = "unnamed"
    client_id: Text = ""
    client: Text = ""
    trade: Text = ""
    services: list[Text] = []
    not_offered: list[Text] = []
    service_area: _AreaRow = _AreaRow()
    price: Text = ""
    currency: Text = "USD"
    time_zone: Text = "UTC"
    pauses: list[_PauseRow] = []
    known_customers: list[Text] = []
    policy: dict[str, Any] = {}

    def campaign(self) -> Campaign:
        """The campaign; raises ValueError for ids, amounts, pauses and time zones that are none."""
        area = self.service_area
        return Campaign(
            campaign_id=CampaignId(self.campaign_id),
            client=self.client,
            trade=self.trade,
            client_id="".join(letter for letter in self.client_id if letter.isprintable()),  # it signs entries
            services=tuple(self.services),
            not_offered=tuple(self.not_offered),
            service_area=ServiceArea(tuple(area.cities), tuple(area.zips), area.state.upper()),
            price=Money.parse(self.price, self.currency or "USD") if self.price else None,
            time_zone=self.time_zone or "UTC",
            pauses=tuple(Pause(pause.start, pause.end) for pause in self.pauses),
            known_customers=frozenset(self.known_customers),
            policy=dict(self.policy),
        )


def plain_reason(error: ValueError, *, quoting: bool = True) -> str:
    """A pydantic error in one line a person can act on; without ``quoting`` no value of the row stands in it."""
    if not isinstance(error, ValidationError):
        return str(error) if quoting else "a value is not what it should be"
    parts = []
    for item in error.errors()[:3]:
        place = ".".join(str(step) for step in item["loc"]) or "row"
        if item["type"] == "missing":
            parts.append(f"{place} is missing")
        else:
            got = f" (got {str(item['input'])[:60]!r})" if quoting else ""
            parts.append(f"{place}: {item['msg'].removeprefix('Value error, ')}{got}")
    return "; ".join(parts)


def read_campaigns(rows: Any, policies: PolicyBook, where: str) -> dict[CampaignId, Campaign]:
    """All campaigns by id; raises InputError, because a wrong campaign makes every verdict on it wrong."""
    if not isinstance(rows, list):
        raise InputError(f"{where} must hold a list of campaigns, not a {type(rows).__name__}.")
    campaigns: dict[CampaignId, Campaign] = {}
    for number, row in enumerate(rows, 1):
        try:
            campaign = CampaignRow.model_validate(_storable(row)).campaign()
            policy = policies.at(datetime.fromisoformat("2100-01-01T00:00:00+00:00"), campaign.policy)
            if "review.holidays" in policy.overridden:
                PublicHolidays().closed(policy.review.holidays, 2026, 2026)
        except ConfigurationError as error:
            raise InputError(f"{where}, campaign {number}: {error}") from None
        except ValueError as error:
            raise InputError(f"{where}, campaign {number}: {plain_reason(error)}.") from None
        if campaign.campaign_id == "unnamed":
            raise InputError(f"{where}, campaign {number}: campaign_id is missing.")
        if campaign.campaign_id in campaigns:
            raise InputError(f"{where}, campaign {number}: campaign_id {campaign.campaign_id!r} stands twice.")
        campaigns[campaign.campaign_id] = campaign
    return campaigns


def _storable(row: Any) -> Any:
    """The row. Raises ValueError where it holds a character that no database keeps."""
    if "\\u0000" in json.dumps(text_only(row), ensure_ascii=False, default=str).replace("\\\\", ""):
        raise ValueError("it holds characters that are no text")
    return row


def text_only(row: Any) -> Any:
    """The row. Raises ValueError where it holds half of a surrogate pair: JSON escapes it, and nothing prints it."""
    try:
        json.dumps(row, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds characters that are no text") from None
    return row


def read_leads(
    rows: Iterable[tuple[int | str, Mapping[str, Any] | str]], campaigns: Mapping[CampaignId, Campaign], where: str
) -> tuple[list[Lead], list[Quarantined]]:
    """Leads that can be worked and rows that cannot, each with its place and reason. A place is a line of ``where``, or
    a file that holds one row. A text row is one that broke."""
    leads: dict[str, Lead] = {}
    quarantined: list[Quarantined] = []
    for line, row in rows:
        place = f"{where} line {line}" if isinstance(line, int) else line
        if isinstance(row, str):
            quarantined.append(Quarantined(place, row, fault=row))
            continue
        given = {key: value for key, value in row.items() if key}
        lead_id = str(given.get("lead_id") or "")[:100].replace("\x00", "?").encode("utf-8", "replace").decode()
        required = ("lead_id", "campaign_id", "received_at", "answered", "recording_enabled")
        given = {key: value for key, value in given.items() if key not in required or _blank(value) is not None}
        try:
            lead = LeadRow.model_validate(_storable(given)).lead()
        except ValueError as error:
            fault = plain_reason(error, quoting=False)
            quarantined.append(Quarantined(place, plain_reason(error), lead_id, fault))
            continue
        if lead.campaign_id not in campaigns:
            reason = f"campaign {lead.campaign_id!r} is not in campaigns.json"
            quarantined.append(Quarantined(place, reason, lead_id, "its campaign is not in campaigns.json"))
        elif lead.lead_id in leads:
            earlier = "on an earlier line" if isinstance(line, int) else "in an earlier file"
            reason = f"the same lead_id stands {earlier}"
            quarantined.append(Quarantined(place, reason, lead_id, reason))
        else:
            leads[lead.lead_id] = lead
    return list(leads.values()), quarantined
