"""Words beside the chain: they prove themselves while they are kept, and tell nothing when they are gone."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from builders import a_record, an_entry, salt
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.ledger import EntryKind, check_chain, entry_of, entry_row, words_in_chain
from insights.domain.sealing import DELETED, SealedText, opened, sealed, seals

NAMES = frozenset({"quote", "note"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.sampled_from(["quote", "note", "amount", "evidence"]), below),
)


def numbered() -> Any:
    numbers = itertools.count()
    return lambda: str(next(numbers))


@given(st.dictionaries(st.sampled_from(["quote", "note", "amount", "evidence"]), JSON))
def test_what_is_sealed_opens_again_and_without_its_texts_shows_none_of_them(body: dict[str, Any]) -> None:
    chained, texts = sealed(body, NAMES, numbered())
    assert opened(chained, texts) == body
    assert sorted(seals(chained)) == sorted(texts)
    gone = opened(chained, {})
    assert sealed(gone, NAMES, salt)[0] == sealed(opened(sealed(gone, NAMES, salt)[0], {}), NAMES, salt)[0]
    for kept in texts.values():
        assert kept.text


def test_only_texts_under_private_names_are_sealed() -> None:
    chained, texts = sealed({"quote": "my name is Ann", "amount": "45.00", "evidence": [{"quote": ""}]}, NAMES, salt)
    assert chained["amount"] == "45.00" and chained["evidence"] == [{"quote": ""}]
    assert [kept.text for kept in texts.values()] == ["my name is Ann"]
    assert opened(chained, {}) == {"quote": DELETED, "amount": "45.00", "evidence": [{"quote": ""}]}


def test_the_same_words_have_another_seal_under_another_salt() -> None:
    assert SealedText("a", "yes").seal != SealedText("b", "yes").seal


def test_a_chain_holds_without_its_words_and_not_with_others() -> None:
    (entry,) = a_record(an_entry(EntryKind.REOPENING, {"note": "The client sent the invoice.", "was": "decided"}))
    line = entry_row(entry)
    assert "invoice" not in str(line["body"])
    assert entry_of(line) == entry and list(check_chain([entry])) == []

    without = entry_of({**line, "texts": {}})
    assert without.body["note"] == DELETED and list(check_chain([without])) == []

    (seal,) = line["texts"]
    forged = entry_of({**line, "texts": {seal: ["salt", "The client sent nothing."]}})
    assert [fault.problem for fault in check_chain([forged])] == ["its words are not those that were posted"]


@pytest.mark.parametrize(
    "change",
    [
        {"body": {"note": {"sealed": []}}},
        {"body": {"note": {"sealed": "0" * 63}}},
        {"texts": {"0" * 64: ["salt"]}},
        {"texts": {"0" * 64: "text"}},
        {"texts": []},
    ],
)
def test_a_line_whose_seals_are_none_is_refused(change: dict[str, Any]) -> None:
    (entry,) = a_record(an_entry(EntryKind.REOPENING, {"note": "Again.", "was": "decided"}))
    with pytest.raises(ValueError, match=r"seal|salt|texts"):
        entry_of({**entry_row(entry), **change})


def test_words_of_an_older_version_stand_in_the_chain() -> None:
    (entry,) = a_record(an_entry(EntryKind.REOPENING, {"note": "Again.", "was": "decided"}))
    older = replace(entry, sealed=entry.body, texts={}, sha256="")
    assert list(check_chain([older])) == [] and words_in_chain(older) and not words_in_chain(entry)
    assert entry_of({key: value for key, value in entry_row(older).items() if key != "texts"}) == older
