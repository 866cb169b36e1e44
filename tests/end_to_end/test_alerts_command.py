"""Alerts as they are read and sent at the terminal, and what doctor says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from receiver import SECRET, Receiver, a_receiver
from shell import Run, is_one_clear_line

from insights.adapters.database import open_engine
from insights.adapters.migrations import MIGRATIONS
from insights.adapters.store import SqlStore
from insights.checkup import checkup


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    """A record whose last night closed thirty hours ago."""
    address = f"sqlite:///{tmp_path}/record.sqlite"
    monkeypatch.setenv("CALL_INSIGHTS_DATABASE", address)
    store = SqlStore(open_engine(address))
    body = {"source": "callrail://A", "failures": [], "by_screening": {}, "leads_seen": 3, "source_stopped": ""}
    with store() as unit:
        closed_at = datetime.now(UTC) - timedelta(hours=30)
        unit.put_night(closed_at - timedelta(days=2), body, closed_at)
        unit.commit()
    return store


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with a_receiver() as receiver:
        monkeypatch.setenv("CALL_INSIGHTS_ALERT_WEBHOOK", receiver.url)
        monkeypatch.setenv("CALL_INSIGHTS_ALERT_SECRET", SECRET)
        yield receiver


def doctor_says(name: str, source: str | None = None) -> tuple[bool, str]:
    checks = {check["name"]: check for check in checkup({"source": source})["checks"]}
    return checks[name]["ok"], checks[name]["finding"]


def test_a_record_where_nothing_was_noticed_has_no_alerts(run: Run, record: SqlStore) -> None:
    ran = run("alerts")
    assert (ran.status, ran.out) == (0, "No alerts.\n")
    assert ran.err == "Nobody is told: set alert_webhook or alert_email.\n"
    assert run("alerts", "--json").out == ""


@pytest.mark.usefixtures("record")
def test_sending_looks_tells_and_shows_what_was_told(run: Run, receiver: Receiver) -> None:
    ran = run("alerts", "--send", "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert (told["kind"], told["channels"], told["troubles"], told["tries"]) == (
        "no_night", {"webhook": "told"}, {}, 1,
    )  # fmt: skip
    assert told["told_at"] and receiver.order == [told["key"]]
    table = run("alerts").out
    assert "No night has closed for 30 hours." in table and "critical" in table


@pytest.mark.usefixtures("record")
def test_what_a_channel_refuses_is_status_one_and_shown_until_it_is_taken(run: Run, receiver: Receiver) -> None:
    receiver.refuses = lambda message: 422
    for words in (["--send"], [], ["--send", "--json"]):
        ran = run("alerts", *words)
        assert ran.status == 1 and "webhook refused the alert (422)" in " ".join(ran.out.split())
    receiver.refuses = lambda message: None
    assert run("alerts", "--send").status == 0


@pytest.mark.usefixtures("record")
def test_a_test_goes_through_every_channel_and_is_not_kept(
    run: Run, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("alerts", "--test").out == "webhook: took the test alert.\n"
    for name, value in {"EMAIL": "ops@example.com, ann@example.com"}.items():
        monkeypatch.setenv(f"CALL_INSIGHTS_ALERT_{name}", value)
    for name, value in {"HOST": "127.0.0.1", "PORT": "9", "FROM": "night@example.com"}.items():
        monkeypatch.setenv(f"CALL_INSIGHTS_SMTP_{name}", value)
    ran = run("alerts", "--test", "--json")
    assert ran.status == 1
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [(row["channel"], row["told"]) for row in rows] == [("webhook", True), ("e-mail", False)]
    assert [told["kind"] for told in receiver.taken.values()] == ["test", "test"]
    assert run("alerts", "--json").out == ""


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("words", [["--send"], ["--test"]])
def test_without_a_channel_nothing_can_be_sent(run: Run, words: list[str]) -> None:
    is_one_clear_line(run("alerts", *words), "no channel for alerts", "alert_webhook")


@pytest.mark.usefixtures("record")
def test_a_channel_that_lacks_its_settings_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALL_INSIGHTS_ALERT_WEBHOOK", "https://hooks.example.com/T0KEN")
    is_one_clear_line(run("alerts", "--send"), "CALL_INSIGHTS_ALERT_SECRET")
    monkeypatch.setenv("CALL_INSIGHTS_ALERT_SECRET", SECRET)
    monkeypatch.setenv("CALL_INSIGHTS_ALERT_EMAIL", "ops@example.com")
    is_one_clear_line(run("alerts", "--send"), "smtp_host")


@pytest.mark.usefixtures("record")
def test_a_short_token_for_metrics_is_refused_without_telling_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALL_INSIGHTS_METRICS_TOKEN", "hunter2")
    refused = run("alerts")
    is_one_clear_line(refused, "metrics_token")
    assert "hunter2" not in refused.err


@pytest.mark.usefixtures("record")
def test_doctor_tells_of_channels_nights_and_migrations(
    run: Run, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    monkeypatch.setattr("insights.checkup._speech", lambda settings: "not asked here")
    monkeypatch.setattr("insights.checkup._intent", lambda settings: "not asked here")
    assert doctor_says("migrations") == (True, f"{len(MIGRATIONS)} of {len(MIGRATIONS)}")
    assert doctor_says("alerts") == (True, "webhook; none told yet; 0 to be told")
    assert doctor_says("last night") == (True, "closed 30.0 hours ago")
    late, why = doctor_says("last night", source="nowhere")
    assert not late and "No night has closed for 30 hours." in why
    receiver.refuses = lambda message: 422
    run("alerts", "--send")
    told, why = doctor_says("alerts")
    assert not told and why.startswith("1 alerts are not told. webhook: the webhook refused the alert (422).")
    receiver.refuses = lambda message: None
    run("alerts", "--send")
    assert doctor_says("alerts")[1].startswith("webhook; the last one told 20")
