"""Starts the review app: its parts, its accounts for a demonstration, its server."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from insights.domain.accounts import Role, User
from insights.errors import InputError
from insights.pipeline.overview import Overviews
from insights.pipeline.queue_mirror import QueueMirror
from insights.ports import Clock, Deps, Passwords
from insights.settings import ROOT, Settings
from insights.web.app import create_app
from insights.web.desk import Desk, page_templates


class ShiftedClock:
    """A clock that began at another instant and goes on at the usual pace: the demo's leads are of one night."""

    def __init__(self, clock: Clock, instant: datetime) -> None:
        self._clock, self._shift = clock, instant - clock.now()

    def now(self) -> datetime:
        return self._clock.now() + self._shift


def serve(deps: Deps, passwords: Passwords, settings: Settings, host: str, port: int, instant: datetime | None) -> None:
    """Serve the app until it is stopped; ``instant``: work as if it were then. Raises InputError."""
    import uvicorn

    if instant is not None:
        deps = replace(deps, clock=ShiftedClock(deps.clock, instant))
    zone = ZoneInfo(settings.time_zone)
    desk = Desk(deps, passwords, QueueMirror(zone), Overviews(), zone, page_templates())
    app = create_app(desk, hosts=[host, "127.0.0.1", "localhost", *settings.review_hosts])
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:
        raise InputError(
            f"nothing can listen on {host}:{port}: another program does.", next_step="Give another --port."
        ) from None


def demo_instant() -> datetime:
    """The instant of the demo's night. Raises InputError outside of a checkout."""
    manifest = ROOT / "fixtures/audio/manifest.json"
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("the fixtures of the demo are not here.", next_step="Run it from a checkout.") from None
    return datetime.fromisoformat(told["as_of"]) + timedelta(hours=7)


def make_demo_accounts(deps: Deps, passwords: Passwords) -> list[tuple[str, str, str]]:
    """Accounts of a demonstration with new passwords: name, role, password. Others' accounts are left alone."""
    wanted = [
        ("demo", Role.TRIAGE_LEAD, ""),
        ("demo-reviewer", Role.REVIEWER, ""),
        ("demo-client", Role.CLIENT, "K-01"),
    ]
    made = []
    for name, role, client_id in wanted:
        password = secrets.token_urlsafe(12)
        with deps.store() as unit:
            unit.put_user(User(name, role, passwords.hashed(password), deps.clock.now(), client_id))
            unit.end_sessions_of(name)
            unit.commit()
        made.append((name, role.value.replace("_", " "), password))
    return made
