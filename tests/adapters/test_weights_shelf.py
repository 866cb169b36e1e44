"""Trained weights on disk: whole or not there, one model in force, and a history that only grows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW

from insights.adapters.weights_shelf import CURRENT, HISTORY, REPORT, DiskWeightsShelf
from insights.domain.weights_history import WeightsEvent, WeightsEventKind
from insights.errors import ConfigurationError, TrainingFailed

FIRST = WeightsEvent(WeightsEventKind.PROMOTED, "intent-1", NOW, "a person", None, NOW - timedelta(days=1))
SECOND = WeightsEvent(WeightsEventKind.PROMOTED, "intent-2", NOW + timedelta(days=30), "the flow", "intent-1")


@pytest.fixture
def shelf(tmp_path: Path) -> DiskWeightsShelf:
    return DiskWeightsShelf(tmp_path)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"numbers")
    return folder


def a_report(model: str = "intent-1", days: int = 0) -> dict[str, Any]:
    return {"candidate": model, "at": (NOW + timedelta(days=days)).isoformat(), "passed": True}


def test_nothing_is_in_force_and_nothing_happened_on_an_empty_shelf(shelf: DiskWeightsShelf) -> None:
    assert (shelf.current(), shelf.history(), shelf.reports()) == (None, [], [])


def test_what_was_promoted_is_in_force_and_in_the_history(shelf: DiskWeightsShelf) -> None:
    assert shelf.promote(FIRST, None)
    assert shelf.promote(SECOND, FIRST)
    assert shelf.current() == SECOND
    assert shelf.history() == [FIRST, SECOND]


def test_current_json_tells_a_person_what_is_in_force(shelf: DiskWeightsShelf, tmp_path: Path) -> None:
    shelf.promote(SECOND, None)
    told = json.loads((tmp_path / "intent" / CURRENT).read_text())
    assert (told["model"], told["at"], told["by"], told["previous"]) == (
        "intent-2",
        SECOND.at.isoformat(),
        "the flow",
        "intent-1",
    )


def test_a_promotion_over_anything_but_what_was_compared_does_nothing(shelf: DiskWeightsShelf) -> None:
    shelf.promote(FIRST, None)
    assert not shelf.promote(SECOND, None)
    assert (shelf.current(), shelf.history()) == (FIRST, [FIRST])


def test_a_note_puts_nothing_in_force(shelf: DiskWeightsShelf) -> None:
    kept = replace(SECOND, kind=WeightsEventKind.KEPT)
    shelf.promote(FIRST, None)
    shelf.note(kept)
    assert (shelf.current(), shelf.history()) == (FIRST, [FIRST, kept])


def test_a_promotion_that_was_killed_before_its_line_is_in_the_history_after_the_next(
    shelf: DiskWeightsShelf, tmp_path: Path
) -> None:
    shelf.promote(FIRST, None)
    (tmp_path / "intent" / HISTORY).unlink()
    shelf.promote(SECOND, FIRST)
    assert shelf.history() == [FIRST, SECOND]


def test_what_is_in_force_is_told_by_the_history_also_when_its_line_was_lost_to_a_kill(
    shelf: DiskWeightsShelf, tmp_path: Path
) -> None:
    shelf.promote(FIRST, None)
    (tmp_path / "intent" / HISTORY).unlink()
    assert shelf.history() == [FIRST]
    back = replace(SECOND, kind=WeightsEventKind.ROLLED_BACK)
    shelf.put_back(back)
    assert shelf.history() == [FIRST, back]


def test_a_line_of_the_history_that_cannot_be_read_hides_no_other(shelf: DiskWeightsShelf, tmp_path: Path) -> None:
    shelf.promote(FIRST, None)
    with (tmp_path / "intent" / HISTORY).open("ab") as file:
        file.write(b'{"kind": "promo\xff\n[]\n{"model": 7, "previous": null}\n')
    shelf.promote(SECOND, FIRST)
    assert shelf.history() == [FIRST, SECOND]


@pytest.mark.parametrize(
    "changes",
    [{"model": "../elsewhere"}, {"model": 7}, {"previous": ""}, {"kind": "stolen"}, {"at": "yesterday"}],
    ids=str,
)
def test_a_current_json_that_says_what_cannot_be_is_damaged(
    shelf: DiskWeightsShelf, tmp_path: Path, changes: dict[str, Any]
) -> None:
    shelf.promote(FIRST, None)
    path = tmp_path / "intent" / CURRENT
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(ConfigurationError, match=r"current\.json.*train --rollback"):
        shelf.current()


def test_weights_are_kept_whole_with_their_report(shelf: DiskWeightsShelf, weights: Path) -> None:
    shelf.keep("intent-1", weights, a_report())
    assert (shelf.folder("intent-1") / "weights.safetensors").read_bytes() == b"numbers"
    assert shelf.reports() == [a_report()]
    assert shelf.current() is None


def test_the_same_weights_kept_again_replace_themselves(shelf: DiskWeightsShelf, weights: Path) -> None:
    shelf.keep("intent-1", weights, a_report())
    (weights / "weights.safetensors").write_bytes(b"the same numbers")
    shelf.keep("intent-1", weights, {**a_report(), "passed": False})
    assert (shelf.folder("intent-1") / "weights.safetensors").read_bytes() == b"the same numbers"
    assert [report["passed"] for report in shelf.reports()] == [False]


def test_what_a_kill_left_half_copied_has_no_name_and_is_in_nobodys_way(
    shelf: DiskWeightsShelf, weights: Path, tmp_path: Path
) -> None:
    half = tmp_path / "intent" / ".intent-1.part"
    half.mkdir(parents=True)
    (half / REPORT).write_text("{")
    assert shelf.reports() == []
    shelf.keep("intent-1", weights, a_report())
    assert sorted(path.name for path in shelf.folder("intent-1").parent.iterdir()) == ["intent-1"]


def test_reports_come_oldest_first(shelf: DiskWeightsShelf, weights: Path) -> None:
    for model, days in (("intent-1", 2), ("intent-2", 0), ("intent-3", 1)):
        shelf.keep(model, weights, a_report(model, days))
    assert [report["candidate"] for report in shelf.reports()] == ["intent-2", "intent-3", "intent-1"]


def test_a_damaged_report_is_named(shelf: DiskWeightsShelf, weights: Path) -> None:
    shelf.keep("intent-1", weights, a_report())
    (shelf.folder("intent-1") / REPORT).write_text("{}")
    with pytest.raises(ConfigurationError, match=r"intent-1/report\.json cannot be read"):
        shelf.reports()


HOLDS = """
import sys
from pathlib import Path
from insights.adapters.weights_shelf import DiskWeightsShelf
with DiskWeightsShelf(Path(sys.argv[1])).one_training():
    print("holds", flush=True)
    sys.stdin.read()
"""


def test_a_second_training_is_refused_until_the_first_ends_even_by_a_kill(
    shelf: DiskWeightsShelf, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "holds\n"
        with pytest.raises(TrainingFailed, match="another training runs"), shelf.one_training():
            pass
        holder.kill()
    with shelf.one_training():
        assert shelf.promote(FIRST, None), "a promotion needs no end of a training"
