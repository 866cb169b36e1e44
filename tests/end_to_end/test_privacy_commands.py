"""Who may read and what is deleted, as it is typed: masks by role, the access log, a caller who wants to be gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from office import PITCH, Office, calls
from typer.testing import CliRunner

from insights.adapters.caller_keys import CallerKeys, with_the_same_key
from insights.adapters.store import SqlStore
from insights.cli import app
from insights.errors import ConfigurationError

NUMBER = "+16145550114"
HOME = PITCH.replace("google listing", "google listing at 4112 McKinnis Avenue, ann@example.com,")


@pytest.fixture(autouse=True)
def record(tmp_path: Path, store: SqlStore, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pitch whose quote holds an address, of a caller with a number."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALL_INSIGHTS_DATABASE", database)
    source = calls(L1=HOME)
    keys = with_the_same_key(store.engine, CallerKeys.of_file(tmp_path / "var/caller.key"))
    source.leads = [keys.lead(replace(source.leads[0], caller_number=NUMBER))]
    Office(tmp_path, store, source).night()


def run(*words: str) -> Any:
    found = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found


def told(*words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(*words).stdout.splitlines()]


def test_addresses_are_shown_only_to_those_who_may_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    (masked,) = told("explain", "L1", "--json")
    assert "[address]" in str(masked) and "McKinnis" not in str(masked) and "ann@" not in str(masked)
    assert "McKinnis" not in run("explain", "L1").stdout
    assert "McKinnis" not in run("queue", "--json", "--as-of", masked["lead"]["received_at"]).stdout
    monkeypatch.setenv("CALL_INSIGHTS_ROLE", "reviewer")
    (seen,) = told("explain", "L1", "--json")
    assert "4112 McKinnis Avenue, ann@example" in str(seen["proposal"]["evidence"])


def test_an_export_holds_words_only_for_an_operator_and_holds_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("ledger", "export")
    assert "left out" in plain.stderr and "google" not in plain.stdout
    monkeypatch.setenv("CALL_INSIGHTS_ROLE", "operator")
    whole = run("ledger", "export")
    assert "left out" not in whole.stderr and "google" in whole.stdout
    for name, text in (("plain", plain.stdout), ("whole", whole.stdout)):
        (tmp_path / f"{name}.jsonl").write_text(text)
        copy = ["--database", f"sqlite:///{tmp_path}/{name}.sqlite"]
        run("ledger", "import", f"{name}.jsonl", *copy)
        (verified,) = told("ledger", "verify", "--json", *copy)
        assert verified["sound"] and verified["entries"] == len(text.splitlines())


def test_everybody_who_read_words_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    run("explain", "L1")
    monkeypatch.setenv("CALL_INSIGHTS_ROLE", "operator")
    run("ledger", "export")
    lines = told("access-log", "--json")
    assert [(line["what"], line["role"], line["lead_id"]) for line in lines] == [
        ("explain", "analyst", "L1"),
        ("ledger export", "operator", ""),
    ]
    assert len(run("access-log", "--lead", "L1").stdout.splitlines()) == 2
    assert told("access-log", "--json", "--since", "2100-01-01") == []


def test_a_caller_who_wants_to_be_gone_is_gone() -> None:
    (would,) = told("purge", "--caller", "(614) 555-0114", "--dry-run", "--json")
    purged = {"lead_id": "L1", "what": ["audio", "words"], "in_chain": 0}
    assert would == {"dry_run": True, "purged": [purged], "wiped": True}
    assert "1 lead purged" in run("purge", "--caller", NUMBER, "--by", "olga").stdout
    (story,) = told("explain", "L1", "--json")
    assert "google" not in str(story) and story["entries"][-1]["actor"] == "operator:olga"
    (verified,) = told("ledger", "verify", "--json")
    assert verified["sound"]
    assert [line["what"] for line in told("access-log", "--json")] == ["purge --caller"] * 2 + ["explain"]


def test_a_lost_key_is_told_and_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "var/caller.key").unlink()
    found = CliRunner().invoke(app, ["purge", "--caller", NUMBER])
    assert isinstance(found.exception, ConfigurationError) and "Put the key back" in str(found.exception)
    assert not (tmp_path / "var/caller.key").exists()


def test_retention_and_one_lead_are_typed_alike() -> None:
    assert "0 leads purged" in run("purge").stdout
    assert "L1: audio\n1 lead would be purged" in run("purge", "--dry-run", "--as-of", "2028-01-20T00:00:00Z").stdout
    assert "L1: audio, words" in run("purge", "--lead", "L1").stdout


@pytest.mark.parametrize(
    "words",
    [["--caller", " "], ["--caller", "anonymous"], ["--caller", NUMBER, "--lead", "L1"], ["--lead", "L9"]],
)
def test_what_makes_no_sense_is_refused(words: list[str]) -> None:
    found = CliRunner().invoke(app, ["purge", *words])
    assert found.exception is not None and "--" in f"{found.exception} --"
    assert found.exit_code != 0
