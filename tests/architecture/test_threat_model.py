"""The threat model names tests that exist, and leaves no fault out."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "threat-model.md").read_text(encoding="utf-8")
FILES = {path.name: path for path in TESTS.rglob("test_*.py")}
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| (?!fault |boundary |---)", line) and line.count("|") == 4]
NAMED = sorted(set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)))
FAULTS = {"R": 8, "A": 7, "M": 7, "F": 7, "D": 6, "B": 10, "W": 10}
"""How many faults of each boundary were thought of: source, audio, models, flows, database, billing, web."""


def functions(file: str) -> set[str]:
    tree = ast.parse(FILES[file].read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("file", "test"), NAMED, ids="::".join)
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    assert test in functions(file)


def test_every_fault_has_its_row() -> None:
    told = Counter(re.findall(r"^\| ([RAMFDBW]\d+) ", PAGE, re.MULTILINE))
    assert told == Counter(f"{letter}{number}" for letter, most in FAULTS.items() for number in range(1, most + 1))


def boundaries() -> list[str]:
    return PAGE.partition("## Boundaries of trust")[2].partition("\n## ")[0].splitlines()


@pytest.mark.parametrize("row", [row for row in ROWS if row not in boundaries()], ids=lambda row: row[2:42])
def test_a_fault_names_what_happens_and_the_tests_that_show_it(row: str) -> None:
    _, what, tests = (cell.strip() for cell in row.strip("|").split("|"))
    assert what and re.fullmatch(r"`test_\w+\.py::test_\w+`(, `test_\w+\.py::test_\w+`)*", tests)


def test_the_names_of_test_files_are_unique_so_that_a_name_means_one_test() -> None:
    assert len(FILES) == len(list(TESTS.rglob("test_*.py")))
