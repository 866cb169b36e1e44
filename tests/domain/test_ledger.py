"""The billing record: what was changed after it was posted is found, and the fold tells the present state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, a_charge, a_decision, a_proposal, a_record
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.intents import Outcome
from insights.domain.leads import LeadId
from insights.domain.ledger import GENESIS, Answer, Decided, Entry, EntryKind, check_chain, fold_ledger
from insights.domain.reasons import Reason

RECORD = a_record(a_charge("L-1"), a_charge("L-2", "60.00"), a_proposal("L-1"), a_proposal("L-2", "non_billable"))


def problems(entries: list[Entry]) -> list[tuple[int, str]]:
    return [(fault.sequence, fault.problem) for fault in check_chain(entries)]


def test_a_sound_record_has_no_faults() -> None:
    assert problems(RECORD) == []
    assert problems([]) == []


def test_the_first_entry_follows_from_nothing_and_each_other_from_the_one_before() -> None:
    assert [entry.sequence for entry in RECORD] == [1, 2, 3, 4]
    assert [entry.previous for entry in RECORD] == [GENESIS, *(entry.sha256 for entry in RECORD[:-1])]


@pytest.mark.parametrize(
    "change",
    [
        {"body": {"amount": "0.01", "currency": "USD"}},
        {"lead_id": "L-9"},
        {"actor": "somebody"},
        {"at": NOW + timedelta(seconds=1)},
        {"kind": EntryKind.PROPOSAL},
        {"key": "charge:L-9"},
    ],
    ids=["amount", "lead", "actor", "time", "kind", "key"],
)
def test_an_edited_entry_is_found(change: dict[str, Any]) -> None:
    edited = [RECORD[0], replace(RECORD[1], **change), *RECORD[2:]]
    assert problems(edited) == [(2, "its content was changed after it was posted")]


def test_an_edit_with_its_hash_made_new_breaks_the_entry_after_it() -> None:
    forged = replace(RECORD[1], body={"amount": "0.01", "currency": "USD"}, sha256="")
    assert problems([RECORD[0], forged, *RECORD[2:]]) == [(3, "does not follow from the entry before it")]


def test_a_removed_entry_is_found() -> None:
    (gap, _), (after, _) = found = problems([RECORD[0], *RECORD[2:]])
    assert (gap, after) == (2, 3)
    assert "gap" in found[0][1]


def test_a_removed_beginning_is_found() -> None:
    assert [sequence for sequence, _ in problems(RECORD[1:])] == [1, 2]


def test_two_entries_that_changed_places_are_found() -> None:
    found = problems([RECORD[0], RECORD[2], RECORD[1], RECORD[3]])
    assert (2, "expected entry 2, found 3: a gap or a reordering") in found


def test_a_key_that_stands_twice_is_found() -> None:
    assert problems(a_record(a_charge("L-1"), a_charge("L-1"))) == [(2, "its key 'charge:L-1' stands twice")]


DRAFTS = st.lists(
    st.one_of(
        st.builds(a_charge, st.sampled_from(["L-1", "L-2"]), st.sampled_from(["45.00", "60.00"])),
        st.builds(a_proposal, st.sampled_from(["L-1", "L-2"]), st.sampled_from(["billable", "non_billable"])),
        st.builds(a_decision, st.sampled_from(["L-1", "L-2"]), st.sampled_from(["accept", "override", "ask"])),
    ),
    max_size=12,
).map(lambda drafts: [replace(draft, key=f"{number}:{draft.key}") for number, draft in enumerate(drafts)])


@given(DRAFTS)
def test_whatever_is_posted_in_order_makes_a_sound_record(drafts: list[Any]) -> None:
    assert problems(a_record(*drafts)) == []


@given(DRAFTS.filter(lambda drafts: len(drafts) > 1), st.data())
def test_removing_any_entry_but_the_last_is_found(drafts: list[Any], data: st.DataObject) -> None:
    record = a_record(*drafts)
    del record[data.draw(st.integers(0, len(record) - 2))]
    assert problems(record)


@given(DRAFTS)
def test_the_fold_of_a_lead_looks_only_at_its_own_entries_and_the_last_word_stands(drafts: list[Any]) -> None:
    entries = a_record(*drafts)
    own = [entry for entry in entries if entry.lead_id == "L-1"]
    charges = [entry.body["amount"] for entry in own if entry.kind is EntryKind.CHARGE]
    proposals = [entry.body for entry in own if entry.kind is EntryKind.PROPOSAL]
    record = fold_ledger(LeadId("L-1"), entries)
    assert record == fold_ledger(LeadId("L-1"), own)
    assert record.charged == (charges[-1] if charges else "0")
    assert (record.proposal, record.proposals) == (proposals[-1] if proposals else None, len(proposals))


@pytest.mark.parametrize(
    ("lead_id", "posted", "state"),
    [("L-1", 4, "proposed"), ("L-1", 1, "charged"), ("L-9", 4, "empty"), ("L-1", 0, "empty")],
)
def test_a_lead_is_charged_then_proposed_and_a_proposal_moves_no_money(lead_id: str, posted: int, state: str) -> None:
    record = fold_ledger(LeadId(lead_id), RECORD[:posted])
    assert record.state == state
    assert record.charged == ("0" if state == "empty" else "45.00")


def test_a_charge_keeps_its_currency_and_a_proposal_that_stood_before_it() -> None:
    record = fold_ledger(LeadId("L-1"), a_record(a_proposal("L-1"), a_charge("L-1", "50.00", "CAD")))
    assert (record.charged, record.currency, record.state) == ("50.00", "CAD", "proposed")


def test_a_decided_lead_stays_decided_whatever_is_proposed_after_it() -> None:
    """The decision names the proposal that stood before the reviewer; a later one does not change what was decided."""
    entries = a_record(
        a_charge(), a_proposal(key="1"), a_decision(answer="override", reason="solicitor"), a_proposal(key="2")
    )
    record = fold_ledger(LeadId("L-1"), entries)

    assert (record.state, record.proposals) == ("decided", 2)
    assert record.decided == Decided(Answer.OVERRIDE, Reason.SOLICITOR, None, NOW, entries[1].body)


def test_the_last_decision_holds() -> None:
    later = NOW + timedelta(hours=1)
    entries = a_record(
        a_proposal(),
        a_decision(answer="override", reason="job_seeker"),
        a_decision(reason="new_customer", outcome="price_shopper", at=later, key="2"),
    )
    decided = fold_ledger(LeadId("L-1"), entries).decided
    assert decided is not None
    assert (decided.reason, decided.outcome, decided.at) == (Reason.NEW_CUSTOMER, Outcome.PRICE_SHOPPER, later)


def test_asking_the_client_decides_nothing_and_takes_nothing_back() -> None:
    asked = a_decision(answer="ask", key="2")
    assert fold_ledger(LeadId("L-1"), a_record(a_proposal(), asked)).state == "proposed"
    decided = fold_ledger(LeadId("L-1"), a_record(a_proposal(), a_decision(reason="solicitor"), asked)).decided
    assert decided is not None and decided.reason is Reason.SOLICITOR


def test_a_lead_can_be_decided_before_anything_was_proposed() -> None:
    decided = fold_ledger(
        LeadId("L-1"), a_record(a_charge(), a_decision(answer="override", reason="solicitor"))
    ).decided
    assert decided is not None and decided.proposal is None
