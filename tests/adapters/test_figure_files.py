"""Tables of figures as files: the same rows in each kind."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from insights.adapters.figure_files import write_figures
from insights.errors import InputError

ROWS = [
    {"group": "K-1", "name": "win_rate", "unit": "share", "value": 0.5, "numerator": 1.0, "denominator": 2.0,
     "leads": ["L-1"]},
    {"group": "K-1", "name": "booked_rate", "unit": "share", "value": None, "numerator": 0.0, "denominator": 0.0,
     "leads": []},
]  # fmt: skip


def test_a_table_is_the_same_in_every_kind(tmp_path: Path) -> None:
    for kind in ("csv", "json", "parquet"):
        write_figures(ROWS, tmp_path / f"figures.{kind}")
    assert json.loads((tmp_path / "figures.json").read_text()) == ROWS
    first, second = csv.DictReader((tmp_path / "figures.csv").read_text().splitlines())
    assert (first["value"], first["leads"], second["value"], second["leads"]) == ("0.5", "L-1", "", "")
    found = duckdb.sql(f"select * from '{tmp_path / 'figures.parquet'}'").fetchall()
    assert found == [tuple(row.values()) for row in ROWS]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("group", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_group_is_calculated_by_a_spreadsheet(tmp_path: Path, group: str) -> None:
    write_figures([{**ROWS[0], "group": group, "value": -0.5}], tmp_path / "figures.csv")
    with (tmp_path / "figures.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["group"], row["value"]) == (f"'{group}", "-0.5")


def test_no_figures_make_an_empty_table(tmp_path: Path) -> None:
    write_figures([], tmp_path / "figures.parquet")
    assert duckdb.sql(f"select count(*) from '{tmp_path / 'figures.parquet'}'").fetchall() == [(0,)]


@pytest.mark.parametrize("name", ["figures.xlsx", "figures", "gone/figures.csv"])
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="figures"):
        write_figures(ROWS, tmp_path / name)
