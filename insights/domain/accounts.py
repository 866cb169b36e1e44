"""Who may do what in the review app, how long a session holds, and when somebody who guesses passwords must wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in the review app."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    TRIAGE_LEAD = "triage_lead"
    POLICY_ADMIN = "policy_admin"
    AUDITOR = "auditor"
    CLIENT = "client"


class May(StrEnum):
    """What a role may do."""

    SEE_LEADS = "see_leads"
    """Queue, lead pages and dashboard, with addresses and phone numbers masked."""
    LISTEN = "listen"
    """Hear recordings; voices tell what masks hide."""
    REVEAL = "reveal"
    """Read what is masked; each time is noted."""
    DECIDE = "decide"
    """Take leads in hand, accept, override, ask, undo."""
    LEAD_TRIAGE = "lead_triage"
    """Accept many together, and reopen what is closed."""
    SET_POLICY = "set_policy"
    """The switch of automatic acceptance."""
    AUDIT = "audit"
    """The access log."""
    OWN_LEADS = "own_leads"
    """A client's own leads and requests, and nothing else."""


_ALL_SEE = frozenset({May.SEE_LEADS})
GRANTED: Mapping[Role, frozenset[May]] = {
    Role.VIEWER: _ALL_SEE,
    Role.REVIEWER: _ALL_SEE | {May.LISTEN, May.REVEAL, May.DECIDE},
    Role.TRIAGE_LEAD: _ALL_SEE | {May.LISTEN, May.REVEAL, May.DECIDE, May.LEAD_TRIAGE},
    Role.POLICY_ADMIN: _ALL_SEE | {May.SET_POLICY},
    Role.AUDITOR: _ALL_SEE | {May.LISTEN, May.REVEAL, May.AUDIT},
    Role.CLIENT: frozenset({May.OWN_LEADS}),
}

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
"""A session ends when nothing was asked for so long, and at the latest after a working day (OWASP ASVS 7.3)."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
"""Characters; a longer one would only make the hash slow."""

MOST_VIEWS = 50
"""Views of the queue that one account may save."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_WINDOW = timedelta(minutes=15)
_MOST_BY_NAME, _MOST_BY_ADDRESS = 5, 50


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``password`` is its hash; ``client_id`` names the client whose leads a client may see, else empty."""

    name: str
    role: Role
    password: str
    created_at: datetime
    client_id: str = ""
    disabled: bool = False

    def may(self, what: May) -> bool:
        return not self.disabled and what in GRANTED[self.role]


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. ``token_sha256`` is the hash of what the cookie holds; ``form_token`` must come with
    every form, so that no other site can send one."""

    token_sha256: str
    name: str
    created_at: datetime
    seen_at: datetime
    form_token: str

    def holds(self, now: datetime) -> bool:
        return now - self.seen_at < IDLE and now - self.created_at < LONGEST


def account_fault(name: str, role: Role, client_id: str, password: str) -> str:
    """What is wrong with a new account; empty: nothing."""
    if not _NAME.fullmatch(name):
        return f"the name {name[:64]!r} is not made of a-z, 0-9 and . _ @ -"
    if (role is Role.CLIENT) != bool(client_id):
        return "a client's account needs the client's id, and no other one may have it"
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    if password.lower() in (name, f"{name}{name}") or len(set(password)) < 5:
        return "the password is too easy to guess"
    return ""


def must_wait(by_name: int, by_address: int) -> bool:
    """Whether too many wrong passwords came lately (``failures_since``) for a name, or from one network address."""
    return by_name >= _MOST_BY_NAME or by_address >= _MOST_BY_ADDRESS


def failures_since(now: datetime) -> datetime:
    """From when on wrong passwords count."""
    return now - _WINDOW
