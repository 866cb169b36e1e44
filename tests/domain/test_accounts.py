"""Roles may do what is granted to them and no more; sessions end; weak passwords and odd names are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW

from insights.domain.accounts import (
    GRANTED,
    IDLE,
    LONGEST,
    LONGEST_PASSWORD,
    May,
    Role,
    Session,
    User,
    account_fault,
    failures_since,
    must_wait,
)

GOOD = "correct horse battery"
ANN = User("ann", Role.REVIEWER, "hash", NOW)
SESSION = Session("0" * 64, "ann", NOW, NOW, "form")


def test_every_role_is_granted_something_and_only_a_client_has_leads_of_its_own() -> None:
    assert set(GRANTED) == set(Role)
    assert [role for role in Role if May.OWN_LEADS in GRANTED[role]] == [Role.CLIENT]
    assert GRANTED[Role.CLIENT] == {May.OWN_LEADS}


def test_only_those_who_decide_decide_and_only_an_auditor_reads_the_access_log() -> None:
    def able(what: May) -> set[Role]:
        return {role for role in Role if replace(ANN, role=role).may(what)}

    assert able(May.DECIDE) == {Role.REVIEWER, Role.TRIAGE_LEAD}
    assert able(May.LEAD_TRIAGE) == {Role.TRIAGE_LEAD}
    assert able(May.AUDIT) == {Role.AUDITOR}
    assert able(May.SET_POLICY) == {Role.POLICY_ADMIN}


def test_a_closed_account_may_do_nothing() -> None:
    assert not any(replace(ANN, disabled=True).may(what) for what in May)


def test_a_session_ends_when_nothing_is_asked_and_at_the_latest_after_a_working_day() -> None:
    moment = timedelta(seconds=1)
    assert SESSION.holds(NOW + IDLE - moment) and not SESSION.holds(NOW + IDLE)
    busy = replace(SESSION, seen_at=NOW + LONGEST - moment)
    assert busy.holds(NOW + LONGEST - moment) and not busy.holds(NOW + LONGEST)


@pytest.mark.parametrize("name", ["ann", "a", "ann.lee@example-1.com", "0_x", "a" * 64])
def test_a_plain_name_is_taken(name: str) -> None:
    assert account_fault(name, Role.VIEWER, "", GOOD) == ""


@pytest.mark.parametrize(
    "name",
    ["", "Ann", "a" * 65, ".ann", "ann lee", "ann\n", "ann\x00", "änn", "ann:reviewer", "<b>", "\ud800", "../ann"],
)
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str) -> None:
    assert "is not made of" in account_fault(name, Role.VIEWER, "", GOOD)


def test_a_client_and_nobody_else_belongs_to_a_client() -> None:
    assert account_fault("ann", Role.CLIENT, "K-1", GOOD) == ""
    assert "client's id" in account_fault("ann", Role.CLIENT, "", GOOD)
    assert "client's id" in account_fault("ann", Role.REVIEWER, "K-1", GOOD)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "characters"),
        ("x1" * LONGEST_PASSWORD, "characters"),
        ("aaaaaaaaaaaa", "easy"),
        ("abababababab", "easy"),
        ("annabel-jones", "easy"),
        ("ANNABEL-JONES", "easy"),
        ("annabel-jonesannabel-jones", "easy"),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password: str, fault: str) -> None:
    assert fault in account_fault("annabel-jones", Role.VIEWER, "", password)


def test_a_few_wrong_passwords_are_borne_and_more_must_wait() -> None:
    assert not must_wait(4, 49)
    assert must_wait(5, 0) and must_wait(0, 50)
    assert NOW - failures_since(NOW) == timedelta(minutes=15)
