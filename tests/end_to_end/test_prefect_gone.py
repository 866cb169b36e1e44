"""Prefect's server dies under a night, or never answers: the night says so by name, and the record does not suffer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bench_night import AS_OF
from killed_nights import PATIENCE_S, differences, of_session, what_stands
from real_nights import BROKEN, a_prefect_server, a_real_source

from insights import bootstrap
from insights.ports import Deps
from insights.settings import Settings

pytestmark = pytest.mark.slow

GONE = "call-insights: Prefect's server is gone"


@dataclass(frozen=True)
class Place:
    """A folder with a source, and the record of its nights."""

    folder: Path
    source: Path
    deps: Deps

    def night(self, **environment: str) -> subprocess.Popen[str]:
        words = ["nightly", "--source", str(self.source), "--as-of", AS_OF, "--database", self.database, "--json"]
        return subprocess.Popen(
            [sys.executable, "-m", "insights.cli", *words],
            cwd=self.folder,
            env={**os.environ, "PREFECT_HOME": str(self.folder / "prefect"), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'record.sqlite'}"

    def wait_for_a_recording(self, night: subprocess.Popen[str]) -> None:
        while not self.kept_one():
            assert night.poll() is None, night.communicate()
            time.sleep(0.1)

    def kept_one(self) -> bool:
        with self.deps.store(only_reads=True) as unit:
            return any(unit.recording(lead_id) for lead_id in unit.lead_ids())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    source = a_real_source(tmp_path / "source", 6)
    own = tmp_path / "var"
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'record.sqlite'}",
        recordings=own / "recordings",
        caller_key_file=own / "caller.key",
    )
    return Place(tmp_path, source, bootstrap.build(settings, bootstrap.Silent()))


def ended(night: subprocess.Popen[str]) -> tuple[str, str]:
    """What a night printed on both streams; with two broken recordings none ends with status 0."""
    out, err = night.communicate(timeout=2 * PATIENCE_S)
    assert night.returncode == 1
    assert "Traceback" not in err
    return out, err


def is_whole(out: str) -> dict[str, Any]:
    """The summary of a night that came to its end."""
    summary: dict[str, Any] = json.loads(out)
    assert sorted(failure["lead_id"] for failure in summary["failures"]) == sorted(BROKEN)
    return summary


def test_a_night_whose_own_server_dies_works_to_its_end_and_says_so(place: Place) -> None:
    night = place.night(PREFECT_CLIENT_MAX_RETRIES="1")
    place.wait_for_a_recording(night)
    (server,) = (pid for pid, words in of_session(night.pid).items() if "prefect.server" in words)
    os.kill(server, signal.SIGKILL)
    out, err = ended(night)
    assert (out, GONE in err) == ("", True)

    stands = what_stands(place.deps)
    assert (stands["work left"], stands["lease"]) == (0, False)
    again = is_whole(ended(place.night())[0])
    assert again["proposals_posted"] == 0
    assert differences(stands, what_stands(place.deps)) == []


def test_the_own_server_of_a_killed_night_ends_with_it(place: Place) -> None:
    night = place.night()
    place.wait_for_a_recording(night)
    assert [words for words in of_session(night.pid).values() if "prefect.server" in words]
    night.kill()
    night.communicate()
    latest = time.monotonic() + PATIENCE_S
    while (left := of_session(night.pid)) and time.monotonic() < latest:
        time.sleep(0.1)
    assert left == {}


def test_a_night_outlives_a_restart_of_the_server_that_it_was_told_of(place: Place, tmp_path: Path) -> None:
    with a_prefect_server(tmp_path / "server") as server:
        night = place.night(PREFECT_API_URL=server.api, PREFECT_CLIENT_MAX_RETRIES="8")
        place.wait_for_a_recording(night)
        server.kill()
        server.start()
        out, err = ended(night)
    assert is_whole(out)["proposals_posted"] > 0
    assert GONE not in err


def test_a_night_whose_named_server_does_not_answer_begins_nothing(place: Place) -> None:
    out, err = ended(place.night(PREFECT_API_URL="http://127.0.0.1:9/api"))
    assert (out, GONE in err) == ("", True)
    with place.deps.store(only_reads=True) as unit:
        assert list(unit.entries()) == []
