"""Which campaign a provider's call belongs to: ``campaigns.json`` with the provider's names beside each campaign."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from insights.adapters.lead_rows import read_campaigns
from insights.domain.campaigns import Campaign
from insights.domain.leads import CampaignId
from insights.domain.policy import PolicyBook
from insights.errors import ConfigurationError, InputError

MAX_BYTES = 100_000_000
_NUMBER = re.compile(r"\+?[\d\s().-]{7,25}", re.ASCII)


@dataclass(frozen=True)
class TrackedCampaigns:
    """The campaigns, and whose each of the provider's names is (companies, trackers, tracking numbers)."""

    campaigns: dict[CampaignId, Campaign]
    owners: Mapping[str, CampaignId]

    def of(self, *names: object) -> CampaignId | None:
        """The campaign of the first name that belongs to one."""
        return next((self.owners[name] for name in map(_same_form, names) if name in self.owners), None)


def read_tracked_campaigns(address: str, policies: PolicyBook) -> TrackedCampaigns:
    """The campaigns of a file and their ``source_ids``. Raises ConfigurationError without an address, or InputError."""
    if not address:
        raise ConfigurationError(
            "nothing says which campaigns the calls of the provider belong to.",
            next_step="Name a campaigns.json, with source_ids in each campaign, in the setting campaigns.",
        )
    rows = _read(address)
    campaigns = read_campaigns(rows, policies, address)
    owners: dict[str, CampaignId] = {}
    for number, row in enumerate(rows, 1):
        campaign_id = CampaignId(str(row["campaign_id"]).strip())
        names = row.get("source_ids")
        if not isinstance(names, list | None) or not all(isinstance(name, str | int) for name in names or ()):
            raise InputError(f"{address}, campaign {number}: source_ids is no list of names and numbers.")
        for name in map(_same_form, names or ()):
            if name and owners.setdefault(name, campaign_id) != campaign_id:
                raise InputError(f"{address}: {name!r} stands in the source_ids of two campaigns.")
    return TrackedCampaigns(campaigns, owners)


def _read(address: str) -> Any:
    import fsspec

    try:
        with fsspec.open(address, "rb") as file:
            data = bytes(file.read(MAX_BYTES + 1))
    except FileNotFoundError:
        raise InputError(f"{address} is missing.", next_step="Check the setting campaigns.") from None
    except (ImportError, ValueError, OSError) as error:
        raise InputError(f"{address} cannot be read ({type(error).__name__}).") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{address} is larger than {MAX_BYTES:,} bytes.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{address} is not JSON: {error}.") from None


def _same_form(name: object) -> str:
    """A name as it is compared: a phone number by its digits, without the country code of the US."""
    text = str(name).strip() if isinstance(name, str | int) and not isinstance(name, bool) else ""
    if not _NUMBER.fullmatch(text):
        return text
    digits = "".join(letter for letter in text if letter.isdecimal())
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
