"""A review app at work for tests: an office with a night behind it, accounts of every role, and ways to use it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from builders import NOW, a_lead
from fakes import ListedSource
from fastapi import FastAPI
from office import JOB, NEED, PITCH, PLUMBER, Office
from starlette.testclient import TestClient

from insights.adapters.store import SqlStore
from insights.domain.accounts import Role, User
from insights.domain.leads import LeadId
from insights.pipeline.overview import Overviews
from insights.pipeline.queue_mirror import QueueMirror
from insights.web.app import create_app
from insights.web.desk import Desk, page_templates

PASSWORD = "correct horse battery staple"
CLIENTS = {"pipes": PLUMBER.client_id, "strangers": "K-99"}
_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


class PlainPasswords:
    """Passwords whose hash is no work: hundreds of sign-ins cost nothing."""

    def hashed(self, password: str) -> str:
        return f"plain:{password}"

    def right(self, password: str, hashed: str | None) -> bool:
        return hashed == f"plain:{password}"


@dataclass
class ReviewDesk:
    """The office, its desk and its app. Every role has an account of its own name; clients are ``pipes``, whose leads
    these are, and ``strangers``."""

    office: Office
    desk: Desk
    app: FastAPI

    def signed_in(self, name: str) -> Browser:
        """A browser without a window, signed in."""
        browser = Browser(TestClient(self.app, base_url="https://testserver", raise_server_exceptions=True))
        answer = browser.http.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser


@dataclass
class Browser:
    """Gets pages and sends forms with the token of its session."""

    http: TestClient

    def get(self, path: str, **more: object) -> str:
        answer = self.http.get(path, **more)  # type: ignore[arg-type]
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.text

    @property
    def form_token(self) -> str:
        """Of the session, as any page's sign-out form carries it."""
        found = _FORM_TOKEN.search(self.http.get("/").text)
        assert found
        return found[1]

    def send(self, path: str, **fields: str) -> object:
        return self.http.post(path, data={"form_token": self.form_token, **fields})


def a_review_desk(
    folder: Path, store: SqlStore, leads: int = 14, scripts: Sequence[str] = (PITCH, JOB, NEED)
) -> ReviewDesk:
    """A desk over a fresh record with so many leads: pitches, job seekers and needs, one after the other."""
    rows, recordings = [], {}
    for number in range(1, leads + 1):
        name = f"L{number}"
        at = NOW - timedelta(hours=number)
        rows.append(a_lead(lead_id=LeadId(name), recording=f"{name}.wav", agent_channel=1, received_at=at))
        recordings[name] = scripts[number % len(scripts)].encode()
    office = Office(folder, store, ListedSource(rows, [PLUMBER], recordings))
    office.night()
    return a_desk_over(office)


def a_desk_over(office: Office) -> ReviewDesk:
    """A desk over an office as it is, with an account of every role."""
    passwords = PlainPasswords()
    with office.store() as unit:
        for role in Role:
            if role is not Role.CLIENT:
                unit.put_user(User(role.value, role, passwords.hashed(PASSWORD), NOW))
        for name, client_id in CLIENTS.items():
            unit.put_user(User(name, Role.CLIENT, passwords.hashed(PASSWORD), NOW, client_id))
        unit.commit()
    desk = Desk(office.deps, passwords, QueueMirror(), Overviews(), ZoneInfo("America/Chicago"), page_templates())
    return ReviewDesk(office, desk, create_app(desk, hosts=["testserver", "127.0.0.1"]))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app on a real server on loopback; tells its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
