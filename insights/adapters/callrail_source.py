"""CallRail as a source of leads: the calls of an account, and their recordings (API version 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from insights.adapters.provider_campaigns import TrackedCampaigns
from insights.adapters.provider_http import ProviderHttp, for_lead
from insights.adapters.provider_listing import WINDOW, ListedCall, Row, earliest, listing_of, told_pages
from insights.adapters.request_pace import DAY_S, HOUR_S
from insights.domain.leads import Lead
from insights.errors import ConfigurationError, RecordingUnavailable
from insights.ports import SourceListing

HOSTS = (".callrail.com",)
"""Where recordings lie beside the API; accounts under HIPAA have them in a bucket, which the operator allows."""
QUOTA = ((HOUR_S, 1_000), (DAY_S, 10_000))
"""Requests an account may make in an hour and in a day."""
SETTLING = timedelta(hours=1)
"""An answered call younger than this may still get its recording: CallRail attaches it within 20 minutes of the end."""

_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS = ("call_type", "company_id", "tracker_id", "source_name", "medium", "first_call", "prior_calls", "zip_code")
_KEPT = ("call_type", "company_id", "tracker_id", "medium", "first_call", "prior_calls")


class CallRailSource:
    """``callrail://ACCOUNT``. Answered is CallRail's own field: a call it calls missed may have a recording.

    CallRail does not tell whether recording was on; an answered call counts as recorded, and one without a recording
    is told when it is fetched. A lead's ``recording`` is the path of the API that knows the recording's address, which
    is asked anew each time: the address itself may be good for a day only.
    """

    def __init__(
        self,
        account: str,
        http: ProviderHttp,
        campaigns: Callable[[], TrackedCampaigns],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not _ACCOUNT.fullmatch(account):
            raise ConfigurationError(
                "the source names no CallRail account.", next_step="Write callrail://ACC..., as CallRail shows it."
            )
        self._account, self._http, self._campaigns, self._now = account, http, campaigns, now

    @property
    def uri(self) -> str:
        return f"callrail://{self._account}"

    def listing(self, since: datetime | None = None) -> SourceListing:
        """The inbound calls received since an instant (none: in the last 8 days) that are over.

        Raises ConfigurationError or InputError for the campaigns, SourceUnavailable where CallRail tells nothing.
        """
        tracked, began = self._campaigns(), self._now()
        since = since or began - WINDOW
        params = {
            "relative_pagination": "true",
            "per_page": "250",
            "sort": "start_time",
            "order": "asc",
            "direction": "inbound",
            "start_date": (since.astimezone(UTC) - timedelta(days=1)).date().isoformat(),  # in whatever zone it counts
            "fields": ",".join(_FIELDS),
        }
        told = told_pages(self._http, f"a/{self._account}/calls.json", params, "calls", _next_page)
        calls = told.newest("id")
        return listing_of(
            self._rows(calls),
            tracked,
            "CallRail's listing",
            since=since,
            complete_to=earliest(began, (_begin(call) for call in calls if _may_change(call, began))),
            stopped=told.stopped,
            told=told.ids("id"),
        )

    def fetch(self, lead: Lead) -> bytes:
        """The recording's bytes; raises RecordingUnavailable."""
        if not lead.recording:
            raise RecordingUnavailable(
                "the call was answered, but CallRail has no recording of it.",
                code="recording_missing",
                lead_id=lead.lead_id,
                next_step="See whether recording is on for its number; the next night tries again.",
            )
        with for_lead(lead.lead_id):
            address = self._http.json(f"a/{self._account}/{_recording(lead.lead_id)}").get("url")
            if not isinstance(address, str) or not address:
                raise RecordingUnavailable(
                    "CallRail names no address of the recording yet.",
                    code="not_audio_yet",
                    next_step="The next night tries again.",
                )
            return self._http.download(address, auth=True)

    def _rows(self, calls: list[Any]) -> Iterator[ListedCall | str]:
        for call in calls:
            if not isinstance(call, dict):
                yield "not a JSON object"
            elif not _in_progress(call) and call.get("direction") in (None, "inbound"):
                yield ListedCall(
                    _row(call), tuple(map(call.get, ("company_id", "tracker_id", "tracking_phone_number")))
                )


def _row(call: Row) -> Row:
    """The call as a row of a source."""
    zips = call.get("zip_code")
    return {
        "lead_id": call.get("id"),
        "received_at": call.get("start_time"),
        "answered": call.get("answered"),
        "voicemail": call.get("voicemail") or str(call.get("call_type")).startswith("voicemail"),
        "recording_enabled": True,
        "recording": _recording(str(call.get("id"))) if call.get("recording") else "",
        "duration_s": call.get("duration"),
        "direction": "inbound",
        "caller_number": call.get("customer_phone_number"),
        "caller_zip": next(iter(zips), "") if isinstance(zips, list) else zips,
        "tracking_number": call.get("tracking_phone_number"),
        "source": call.get("source_name") or call.get("source"),
        **{name: call[name] for name in _KEPT if isinstance(call.get(name), str | int)},
    }


def _recording(call_id: str) -> str:
    """Under the account, the path of the API that knows where a call's recording lies."""
    return f"calls/{quote(call_id, safe='')}/recording.json"


def _next_page(answer: Row) -> object:
    return answer.get("next_page") if answer.get("has_next_page") else None


def _in_progress(call: Row) -> bool:
    return call.get("call_type") == "in_progress"


def _may_change(call: Any, now: datetime) -> bool:
    """Whether a later listing tells more of it: the call goes on, or was just taken and has no recording yet."""
    if not isinstance(call, dict):
        return False
    begin = _begin(call)
    fresh = begin is not None and begin > now - SETTLING
    return _in_progress(call) or (fresh and bool(call.get("answered")) and not call.get("recording"))


def _begin(call: Any) -> datetime | None:
    try:
        begin = datetime.fromisoformat(call["start_time"])
    except (KeyError, TypeError, ValueError):
        return None
    return begin if begin.tzinfo else None
