"""Accounts are made and closed, people sign in and out, and whoever guesses passwords has to wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from builders import NOW
from office import Office, calls
from review_desk import PASSWORD, PlainPasswords
from servers import ON_BOTH

from insights.adapters.store import SqlStore
from insights.domain.accounts import IDLE, LONGEST, Role
from insights.errors import InputError, SignInRefused
from insights.pipeline.accounts import add_user, change_user, sign_in, sign_out, signed_in
from insights.ports import Deps

MINUTE = timedelta(minutes=1)


class WatchedPasswords(PlainPasswords):
    """Notes against what a password was held, and lets something happen meanwhile."""

    def __init__(self) -> None:
        self.against: list[str | None] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def right(self, password: str, hashed: str | None) -> bool:
        self.against.append(hashed)
        self.meanwhile()
        return super().right(password, hashed)


@pytest.fixture
def deps(tmp_path: Path, store: SqlStore) -> Deps:
    return Office(tmp_path, store, calls()).deps


@pytest.fixture
def passwords(deps: Deps) -> WatchedPasswords:
    """Ann the reviewer has an account."""
    watched = WatchedPasswords()
    add_user(deps, watched, " Ann ", Role.REVIEWER, PASSWORD, NOW)
    return watched


def fails(deps: Deps, passwords: WatchedPasswords, name: str, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused) as refused:
            sign_in(deps, passwords, name, "a wrong password", address, NOW)
        assert refused.value.code == "wrong"


def must_wait(deps: Deps, passwords: WatchedPasswords, name: str, address: str) -> bool:
    try:
        sign_in(deps, passwords, name, PASSWORD, address, NOW)
    except SignInRefused as refused:
        return refused.code == "wait"
    return False


@ON_BOTH
def test_whoever_has_an_account_and_its_password_is_signed_in(deps: Deps, passwords: WatchedPasswords) -> None:
    token = sign_in(deps, passwords, "ANN ", PASSWORD, "10.0.0.1", NOW)
    found = signed_in(deps, token, NOW)
    assert found and found[0].name == "ann" and found[0].role is Role.REVIEWER
    assert len(token) >= 43 and token not in str(found)
    sign_out(deps, token)
    assert signed_in(deps, token, NOW) is None
    assert signed_in(deps, "", NOW) is None and signed_in(deps, "\ud800\x00", NOW) is None


@ON_BOTH
def test_a_wrong_password_is_refused_and_nothing_says_that_the_name_was_right(
    deps: Deps, passwords: WatchedPasswords
) -> None:
    told = set()
    for name in ("ann", "nobody", "", "\x7f'; drop table users; --"):
        with pytest.raises(SignInRefused) as refused:
            sign_in(deps, passwords, name, "a wrong password", "10.0.0.1", NOW)
        told.add((str(refused.value), refused.value.code))
    assert len(told) == 1
    assert len(passwords.against) == 4  # a name that is unknown costs the same work


@ON_BOTH
def test_after_five_wrong_passwords_the_name_waits_a_quarter_of_an_hour(
    deps: Deps, passwords: WatchedPasswords
) -> None:
    fails(deps, passwords, "ann", "10.0.0.1", 5)
    assert must_wait(deps, passwords, "ann", "10.0.0.2")
    assert must_wait(deps, passwords, " ANN", "10.0.0.2")
    assert not must_wait(deps, passwords, "nobody", "10.0.0.1")
    assert sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.2", NOW + 16 * MINUTE)


@ON_BOTH
def test_whoever_guesses_many_names_waits_at_his_address_alone(deps: Deps, passwords: WatchedPasswords) -> None:
    for number in range(50):
        fails(deps, passwords, f"guess-{number}", "10.0.0.1", 1)
    assert must_wait(deps, passwords, "ann", "10.0.0.1")
    assert sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.2", NOW)


def test_guesses_made_at_the_same_time_count_together(deps: Deps, passwords: WatchedPasswords) -> None:
    def others_guess() -> None:
        passwords.meanwhile = lambda: None
        fails(deps, passwords, "ann", "10.0.0.1", 5)

    passwords.meanwhile = others_guess
    with pytest.raises(SignInRefused):
        sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.2", NOW)


def test_a_password_that_is_changed_while_it_is_checked_lets_nobody_in(deps: Deps, passwords: WatchedPasswords) -> None:
    passwords.meanwhile = lambda: change_user(deps, passwords, "ann", password="quite another password")
    with pytest.raises(SignInRefused):
        sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW)


@ON_BOTH
def test_a_closed_account_is_signed_out_at_once_and_stays_out(deps: Deps, passwords: WatchedPasswords) -> None:
    token = sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW)
    change_user(deps, passwords, "ann", disabled=True)
    assert signed_in(deps, token, NOW) is None
    fails(deps, passwords, "ann", "10.0.0.1", 1)
    change_user(deps, passwords, "ann", disabled=False)
    assert signed_in(deps, token, NOW) is None
    assert sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW)


@ON_BOTH
def test_a_session_that_is_not_used_ends_and_so_does_one_that_is_used_all_day(
    deps: Deps, passwords: WatchedPasswords
) -> None:
    idle, busy = (sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW) for _ in range(2))
    now = NOW
    while now + IDLE / 2 < NOW + LONGEST:
        now += IDLE / 2
        assert signed_in(deps, busy, now)
    assert signed_in(deps, busy, NOW + LONGEST) is None
    assert signed_in(deps, idle, NOW + IDLE) is None


@ON_BOTH
def test_what_is_asked_without_renewing_keeps_no_session_alive(deps: Deps, passwords: WatchedPasswords) -> None:
    token = sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW)
    assert signed_in(deps, token, NOW + IDLE - MINUTE, renew=False)
    assert signed_in(deps, token, NOW + IDLE, renew=False) is None


@ON_BOTH
def test_a_sign_in_clears_away_what_ended_before(deps: Deps, passwords: WatchedPasswords) -> None:
    old = sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW)
    fails(deps, passwords, "ann", "10.0.0.1", 1)
    later = NOW + IDLE
    held = sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", later)
    newest = sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", later + MINUTE)
    with deps.store(only_reads=True) as unit:
        kept = [unit.session(sha256(token.encode()).hexdigest()) is not None for token in (old, held, newest)]
        assert kept == [False, True, True]
        assert unit.sign_in_failures("ann", "10.0.0.1", NOW - MINUTE) == (0, 0)


def test_every_sign_in_is_a_session_of_its_own(deps: Deps, passwords: WatchedPasswords) -> None:
    tokens = [sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW) for _ in range(5)]
    found = [signed_in(deps, token, NOW) for token in tokens]
    assert len(set(tokens)) == 5 and len({session.form_token for _, session in filter(None, found)}) == 5


def test_a_new_password_signs_out_whoever_had_the_old_one(deps: Deps, passwords: WatchedPasswords) -> None:
    token = sign_in(deps, passwords, "ann", PASSWORD, "10.0.0.1", NOW)
    change_user(deps, passwords, "Ann", password="quite another password")
    assert signed_in(deps, token, NOW) is None
    fails(deps, passwords, "ann", "10.0.0.1", 1)
    assert sign_in(deps, passwords, "ann", "quite another password", "10.0.0.1", NOW)


def test_what_is_wrong_with_an_account_is_told(deps: Deps, passwords: WatchedPasswords) -> None:
    with pytest.raises(InputError, match="already"):
        add_user(deps, passwords, "ANN", Role.VIEWER, PASSWORD, NOW)
    with pytest.raises(InputError, match="not made of"):
        add_user(deps, passwords, "<script>", Role.VIEWER, PASSWORD, NOW)
    with pytest.raises(InputError, match="characters"):
        change_user(deps, passwords, "ann", password="short")
    for name in ("nobody", "\x00", "\udcff"):
        with pytest.raises(InputError, match="no account"):
            change_user(deps, passwords, name, disabled=True)
