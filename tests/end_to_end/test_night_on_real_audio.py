"""A night over real recordings with the committed models, killed in the middle and run again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from insights import bootstrap
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.pipeline.audit import verify_record
from insights.pipeline.night import close_night, one_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE
from insights.ports import Deps
from insights.settings import Settings

AUDIO = Path(__file__).parents[2] / "fixtures" / "audio"
HEARD = ("L-2133", "L-2121", "L-2132")
BROKEN, PAUSED, MISSED = "L-2136", "L-2138", "L-2140"
AS_OF = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["as_of"]


@dataclass(frozen=True)
class Place:
    """A folder with a source of six leads, and what nights leave beside it."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def database(self) -> Path:
        return self.folder / "record.sqlite"

    def start(self) -> subprocess.Popen[str]:
        words = [
            "nightly",
            "--source",
            self.source,
            "--as-of",
            AS_OF,
            "--database",
            f"sqlite:///{self.database}",
            "--json",
        ]
        return subprocess.Popen(
            [sys.executable, "-m", "insights.cli", *map(str, words)],
            cwd=self.folder,
            env={**os.environ, "PREFECT_HOME": str(self.folder / "prefect")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def rows(self, query: str) -> list[Any]:
        """Rows of the database, none while it is not made yet."""
        try:
            with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    def deps(self) -> Deps:
        own = self.folder / "var"
        settings = Settings(
            database=f"sqlite:///{self.database}", recordings=own / "recordings", caller_key_file=own / "caller.key"
        )
        return bootstrap.build(settings)


TRANSCRIPTS = "select key, body from transcripts order by key"
RECORDINGS = "select lead_id, sha256 from recordings order by lead_id"
SCORES = "select key, body from scores order by key"


@dataclass(frozen=True)
class Nights:
    """What the killed nights had finished, and what the last one printed."""

    place: Place
    transcripts: list[Any]
    scores: list[Any]
    recordings: list[Any]
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Two nights, killed with all they started once a first recording, a first score is kept; then a night, whole."""
    place = Place(tmp_path_factory.mktemp("night"))
    (place.source / "recordings").mkdir(parents=True)
    shutil.copy(AUDIO / "campaigns.json", place.source)
    chosen = [
        line
        for line in (AUDIO / "leads.jsonl").read_text(encoding="utf-8").splitlines()
        if json.loads(line)["lead_id"] in {*HEARD, BROKEN, PAUSED, MISSED}
    ]
    (place.source / "leads.jsonl").write_text("\n".join(chosen) + "\n", encoding="utf-8")
    for line in chosen:
        if name := json.loads(line).get("recording"):
            shutil.copy(AUDIO / name, place.source / name)

    for begun in (RECORDINGS, SCORES):
        killed = place.start()
        while not place.rows(begun) and killed.poll() is None:
            time.sleep(0.02)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL, "the night ended before it could be killed"
    found = [place.rows(query) for query in (TRANSCRIPTS, SCORES, RECORDINGS)]

    last = place.start()
    out, err = last.communicate(timeout=900)
    return Nights(place, *found, last.returncode, out, err)


def test_a_night_killed_in_the_middle_is_gone_on_with_and_nothing_is_done_or_posted_twice(nights: Nights) -> None:
    """What was finished is found as it was left, and each lead is charged and judged once."""
    summary = json.loads(nights.out)

    assert 1 <= len(nights.scores) <= len(nights.transcripts) < len(HEARD)  # they may have ended the first: one by one
    assert summary["stages"]["transcribe"]["reused"] == len(nights.transcripts)
    assert summary["stages"]["classify"]["reused"] == len(nights.scores)
    assert [row for row in nights.place.rows(SCORES) if row in nights.scores] == nights.scores
    assert [row for row in nights.place.rows(TRANSCRIPTS) if row in nights.transcripts] == nights.transcripts
    assert [row for row in nights.place.rows(RECORDINGS) if row in nights.recordings] == nights.recordings
    posted = nights.place.rows("select lead_id, kind, count(*) from entries group by lead_id, kind order by 1, 2")
    judged = {*HEARD, PAUSED, MISSED}
    assert posted == sorted(
        [(lead, "charge", 1) for lead in {*judged, BROKEN}] + [(lead, "proposal", 1) for lead in judged]
    )
    assert verify_record(nights.place.deps())["sound"]


def test_the_night_prints_one_json_document_and_ends_with_status_one_for_the_broken_recording(nights: Nights) -> None:
    summary = json.loads(nights.out)

    assert nights.status == 1
    assert "Traceback" not in nights.err
    assert summary["leads_seen"] == 6
    assert [failure["lead_id"] for failure in summary["failures"]] == [BROKEN]
    assert summary["by_screening"] == {"campaign_paused": 1, "missed": 1, "ready": 4}
    assert summary["proposals_standing"] == 5


def test_every_heard_call_has_a_verdict_whose_quotes_stand_in_its_transcript(nights: Nights) -> None:
    deps = nights.place.deps()
    with deps.store() as unit:
        proposals = {e.lead_id: e.body for e in unit.entries() if e.kind is EntryKind.PROPOSAL}
    texts = [" ".join(turn["text"] for turn in json.loads(body)["turns"]) for _, body in nights.place.rows(TRANSCRIPTS)]

    for lead_id in HEARD:
        body = proposals[LeadId(lead_id)]
        assert body["versions"]["speech"] and body["versions"]["intent"]
        assert body["audio_sha256"] in {sha256 for _, sha256 in nights.place.rows(RECORDINGS)}
        for item in body["evidence"] + body["against"]:
            if "quote" in item:
                assert any(item["quote"] in text for text in texts)
                assert 0 <= item["start"] < item["end"]
    assert proposals[LeadId(PAUSED)]["reason"] == "campaign_paused"
    assert proposals[LeadId(MISSED)]["reason"] == "missed_call"


def test_what_metadata_decided_was_never_fetched(nights: Nights) -> None:
    assert {lead for lead, _ in nights.place.rows(RECORDINGS)}.isdisjoint({PAUSED, MISSED})


def test_one_more_night_hears_and_posts_nothing(nights: Nights) -> None:
    """The same stages with the same models, without Prefect around them."""
    deps = nights.place.deps()
    before = nights.place.rows("select sha256 from entries order by sequence")
    as_of = datetime.fromisoformat(AS_OF)
    with one_night(deps, "tests"):
        night = open_night(deps, str(nights.place.source), as_of)
        reports = [run_stage(deps, stage, night.source, night.ready, as_of) for stage in PIPELINE]
        summary = close_night(deps, night, reports)

    assert (summary.proposals_posted, summary.proposals_standing, summary.audio_s) == (0, 5, 0)
    assert {name: counts["reused"] for name, counts in summary.stages.items()} == dict.fromkeys(PIPELINE, 3)
    assert nights.place.rows("select sha256 from entries order by sequence") == before
