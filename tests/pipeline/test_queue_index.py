"""The queue in memory finds what a look at every row would find, whatever came, changed and went before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.leads import CampaignId, LeadId
from insights.domain.number_sets import members
from insights.domain.queue_filters import confidence_band
from insights.pipeline import queue_index
from insights.pipeline.queue_index import QueueIndex, in_hand_of
from insights.ports_record import QueueRow

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHICAGO = ZoneInfo("America/Chicago")
A_QUEUE_ROW = QueueRow(
    lead_id=LeadId("L-1"),
    campaign_id=CampaignId("C-1"),
    client_id="K-1",
    trade="plumbing",
    source="search",
    state="not_reviewed",
    waits=True,
    still_open=False,
    worth=40.0,
    received_at=NOW - HOUR,
    expires_at=NOW + 7 * DAY,
    due_at=None,
    verdict="non_billable",
    reason="solicitor",
    probability=0.95,
    reviewer="",
    reviewing_since=None,
    version=1,
)
ROWS = st.builds(
    A_QUEUE_ROW._replace,
    lead_id=st.sampled_from([LeadId(f"L-{number}") for number in range(12)]),
    client_id=st.sampled_from(["K-1", "K-2"]),
    trade=st.sampled_from(["plumbing", ""]),
    state=st.sampled_from(["not_reviewed", "submitted", "decided"]),
    waits=st.booleans(),
    still_open=st.booleans(),
    received_at=st.integers(-4, 0).map(lambda days: NOW + days * DAY),
    expires_at=st.integers(-2, 3).map(lambda days: NOW + days * DAY),
    due_at=st.none() | st.integers(-2, 3).map(lambda days: NOW + days * DAY),
    verdict=st.sampled_from(["non_billable", "failed"]),
    reason=st.sampled_from(["solicitor", ""]),
    probability=st.sampled_from([None, 0.5, 0.7, 0.95]),
    reviewer=st.sampled_from(["", "reviewer:ann", "policy:auto-accept"]),
)
RECENT_FROM = NOW - 2 * DAY


def leads(index: QueueIndex, found: int) -> set[LeadId]:
    flags = members(found, len(index.rows))
    return {row.lead_id for number, row in enumerate(index.rows) if row is not None and flags[number]}


def kept(told: Iterable[QueueRow]) -> list[QueueRow]:
    """The last row of each lead, where it waits or is recent."""
    last = {row.lead_id: row for row in told}
    return [row for row in last.values() if row.waits or row.received_at >= RECENT_FROM]


@pytest.mark.parametrize("singly", [500, 0], ids=["one by one", "all at once"])
@given(parts=st.lists(st.lists(ROWS, max_size=8), max_size=5))
def test_it_finds_what_a_look_at_every_row_finds(singly: int, parts: Sequence[Sequence[QueueRow]]) -> None:
    index = QueueIndex(CHICAGO)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue_index, "_SINGLY", singly)
        for part in parts:
            index, _ = index.changed(part, RECENT_FROM)
    rows = kept(row for part in parts for row in part)

    def those(which: Iterable[QueueRow]) -> set[LeadId]:
        return {row.lead_id for row in which}

    assert leads(index, index.everything()) == those(rows) == set(index.numbers)
    assert leads(index, index.waiting(NOW)) == those(
        r for r in rows if r.waits and (r.still_open or r.expires_at > NOW)
    )
    assert leads(index, index.ending(NOW + DAY)) == those(
        r for r in rows if r.waits and (r.due_at or r.expires_at) <= NOW + DAY
    )
    assert leads(index, index.received("2026-11-17", "2026-11-18")) == those(
        r for r in rows if "2026-11-17" <= r.received_at.astimezone(CHICAGO).date().isoformat() <= "2026-11-18"
    )
    assert index.among("confidence", index.everything()) == Counter(confidence_band(r.probability) for r in rows)
    assert index.among("trade", index.everything()) == Counter(r.trade or "unknown" for r in rows)
    assert index.among("reviewer", index.waiting(NOW)).keys() <= {"nobody", "ann", "policy:auto-accept"}
    assert [entry[1] for entry in index.by_receipt] == [r.lead_id for r in sorted(rows, key=lambda r: (r[9], r[0]))]


def test_an_index_that_was_read_stays_as_it_was() -> None:
    before, _ = QueueIndex(CHICAGO).changed([A_QUEUE_ROW], RECENT_FROM)
    after, changed = before.changed([A_QUEUE_ROW._replace(waits=False, state="decided")], RECENT_FROM)
    assert leads(before, before.waiting(NOW)) == {"L-1"}
    assert (leads(after, after.waiting(NOW)), changed) == (set(), {0})
    assert after.stood == {"L-1": A_QUEUE_ROW}


def test_what_does_not_wait_goes_when_it_is_no_longer_recent_and_its_place_is_taken_by_the_next() -> None:
    index, _ = QueueIndex(CHICAGO).changed([A_QUEUE_ROW._replace(waits=False)], RECENT_FROM)
    index, _ = index.changed([], NOW)
    assert (index.numbers, index.everything(), index.free) == ({}, 0, (0,))
    index, _ = index.changed([A_QUEUE_ROW._replace(lead_id=LeadId("L-2"))], NOW)
    assert (index.numbers, index.free) == ({"L-2": 0}, ())


def test_only_so_many_rows_are_remembered_that_no_longer_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_index, "_REMEMBERED", 2)
    rows = [A_QUEUE_ROW._replace(lead_id=LeadId(name)) for name in "abc"]
    index, _ = QueueIndex(CHICAGO).changed(rows, RECENT_FROM)
    for row in rows:
        index, _ = index.changed([row._replace(waits=False)], RECENT_FROM)
    assert list(index.stood) == ["b", "c"]


@pytest.mark.parametrize(
    ("since", "who"), [(None, ""), (NOW - 3.9 * HOUR, "ann"), (NOW - 4 * HOUR, "")], ids=["nobody", "held", "let go"]
)
def test_a_lead_is_in_somebodys_hand_while_the_hold_lasts(since: datetime | None, who: str) -> None:
    row = A_QUEUE_ROW._replace(reviewer="reviewer:ann", reviewing_since=since)
    assert in_hand_of(row, 4 * HOUR, NOW) == who
