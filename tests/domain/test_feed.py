"""The feed: what is told, in which order, and when it is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, a_charge, a_decision, a_proposal, a_record, an_entry

from insights.domain.feed import (
    MOST_TRIES,
    Delivery,
    DeliveryState,
    again,
    delivered,
    failed,
    in_turn,
    is_told,
    message_of,
    never_told,
)
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind

FIRST, SECOND, OTHER = a_record(a_proposal("L-1", key="1"), a_proposal("L-1", key="2"), a_proposal("L-2"))
FRESH = Delivery(1, LeadId("L-1"))
MINUTE = timedelta(minutes=1)


def test_a_message_tells_what_billing_needs_and_no_phone_numbers() -> None:
    body = {
        "decision": "non_billable",
        "reason": "job_seeker",
        "evidence": [{"quote": "call me at 614 555 0142 about the job"}, {"fact": "paused", "source": "history"}],
        "rule": "secret",
    }
    (entry,) = a_record(replace(a_proposal(), body=body))
    told = message_of(entry).as_json()
    assert (told["key"], told["kind"], told["lead_id"], told["sequence"]) == ("proposal:L-1:1", "proposal", "L-1", 1)
    assert told["evidence"] == [
        {"quote": "call me at 555-0100 about the job"},
        {"fact": "paused", "source": "history"},
    ]
    assert "rule" not in told


def test_an_entry_that_is_never_told_is_done_with_without_a_try() -> None:
    (entry,) = a_record(an_entry(EntryKind.REOPENING, {"note": "again", "was": "decided"}))
    assert not is_told(entry)
    assert never_told(entry, NOW) == Delivery(1, LeadId("L-1"), DeliveryState.DELIVERED, at=NOW)


def test_every_kind_that_billing_is_told_of_can_be_told() -> None:
    money = {"amount": "45.00", "currency": "USD", "corrects": "charge:L-1", "decision": "decision:L-1:1"}
    record = a_record(
        a_charge(),
        a_proposal(),
        a_decision(),
        an_entry(EntryKind.CREDIT, money),
        an_entry(EntryKind.REVERSAL, money),
        an_entry(EntryKind.REOPENING, {"note": "", "was": "decided", "undone": True, "decision": "decision:L-1:1"}),
    )
    told = [message_of(entry).as_json() for entry in record if is_told(entry)]
    assert [message["kind"] for message in told] == ["proposal", "decision", "credit", "reversal", "reopening"]
    assert told[2]["amount"] == "45.00"
    assert (told[4]["undone"], told[4]["decision"]) == (True, "decision:L-1:1")


def test_billing_hears_of_a_decision_taken_back_and_not_of_one_that_is_looked_at_again() -> None:
    again, left = a_record(
        an_entry(EntryKind.REOPENING, {"note": "The client wrote.", "was": "decided"}),
        an_entry(EntryKind.REVIEW_LEFT, {}),
    )
    assert not is_told(again) and not is_told(left)


def turn(*known: Delivery | None) -> list[int]:
    return [entry.sequence for entry, _ in in_turn(zip((FIRST, SECOND, OTHER), known, strict=True), NOW)]


def test_entries_are_told_oldest_first() -> None:
    assert turn(None, None, None) == [1, 2, 3]


@pytest.mark.parametrize(
    "first", [replace(FRESH, state=DeliveryState.DEAD), replace(FRESH, next_try_at=NOW + MINUTE)], ids=["dead", "rests"]
)
def test_behind_one_that_cannot_be_told_its_leads_later_ones_wait_and_other_leads_do_not(first: Delivery) -> None:
    assert turn(first, None, None) == [3]


def test_one_whose_time_has_come_is_tried_again() -> None:
    assert turn(replace(FRESH, next_try_at=NOW), None, None) == [1, 2, 3]


def test_the_wait_doubles_up_to_six_hours_and_ends_in_a_dead_letter() -> None:
    delivery, waits = FRESH, list[float]()
    while delivery.state is DeliveryState.WAITING:
        delivery = failed(delivery, "it does not answer", NOW, for_good=False)
        if delivery.next_try_at:
            waits.append((delivery.next_try_at - NOW) / MINUTE)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[360] * 26]
    assert (delivery.tries, delivery.error) == (MOST_TRIES, "it does not answer")


def test_a_receiver_is_left_alone_as_long_as_it_asks_but_no_longer_than_six_hours() -> None:
    asked = failed(FRESH, "429", NOW, for_good=False, wait_s=600)
    assert asked.next_try_at == NOW + 10 * MINUTE
    forever = failed(FRESH, "429", NOW, for_good=False, wait_s=1e9)
    assert forever.next_try_at == NOW + timedelta(hours=6)


def test_what_is_refused_is_dead_at_once_and_can_be_sent_again() -> None:
    dead = failed(FRESH, "422", NOW, for_good=True)
    assert (dead.state, dead.tries) == (DeliveryState.DEAD, 1)
    assert again(dead) == FRESH


def test_what_was_told_says_when() -> None:
    told = delivered(failed(FRESH, "503", NOW, for_good=False), NOW + MINUTE)
    assert (told.state, told.tries, told.at, told.error) == (DeliveryState.DELIVERED, 2, NOW + MINUTE, "")
