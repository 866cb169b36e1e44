"""Nights on the dashboard: in numbers, and by the leads that their summaries name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builders import NOW

from insights.domain.dashboard_nights import leads_of_night, nights_told

A_NIGHT: dict[str, Any] = {
    "leads_seen": 40,
    "proposals_posted": 30,
    "proposals_standing": 35,
    "audio_s": 1800.0,
    "stages": {"fetch": {"seconds": 30.0}, "transcribe": {"seconds": 90.0}},
    "failures": [
        {"lead_id": "L-1", "code": "not_audio"},
        {"lead_id": "L-2", "code": "not_found"},
        {"lead_id": "L-3", "code": "not_found"},
    ],
    "quarantined": [{"where": "leads.csv:9", "lead_id": "", "reason": "no date"}],
    "expired_unreviewed": ["L-4"],
    "expiring": ["L-5", "L-6"],
    "auto_accepted": [],
}
NOTES = [(NOW, A_NIGHT), (NOW, A_NIGHT | {"leads_seen": 1}), (NOW - timedelta(days=1), A_NIGHT | {"failures": []})]


def test_a_night_is_told_in_numbers() -> None:
    before, last = nights_told(NOTES)
    assert (last.seen, last.proposed, last.standing, last.audio_min, last.work_min) == (40, 30, 35, 30.0, 2.0)
    assert (last.failed, last.failures) == (3, (("not_found", 2), ("not_audio", 1)))
    assert (last.expired, last.expiring, last.accepted, last.quarantined) == (1, 2, 0, (("leads.csv:9", "no date"),))
    assert (before.as_of, before.failed) == (NOW - timedelta(days=1), 0)


def test_as_many_leads_stand_behind_a_night_as_it_counts() -> None:
    for night in nights_told(NOTES):
        for kind in ("failed", "expired", "expiring", "accepted"):
            assert len(leads_of_night(night.key(kind), NOTES)) == getattr(night, kind)
        for code, count in night.failures:
            assert len(leads_of_night(night.key("failed", code), NOTES)) == count


@pytest.mark.parametrize("key", ["", "failed", "failed:all:yesterday", "seen:all:" + NOW.isoformat()])
def test_behind_an_unknown_mark_of_a_night_stands_nobody(key: str) -> None:
    assert leads_of_night(key, NOTES) == []
