"""Starts the review app: its parts, its accounts for a demonstration, its server."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from insights.domain.accounts import Role, User
from insights.errors import InputError
from insights.pipeline.overview import Overviews
from insights.pipeline.queue_mirror import QueueMirror
from insights.ports import Clock, Deps, Passwords
from insights.settings import ROOT, Settings
from insights.web.app import create_app
from insights.web.desk import Desk, page_templates
from insights.web.hooks import Hooks
from insights.web.operate import Metrics

_DEMO_ACCOUNTS = {
    "demo": (Role.TRIAGE_LEAD, ""),
    "demo-reviewer": (Role.REVIEWER, ""),
    "demo-client": (Role.CLIENT, "K-01"),
}
"""Name to role and client."""


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
    desk.queue.view(deps, desk.now())  # read before the first visitor waits for it
    metrics = Metrics(settings.metrics_token.get_secret_value(), feeds=bool(settings.feed))
    public = [urlsplit(settings.public_url).hostname or ""] if settings.public_url else []
    hosts = [host, "127.0.0.1", "localhost", *settings.review_hosts, *public]
    app = create_app(desk, hosts, metrics, Hooks.of(settings))
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
    """Accounts of a demonstration with new passwords: name, role, password.

    Only on a record where nobody else has an account. Raises InputError where somebody has, or where an account of such
    a name has another role or client.
    """
    made = []
    with deps.store() as unit:
        for user in unit.users():
            if _DEMO_ACCOUNTS.get(user.name) != (user.role, user.client_id):
                raise InputError(
                    f"this record has an account {user.name!r}, which is none of the demo's.",
                    next_step="Leave out --demo, or name the demo's record with --database.",
                )
        for name, (role, client_id) in _DEMO_ACCOUNTS.items():
            password = secrets.token_urlsafe(12)
            unit.put_user(User(name, role, passwords.hashed(password), deps.clock.now(), client_id))
            unit.end_sessions_of(name)
            made.append((name, role.value.replace("_", " "), password))
        unit.commit()
    return made
