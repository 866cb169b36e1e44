"""The verbs of a review, one after the other on one record, as a client and a reviewer type them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, SHIPPED, a_lead
from office import NEED, PITCH, Office, calls
from typer.testing import CliRunner

from insights.adapters.store import SqlStore
from insights.cli import app
from insights.domain.leads import LeadId
from insights.errors import InsightsError

AT = ["--as-of", NOW.isoformat()]


@pytest.fixture(autouse=True)
def record(tmp_path: Path, store: SqlStore, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer, a pitch and a missed call."""
    source = calls(L1=NEED, L2=PITCH)
    source.leads.append(a_lead(lead_id=LeadId("L3"), answered=False))
    Office(tmp_path, store, source).night()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALL_INSIGHTS_DATABASE", database)


def told(*words: str) -> dict[str, Any]:
    """What a verb says of the lead, as JSON."""
    found = CliRunner().invoke(app, [*words, *AT, "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    story: dict[str, Any] = json.loads(found.stdout)
    return story


def refused(*words: str) -> InsightsError:
    found = CliRunner().invoke(app, [*words, *AT])
    assert isinstance(found.exception, InsightsError)
    return found.exception


def test_a_request_goes_from_its_submission_to_a_credit(tmp_path: Path) -> None:
    invoice = tmp_path / "invoice.txt"
    invoice.write_text("4471")
    explanation = ["--explanation", "We did her drain in May.", "--file", str(invoice)]
    asked = told("submit", "L1", "--reason", "previous_customer", *explanation)
    assert (asked["state"], asked["review"]["due_at"]) == ("submitted", "2026-11-25T03:00:00-05:00")
    assert asked["review"]["request"]["files"][0]["name"] == "invoice.txt"

    stopped = told("decide", "L1", "--ask", "Which year?", "--reviewer", "ann")
    assert (stopped["state"], stopped["review"]["due_at"]) == ("information_needed", None)
    assert told("answer", "L1", "--text", "2026")["state"] == "in_review"

    decided = told("decide", "L1", "--override", "previous_customer", "--credit", "20", "--reviewer", "ann")
    assert (decided["state"], decided["review"]["decided"]["result"]) == ("decided", "partly")
    assert decided["money"] == {"charged": "45.00", "credited": "20", "balance": "25.00", "currency": "USD"}
    assert decided["review"]["decided"]["by"] == "reviewer:ann"

    again = told("reopen", "L1", "--note", "It was the whole house.", "--reviewer", "bo")
    assert (again["state"], again["review"]["request"]["open"]) == ("reopened", True)
    assert told("decide", "L1", "--accept")["money"]["balance"] == "45.00"


def test_a_request_can_be_taken_back() -> None:
    told("submit", "L2", "--reason", "solicitor", "--explanation", "A pitch.")
    assert told("withdraw", "L2", "--note", "Found it.")["state"] == "withdrawn"


def test_a_decision_is_taken_back_and_the_lead_put_back() -> None:
    told("decide", "L2", "--accept", "--reviewer", "ann")
    assert "reviewer:ann decided this lead, not you" in str(refused("decide", "L2", "--undo", "--reviewer", "bo"))
    undone = told("decide", "L2", "--undo", "--reviewer", "ann")
    assert (undone["state"], undone["review"]["in_review_by"]) == ("in_review", "reviewer:ann")
    assert (undone["money"]["balance"], undone["review"]["decided"]) == ("45.00", None)
    left = told("decide", "L2", "--put-back", "--reviewer", "ann")
    assert (left["state"], left["review"]["in_review_by"]) == ("not_reviewed", "")
    for several in (["--undo", "--put-back"], ["--accept", "--undo"], []):
        assert refused("decide", "L2", *several).exit_status == 2


def test_the_story_reads_well_without_json() -> None:
    told("submit", "L2", "--reason", "solicitor", "--explanation", "[bold]A pitch.[/]")
    found = CliRunner().invoke(app, ["decide", "L2", "--ask", "Who called?", *AT])
    assert "the clock stands since 2026-11-20T03:00:00-05:00" in found.output
    assert "“[bold]A pitch.[/]”" in found.output, "other people's words are never markup"
    told("answer", "L2", "--text", "A marketer.")
    found = CliRunner().invoke(app, ["decide", "L2", "--accept", *AT])
    assert "charged $45.00, given back $45.00, to pay $0.00" in found.output
    assert "answered   A marketer." in found.output


def test_what_cannot_be_done_says_why_and_ends_with_status_one() -> None:
    error = refused("submit", "L3", "--reason", "solicitor", "--explanation", "A pitch.")
    assert (error.code, error.exit_status) == ("not_answered", 1)
    assert "there is no recording to investigate" in str(error)
    told("decide", "L2", "--accept", "--reviewer", "ann")
    assert "reviewer:ann decided this lead" in str(refused("decide", "L2", "--accept", "--reviewer", "bo"))


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["decide", "L2", "--override", "spam"], "there is no reason 'spam'"),
        (["decide", "L2", "--override", "new_customer", "--outcome", "sold"], "there is no outcome 'sold'"),
        (["decide", "L2", "--accept", "--credit", "much"], "--credit"),
        (["submit", "L2", "--reason", "solicitor", "--explanation", "A", "--file", "gone"], "'gone' cannot be read"),
        (["decide", "L9", "--accept"], "there is no lead 'L9'"),
    ],
)
def test_words_that_mean_nothing_are_named_with_status_two(words: list[str], what: str) -> None:
    error = refused(*words)
    assert what in str(error)
    assert error.exit_status == 2


def run(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, [*words])
    return found.exit_code, found.stdout


def test_the_first_lead_says_which_others_are_like_it_and_all_are_accepted() -> None:
    assert json.loads(run("bulk-accept", "L2", "--alike", "--json", *AT)[1]) == ["L2"]
    assert run("bulk-accept", "L2", "--alike", *AT) == (0, "L2\n")
    assert run("bulk-accept", "L2", "--reviewer", "ann", *AT) == (0, "1 leads accepted.\n")
    status, output = run("bulk-accept", "L2", "--reviewer", "ann", *AT)
    assert (status, "L2 was left: reviewer:ann decided" in output) == (1, True)
    assert json.loads(run("bulk-accept", "L2", "--json", *AT)[1])["refused"][0]["code"] == "already_decided"


def test_a_second_look_is_asked_for_and_given() -> None:
    told("decide", "L2", "--accept", "--reviewer", "ann")
    assert json.loads(run("second-look", "--json", "--reviewer", "bo", *AT)[1])["agreement"]["all"]["pairs"] == 0
    said = run("second-look", "L2", "--reason", "new_customer", "--reviewer", "bo", *AT)
    assert said == (0, "You do not agree on the charge: the lead can be reopened.\n")
    assert "0 of 1 leads that were judged twice agree" in run("second-look", *AT)[1]
    assert refused("second-look", "L2").exit_status == 2


def test_the_kill_switch_is_turned_off_and_on() -> None:
    assert run("auto-accept", "off") == (0, "Automatic acceptance is off.\n")
    assert json.loads(run("auto-accept", "on", "--json")[1])["auto_accept"] == "on"
    assert run("auto-accept", "perhaps")[0] == 1


def test_figures_are_told_as_a_table_as_json_and_as_a_file(tmp_path: Path) -> None:
    told("decide", "L2", "--accept", "--reviewer", "ann")
    status, shown = run("report", "--by", "client")
    assert (status, "K-1" in shown, "billable_rate" in shown) == (0, True, True)
    rows = [json.loads(line) for line in run("report", "--json", "--from", "2026-11-01")[1].splitlines()]
    figures = {row["name"]: row for row in rows}
    assert (figures["leads"]["numerator"], figures["credited"]["value"]) == (3, 45)
    assert figures["precision:solicitor"]["leads"] == ["L2"]
    assert run("report", "--out", "figures.csv", "--to", "2026-11-01")[0] == 0
    assert (tmp_path / "figures.csv").read_text().startswith("group,name,unit")
    assert isinstance(CliRunner().invoke(app, ["report", "--by", "moon"]).exception, InsightsError)
    assert isinstance(CliRunner().invoke(app, ["report", "--from", "monday"]).exception, InsightsError)


def test_a_clients_month_is_told(tmp_path: Path) -> None:
    told("decide", "L2", "--accept", "--reviewer", "ann")
    month = json.loads(run("statement", "K-1", "--month", "2026-11", "--json")[1])
    assert (month["leads"], month["to_pay"]) == (3, {"USD": "90.00"})
    assert month["given_back_unasked"][0]["because"] == ["I can get your google listing to the top."]
    assert "Given back unasked: 1" in run("statement", "K-1", "--month", "2026-11")[1]
    assert json.loads(run("statement", "K-1", "--month", "2026-10", "--json")[1])["leads"] == 0
    for words in (["K-9", "--month", "2026-11"], ["K-1", "--month", "November"], ["K-1", "--month", "2026-13"]):
        error = CliRunner().invoke(app, ["statement", *words]).exception
        assert isinstance(error, InsightsError) and error.exit_status == 2


def test_a_week_is_written_as_a_page(tmp_path: Path) -> None:
    later = ["--as-of", (NOW + timedelta(days=7)).isoformat()]
    assert run("weekly", "--out", "week.html", *later)[0] == 0
    assert "Week of 2026-11-16" in (tmp_path / "week.html").read_text()
    told_again = json.loads(run("weekly", "--out", "week.html", "--json", *later)[1])
    assert told_again["headlines"][0]["value"] == 3


def test_the_alert_list_names_what_expires_soon() -> None:
    soon = ["--as-of", (NOW + timedelta(days=6)).isoformat(), "--json"]
    assert run("queue", "--within-hours", "24", *AT, "--json")[1] == ""
    assert [json.loads(line)["lead_id"] for line in run("queue", "--within-hours", "24", *soon)[1].splitlines()] == [
        "L2"
    ]


def test_another_policy_is_replayed(tmp_path: Path) -> None:
    other = SHIPPED.read_text().replace('version = "2026-01"', 'version = "x"')
    before, solicitor, after = other.partition("[reasons.solicitor]\nbillable = false")
    assert solicitor
    (tmp_path / "other.toml").write_text(f"{before}[reasons.solicitor]\nbillable = true{after}")
    status, shown = run("policy", "replay", "other.toml")
    assert (status, "1 of 3 leads flip" in shown, "L2" in shown) == (0, True, True)
    assert json.loads(run("policy", "replay", "other.toml", "--json")[1])["flipped"] == 1
    assert isinstance(CliRunner().invoke(app, ["policy", "replay", "gone.toml"]).exception, InsightsError)


def test_the_feed_drops_files_and_says_how_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(CliRunner().invoke(app, ["feed", "deliver"]).exception, InsightsError)
    monkeypatch.setenv("CALL_INSIGHTS_FEED", f"file://{tmp_path / 'drop'}")
    assert run("feed", "status")[1].startswith("3 messages wait")
    assert run("feed", "deliver") == (0, "3 messages delivered, 0 failed\n")
    assert json.loads(run("feed", "status", "--json")[1]) == {"waiting": 0, "oldest_waiting_at": None, "dead": []}
    assert run("feed", "retry") == (0, "0 dead letters wait for the next delivery.\n")
    assert len(list((tmp_path / "drop").iterdir())) == 1


def test_an_exported_record_can_be_imported_elsewhere(tmp_path: Path) -> None:
    lines = CliRunner().invoke(app, ["ledger", "export"]).stdout
    (tmp_path / "record.jsonl").write_text(lines)
    copy = ["--database", f"sqlite:///{tmp_path / 'copy.sqlite'}"]
    entries = len(lines.splitlines())
    first = CliRunner().invoke(app, ["ledger", "import", "record.jsonl", *copy])
    assert first.stdout == f"{entries} entries written, 0 stood already.\n"
    again = CliRunner().invoke(app, ["ledger", "import", "record.jsonl", "--json", *copy])
    assert json.loads(again.stdout) == {"entries": entries, "written": 0, "standing": entries}
    assert CliRunner().invoke(app, ["ledger", "export", *copy]).stdout == lines
