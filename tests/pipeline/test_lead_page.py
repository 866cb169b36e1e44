"""What a reviewer's page tells of one lead, and what it keeps from whom."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from office import PITCH, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.domain.ledger import Draft, EntryKind
from insights.pipeline.decide import start_review
from insights.pipeline.lead_page import LeadPage, lead_page
from insights.pipeline.viewing import Viewer

L1 = LeadId("L1")
SAID = "I can get your google listing to the top, call me back at 303 555 0187 thanks."
CUT = "call me back at 303 555"
"""A quote that ends inside of the number."""
MASKED, OPEN = Viewer("vera", "viewer", False), Viewer("ann", "reviewer", True)


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    office = Office(tmp_path, store, calls(L1=f"agent: Blue Pipe Plumbing.\ncaller: {SAID}", L2=PITCH))
    office.night()
    (standing,) = office.entries(EntryKind.PROPOSAL, "L1")
    quote = {"supports": "solicitor", "turn": 1, "quote": CUT, "start": None, "end": None}
    with store() as unit:
        unit.post(
            Draft("proposal:L1:cut", L1, EntryKind.PROPOSAL, NOW, "pipeline", {**standing.body, "evidence": [quote]})
        )
        unit.commit()
    return office


def words_of(page: LeadPage) -> str:
    return "".join(piece for turn in page.turns for _, piece in turn["parts"])


def quotes_of(page: LeadPage) -> list[Any]:
    return [item["quote"] for item in page.story["proposal"]["evidence"]]


def test_a_quote_that_ends_inside_of_a_number_shows_no_half_of_it(office: Office) -> None:
    page = lead_page(office.deps, MASKED, L1, NOW)
    told = words_of(page) + str(quotes_of(page))
    assert "303" not in told
    assert "0187" not in told
    assert "google listing" in quotes_of(page)[0]


def test_who_may_see_it_reads_the_quote_as_it_was_said_and_where(office: Office) -> None:
    page = lead_page(office.deps, OPEN, L1, NOW)
    assert quotes_of(page) == [CUT]
    assert ("for", CUT) in page.turns[1]["parts"]
    assert SAID in words_of(page)


def test_a_lead_in_hand_is_held_for_as_long_as_the_policy_says(office: Office) -> None:
    start_review(office.deps, L1, "bo", NOW)
    hold = lead_page(office.deps, OPEN, L1, NOW).policy.review.hold
    held = [
        lead_page(office.deps, OPEN, L1, NOW + hold + more).held_by for more in (-timedelta(seconds=1), timedelta(0))
    ]
    assert held == ["reviewer:bo", ""]


def test_the_earlier_leads_of_a_caller_are_told_and_no_later_ones(office: Office) -> None:
    first, second = (lead_page(office.deps, OPEN, LeadId(name), NOW).earlier for name in ("L1", "L2"))
    assert (first, second) == ((), ())  # both came at one instant: neither is earlier
