"""Sixty bad recordings and forty bad rows among good leads: each good lead gets its proposal, each bad one is named."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from poison import poison_lines, poison_recordings
from short_calls import AUDIO, Piece, make_source, pieces

from insights import bootstrap
from insights.adapters.speech_check import clip_samples
from insights.pipeline.audit import verify_record
from insights.pipeline.night import NightSummary, close_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE
from insights.settings import load_settings
from insights.terminal_night import night_failures

AS_OF = json.loads((AUDIO / "manifest.json").read_text(encoding="utf-8"))["as_of"]
FEW, MANY = 20, 1_000


@dataclass(frozen=True)
class Poisoned:
    """A source with good leads and bad ones: by which code each bad lead must fail; of each bad line its number, the
    lead's id where it tells a sound one, and words of the reason."""

    folder: Path
    good: int
    codes: dict[str, str]
    lines: list[tuple[int, str, str]]

    def named_all(self, summary: dict[str, Any]) -> None:
        """A night over it must have told a hundred troubles, no more, and a proposal for each good lead."""
        assert {failure["lead_id"]: failure["code"] for failure in summary["failures"]} == self.codes
        assert len(summary["failures"]) == len(self.codes) == 60
        assert all(len(failure["message"]) > 20 and failure["stage"] for failure in summary["failures"])
        told = {int(row["where"].removeprefix("leads.jsonl line ")): row for row in summary["quarantined"]}
        assert sorted(told) == sorted(number for number, _, _ in self.lines)
        assert len(summary["quarantined"]) == len(self.lines) == 40
        for number, lead_id, says in self.lines:
            assert says in told[number]["reason"], told[number]
            assert told[number]["lead_id"] == lead_id or not lead_id, told[number]
        assert summary["proposals_posted"] == summary["proposals_standing"] == self.good
        assert {row["lead_id"] for row in summary["rows"] if row["verdict"]} == {f"N-{n}" for n in range(self.good)}

    def listed_all(self, text: str) -> None:
        """The list in the terminal must hold each of them, and say what to type next."""
        failed = " ".join(line for line in text.splitlines() if line.startswith("failed "))
        rows = " ".join(line for line in text.splitlines() if line.startswith("bad row "))
        assert set(re.findall(r"P-\d+", failed)) == set(self.codes)
        causes = re.findall(r"failed P-.*? at \w+: (\w+):", text)
        assert len(list(groupby(causes))) == len(set(self.codes.values())), "lines of one cause stand together"
        assert {int(number) for number in re.findall(r"leads\.jsonl line (\d+)", rows)} == {n for n, _, _ in self.lines}
        assert "60 leads failed, 40 rows could not be read." in text
        assert f"call-insights nightly --source {self.folder} --retry-failed" in " ".join(text.split())
        assert "\x1b" not in text and "\u202e" not in text


def a_poisoned_source(folder: Path, good: int, of: Sequence[Piece]) -> Poisoned:
    """So many good leads with sixty bad recordings and forty bad rows among them."""
    folder.mkdir()
    make_source(folder, good, of)
    first, *others = (folder / "leads.jsonl").read_text(encoding="utf-8").splitlines()
    model = json.loads(first)
    rows, codes = poison_recordings(folder, model)
    bad = poison_lines(model)
    lines: list[tuple[str, str]] = [(line, "") for line in (*others, *map(json.dumps, rows))]
    mixed = [*lines, *bad]
    Random(7).shuffle(mixed)
    mixed.insert(0, (first, ""))  # a row that names it again comes later
    (folder / "leads.jsonl").write_text("\n".join(line for line, _ in mixed) + "\n", encoding="utf-8")
    told = [(number, _sound_id(line), says) for number, (line, says) in enumerate(mixed, 1) if says]
    return Poisoned(folder, good, codes, told)


def _sound_id(line: str) -> str:
    found = re.match(r'\{.*"lead_id": "(Q-\d+)".*\}$', line)
    return found[1] if found else ""


def test_a_night_of_sixty_bad_recordings_and_forty_bad_rows_names_each_and_proposes_the_rest(tmp_path: Path) -> None:
    """The real decoder, finder, engine and models; without Prefect, which waits before it fetches again."""
    model = json.loads((AUDIO / "leads.jsonl").read_text(encoding="utf-8").splitlines()[0])
    poisoned = a_poisoned_source(tmp_path / "source", FEW, [(model, clip_samples()[::2])])
    settings = load_settings(
        database=f"sqlite:///{tmp_path}/record.sqlite",
        recordings=tmp_path / "recordings",
        caller_key_file=tmp_path / "caller.key",
    )
    deps, as_of = bootstrap.build(settings), datetime.fromisoformat(AS_OF)

    def a_night() -> NightSummary:
        night = open_night(deps, str(poisoned.folder), as_of)
        reports = [run_stage(deps, stage, night.source, night.ready, as_of) for stage in PIPELINE]
        return close_night(deps, night, reports)

    summary = a_night()
    poisoned.named_all(asdict(summary))
    poisoned.listed_all("\n".join(re.sub(r"\[/?[a-z ]*\]", "", line) for line in night_failures(summary)))

    again = a_night()
    assert (again.proposals_posted, again.proposals_standing, again.audio_s) == (0, FEW, 0.0)
    assert {one["lead_id"]: one["code"] for one in again.failures} == poisoned.codes
    assert verify_record(deps)["sound"]


@pytest.mark.slow
def test_a_thousand_good_leads_get_a_thousand_proposals_and_a_hundred_bad_ones_end_the_command_with_status_one(
    tmp_path: Path,
) -> None:
    poisoned = a_poisoned_source(tmp_path / "source", MANY, pieces())

    def nightly(*more: str) -> subprocess.CompletedProcess[str]:
        words = ["nightly", "--source", str(poisoned.folder), "--as-of", AS_OF, *more]
        return subprocess.run(
            [sys.executable, "-m", "insights.cli", *words],
            cwd=tmp_path,
            env={**os.environ, "PREFECT_HOME": str(tmp_path / "prefect")},
            capture_output=True,
            text=True,
            check=False,
        )

    ran = nightly("--json")
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("1060/1060") == 5, "a bar counts a lead once, also where it is fetched again"
    poisoned.named_all(json.loads(ran.stdout))
    assert ran.returncode == 1

    again = nightly()
    assert again.returncode == 1
    poisoned.listed_all(again.stdout)
    assert "Nothing new: all 1000 proposals stand already" in again.stdout
