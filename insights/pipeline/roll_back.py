"""Put the weights back in force that were there before, and list all that were ever trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.domain.weights_history import WeightsEvent, WeightsEventKind, in_force, previous_of, way_back
from insights.errors import ConfigurationError, InputError, InsightsError
from insights.ports import IntentModel, WeightsShelf

SHIPPED = "the shipped weights"


@dataclass(frozen=True)
class WentBack:
    """What a rollback did. None is the shipped weights; ``passed_over`` lay on the way and could not be loaded."""

    left: str | None
    to: str | None
    passed_over: tuple[str, ...]


def roll_back(shelf: WeightsShelf, load: Callable[[Path], IntentModel], now: datetime, by: str) -> WentBack:
    """Go back to the weights that were in force before the present ones, the latest that load; else the shipped ones.

    Works also where ``current.json`` or weights are damaged. Raises InputError when no promoted weights are in force.
    """
    history = shelf.history()
    try:
        present = shelf.current()
    except ConfigurationError:
        present = in_force(history)  # what was in force is in doubt, that it must be replaced is not
    else:
        if present is None or present.model is None:
            raise InputError(
                f"{SHIPPED} are in force: there is nothing to go back from.",
                next_step="call-insights train --list shows what was trained.",
            )
    way = way_back(present.previous if present else None, history)
    to = next((model for model in way if _loads(load, shelf.folder(model))), None)
    passed_over = tuple(way[: way.index(to)] if to else way)
    previous = previous_of(to, history) if to else None
    shelf.put_back(WeightsEvent(WeightsEventKind.ROLLED_BACK, to, now, by, previous))
    return WentBack(present.model if present else None, to, passed_over)


def _loads(load: Callable[[Path], IntentModel], folder: Path) -> bool:
    try:
        load(folder)
    except InsightsError:
        return False
    return True


def list_weights(shelf: WeightsShelf) -> list[dict[str, Any]]:
    """All weights that are kept, oldest first: when and from how many calls, what the comparison said, if in force.

    Raises ConfigurationError when it cannot be told which are in force.
    """
    present = shelf.current()
    return [
        {
            "model": report["candidate"],
            "at": report["at"],
            "by": report["by"],
            "pool": report["learnt_from"]["pool"]["calls"],
            "passed": report["passed"],
            "conclusion": report["conclusion"],
            "in_force": present is not None and present.model == report["candidate"],
        }
        for report in shelf.reports()
    ]
