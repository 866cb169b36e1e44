"""The night on standard error: a line an event, JSON for machines, and nothing of what callers said."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import NotedProgress

from insights.adapters.logs import NightLog


def a_night(form: str, stream: io.StringIO | None = None) -> NotedProgress:
    watcher = NotedProgress()
    log = NightLog(watcher, form, stream)
    log.stage("transcribe", 2)
    log.step("transcribe", "L-1", 61.26)
    log.failed("transcribe", "L-2\n{}", "not_audio", False)
    log.step("transcribe", "L-2")
    return watcher


def test_each_event_is_a_json_object_with_the_lead_the_stage_and_the_code() -> None:
    out = io.StringIO()
    watcher = a_night("auto", out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    for line in lines:
        assert line.pop("timestamp").endswith("Z")
    assert lines == [
        {"level": "info", "event": "stage_begins", "stage": "transcribe", "leads": 2},
        {"level": "info", "event": "lead_done", "stage": "transcribe", "lead_id": "L-1", "audio_s": 61.3},
        {"level": "warning", "event": "lead_failed", "stage": "transcribe", "lead_id": "L-2?{}", "code": "not_audio",
         "transient": False},
        {"level": "info", "event": "lead_done", "stage": "transcribe", "lead_id": "L-2"},
    ]  # fmt: skip
    assert watcher.stages == {"transcribe": 2} and len(watcher.steps) == 2 and len(watcher.failures) == 1


def test_for_people_each_event_is_a_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    a_night("plain")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert lines[2].endswith("warning lead_failed stage=transcribe lead_id=L-2?{} code=not_audio transient=False")


def test_only_known_fields_are_written_whatever_is_logged() -> None:
    out = io.StringIO()
    log = NightLog(NotedProgress(), "json", out)
    log._log.info("lead_failed", lead_id="L-1", message="my card is 4111 1111 1111 1111", caller="+16145550100")
    assert set(json.loads(out.getvalue())) == {"timestamp", "level", "event", "lead_id"}


NIGHT = """
from insights.adapters.logs import NightLog
from insights.bootstrap import Silent
log = NightLog(Silent(), "json")
for number in range(1_000):
    log.step("fetch", f"L-{number}")
print("the night went on to its end")
"""


@pytest.mark.parametrize("place", ["closed", "/dev/full"])
def test_a_log_that_cannot_be_written_ends_no_night(place: str) -> None:
    """Whoever read it is gone, or its disk is full; nor does what waits in its buffers spoil the end."""
    with Path("/dev/null" if place == "closed" else place).open("w") as file:
        night = subprocess.Popen(
            [sys.executable, "-c", NIGHT],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if place == "closed" else file,
            text=True,
        )
        if night.stderr is not None:
            night.stderr.close()
        assert night.stdout is not None
        assert (night.stdout.read(), night.wait()) == ("the night went on to its end\n", 0)
        night.stdout.close()
