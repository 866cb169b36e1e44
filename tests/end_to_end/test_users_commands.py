"""Accounts as they are kept at the terminal; a password is shown once and stands nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from shell import Run, is_one_clear_line

from insights.adapters.database import open_engine
from insights.adapters.passwords import Argon2Passwords
from insights.adapters.store import SqlStore

PASSWORD = "correct horse battery staple"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    address = f"sqlite:///{tmp_path}/record.sqlite"
    monkeypatch.setenv("CALL_INSIGHTS_DATABASE", address)
    return SqlStore(open_engine(address))


def hash_of(record: SqlStore, name: str) -> str:
    with record(only_reads=True) as unit:
        user = unit.user(name)
    assert user
    return user.password


def test_an_account_is_made_with_a_password_that_is_printed_once(run: Run, record: SqlStore, tmp_path: Path) -> None:
    made = run("users", "add", "Ann", "--role", "reviewer")
    assert made.status == 0, made.err
    said = re.fullmatch(r"Ann: password (\S{20,})\n", made.out)
    assert said and said[1] not in made.err
    assert Argon2Passwords().right(said[1], hash_of(record, "ann"))
    assert not any(said[1].encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_password_of_a_file_is_not_printed(run: Run, record: SqlStore, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{PASSWORD}\n")
    made = run("users", "add", "pipes", "--role", "client", "--client", "K-1", "--password-file", "secret")
    assert made.status == 0 and PASSWORD not in made.out + made.err
    assert Argon2Passwords().right(PASSWORD, hash_of(record, "pipes"))
    (tmp_path / "secret").unlink()
    assert not any(PASSWORD.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_an_account_gets_a_new_password_is_closed_and_opened_and_all_are_listed(run: Run, record: SqlStore) -> None:
    run("users", "add", "ann", "--role", "reviewer")
    before = hash_of(record, "ann")
    assert run("users", "password", "Ann").status == 0 and hash_of(record, "ann") != before
    assert "closed" in run("users", "disable", "ann").out
    listed = run("users", "list", "--json")
    assert json.loads(listed.out) == {"name": "ann", "role": "reviewer", "client": "", "disabled": True}
    assert "argon2" not in listed.out
    assert "open" in run("users", "enable", "ann").out
    assert "closed" not in run("users", "list").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["add", "ann lee", "--role", "viewer"], "is not made of"),
        (["add", "../ann", "--role", "viewer"], "is not made of"),
        (["add", "ann\udcff", "--role", "viewer"], "is not made of"),
        (["add", "ann", "--role", "emperor"], "there is no role 'emperor'"),
        (["add", "ann", "--role", "client"], "the client's id"),
        (["add", "ann", "--role", "viewer", "--client", "K-1"], "the client's id"),
        (["add", "ann", "--role", "viewer", "--password-file", "missing"], "cannot be read"),
        (["password", "nobody"], "there is no account 'nobody'"),
        (["disable", "nobody\udcff"], "there is no account"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(run: Run, record: SqlStore, words: list[str], says: str) -> None:
    is_one_clear_line(run("users", *words), says)


def test_a_name_is_taken_once(run: Run, record: SqlStore) -> None:
    run("users", "add", "ann", "--role", "viewer")
    is_one_clear_line(run("users", "add", "ANN", "--role", "reviewer"), "already")


def test_a_weak_password_of_a_file_is_refused_and_not_repeated(run: Run, record: SqlStore, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    refused = run("users", "add", "ann", "--role", "viewer", "--password-file", "secret")
    is_one_clear_line(refused, "characters")
    assert "hunter2" not in refused.err
