"""A replay says which leads flip, whose money that is, and whether people would have agreed."""

from __future__ import annotations

import json
from dataclasses import replace

from builders import NOW

from insights.domain.leads import LeadId
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.domain.replay import Replayed, compare

KEPT = Replayed(
    lead_id=LeadId("L-1"),
    client="Blue Pipe",
    received_at=NOW,
    price=Money.parse("45.00"),
    was=("non_billable", "solicitor"),
    now=("non_billable", "solicitor"),
    decided_billable=None,
    decided=None,
    because="your google listing",
)
ASKED = replace(KEPT, lead_id=LeadId("L-2"), price=Money.parse("60.00"), now=("needs_review", "solicitor"))
FREED = replace(
    KEPT,
    lead_id=LeadId("L-3"),
    client="Red Roof",
    was=("billable", "new_customer"),
    now=("non_billable", "out_of_area"),
    decided_billable=True,
    decided=Reason.NEW_CUSTOMER,
)


def test_flips_are_counted_with_their_money() -> None:
    report = compare([KEPT, ASKED, FREED])
    assert (report["leads"], report["flipped"]) == (3, 2)
    assert report["flips"] == [
        {"from": "billable", "to": "non_billable", "leads": 1, "money": {"USD": "45.00"}},
        {"from": "non_billable", "to": "needs_review", "leads": 1, "money": {"USD": "60.00"}},
    ]
    json.dumps(report)


def test_each_client_reads_what_would_have_come_back() -> None:
    assert compare([KEPT, ASKED, FREED])["by_client"] == {
        "Blue Pipe": {
            "leads": 2,
            "flipped": 1,
            "given_back": {"USD": "105.00"},
            "would_be_given_back": {"USD": "45.00"},
        },
        "Red Roof": {"leads": 1, "flipped": 1, "given_back": {}, "would_be_given_back": {"USD": "45.00"}},
    }


def test_proposals_are_compared_with_what_people_decided() -> None:
    doubted = replace(ASKED, decided_billable=False, decided=Reason.SOLICITOR)
    assert compare([KEPT, doubted, FREED])["against_decisions"] == {
        "was": {"right": 2, "wrong": 0, "left_to_a_person": 0},
        "now": {"right": 0, "wrong": 1, "left_to_a_person": 1},
    }


def test_the_dearest_flips_are_the_examples() -> None:
    report = compare([FREED, ASKED, KEPT], most_examples=1)
    (example,) = report["examples"]
    assert (example["lead_id"], example["was"], example["now"], example["decided"]) == (
        "L-2",
        ["non_billable", "solicitor"],
        ["needs_review", "solicitor"],
        None,
    )
