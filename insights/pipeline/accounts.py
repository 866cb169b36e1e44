"""Accounts of the review app: make one, sign in and out, and who it is that a cookie speaks for."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from insights.domain.accounts import (
    IDLE,
    LONGEST,
    LONGEST_PASSWORD,
    Role,
    Session,
    User,
    account_fault,
    failures_since,
    must_wait,
)
from insights.errors import InputError, SignInRefused
from insights.ports import Deps, Passwords
from insights.ports_record import UnitOfWork

_SEEN_ANEW = timedelta(minutes=1)
"""How exactly it is noted when a session was last used: not every page is worth a write."""


def add_user(
    deps: Deps, passwords: Passwords, name: str, role: Role, password: str, now: datetime, client_id: str = ""
) -> User:
    """Make an account. Raises InputError for a name that is taken, and for what is wrong with it."""
    name = name.strip().lower()
    if fault := account_fault(name, role, client_id, password):
        raise InputError(f"no account was made: {fault}.")
    user = User(name, role, passwords.hashed(password), now, client_id)
    with deps.store() as unit:
        if unit.user(name) is not None:
            raise InputError(f"there is an account {name!r} already.", next_step="users password gives it a new one.")
        unit.put_user(user)
        unit.commit()
    return user


def change_user(
    deps: Deps, passwords: Passwords, name: str, *, password: str | None = None, disabled: bool | None = None
) -> User:
    """Give an account a new password, or close or open it; whoever is signed in with it is signed out.

    Raises InputError.
    """
    name = name.strip().lower()
    with deps.store() as unit:
        user = unit.user(name) if name.isprintable() else None
        if user is None:
            raise InputError(f"there is no account {name[:64]!r}.", next_step="call-insights users list tells them.")
        if password is not None:
            if fault := account_fault(user.name, user.role, user.client_id, password):
                raise InputError(f"nothing was changed: {fault}.")
            user = replace(user, password=passwords.hashed(password))
        if disabled is not None:
            user = replace(user, disabled=disabled)
        unit.put_user(user)
        unit.end_sessions_of(user.name)
        unit.commit()
    return user


def sign_in(deps: Deps, passwords: Passwords, name: str, password: str, address: str, now: datetime) -> str:
    """The token that the cookie of a new session holds; the database knows only its hash.

    ``address`` is where the question came from. Raises SignInRefused: it never says whether name or password is wrong.
    """
    name = name.strip().lower()[:LONGEST_PASSWORD]
    since = failures_since(now)
    with deps.store(only_reads=True) as unit:
        if must_wait(*unit.sign_in_failures(name, address, since)):
            raise SignInRefused("too many wrong passwords came lately.", code="wait", next_step="Wait 15 minutes.")
        user = unit.user(name)
    usable = user if user is not None and not user.disabled else None
    if not passwords.right(password[: LONGEST_PASSWORD + 1], usable.password if usable else None) or usable is None:
        with deps.store() as unit:
            forget_sign_ins(unit, now)
            unit.note_sign_in_failure(name, address, now)
            unit.commit()
        raise SignInRefused("name or password is wrong.", code="wrong")
    token = secrets.token_urlsafe(32)
    with deps.store() as unit:
        # While the password was checked, others may have been guessed, or this one changed.
        if must_wait(*unit.sign_in_failures(name, address, since)) or unit.user(name) != usable:
            raise SignInRefused("name or password is wrong.", code="wrong")
        forget_sign_ins(unit, now)
        unit.put_session(Session(_hash(token), usable.name, now, now, secrets.token_urlsafe(32)))
        unit.commit()
    return token


def signed_in(deps: Deps, token: str, now: datetime, *, renew: bool = True) -> tuple[User, Session] | None:
    """Who a token speaks for; None when its session has ended or its account is closed.

    Without ``renew`` the session ends as if this had not been asked.
    """
    if not token:
        return None
    with deps.store(only_reads=True) as unit:
        session = unit.session(_hash(token))
        user = unit.user(session.name) if session else None
    if session is None or user is None or user.disabled or not session.holds(now):
        return None
    if renew and now - session.seen_at >= _SEEN_ANEW:
        session = replace(session, seen_at=now)
        with deps.store() as unit:
            if unit.session(session.token_sha256) is not None:  # it may have been ended a moment ago
                unit.put_session(session)
                unit.commit()
    return user, session


def forget_sign_ins(unit: UnitOfWork, now: datetime) -> None:
    """Delete the sessions that no longer hold, and the wrong passwords that no longer count."""
    unit.end_old_sessions(seen_until=now - IDLE, made_until=now - LONGEST)
    unit.forget_sign_in_failures(failures_since(now))


def sign_out(deps: Deps, token: str) -> None:
    """End the session of a token."""
    with deps.store() as unit:
        unit.end_session(_hash(token))
        unit.commit()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
