"""Decides what a training learns from: a label for each decided call, a fifth of them kept for the replay."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from insights.domain.intents import Intent
from insights.domain.leads import LeadId
from insights.domain.scoring import Label, LabelledTranscript

REPLAY_WINDOW = timedelta(days=30)
REPLAY_SHARE = 5
"""One lead in so many is never trained on, by any candidate: a replay on it is fair to all of them."""
LEAST_ACCEPTED = 20
"""So many acceptances join whatever was overridden, so that a training hears also what it did right."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A decided call with the reviewer's label. ``overrides``: the reviewer said something else than the proposal."""

    lead_id: LeadId
    received_at: datetime
    decided_at: datetime
    overrides: bool
    call: LabelledTranscript
    label: Label


def call_id_of(lead_id: LeadId) -> str:
    """The name of a lead's call in a file of labelled transcripts."""
    return f"lead:{lead_id}"


def kept_for_replay(lead_id: LeadId) -> bool:
    """Whether a lead is for the replay alone. By its name, so that the answer never changes."""
    return int(_dealt("replay", lead_id), 16) % REPLAY_SHARE == 0


def choose_pool(lessons: Sequence[Lesson], sealed: Collection[str] = ()) -> list[Lesson]:
    """The lessons that a training reads, in the order of their leads.

    Every override; of the acceptances of a reason at most as many as there are overrides to that reason, and at least
    ``LEAST_ACCEPTED`` in all while there are that many. Which ones is drawn by the leads' names: the same lessons give
    the same pool. Calls that a gold set holds (``sealed``, by call id) stay out.
    """
    open_to = [one for one in lessons if not kept_for_replay(one.lead_id) and one.call.call_id not in sealed]
    chosen = [one for one in open_to if one.overrides]
    room = Counter(one.label.reason for one in chosen)
    accepted: list[Lesson] = []
    left: list[Lesson] = []
    for one in sorted(open_to, key=lambda one: _dealt("pool", one.lead_id)):
        if one.overrides:
            continue
        fits = room[one.label.reason] > 0
        room[one.label.reason] -= fits
        (accepted if fits else left).append(one)
    accepted += left[: max(0, LEAST_ACCEPTED - len(accepted))]
    return sorted([*chosen, *accepted], key=lambda one: one.lead_id)


def replayed(lessons: Sequence[Lesson], now: datetime) -> list[Lesson]:
    """The lessons that judge a candidate: kept for that, decided in the last 30 days, in the order of their leads."""
    recent = [one for one in lessons if kept_for_replay(one.lead_id) and now - REPLAY_WINDOW <= one.decided_at <= now]
    return sorted(recent, key=lambda one: one.lead_id)


def lesson_counts(lessons: Sequence[Lesson]) -> dict[str, Any]:
    """How many overrides and acceptances there are, in all and by reason (labelling guide's order)."""
    reasons = Counter((one.label.reason, one.overrides) for one in lessons)
    present = [intent for intent in Intent if reasons[intent, True] or reasons[intent, False]]
    return {
        "calls": len(lessons),
        "overrides": sum(one.overrides for one in lessons),
        "by_reason": {
            intent.value: {"overrides": reasons[intent, True], "accepted": reasons[intent, False]} for intent in present
        },
    }


def _dealt(purpose: str, lead_id: LeadId) -> str:
    """A fixed lot of a lead for one purpose; lots for different purposes have nothing to do with each other."""
    return hashlib.sha256(f"{purpose}:{lead_id}".encode()).hexdigest()
