"""Twilio as a source of leads: the inbound calls of an account, and their recordings (API of 2010-04-01)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from insights.adapters.provider_campaigns import TrackedCampaigns
from insights.adapters.provider_http import ProviderHttp, for_lead
from insights.adapters.provider_listing import WINDOW, ListedCall, Row, Told, earliest, listing_of, told_pages
from insights.domain.leads import Lead
from insights.errors import ConfigurationError, RecordingUnavailable
from insights.ports import SourceListing

HOSTS = (".twilio.com", ".twiliocdn.com")
"""Where recordings lie beside the API."""

_ACCOUNT = re.compile(r"[A-Za-z0-9-]{1,64}")
_RECORDING = re.compile(r"[A-Za-z0-9-]{1,64}")
_GOES_ON = frozenset({"queued", "ringing", "in-progress"})
_BEING_MADE = frozenset({"in-progress", "paused", "stopped", "processing"})
_VOICEMAIL = "RecordVerb"
_AGENT = 2  # of two channels the caller comes first


class TwilioSource:
    """``twilio://ACCOUNT``. A call counts as answered where a leg that it dialled was completed and took time: the
    inbound leg itself is completed as well when nobody took the call.

    Recording was on where Twilio has a record of a recording, be it gone or too short to keep.
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
                "the source names no Twilio account.", next_step="Write twilio://AC..., as Twilio shows it."
            )
        self._account, self._http, self._campaigns, self._now = account, http, campaigns, now

    @property
    def uri(self) -> str:
        return f"twilio://{self._account}"

    def listing(self, since: datetime | None = None) -> SourceListing:
        """The inbound calls received since an instant (none: in the last 8 days) that are over.

        Raises ConfigurationError or InputError for the campaigns, SourceUnavailable where Twilio tells nothing.
        """
        tracked, began = self._campaigns(), self._now()
        since = since or began - WINDOW
        calls = self._told("Calls", {"StartTime>": since.astimezone(UTC).date().isoformat()}, "calls")
        if calls.stopped and not calls.rows:
            raise calls.stopped
        # Recordings after calls: whatever call is over by then has its recording on the list.
        recorded = {"DateCreated>": since.astimezone(UTC).date().isoformat(), "IncludeSoftDeleted": "true"}
        recordings = self._told("Recordings", recorded, "recordings")
        legs = _Legs(calls, recordings)
        return listing_of(
            legs.rows(),
            tracked,
            "Twilio's listing",
            since=since,
            complete_to=earliest(began, (_instant(call) for call in legs.inbound if _goes_on(call))),
            stopped=calls.stopped or recordings.stopped,
            told=calls.ids("sid"),
        )

    def fetch(self, lead: Lead) -> bytes:
        """The recording's bytes, both channels where there are two; raises RecordingUnavailable."""
        with for_lead(lead.lead_id):
            if not _RECORDING.fullmatch(lead.recording):
                raise _unavailable("Twilio has no recording of it", "recording_missing")
            path = f"Accounts/{self._account}/Recordings/{lead.recording}"
            told = self._http.json(f"{path}.json")
            status = _status(told)
            if status in _BEING_MADE:
                raise _unavailable("Twilio is still making its recording", "recording_processing")
            if status != "completed":
                raise _unavailable("Twilio kept no recording of it", "recording_missing")
            if told.get("encryption_details"):
                raise _unavailable("its recording is encrypted with a key of the account's", "recording_encrypted")
            if told.get("channels") in (2, "2"):
                try:
                    return self._http.download(f"{path}.wav", auth=True, params={"RequestedChannels": "2"})
                except RecordingUnavailable as error:
                    if error.code != "bad_request":
                        raise  # a bad request: it was promised in two channels and is not to be had so
            return self._http.download(f"{path}.wav", auth=True)

    def _told(self, what: str, params: dict[str, str], rows_of: str) -> Told:
        first = f"Accounts/{self._account}/{what}.json"
        return told_pages(
            self._http, first, {**params, "PageSize": "1000"}, rows_of, lambda page: page.get("next_page_uri")
        )


class _Legs:
    """The legs of all calls, and the recordings, told together; where a list stopped half-way, only what is certain."""

    def __init__(self, calls: Told, recordings: Told) -> None:
        self._calls, self._recordings = calls, recordings
        self._broken = [call for call in calls.rows if not isinstance(call, dict)]
        legs: list[Row] = [call for call in calls.newest("sid") if isinstance(call, dict)]
        self.inbound = [leg for leg in legs if leg.get("direction") == "inbound" and not leg.get("parent_call_sid")]
        self._answered = {str(leg["parent_call_sid"]) for leg in legs if leg.get("parent_call_sid") and _took_time(leg)}
        self._recorded: dict[str, list[Row]] = {}
        for recording in recordings.newest("sid"):
            if isinstance(recording, dict):
                self._recorded.setdefault(str(recording.get("call_sid")), []).append(recording)

    def rows(self) -> Iterator[ListedCall | str]:
        yield from ("not a JSON object" for _ in self._broken)
        for call in self.inbound:
            answered, recordings = str(call.get("sid")) in self._answered, self._recorded.get(str(call.get("sid")), [])
            nobody_may_have = self._calls.stopped and not answered and _status(call) == "completed"
            none_may_be = self._recordings.stopped and answered and not recordings
            if not _goes_on(call) and not nobody_may_have and not none_may_be:
                yield ListedCall(_row(call, answered, recordings), (call.get("to"),))


def _row(call: Row, answered: bool, recordings: list[Row]) -> Row:
    """The call as a row of a source."""
    best = max(recordings, key=_worth, default={})
    kept = _status(best) in {"completed", *_BEING_MADE}
    begin = _instant(call)
    return {
        "lead_id": call.get("sid"),
        "received_at": begin.isoformat() if begin else call.get("start_time"),
        "answered": answered,
        "voicemail": not answered and any(recording.get("source") == _VOICEMAIL for recording in recordings),
        "recording_enabled": bool(recordings),
        "recording": best.get("sid") if kept else "",
        "duration_s": call.get("duration"),
        "direction": "inbound",
        "caller_number": call.get("from"),
        "tracking_number": call.get("to"),
        "agent_channel": _AGENT if kept and best.get("channels") in (2, "2") else None,
        "call_status": call.get("status"),
    }


def _worth(recording: Row) -> tuple[bool, bool, bool, float]:
    """Which of a call's recordings is the conversation: not the voicemail, then one that is there, then the longest."""
    status = _status(recording)
    there = (status == "completed", status in _BEING_MADE)
    return recording.get("source") != _VOICEMAIL, any(there), there[0], _seconds(recording)


def _took_time(leg: Row) -> bool:
    return _status(leg) == "completed" and _seconds(leg) > 0


def _seconds(of: Row) -> float:
    """Its duration, which comes as a text; 0 where it is none."""
    told = of.get("duration")
    try:
        return float(told) if isinstance(told, str | int | float) else 0.0
    except ValueError:
        return 0.0


def _status(of: Row) -> str:
    return str(of.get("status"))


def _goes_on(call: Row) -> bool:
    return _status(call) in _GOES_ON


def _instant(call: Row) -> datetime | None:
    """When it began; Twilio writes mail's form of dates, in GMT."""
    try:
        begin = parsedate_to_datetime(call.get("start_time") or call["date_created"])
    except (KeyError, TypeError, ValueError):
        return None
    return begin if begin.tzinfo else begin.replace(tzinfo=UTC)


def _unavailable(what: str, code: str) -> RecordingUnavailable:
    return RecordingUnavailable(f"{what}.", code=code, next_step="The next night tries again.")
