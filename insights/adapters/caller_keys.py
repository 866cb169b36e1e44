"""Knows callers by a keyed hash of their number (HMAC-SHA-256): who has the database but not the key knows nobody."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select

from insights.adapters import tables
from insights.adapters.database import ONLY_READS
from insights.adapters.disk_space import room_at
from insights.adapters.store_rows import read_body, write_body
from insights.domain.campaigns import Campaign
from insights.domain.leads import Lead
from insights.errors import ConfigurationError
from insights.ports import LeadSource, SourceListing

_CALLER_KEY = "caller key"
_KEY = select(tables.marks.c.value).where(tables.marks.c.name == _CALLER_KEY)
_MARK = "hmac:"
"""How a keyed hash begins; no phone number does."""


class CallerKeys:
    """The same number, however it is written, gives the same hash."""

    def __init__(self, key: bytes, region: str = "US") -> None:
        self._key, self._region = key, region

    @classmethod
    def of_file(cls, path: Path, must_exist: bool = False) -> CallerKeys:
        """The key of a file that only its owner may read; made when there is none. Raises ConfigurationError."""
        try:
            if not path.exists() and not must_exist:
                _make_key(path)
            key = path.read_text().strip()
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the key of the callers' numbers cannot be read: {error}.",
                next_step="Put the key back, or name its file with CALL_INSIGHTS_CALLER_KEY_FILE.",
            ) from None
        if len(key) < 32:
            raise ConfigurationError(
                f"{path} holds no key of 32 characters and more.",
                next_step="Put the key back: with another one known callers are strangers.",
            )
        return cls(key.encode())

    @property
    def fingerprint(self) -> str:
        """Tells this key from others, and nothing else."""
        return self._digest("call insights")

    def hashed(self, number: str) -> str:
        """The keyed hash of a phone number; empty where there is none: a caller who withheld it is nobody's like."""
        import phonenumbers

        try:
            parsed = phonenumbers.parse(number, self._region)
        except phonenumbers.NumberParseException:
            return ""
        if not phonenumbers.is_possible_number(parsed):
            return ""
        return _MARK + self._digest(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def lead(self, lead: Lead) -> Lead:
        """The lead with its caller as a hash; of a form, the phone number typed into it."""
        return replace(lead, caller_number=self.hashed(lead.caller_number or lead.form.phone))

    def campaign(self, campaign: Campaign) -> Campaign:
        return replace(campaign, known_customers=frozenset(map(self.hashed, campaign.known_customers)) - {""})


def _make_key(path: Path) -> None:
    """Whole or not at all, and never over one that somebody else has just made."""
    with room_at(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(name, path)
        finally:
            os.unlink(name)


class KeyedSource:
    """A source that tells callers and known customers as hashes."""

    def __init__(self, source: LeadSource, keys: CallerKeys) -> None:
        self._source, self._keys = source, keys

    @property
    def uri(self) -> str:
        return self._source.uri

    def listing(self, since: datetime | None = None) -> SourceListing:
        told = self._source.listing(since)
        return replace(
            told,
            leads=tuple(map(self._keys.lead, told.leads)),
            campaigns={name: self._keys.campaign(campaign) for name, campaign in told.campaigns.items()},
        )

    def fetch(self, lead: Lead) -> bytes:
        return self._source.fetch(lead)


def hash_plain_numbers(engine: Engine, keys_of: Callable[[], CallerKeys]) -> int:
    """Hash the numbers that a database of an older version holds; how many leads it were. Free when there are none."""
    leads, versions = tables.leads, tables.campaign_versions
    with engine.connect().execution_options(**{ONLY_READS: True}) as connection:
        old = list(connection.execute(select(leads.c.lead_id).where(leads.c.caller.is_(None))).scalars())
    if not old:
        return 0
    keys = keys_of()
    with engine.begin() as connection:
        for row in connection.execute(select(versions.c.campaign_id, versions.c.since, versions.c.body)).all():
            body = write_body(keys.campaign(read_body(Campaign, row.body)))
            mine = (versions.c.campaign_id == row.campaign_id) & (versions.c.since == row.since)
            connection.execute(versions.update().where(mine).values(body=body))
        for row in connection.execute(select(leads.c.lead_id, leads.c.body).where(leads.c.caller.is_(None))).all():
            lead = keys.lead(read_body(Lead, row.body))
            values = {"body": write_body(lead), "caller": lead.caller_number}
            connection.execute(leads.update().where(leads.c.lead_id == row.lead_id).values(**values))
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("VACUUM")  # the plain numbers lie in pages that are free by now
    return len(old)


def has_key(engine: Engine) -> bool:
    """Whether the record knows callers by a key already."""
    return _fingerprint(engine) is not None


def with_the_same_key(engine: Engine, keys: CallerKeys) -> CallerKeys:
    """The key, once it is certain that it is the record's own. Raises ConfigurationError: under another key every known
    customer would be a stranger."""
    if _fingerprint(engine) is None:
        with engine.begin() as connection:
            if connection.execute(_KEY).scalar() is None:
                connection.execute(tables.marks.insert().values(name=_CALLER_KEY, value=keys.fingerprint))
    if _fingerprint(engine) != keys.fingerprint:
        raise ConfigurationError(
            "this is not the key under which the record knows its callers.",
            next_step="Put the old key back, or name its file with CALL_INSIGHTS_CALLER_KEY_FILE.",
        )
    return keys


def _fingerprint(engine: Engine) -> str | None:
    with engine.connect().execution_options(**{ONLY_READS: True}) as connection:
        return connection.execute(_KEY).scalar()
