"""The billing record's chain: what was changed after it was posted is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, a_charge, a_proposal, a_record
from histories import DRAFTS
from hypothesis import assume, given
from hypothesis import strategies as st

from insights.domain.ledger import GENESIS, Entry, EntryKind, check_chain

CHANGED = "its content was changed after it was posted"
RECORD = a_record(a_charge("L-1"), a_charge("L-2", "60.00"), a_proposal("L-1"), a_proposal("L-2", "non_billable"))


def problems(entries: list[Entry]) -> list[tuple[int, str]]:
    return [(fault.sequence, fault.problem) for fault in check_chain(entries)]


def edit(entry: Entry, **change: Any) -> Entry:
    """The entry with something else in the chain."""
    return replace(entry, **({"sealed": change["body"]} if "body" in change else {}) | change)


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
    edited = [RECORD[0], edit(RECORD[1], **change), *RECORD[2:]]
    assert problems(edited) == [(2, CHANGED)]


def test_an_edit_with_its_hash_made_new_breaks_the_entry_after_it() -> None:
    forged = edit(RECORD[1], body={"amount": "0.01", "currency": "USD"}, sha256="")
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


@given(DRAFTS)
def test_whatever_is_posted_in_order_makes_a_sound_record(drafts: list[Any]) -> None:
    assert problems(a_record(*drafts)) == []


@given(DRAFTS.filter(lambda drafts: len(drafts) > 1), st.data())
def test_removing_any_entry_but_the_last_is_found(drafts: list[Any], data: st.DataObject) -> None:
    record = a_record(*drafts)
    del record[data.draw(st.integers(0, len(record) - 2))]
    assert problems(record)


EDITS: dict[str, Any] = {
    "sequence": lambda entry: entry.sequence + 1,
    "key": lambda entry: entry.key + "x",
    "lead_id": lambda entry: entry.lead_id + "x",
    "kind": lambda entry: EntryKind.EXPIRY if entry.kind is not EntryKind.EXPIRY else EntryKind.CHARGE,
    "at": lambda entry: entry.at + timedelta(microseconds=1),
    "actor": lambda entry: entry.actor + "x",
    "body": lambda entry: {**entry.body, "amount": "0.01"},
    "sealed": lambda entry: {**entry.sealed, "amount": "0.01"},
    "texts": lambda entry: {seal: replace(kept, text=kept.text + "x") for seal, kept in entry.texts.items()},
    "previous": lambda entry: entry.sha256,
    "sha256": lambda entry: entry.previous,
}


def test_every_field_of_an_entry_has_its_edit() -> None:
    assert set(EDITS) == set(Entry.__dataclass_fields__)


@given(DRAFTS.filter(bool), st.data())
def test_an_edit_of_any_single_field_of_any_entry_is_found(drafts: list[Any], data: st.DataObject) -> None:
    record = a_record(*drafts)
    at = data.draw(st.integers(0, len(record) - 1))
    name = data.draw(st.sampled_from(sorted(EDITS)))
    edited = replace(record[at], **{name: EDITS[name](record[at])})
    assume(edited != record[at])  # not every entry holds words
    assert problems([*record[:at], edited, *record[at + 1 :]])
