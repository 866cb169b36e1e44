"""The last nights in numbers, and the leads that a night's summary names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insights.domain.leads import LeadId

NIGHT = "night"
"""The chart whose leads stand in the notes of the nights."""
ALL = "all"
Note = tuple[datetime, Mapping[str, Any]]
"""The instant a night worked at, and its summary as JSON."""
_NAMED = {"expired": "expired_unreviewed", "expiring": "expiring", "accepted": "auto_accepted"}


@dataclass(frozen=True, slots=True)
class Night:
    """One night. ``failures`` are codes with their leads, the most frequent first; ``quarantined`` places in the source
    with what is wrong there; ``expired`` and ``expiring`` count leads, ``audio_min`` and ``work_min`` minutes."""

    as_of: datetime
    seen: int
    proposed: int
    standing: int
    failed: int
    failures: tuple[tuple[str, int], ...]
    audio_min: float
    work_min: float
    expired: int
    expiring: int
    accepted: int
    quarantined: tuple[tuple[str, str], ...]

    def key(self, kind: str, code: str = ALL) -> str:
        """The mark of some leads of this night: ``failed`` (of one code or all), ``expired``, ``expiring`` or
        ``accepted``."""
        return f"{kind}:{code}:{self.as_of.isoformat()}"


def nights_told(notes: Sequence[Note]) -> tuple[Night, ...]:
    """Notes, the newest first, as nights, the oldest first; of one instant only the newest note."""
    newest: dict[datetime, Mapping[str, Any]] = {}
    for as_of, body in notes:
        newest.setdefault(as_of, body)
    return tuple(_night(as_of, body) for as_of, body in sorted(newest.items(), key=lambda item: item[0]))


def leads_of_night(key: str, notes: Sequence[Note]) -> list[LeadId]:
    """The leads behind a mark of a night; none for an unknown mark."""
    kind, code, told = f"{key}::".split(":", 2)
    for as_of, body in notes:
        if as_of.isoformat() == told.removesuffix("::"):
            if kind == "failed":
                return [LeadId(row["lead_id"]) for row in body["failures"] if code in (ALL, row["code"])]
            return [LeadId(name) for name in body[_NAMED[kind]]] if kind in _NAMED else []
    return []


def _night(as_of: datetime, body: Mapping[str, Any]) -> Night:
    codes = Counter(row["code"] for row in body["failures"])
    return Night(
        as_of=as_of,
        seen=body["leads_seen"],
        proposed=body["proposals_posted"],
        standing=body["proposals_standing"],
        failed=len(body["failures"]),
        failures=tuple(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
        audio_min=body["audio_s"] / 60,
        work_min=sum(stage["seconds"] for stage in body["stages"].values()) / 60,
        expired=len(body["expired_unreviewed"]),
        expiring=len(body["expiring"]),
        accepted=len(body["auto_accepted"]),
        quarantined=tuple((row["where"], row["reason"]) for row in body["quarantined"]),
    )
