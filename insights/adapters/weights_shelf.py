"""Trained weights on disk: a folder for each model, ``current.json`` for the one in force, and the history."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.adapters.disk_space import room_at
from insights.domain.weights_history import WeightsEvent, WeightsEventKind
from insights.errors import ConfigurationError, TrainingFailed

CURRENT = "current.json"
HISTORY = "history.jsonl"
REPORT = "report.json"
ROLL_BACK = "Return to the weights before them with: call-insights train --rollback"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class DiskWeightsShelf:
    """The ``WeightsShelf`` port over ``intent/`` in the folder of trained models."""

    def __init__(self, models: Path) -> None:
        self._shelf = models.absolute() / "intent"

    def folder(self, model: str) -> Path:
        return self._shelf / model

    def current(self) -> WeightsEvent | None:
        path = self._shelf / CURRENT
        try:
            return _event(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{path}, which says what intent weights are in force, cannot be read: {error!r}.", next_step=ROLL_BACK
            ) from None

    def history(self) -> list[WeightsEvent]:
        """Every event, oldest first. A line that cannot be read hides no other one; the event in force is always there,
        also when a kill came before its line."""
        found, standing = self._told(), self._standing()
        return [*found, standing] if standing is not None and standing not in found else found

    def _standing(self) -> WeightsEvent | None:
        """The event in force, None also where the file that says so is damaged."""
        try:
            return self.current()
        except ConfigurationError:
            return None

    def _told(self) -> list[WeightsEvent]:
        found: list[WeightsEvent] = []
        for line in self._lines():
            try:
                found.append(_event(json.loads(line)))
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def _lines(self) -> list[str]:
        try:
            return (self._shelf / HISTORY).read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    @contextmanager
    def one_training(self) -> Iterator[None]:
        """Held while a training runs, and free again when its process ends, however it ends."""
        with self._locked("training", fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield

    def keep(self, model: str, weights: Path, report: dict[str, Any]) -> None:
        """Copied beside its place, then moved there: a folder that has the model's name is whole."""
        place, part, old = self.folder(model), self._shelf / f".{model}.part", self._shelf / f".{model}.old"
        for left in (part, old):
            shutil.rmtree(left, ignore_errors=True)
        try:
            with room_at(self._shelf):
                shutil.copytree(weights, part, copy_function=_copy)
                _write(part / REPORT, report)
                if place.exists():
                    place.rename(old)
                part.rename(place)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)

    def reports(self) -> list[dict[str, Any]]:
        """The reports of all weights that are kept, oldest first. Raises ConfigurationError for one that is damaged."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for path in self._shelf.glob(f"[!.]*/{REPORT}"):
            try:
                report = json.loads(path.read_text(encoding="utf-8"))
                found[report["at"], report["candidate"]] = report
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise ConfigurationError(
                    f"{path} cannot be read: {error!r}.", next_step="Move its folder away unless it is in force."
                ) from None
        return [found[key] for key in sorted(found)]

    def note(self, event: WeightsEvent) -> None:
        with self._locked("current"):
            self._append(event)

    def promote(self, event: WeightsEvent, instead_of: WeightsEvent | None) -> bool:
        with self._locked("current"):
            if self.current() != instead_of:
                return False
            self._put(event)
            return True

    def put_back(self, event: WeightsEvent) -> None:
        with self._locked("current"):
            self._put(event)

    def _put(self, event: WeightsEvent) -> None:
        """``current.json`` first, because it rules; a kill before the line about it is made good the next time."""
        standing = self._standing()
        if standing is not None and standing not in self._told():
            self._append(standing)
        _write(self._shelf / CURRENT, _body(event))
        self._append(event)

    def _append(self, event: WeightsEvent) -> None:
        history = self._shelf / HISTORY
        with room_at(self._shelf), history.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            torn = size > 0 and file.read(1) != b"\n"  # a full disk, or a kill, took the end of the last line
            file.write(b"\n" * torn + json.dumps(_body(event)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _locked(self, name: str, how: int = fcntl.LOCK_EX) -> Iterator[None]:
        self._shelf.mkdir(parents=True, exist_ok=True)
        with (self._shelf / f".{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, how)
            except BlockingIOError:
                raise TrainingFailed(
                    f"another training runs on {self._shelf}.", code="training_runs", next_step="Let it finish."
                ) from None
            yield


def _write(path: Path, body: dict[str, Any]) -> None:
    """The whole file or the old one, also when the power fails. Raises DiskFull."""
    part = path.with_name(f".{path.name}.part")
    with room_at(path.parent):
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(body, indent=1, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _copy(file: str, place: str) -> None:
    with room_at(Path(place).parent):  # told at once: copytree would put its words into an error of its own
        shutil.copy2(file, place)


def _body(event: WeightsEvent) -> dict[str, Any]:
    until = event.decided_until
    return {
        **asdict(event),
        "kind": event.kind.value,
        "at": event.at.isoformat(),
        "decided_until": until.isoformat() if until else None,
    }


def _event(body: dict[str, Any]) -> WeightsEvent:
    """Raises KeyError, TypeError or ValueError for what is no event."""
    for name in (body["model"], body["previous"]):
        if name is not None and not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} names no model")
    until = body["decided_until"]
    return WeightsEvent(
        kind=WeightsEventKind(body["kind"]),
        model=body["model"],
        at=datetime.fromisoformat(body["at"]),
        by=str(body["by"]),
        previous=body["previous"],
        decided_until=datetime.fromisoformat(until) if until else None,
    )
