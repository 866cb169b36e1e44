"""Small telephony providers for the tests: real servers on loopback that answer in the documented shapes."""

from __future__ import annotations

import json
import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from builders import NOW

from insights.adapters.policy_files import load_policies
from insights.adapters.provider_campaigns import TrackedCampaigns, read_tracked_campaigns
from insights.adapters.provider_http import Patience, Provider, ProviderHttp

Row = dict[str, Any]
KEY = "callrail-key-0123456789"
TOKEN = "twilio-token-0123456789"
ACCESS = "access_key=do-not-tell-anybody"
SOUND = b"RIFF" + bytes(range(256)) * 40


@dataclass
class Answer:
    """``cut``: close after so many bytes of the body; ``stall``: say nothing after them; ``endless``: never end."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    stall: bool = False
    endless: bool = False


def told(value: object) -> Answer:
    return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})


def sound(data: bytes = SOUND, **changes: Any) -> Answer:
    return Answer(200, data, {"Content-Type": "audio/mpeg"}, **changes)


def sent_to(address: str, status: int = 302) -> Answer:
    return Answer(status, b"", {"Location": address})


@dataclass
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Desk:
    """What a server was asked, and what it answers: ``first`` in turn, then by path (a pattern, matched whole)."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.first: list[Answer] = []
        self.routes: list[tuple[str, Callable[[Request], Answer]]] = []
        self.port = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def at(self, path: str, *answers: Answer | Callable[[Request], Answer]) -> None:
        """Answers in turn, the last one for ever."""
        left = list(answers)

        def answer(request: Request) -> Answer:
            chosen = left.pop(0) if len(left) > 1 else left[0]
            return chosen if isinstance(chosen, Answer) else chosen(request)

        self.routes.insert(0, (path, answer))

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.first:
            return self.first.pop(0)
        return next((of(request) for path, of in self.routes if re.fullmatch(path, request.path)), Answer(404))

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]


@contextmanager
def serving(desk: Desk) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = desk.answer(Request(parts.path, query, headers))
            self.send_response(answer.status)
            length = (
                {}
                if answer.endless or "Content-Length" in answer.headers
                else {"Content-Length": str(len(answer.body))}
            )
            for name, value in {**answer.headers, **length, "Connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = True
            with suppress(OSError):
                self.wfile.write(answer.body[: answer.cut])
                while answer.endless and not desk.over.is_set():
                    self.wfile.write(b"\0" * 65_536)
                if answer.stall:
                    self.wfile.flush()
                    desk.over.wait(5)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    desk.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        desk.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Canary:
    """A listener that nobody may ever talk to."""

    def __init__(self) -> None:
        self.hits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def look(self) -> int:
        """How many came by now, all told."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._socket.accept()[0].close()
                self.hits += 1
        return self.hits

    def close(self) -> None:
        self._socket.close()


class CallRail(Desk):
    """The calls of the account ACC1, in pages of two; each with a recording on another host behind a redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[list[Any]] = []
        self.sounds: dict[str, bytes] = {}
        self.at(r"/v3/a/ACC1/calls.json", self._calls)
        self.at(r"/v3/a/ACC1/calls/\w+/recording.json", self._recording)
        self.at(r"/calls/\w+/recording/redirect", self._redirect)
        self.at(r"/media/\w+.mp3", self._media)

    @property
    def base(self) -> str:
        return f"{self.url}/v3"

    def _right(self, request: Request) -> bool:
        return request.headers.get("authorization") == f'Token token="{KEY}"'

    def _calls(self, request: Request) -> Answer:
        if not self._right(request):
            return Answer(401, b'{"error": "HTTP Token: Access denied."}')
        number = int(request.query.get("offset", "0"))
        page = self.pages[number] if self.pages else []
        following = number + 1 < len(self.pages)
        address = f"{self.base}/a/ACC1/calls.json?relative_pagination=true&offset={number + 1}"
        return told({"calls": page, "has_next_page": following, "next_page": address if following else None})

    def _recording(self, request: Request) -> Answer:
        if not self._right(request):
            return Answer(401)
        call_id = request.path.split("/")[-2]
        if call_id not in self.sounds:
            return Answer(404, b'{"error": "not found"}')
        return told({"url": f"http://{self.host}/calls/{call_id}/recording/redirect?{ACCESS}"})

    def _redirect(self, request: Request) -> Answer:
        return sent_to(f"/media/{request.path.split('/')[2]}.mp3?{ACCESS}")

    def _media(self, request: Request) -> Answer:
        return sound(self.sounds[request.path.split("/")[-1].removesuffix(".mp3")])


class Twilio(Desk):
    """The calls and recordings of the account AC1; lists in pages of two."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Row] = []
        self.recordings: list[Row] = []
        self.sounds: dict[str, bytes] = {}
        self.dual: set[str] = set()
        self.at(r"/2010-04-01/Accounts/AC1/Calls.json", lambda request: self._page(request, "Calls", self.calls))
        self.at(
            r"/2010-04-01/Accounts/AC1/Recordings.json",
            lambda request: self._page(request, "Recordings", self.recordings),
        )
        self.at(r"/2010-04-01/Accounts/AC1/Recordings/\w+.json", self._told)
        self.at(r"/2010-04-01/Accounts/AC1/Recordings/\w+.wav", self._media)

    @property
    def base(self) -> str:
        return f"{self.url}/2010-04-01"

    def _page(self, request: Request, what: str, rows: list[Row]) -> Answer:
        number, size = int(request.query.get("Page", "0")), 2
        page = rows[number * size : (number + 1) * size]

        def at(other: int) -> str:
            return f"/2010-04-01/Accounts/AC1/{what}.json?PageSize={size}&Page={other}&PageToken=t"

        answer = {
            what.lower(): page,
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(0, len(page) - 1),
            "uri": at(number),
            "first_page_uri": at(0),
            "next_page_uri": at(number + 1) if (number + 1) * size < len(rows) else None,
            "previous_page_uri": at(number - 1) if number else None,
        }
        return told(answer)

    def _told(self, request: Request) -> Answer:
        sid = request.path.split("/")[-1].removesuffix(".json")
        return next((told(row) for row in self.recordings if row["sid"] == sid), Answer(404))

    def _media(self, request: Request) -> Answer:
        sid = request.path.split("/")[-1].removesuffix(".wav")
        if request.query.get("RequestedChannels") == "2" and sid not in self.dual:
            return Answer(400, b'{"code": 21220}')
        return sound(self.sounds[sid])


CAMPAIGNS: list[Row] = [
    {"campaign_id": "C-1", "client": "Blue Pipe", "trade": "plumbing", "source_ids": ["COM1", "+1 (614) 555-0199"]},
    {"campaign_id": "C-2", "client": "Red Roof", "trade": "roofing", "source_ids": ["TRK2"]},
]


def a_client(name: str, base: str, authorization: str, *hosts: str, patience: Patience | None = None) -> ProviderHttp:
    """A client that makes no pauses."""
    provider = Provider(name, base, authorization, f"the setting {name.lower()}_key", hosts)
    return ProviderHttp(provider, None, patience, sleep=lambda seconds: None)


def the_campaigns() -> TrackedCampaigns:
    """The campaigns of the tests, read from a file as an operator writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaigns.json"
        path.write_text(json.dumps(CAMPAIGNS), encoding="utf-8")
        return read_tracked_campaigns(str(path), load_policies())


def a_callrail_call(call_id: str = "CAL1", **changes: Any) -> Row:
    """An answered call of two hours ago, as CallRail lists it."""
    call = {
        "id": call_id,
        "answered": True,
        "business_phone_number": None,
        "customer_name": "Somebody",
        "customer_phone_number": "+16145550100",
        "direction": "inbound",
        "duration": 4,
        "recording": f"https://api.callrail.com/v3/a/ACC1/calls/{call_id}/recording.json",
        "recording_duration": "27",
        "start_time": (NOW - timedelta(hours=2)).isoformat(),
        "tracking_phone_number": "+16145550199",
        "voicemail": False,
        "call_type": "answered",
        "company_id": "COM1",
        "tracker_id": "TRK1",
        "source_name": "Google Ads",
        "first_call": True,
        "zip_code": ["43215"],
    }
    return {**call, **changes}


def mail(at: datetime) -> str:
    """An instant as Twilio writes it."""
    return format_datetime(at.astimezone(UTC))


def a_twilio_call(sid: str = "CA1", **changes: Any) -> Row:
    """An inbound call of two hours ago, as Twilio lists it; a leg says whether anybody took it."""
    begin = NOW - timedelta(hours=2)
    call = {
        "sid": sid,
        "parent_call_sid": None,
        "from": "+16145550100",
        "to": "+16145550199",
        "status": "completed",
        "direction": "inbound",
        "duration": "61",
        "date_created": mail(begin),
        "start_time": mail(begin),
        "end_time": mail(begin + timedelta(seconds=61)),
    }
    return {**call, **changes}


def a_twilio_leg(of: str = "CA1", **changes: Any) -> Row:
    """The leg that an inbound call dialled."""
    leg = {"parent_call_sid": of, "direction": "outbound-dial", "to": "+16145550001", "duration": "50"}
    return a_twilio_call(**{"sid": f"{of}leg", **leg, **changes})


def a_twilio_recording(of: str = "CA1", sid: str = "RE1", **changes: Any) -> Row:
    recording = {
        "sid": sid,
        "call_sid": of,
        "status": "completed",
        "channels": 1,
        "source": "DialVerb",
        "duration": "48",
        "encryption_details": None,
    }
    return {**recording, **changes}
