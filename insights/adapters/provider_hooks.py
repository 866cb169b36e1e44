"""Reads what CallRail and Twilio post to a webhook: whether they signed it, and which call it is about.

Whatever else a body holds is neither kept nor passed on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from insights.domain.leads import LeadId

MOST_FIELDS = 1_000


@dataclass(frozen=True, slots=True)
class HookedCall:
    """The call that a webhook is about, and when it began, where that is told. ``account``: whose, empty where the body
    does not say."""

    call_id: LeadId
    began: datetime | None
    account: str = ""


class HookReader(Protocol):
    """One provider's webhooks. ``path`` is the address behind the public one, with its query."""

    def is_signed(self, headers: Mapping[str, str], path: str, body: bytes) -> bool:
        """Whether the provider signed it; takes as long for wrong signatures."""

    def call(self, body: bytes) -> HookedCall | None:
        """The call; None where the body is about none that a listing could tell."""


class CallRailHooks:
    """CallRail signs the body with the key of the company that the call is of: an account may have many.

    ``Signature`` is base64(HMAC-SHA1(key, body)). Bodies are JSON or forms.
    """

    _CALL = re.compile(r"CAL[0-9A-Za-z]{1,61}")

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def is_signed(self, headers: Mapping[str, str], path: str, body: bytes) -> bool:
        return _is_one_of(headers.get("signature", ""), (_signature(key, body) for key in self._keys))

    def call(self, body: bytes) -> HookedCall | None:
        fields = _fields(body)
        named = [fields[name] for name in ("resource_id", "id") if self._CALL.fullmatch(fields.get(name, ""))]
        if not named or fields.get("direction") == "outbound":
            return None
        return HookedCall(LeadId(named[0]), _iso(fields.get("start_time", "")))


class TwilioHooks:
    """Twilio signs the address that it posts to with the form's fields behind it, sorted and run together.

    ``X-Twilio-Signature`` is base64(HMAC-SHA1(auth token, ...)). Because the fields are run together, what is read of
    them has one form only. JSON, which Twilio signs in another way, is not read.
    """

    _CALL = re.compile(r"CA[0-9a-fA-F]{32}")

    def __init__(self, token: str, public_url: str) -> None:
        self._token, self._public = token.encode(), public_url.rstrip("/")

    def is_signed(self, headers: Mapping[str, str], path: str, body: bytes) -> bool:
        pairs = sorted(set(_form(body)))
        said = "".join(name + value for name, value in pairs)
        signed = (f"{base}{path}{said}".encode() for base in _with_and_without_port(self._public))
        return _is_one_of(headers.get("x-twilio-signature", ""), (_signature(self._token, whole) for whole in signed))

    def call(self, body: bytes) -> HookedCall | None:
        fields = dict(_form(body))
        call_id, began = fields.get("CallSid", ""), fields.get("Timestamp") or fields.get("RecordingStartTime", "")
        if not self._CALL.fullmatch(call_id):
            return None
        return HookedCall(LeadId(call_id), _mail(began), fields.get("AccountSid", ""))


def _signature(key: bytes, said: bytes) -> bytes:
    return b64encode(hmac.new(key, said, hashlib.sha1).digest())


def _is_one_of(told: str, right: Iterable[bytes]) -> bool:
    given = told.encode("utf-8", "replace")
    return any(hmac.compare_digest(given, one) for one in right)


def _with_and_without_port(url: str) -> list[str]:
    """Providers disagree with themselves on whether a signed address names its port."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    named = [f"{parts.scheme}://{host}{port_told}{parts.path}" for port_told in ("", f":{port}")]
    return named if url in named else [*named, url]


def _fields(body: bytes) -> dict[str, str]:
    """The texts of a JSON object, or of a form."""
    if not body.lstrip().startswith(b"{"):
        return dict(_form(body))
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in told.items() if isinstance(value, str)}


def _form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, none of one with far too many."""
    if body.count(b"&") >= MOST_FIELDS:
        return []
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _iso(told: str) -> datetime | None:
    try:
        began = datetime.fromisoformat(told)
    except ValueError:
        return None
    return began if began.tzinfo else None


def _mail(told: str) -> datetime | None:
    try:
        began = parsedate_to_datetime(told)
    except ValueError:
        return None
    return began if began.tzinfo else began.replace(tzinfo=UTC)
