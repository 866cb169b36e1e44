"""What of the queue somebody asks to see: which filters there are, how they are read from and written to an address.

The address of a page holds all of its state, and anybody may have written it: what cannot be read is left out and told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from insights.domain.billing import LeadState
from insights.domain.reasons import Reason

WAITING, ALL = "waiting", "all"
"""Of the statuses those that are no state of a lead: it waits for a person now; whatever its state."""
NOBODY, NONE = "nobody", "none"
"""The reviewer of a lead that nobody has; the verdict, reason or confidence of one for which nothing is proposed."""
STATUSES = (WAITING, *(state.value for state in LeadState), ALL)
VERDICTS = ("billable", "non_billable", "needs_review", "failed", NONE)
REASONS = (*(reason.value for reason in Reason), NONE)
CONFIDENCES = ("low", "middle", "high", NONE)
ORDERS = ("stake", "newest", "oldest", "clock")
FACETS = ("status", "client", "verdict", "reason", "source", "trade", "confidence", "reviewer")
"""The filters whose values are counted beside the list."""

_LOW, _HIGH = 0.6, 0.9
_LONGEST = 200  # of anything that is typed
_MOST_HOURS, _MOST_PAGES = 24 * 31, 100_000
_DATE, _NUMBER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{1,6}")


def confidence_band(probability: float | None) -> str:
    """Low below 0.6, high above 0.9, and middle between; none where nothing is proposed."""
    if probability is None:
        return NONE
    return "low" if probability < _LOW else "high" if probability > _HIGH else "middle"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What is asked for; an empty text or None asks for nothing.

    ``received_from`` and ``received_to`` are whole days, both included, in the operator's time zone; ``within_hours``:
    only what expires, or must be answered, so soon; ``faults`` tells in words what of the address could not be read.
    """

    status: str = WAITING
    client: str = ""
    campaign: str = ""
    trade: str = ""
    verdict: str = ""
    reason: str = ""
    confidence: str = ""
    source: str = ""
    reviewer: str = ""
    received_from: date | None = None
    received_to: date | None = None
    words: str = ""
    within_hours: int | None = None
    order: str = ORDERS[0]
    page: int = 1
    faults: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> QueueFilter:
        """Read the parameters of an address. Never raises: what cannot be read stays at its default and is a fault;
        parameters that are none of ours are passed over."""
        told: dict[str, Any] = {}
        faults: list[str] = []
        for name, read in _READERS.items():
            text = query.get(name, "")
            if text == "":
                continue
            try:
                told[name] = read(text)
            except ValueError as error:
                faults.append(f"{name.replace('_', ' ')} {_shown(text)}: {error}")
        first, last = told.get("received_from"), told.get("received_to")
        if first and last and first > last:
            faults.append(f"received from {first} to {last}: the first day comes after the last")
            del told["received_from"], told["received_to"]
        return cls(**told, faults=tuple(faults))

    def as_query(self) -> dict[str, str]:
        """The parameters that differ from the default; ``parse`` reads the same filter from them."""
        told = {each.name: (getattr(self, each.name), each.default) for each in fields(self) if each.compare}
        return {name: str(value) for name, (value, default) in told.items() if value != default}

    def but(self, **changes: Any) -> QueueFilter:
        """The same with something else asked for, from its first page on."""
        return replace(self, **{"page": 1, "faults": (), **changes})


def _one_of(*known: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError("not known")
        return text

    return read


def _text(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("not readable text")
    return text


def _words(text: str) -> str:
    return _text(" ".join(text.split()))


def _day(text: str) -> date:
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("not a day such as 2026-11-20")


def _whole_number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
            raise ValueError(f"not a number from 1 to {most}")
        return int(text)

    return read


def _shown(text: str) -> str:
    """What was typed, short and without characters that no page can hold."""
    clean = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else "?" for c in text[:40])
    return f"“{clean}{'…' if len(text) > len(clean) else ''}”"


_READERS: Mapping[str, Callable[[str], Any]] = {
    "status": _one_of(*STATUSES),
    "client": _text,
    "campaign": _text,
    "trade": _text,
    "verdict": _one_of(*VERDICTS),
    "reason": _one_of(*REASONS),
    "confidence": _one_of(*CONFIDENCES),
    "source": _text,
    "reviewer": _text,
    "received_from": _day,
    "received_to": _day,
    "words": _words,
    "within_hours": _whole_number(_MOST_HOURS),
    "order": _one_of(*ORDERS),
    "page": _whole_number(_MOST_PAGES),
}
