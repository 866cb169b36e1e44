"""Reads ``source.toml``: what a folder's rows and file names do not tell themselves."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError

from insights.adapters.lead_rows import plain_reason
from insights.adapters.name_patterns import NamePattern
from insights.errors import InputError

SETTINGS_FILE = "source.toml"


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pattern: str = ""
    time_zone: str = ""
    campaign_id: str = ""
    answered: StrictBool | None = None
    recording_enabled: StrictBool | None = None


@dataclass(frozen=True)
class SourceSettings:
    """``zone`` is of date-times that tell no offset; ``campaign_id`` of rows that name no campaign.

    ``of_names``: what is true of every recording that only its name tells of; a row that says nothing of it is not
    helped, because whether a call was answered is never inferred.
    """

    pattern: NamePattern | None = None
    zone: ZoneInfo | None = None
    campaign_id: str = ""
    of_names: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def of(cls, data: bytes, where: str) -> SourceSettings:
        """The settings of a file's bytes; raises InputError."""
        try:
            document = _Document.model_validate(tomllib.loads(data.decode("utf-8-sig")))
            zone = ZoneInfo(document.time_zone) if document.time_zone else None
            pattern = NamePattern(document.pattern) if document.pattern else None
        except ValidationError as error:
            raise InputError(f"{where}: {plain_reason(error)}.") from None
        except (ValueError, OSError, KeyError, RecursionError) as error:  # a zone that is none is one of three
            raise InputError(f"{where} cannot be used: {error}.") from None
        told: dict[str, Any] = {"answered": document.answered, "recording_enabled": document.recording_enabled}
        of_names = tuple((name, value) for name, value in told.items() if value is not None)
        if pattern is not None:
            known = pattern.tells | {name for name, value in document if value not in ("", None)}
            missing = [name for name in ("campaign_id", "answered", "recording_enabled") if name not in known]
            if missing:
                raise InputError(
                    f"{where}: neither the pattern nor a line of the file tells {', '.join(missing)}.",
                    next_step=f"Add a group (?P<{missing[0]}>...) to the pattern, or a line {missing[0]} = ...",
                )
        return cls(pattern, zone, document.campaign_id, of_names)
