"""Calls are found by their words, whatever is typed, but never by what a mask hides, and not once they are deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import JOB, PITCH, Office, calls
from servers import ON_BOTH

from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.pipeline.purge import Order, purge_lead

HOME = (
    "agent: Blue Pipe Plumbing.\n"
    "caller: It's about a zebrawood drain at 4112 McKinnis Avenue, ann@quokka.example, call 614-555-0123."
)
HOSTILE = [
    "",
    " ",
    '"',
    "'",
    "''",
    '"a" OR "b"',
    "a AND b",
    "a NOT b",
    "NEAR(a b)",
    "words:zebrawood",
    "^zebrawood",
    "zebra*",
    "a:*",
    "a & b | !c",
    "a <-> b",
    "(",
    ")",
    "((((",
    "\\",
    "%",
    "_",
    ";drop table leads;--",
    "\x00",
    "ze\x00bra",
    "-",
    "--",
    "\u202e",
    "\ud800",
    "\U0001f4a9",
    "é" * 300,
    "x" * 5000,
    "ª",
    "ⅷ",
    "𞤀",
    "½",
    "'a",
    "a'",
    "it's",
    "{{7*7}}",
    "<script>",
    " ".join(f"word{number}" for number in range(10_000)),
    "zebrawood " * 10_000,
    "\n\t\r",
    "😀 zebrawood",
    "\u0301",
]


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=JOB, L3=HOME))
    office.night()
    return office


def found(office: Office, words: str) -> list[str]:
    with office.store(only_reads=True) as unit:
        return sorted(unit.leads_saying(words, 50))


@ON_BOTH
def test_a_call_is_found_by_all_of_its_words_the_last_as_a_beginning(office: Office) -> None:
    assert found(office, "google listing") == ["L1"]
    assert found(office, "GOOGLE list") == ["L1"]
    assert found(office, "it's zebrawood") == ["L3"]
    assert found(office, "listing apprentices") == found(office, "goo listing") == []
    assert found(office, "blue pipe") == ["L1", "L2", "L3"]


@ON_BOTH
def test_nothing_that_is_typed_is_an_operator_or_an_error(office: Office) -> None:
    for words in HOSTILE:
        assert set(found(office, words)) <= {"L1", "L2", "L3"}, words[:40]
    assert found(office, "zebrawood OR google") == found(office, "zebrawood NOT google") == []
    assert found(office, "zebrawood\x00 😀 ()") == ["L3"]


@ON_BOTH
def test_nobody_finds_a_lead_by_what_is_masked(office: Office) -> None:
    for words in ("McKinnis", "4112", "quokka", "ann", "0123", "6145550123", "614-555-0123"):
        assert found(office, words) == [], words


@ON_BOTH
def test_a_call_of_a_megabyte_is_indexed_all_the_same(store: SqlStore) -> None:
    from insights.adapters.word_index import add_words

    said = " ".join(["first", "x" * 200_000, *(f"{number}{'é' * 20}" for number in range(40_000))])
    with store.engine.begin() as connection:
        add_words(connection, "a" * 64, said)


@ON_BOTH
def test_what_is_deleted_is_not_found_any_more(office: Office) -> None:
    purge_lead(office.deps, Order("operator:o", this_process()), LeadId("L3"), office.clock.now())
    assert found(office, "zebrawood") == []
    assert found(office, "google listing") == ["L1"]


def test_a_deleted_word_is_nowhere_in_the_file(office: Office, tmp_path: Path) -> None:
    files = [tmp_path / f"record.sqlite{end}" for end in ("", "-wal")]
    assert any(b"zebra" in file.read_bytes() for file in files)
    assert purge_lead(office.deps, Order("operator:o", this_process()), LeadId("L3"), office.clock.now()).wiped
    assert not any(word in file.read_bytes() for word in (b"zebra", b"Zebra") for file in files)
