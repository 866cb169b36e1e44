"""The small bundled checkpoint hears the fixtures; a real source only where somebody said so, and it is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW
from office import NEED, PITCH, Office, calls
from shell import Run, is_one_clear_line

from flows.deployments import deployments
from insights import bootstrap
from insights.adapters.store import SqlStore
from insights.adapters.whisper_weights import BUNDLED, file_sha256, is_demo
from insights.errors import ConfigurationError
from insights.pipeline.night import open_night
from insights.pipeline.work import share_out, take_batch
from insights.ports import LeadSource
from insights.settings import ROOT, load_settings

AUDIO = ROOT / "fixtures" / "audio"
TOLD = "call-insights: heard by the small bundled speech checkpoint"


@pytest.fixture(autouse=True)
def nobody_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALL_INSIGHTS_DEMO_SPEECH")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source of one lead, as an operator's own."""
    folder = tmp_path / "leads"
    (folder / "recordings").mkdir(parents=True)
    shutil.copy(AUDIO / "campaigns.json", folder)
    row = next(line for line in (AUDIO / "leads.jsonl").read_text(encoding="utf-8").splitlines() if "L-2140" in line)
    (folder / "leads.jsonl").write_text(row + "\n", encoding="utf-8")
    return folder


def test_a_night_on_a_real_source_refuses_it_and_names_both_ways_out(run: Run, source: Path) -> None:
    told = run("nightly", "--source", str(source))
    is_one_clear_line(told, "the small bundled checkpoint", "--model", "turbo", "--demo-speech", "DEMO_SPEECH=true")
    assert not Path("var/prefect").exists(), "it is refused before anything heavy starts"


def test_a_bucket_is_a_real_source_too(run: Run) -> None:
    is_one_clear_line(run("nightly", "--source", "s3://calls/2026"), "the small bundled checkpoint")


def test_a_copy_under_another_name_is_known_by_its_hash(run: Run, source: Path, tmp_path: Path) -> None:
    copy = shutil.copy(ROOT / BUNDLED, tmp_path / "best-ever.pt")
    is_one_clear_line(run("nightly", "--source", str(source), "--model", str(copy)), "the small bundled checkpoint")


def test_an_older_version_of_it_is_known_by_its_metadata(tmp_path: Path) -> None:
    older = tmp_path / "older.pt"
    older.write_bytes(b"other weights")
    facts = {"name": "call-insights-telephone-en", "sha256": file_sha256(older)}
    older.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    assert is_demo(str(older))
    older.with_suffix(".json").write_text(json.dumps(facts | {"name": "our-own"}), encoding="utf-8")
    assert not is_demo(str(older))
    assert not is_demo("turbo")


def test_the_fixtures_are_its_own_and_other_weights_may_hear_any_source(source: Path) -> None:
    bundled, official = load_settings(), load_settings(speech_model="turbo")
    bootstrap.refuse_demo_speech(bundled, str(AUDIO))
    bootstrap.refuse_demo_speech(bundled, AUDIO.as_uri())
    bootstrap.refuse_demo_speech(official, str(source))
    bootstrap.refuse_demo_speech(load_settings(demo_speech=True), str(source))
    with pytest.raises(ConfigurationError):
        bootstrap.refuse_demo_speech(bundled, str(source))


def test_a_scheduled_night_and_its_deployment_refuse_as_well(source: Path, tmp_path: Path) -> None:
    settings = load_settings(source=str(source), database=f"sqlite:///{tmp_path}/r.sqlite", caller_key="k" * 32)
    with pytest.raises(ConfigurationError, match="bundled checkpoint"):
        bootstrap.build(settings).source(str(source))
    with pytest.raises(ConfigurationError, match="bundled checkpoint"):
        deployments(settings)
    assert bootstrap.build(settings).source(str(AUDIO)).listing().leads


def test_whoever_says_so_may_use_it_on_any_source(run: Run, source: Path) -> None:
    (source / "campaigns.json").unlink()
    told = run("nightly", "--source", str(source), "--demo-speech")
    is_one_clear_line(told, "campaigns.json is missing")


def test_a_helper_that_must_not_hear_a_source_leaves_its_leads_to_others(tmp_path: Path, store: SqlStore) -> None:
    from flows.nightly_triage import work_one_batch

    def refused(uri: str) -> LeadSource:
        raise ConfigurationError("not with these weights")

    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH))
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    bootstrap.adopt(replace(office.deps, source=refused))
    with pytest.raises(ConfigurationError):
        work_one_batch("elsewhere/1/1", 100)
    batch = take_batch(office.deps, "here/1/1", 100)
    assert batch is not None
    assert batch.lead_ids == ("L1", "L2")


def test_a_transcript_that_comes_from_it_says_so_in_one_line(run: Run) -> None:
    told = run("transcribe", str(AUDIO / "recordings" / "L-2121.mp3"), "--json")
    assert told.status == 0, told.err
    assert json.loads(told.out)["turns"]
    assert told.err.startswith(TOLD)
    assert told.err.count("\n") == 1


def test_a_recording_that_nobody_could_hear_came_from_no_checkpoint(run: Run, tmp_path: Path) -> None:
    (tmp_path / "note.wav").write_text("not a recording", encoding="utf-8")
    assert TOLD not in run("transcribe", "note.wav").err
