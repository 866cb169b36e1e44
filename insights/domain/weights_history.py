"""Tells from the history of trained weights which are in force, which came before them, and what they knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WeightsEventKind(StrEnum):
    """What became of a model's weights."""

    PROMOTED = "promoted"
    KEPT = "kept"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class WeightsEvent:
    """A line of the history: a model promoted, kept beside, or gone back to. None is the shipped weights.

    ``previous``: what to go back to from it. ``decided_until``: the last decision that the training knew of.
    """

    kind: WeightsEventKind
    model: str | None
    at: datetime
    by: str
    previous: str | None = None
    decided_until: datetime | None = None


def in_force(history: Sequence[WeightsEvent]) -> WeightsEvent | None:
    """The event that put the present weights in force; None while the shipped ones always were."""
    return next((event for event in reversed(history) if event.kind is not WeightsEventKind.KEPT), None)


def previous_of(model: str, history: Sequence[WeightsEvent]) -> str | None:
    """The weights that were in force before a model last was; None for the shipped ones."""
    return next((event.previous for event in reversed(history) if _ruled(event, model)), None)


def way_back(model: str | None, history: Sequence[WeightsEvent]) -> list[str]:
    """A model and those that were in force before it, the latest first, each once; the shipped ones always remain."""
    way: list[str] = []
    while model is not None and model not in way:
        way.append(model)
        model = previous_of(model, history)
    return way


def taught_until(history: Sequence[WeightsEvent]) -> datetime | None:
    """The last decision that the latest training knew of; None before the first training."""
    return next((event.decided_until for event in reversed(history) if event.decided_until is not None), None)


def _ruled(event: WeightsEvent, model: str) -> bool:
    return event.model == model and event.kind is not WeightsEventKind.KEPT
