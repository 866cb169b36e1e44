"""The verb ``train``: what it shows, refuses and undoes; and once, slowly, a candidate that is really trained."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, a_decision
from office import NEED, PITCH
from school import REPLAYED, TAUGHT, School
from shell import Run, is_one_clear_line

from insights.adapters.intent_model import META, SafetensorsIntentModel
from insights.adapters.store import SqlStore
from insights.adapters.weights_shelf import DiskWeightsShelf
from insights.domain.intents import Intent
from insights.domain.weights_history import WeightsEvent, WeightsEventKind

ROOT = Path(__file__).parents[2]
CALL = {"id": "call-1", "turns": [{"speaker": "caller", "text": "I need my drain cleaned, can you come out?"}]}


@pytest.fixture
def shelf(tmp_path: Path) -> DiskWeightsShelf:
    """Where the commands keep weights when nothing else is set."""
    return DiskWeightsShelf(tmp_path / "var" / "models")


@pytest.fixture
def record(tmp_path: Path, store: SqlStore, database: str) -> str:
    """A billing record with three decisions: an override, an acceptance, and one that the replay keeps."""
    school = School(tmp_path, store, {TAUGHT[0]: PITCH, TAUGHT[1]: NEED, REPLAYED[0]: PITCH})
    school.decide(TAUGHT[0], "override", "wrong_number")
    school.decide(TAUGHT[1], "accept", "new_customer")
    school.decide(REPLAYED[0], "accept", "solicitor")
    return database


def promoted(model: str, previous: str | None = None) -> WeightsEvent:
    return WeightsEvent(WeightsEventKind.PROMOTED, model, NOW, "a person", previous)


def test_a_dry_run_shows_what_a_training_would_read_and_trains_nothing(run: Run, record: str, tmp_path: Path) -> None:
    shown = run("train", "--dry-run", "--database", record)
    assert shown.status == 0
    assert "3 decided calls, 3 of them new since the last training. 2 join the training (1 overrides)" in shown.out
    assert "| wrong_number | 1 | 0 |" in shown.out

    told = json.loads(run("train", "--dry-run", "--database", record, "--json").out)
    assert told["leads"] == sorted(TAUGHT[:2])
    assert told["replay"]["by_reason"] == {"solicitor": {"overrides": 0, "accepted": 1}}
    assert not (tmp_path / "var").exists()


def test_too_few_decisions_are_one_clear_line(run: Run, record: str, store: SqlStore, tmp_path: Path) -> None:
    ran = run("train", "--database", record)
    is_one_clear_line(ran, "3 new decisions since the last training", "at least 30", "setting retrain_decisions")


def test_no_decisions_are_one_clear_line(run: Run, store: SqlStore, database: str) -> None:
    is_one_clear_line(run("train", "--database", database), "there is nothing to learn from")


def test_weights_that_the_operator_set_are_not_replaced(
    run: Run, record: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALL_INSIGHTS_INTENT_MODEL", str(tmp_path / "own"))
    is_one_clear_line(run("train", "--database", record), f"intent_model names {tmp_path / 'own'}", "--keep")


def test_a_gold_file_that_is_not_there_is_named(run: Run, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALL_INSIGHTS_GOLD", "mine.jsonl:gone.jsonl")
    Path("mine.jsonl").write_text(json.dumps({**CALL, "label": {"billable": True, "reason": "new_customer"}}))
    is_one_clear_line(run("train", "--database", record), "there is no file 'gone.jsonl'")


def test_before_the_first_training_the_list_says_that_the_shipped_weights_are_in_force(run: Run) -> None:
    assert run("train", "--list").out == "Nothing was trained yet: the shipped weights are in force.\n"
    assert run("train", "--list", "--json").out == ""


def test_a_rollback_says_what_it_did(run: Run, shelf: DiskWeightsShelf) -> None:
    shelf.promote(promoted("intent-1"), None)
    shelf.promote(promoted("intent-2", "intent-1"), promoted("intent-1"))
    ran = run("train", "--rollback")
    assert ran.status == 0
    assert ran.out.splitlines() == [
        "intent-1 cannot be loaded and was passed over.",
        "Back from intent-2 to the shipped weights.",
    ]
    current = shelf.current()
    assert current is not None and current.model is None


def test_a_rollback_beside_weights_that_the_operator_set_says_that_these_stay(
    run: Run, shelf: DiskWeightsShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALL_INSIGHTS_INTENT_MODEL", "own")
    shelf.promote(promoted("intent-1"), None)
    ran = run("train", "--rollback", "--json")
    assert json.loads(ran.out) == {"left": "intent-1", "to": None, "passed_over": []}
    assert "own is used whatever is promoted" in ran.err


@pytest.mark.parametrize("damage", ["weights", "current.json"])
def test_promoted_weights_that_are_damaged_are_never_silently_replaced(
    run: Run, shelf: DiskWeightsShelf, tmp_path: Path, damage: str
) -> None:
    """Judging with other weights than those that people believe in force is worse than not judging."""
    shelf.promote(promoted("intent-1"), None)
    says = "the promoted intent weights intent-1 cannot be used"
    if damage == "current.json":
        (tmp_path / "var" / "models" / "intent" / "current.json").write_text('{"model": ')
        says = "current.json, which says what intent weights are in force, cannot be read"
    (tmp_path / "calls.jsonl").write_text(json.dumps(CALL))

    is_one_clear_line(run("classify", "calls.jsonl"), says, "call-insights train --rollback")
    report = json.loads(run("doctor", "--json").out)
    (finding,) = [check["finding"] for check in report["checks"] if check["name"] == "intent model"]
    assert says in finding
    assert run("train", "--rollback").status == 0
    assert "train --rollback" not in run("classify", "calls.jsonl").err


# --- a training in earnest: few calls, one epoch, two folds ---

CALLS_A_REASON = 15


def seed_calls() -> list[dict[str, Any]]:
    """So many calls of each reason, of many trades."""
    rows = map(json.loads, (ROOT / "models/intent/seed/train.jsonl").read_text(encoding="utf-8").splitlines()[::5])
    found: list[dict[str, Any]] = []
    count: Counter[str] = Counter()
    for row in rows:
        reason = row["label"]["reason"]
        count[reason] += 1
        if count[reason] <= CALLS_A_REASON:
            found.append(row)
    assert len(found) == CALLS_A_REASON * len(Intent)
    return found


def mislabelled(row: dict[str, Any]) -> dict[str, Any]:
    """The call with the reason that comes after its own: a model of such calls is right about nothing."""
    order = sorted(intent.value for intent in Intent)
    reason = order[(order.index(row["label"]["reason"]) + 1) % len(order)]
    billable = reason == Intent.NEW_CUSTOMER
    return {**row, "label": {"billable": billable, "reason": reason, "outcome": "open" if billable else None}}


def write_calls(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_candidate_is_trained_kept_beside_promoted_used_and_taken_back(
    run: Run, record: str, store: SqlStore, shelf: DiskWeightsShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a model that learnt everything wrongly any other is no worse, so what is decided here is certain."""
    wrong = write_calls(tmp_path / "wrong.jsonl", [mislabelled(row) for row in seed_calls()])
    small = ["--epochs", "1", "--folds", "2", "--workers", "2"]
    places = ["--train", wrong, "--out", tmp_path / "wrong", "--work", tmp_path / "work"]
    subprocess.run([sys.executable, "-m", "models.intent.train", *places, *small], cwd=ROOT, check=True)
    before = SafetensorsIntentModel.load(tmp_path / "wrong").model
    pool = {"learnt_from": {"pool": {"calls": 0}}}
    report = {"candidate": before, "at": NOW.isoformat(), "by": "a person", "passed": True, "conclusion": "", **pool}
    shelf.keep(before, tmp_path / "wrong", report)
    shelf.promote(promoted(before), None)
    monkeypatch.setenv("CALL_INSIGHTS_TRAINING_CALLS", str(write_calls(tmp_path / "right.jsonl", seed_calls())))
    monkeypatch.setenv("CALL_INSIGHTS_RETRAIN_DECISIONS", "1")
    (tmp_path / "calls.jsonl").write_text(json.dumps(CALL))
    train = ["train", "--database", record, "--json", *small]

    kept = run(*train, "--keep")
    assert kept.status == 3
    report = json.loads(kept.out)
    assert (report["current"], report["passed"], report["promoted"]) == (before, True, False)
    assert report["figures"]["gold"]["candidate"]["calls"] > 100
    assert "all epoch 1/1" in kept.err, "the training's own progress"
    current = shelf.current()
    assert current is not None and current.model == before
    is_one_clear_line(run(*train), "0 new decisions since the last training")

    decide_again(store, hours=1)
    done = run(*train)
    assert done.status == 0
    candidate = json.loads(done.out)["candidate"]
    assert candidate != before
    assert json.loads((shelf.folder(candidate) / META).read_text())["model"] == candidate
    listed = [json.loads(line) for line in run("train", "--list", "--json").out.splitlines()]
    assert [item["model"] for item in listed if item["in_force"]] == [candidate]
    assert json.loads(run("classify", "calls.jsonl").out)["model"] == candidate
    assert [path.name for path in (tmp_path / "var" / "models" / "training").iterdir()] == ["training.log"]

    assert run("train", "--rollback").out == f"Back from {candidate} to {before}.\n"
    assert json.loads(run("classify", "calls.jsonl").out)["model"] == before

    (tmp_path / "right.jsonl").write_text('{"id": "broken"}\n')
    decide_again(store, hours=2)
    failed = run(*train)
    assert failed.status == 1
    assert "SeedFault" in failed.err and "training.log" in failed.err
    assert json.loads(run("classify", "calls.jsonl").out)["model"] == before


def decide_again(store: SqlStore, hours: int) -> None:
    """A reviewer changes their mind about the first lead."""
    reason = "solicitor" if hours % 2 else "job_seeker"
    with store() as unit:
        unit.post(a_decision(TAUGHT[0], "override", reason, at=NOW + timedelta(hours=hours), key=f"again-{hours}"))
        unit.commit()
