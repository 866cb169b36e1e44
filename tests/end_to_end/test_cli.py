"""The command line: wrong words get one clear line and status 2, never a traceback; ``--json`` is JSON alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from builders import NOW, a_lead
from office import JOB, NEED, PITCH, Office, calls
from shell import Run, is_one_clear_line
from typer.main import get_command

from insights import __version__
from insights.adapters.store import SqlStore
from insights.cli import app
from insights.domain.leads import LeadId

ROOT = Path(__file__).parents[2]
CALL = {"id": "call-1", "turns": [{"speaker": "caller", "text": "My sink leaks."}]}
LABELLED = {**CALL, "label": {"billable": True, "reason": "new_customer", "outcome": "open"}}


@pytest.fixture
def record(tmp_path: Path, store: SqlStore, database: str) -> str:
    """A billing record after a night: a customer, a pitch, a job seeker, a broken recording, a missed call."""
    source = calls(L1=NEED, L2=PITCH, L3=JOB, L4="broken")
    source.leads.append(a_lead(lead_id=LeadId("L5"), answered=False))
    Office(tmp_path, store, source).night()
    return database


AS_OF = "--as-of"
WRONG: dict[str, tuple[list[str], str]] = {
    "a night without a source": (["nightly"], "no source of leads is named"),
    "a night on no folder": (["nightly", "--source", "nowhere"], "there is no folder at 'nowhere'"),
    "a night on a folder without leads": (["nightly", "--source", "."], "campaigns.json is missing"),
    "a night on a source nobody speaks": (["nightly", "--source", "ftp://host/calls"], "ftp:// are not supported"),
    "a night yesterday": (["nightly", "--source", ".", AS_OF, "yesterday"], "'yesterday' is no date and time"),
    "a night at a time of no zone": (["nightly", "--source", ".", AS_OF, "2026-11-20T02:00:00"], "no UTC offset"),
    "a night in year one": (["nightly", "--source", ".", AS_OF, "0001-01-01T00:00:00Z"], "too far from today"),
    "a night on no database": (["nightly", "--source", ".", "--database", "here"], "the database address"),
    "a recording that is not there": (["transcribe", "gone.wav"], "there is no file 'gone.wav'"),
    "a folder for a recording": (["transcribe", "."], "there is no file '.'"),
    "an engine nobody knows": (["transcribe", "call.wav", "--engine", "ears"], "setting 'speech_engine'"),
    "speech weights that are not there": (["transcribe", "quiet.wav", "--model", "gone.pt"], "gone.pt does not exist"),
    "speech weights nobody knows": (["transcribe", "quiet.wav", "--model", "huge"], "no speech model 'huge'"),
    "transcripts that are not there": (["classify", "gone.jsonl"], "there is no file 'gone.jsonl'"),
    "transcripts that are a folder": (["classify", "."], "cannot be read as text"),
    "transcripts that are a recording": (["classify", "call.wav"], "call.wav"),
    "transcripts that are no JSON": (["classify", "broken.jsonl"], "broken.jsonl line 1 is not JSON"),
    "predictions into no folder": (["classify", "call.jsonl", "--out", "no/where.jsonl"], "does not exist"),
    "predictions into a folder": (["classify", "call.jsonl", "--out", "."], "is a folder"),
    "an evaluation without labels": (["evaluate", "call.jsonl"], "label is missing"),
    "an evaluation at a price in words": (["evaluate", "labelled.jsonl", "--price", "cheap"], "'cheap'"),
    "a story without a record": (["explain", "L1"], "there is no billing record at"),
    "a queue without a record": (["queue"], "there is no billing record at"),
    "a queue some day": (["queue", AS_OF, "some day"], "'some day' is no date and time"),
    "a check without a record": (["ledger", "verify"], "there is no billing record at"),
    "an export without a record": (["ledger", "export"], "there is no billing record at"),
    "a request without a record": (
        ["submit", "L1", "--reason", "solicitor", "--explanation", "A pitch."],
        "there is no billing record at",
    ),
    "a decision of no kind": (["decide", "L1"], "--accept, --override REASON, --ask FACT, --undo and --put-back"),
    "a decision of two kinds": (["decide", "L1", "--accept", "--ask", "Who?"], "say what to do"),
    "an import of nothing": (["ledger", "import", "gone.jsonl"], "there is no file 'gone.jsonl'"),
    "an import of something else": (["ledger", "import", "call.jsonl"], "call.jsonl line 1 is no entry"),
    "a record that is a note": (["ledger", "verify", "--database", "sqlite:///note.txt"], "not one of Call Insights"),
    "a training without a record": (["train"], "there is no billing record at"),
    "a training of two minds": (["train", "--keep", "--list"], "exclude each other"),
    "a way back from nothing": (["train", "--rollback"], "there is nothing to go back from"),
    "a policy of no day": (["policy", "show", AS_OF, "2026-13-01T00:00:00Z"], "is no date and time"),
}


def write_quiet_second(path: Path) -> None:
    """A recording of one second in which nobody speaks."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(16_000))


@pytest.fixture
def belongings(tmp_path: Path) -> None:
    """Files that the wrong commands are given."""
    write_quiet_second(tmp_path / "quiet.wav")
    (tmp_path / "call.wav").write_bytes(b"RIFF\xff\xfe\x00\x01")
    (tmp_path / "note.txt").write_text("this is no database " * 100)
    (tmp_path / "broken.jsonl").write_text('{"id": "call-1", ')
    (tmp_path / "call.jsonl").write_text(json.dumps(CALL))
    (tmp_path / "labelled.jsonl").write_text(json.dumps(LABELLED))


@pytest.mark.usefixtures("belongings")
@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG.keys())
def test_wrong_words_get_one_clear_line(run: Run, words: list[str], says: str) -> None:
    is_one_clear_line(run(*words), says)


@pytest.mark.parametrize(
    "words",
    [
        ["nightl"],
        ["nightly", "--sauce", "x"],
        ["transcribe"],
        ["transcribe", "call.wav", "--agent-channel", "3"],
        ["queue", "--limit", "0"],
        ["explain"],
        ["ledger", "burn"],
        ["train", "--folds", "1"],
    ],
    ids=" ".join,
)
def test_words_that_the_command_does_not_have_are_told_with_its_usage(run: Run, words: list[str]) -> None:
    ran = run(*words)
    assert ran.status == 2
    assert "Traceback" not in ran.err
    assert "Error" in ran.err
    assert ran.out == ""


def test_a_lead_nobody_knows_is_named(run: Run, record: str) -> None:
    is_one_clear_line(run("explain", "L9", "--database", record), "there is no lead 'L9'")


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("CALL_INSIGHTS_BATCH_SIZE", "none", "batch_size"),
        ("CALL_INSIGHTS_BATCH_SIZE", "0", "batch_size"),
        ("CALL_INSIGHTS_TIME_ZONE", "Mars", "time_zone"),
        ("CALL_INSIGHTS_MAX_FAILURE_SHARE", "2", "max_failure_share"),
        ("CALL_INSIGHTS_RETRAIN_DECISIONS", "0", "retrain_decisions"),
    ],
)
def test_a_bad_setting_of_the_environment_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, setting: str
) -> None:
    monkeypatch.setenv(name, value)
    is_one_clear_line(run("policy", "show"), f"setting '{setting}'", repr(value))


@pytest.mark.parametrize(
    ("text", "says"),
    [("batch_size = 0", "setting 'batch_size'"), ("colour = 'red'", "colour"), ("batch_size = ", "call-insights.toml")],
    ids=["a bad value", "a setting nobody reads", "not TOML"],
)
def test_a_bad_configuration_file_is_named(run: Run, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "call-insights.toml").write_text(text)
    is_one_clear_line(run("policy", "show"), says)


def test_policies_of_ones_own_are_read_from_the_folder_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALL_INSIGHTS_POLICIES", str(tmp_path))
    is_one_clear_line(run("policy", "show"), "holds no policy")


def test_a_file_that_is_no_recording_is_named_and_the_others_are_written_down(run: Run, tmp_path: Path) -> None:
    """Status 1 when some could be heard; 2 when nothing that was named is a recording."""
    (tmp_path / "note.wav").write_text("this is not a sound")
    write_quiet_second(tmp_path / "quiet.wav")
    some = run("transcribe", "note.wav", "quiet.wav", "--json")

    assert some.status == 1
    assert some.err.startswith("call-insights: note.wav: not_audio: ")
    assert [line for line in some.err.splitlines() if "note.wav" in line] == some.err.splitlines()[:1]
    heard = json.loads(some.out)
    assert (heard["recording"], heard["duration_s"], heard["turns"]) == ("quiet.wav", 1.0, [])
    assert run("transcribe", "note.wav", "--json").status == 2


def verbs() -> list[list[str]]:
    """Every verb of the command line, ``["ledger", "verify"]`` for those of two words."""
    found: list[list[str]] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [[name, each] for each in below] if below else [[name]]
    return found


@pytest.mark.parametrize("verb", verbs(), ids=" ".join)
def test_every_verb_has_a_help_with_an_example(run: Run, verb: list[str]) -> None:
    ran = run(*verb, "--help")
    assert ran.status == 0
    assert f"Example: call-insights {' '.join(verb)}" in " ".join(ran.out.split())


def test_a_story_a_check_and_a_policy_are_one_json_document_each(run: Run, record: str) -> None:
    story = json.loads(run("explain", "L2", "--database", record, "--json").out)
    check = json.loads(run("ledger", "verify", "--database", record, "--json").out)
    policy = json.loads(run("policy", "show", "--json").out)

    assert story["proposal"]["reason"] == "solicitor"
    assert (check["sound"], check["entries"]) == (True, 9)
    assert set(policy["reasons"]) >= {"new_customer", "solicitor"}


def test_the_queue_and_the_export_are_a_json_object_a_line(run: Run, record: str) -> None:
    at = NOW.isoformat()
    queue = run("queue", "--database", record, AS_OF, at, "--json").out.splitlines()
    export = run("ledger", "export", "--database", record).out.splitlines()

    assert {json.loads(line)["lead_id"] for line in queue} == {"L2", "L3", "L4"}
    assert [json.loads(line)["sequence"] for line in export] == list(range(1, 10))
    assert len(run("queue", "--database", record, AS_OF, at, "--limit", "1", "--json").out.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explain", "L2"], "google listing"),
        (["explain", "L4"], "not_audio"),
        (["explain", "L5"], "missed_call"),
        (["queue", AS_OF, NOW.isoformat()], "3 leads wait for a person"),
        (["ledger", "verify"], "The record holds: 9 entries, 5 leads"),
    ],
    ids=["a story", "a failure", "a missed call", "a queue", "a check"],
)
def test_people_read_the_record_in_words(run: Run, record: str, words: list[str], says: str) -> None:
    ran = run(*words, "--database", record)
    assert ran.status == 0
    assert says in ran.out


def test_people_read_the_policy_in_words(run: Run) -> None:
    assert "Nothing is accepted without a person." in run("policy", "show").out


def test_a_record_that_was_tampered_with_ends_with_status_one_and_the_entry(
    run: Run, record: str, store: SqlStore
) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("update entries set actor = 'somebody' where sequence = 2")
    ran = run("ledger", "verify", "--database", record)
    assert ran.status == 1
    assert "entry 2: its content was changed" in ran.out
    assert "DOES NOT HOLD" in ran.out


def test_the_doctor_tells_every_setting_with_its_origin_and_never_a_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The settings name a database, a source and an intent model that are none: status 2, and each is told."""
    (tmp_path / "call-insights.toml").write_text("batch_size = 7")
    monkeypatch.setenv("CALL_INSIGHTS_INTENT_MODEL", str(tmp_path / "gone"))
    ran = run("doctor", "--database", "nosuchdb://me:hunter2@host/name", "--source", "nowhere", "--json")
    report = json.loads(ran.out)
    origins = {setting["name"]: setting["origin"] for setting in report["settings"]}
    checks = {check["name"]: check["ok"] for check in report["checks"]}

    assert ran.status == 2
    assert "hunter2" not in ran.out + ran.err
    assert origins["database"] == origins["source"] == "flag"
    assert origins["batch_size"] == "call-insights.toml"
    assert origins["intent_model"] == "environment CALL_INSIGHTS_INTENT_MODEL"
    assert origins["recordings"] == "default"
    assert not checks["database"] and not checks["intent model"] and not checks["source"]
    assert checks["decoder"] and checks["speech finder"] and checks["speech model"] and checks["policies"]


def test_the_program_itself_says_its_version_and_ends_quietly_when_nobody_reads_on(record: str) -> None:
    """In processes of their own, as a shell runs them."""
    program = [sys.executable, "-m", "insights.cli"]
    told = subprocess.run([*program, "version"], capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == (f"{__version__}\n", "")

    wrong = subprocess.run([*program, "explain", "L9", "--database", record], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("call-insights: there is no lead 'L9'")

    export = subprocess.Popen(
        [*program, "ledger", "export", "--database", record],
        env={**os.environ, "CALL_INSIGHTS_ROLE": "operator"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert export.stdout is not None and export.stderr is not None
    export.stdout.close()
    assert export.stderr.read() == ""
    export.stderr.close()
    export.wait(timeout=120)


def test_output_that_finds_no_room_is_told_with_status_one() -> None:
    with Path("/dev/full").open("w") as full:
        program = [sys.executable, "-m", "insights.cli", "version"]
        ran = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("call-insights: the disk is full: standard output takes nothing any more.")
    assert ran.stderr.count("\n") == 1
