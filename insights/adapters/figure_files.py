"""Writes tables of figures as CSV, Parquet or JSON, by the name of the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from insights.adapters.disk_space import room_at
from insights.errors import InputError

KINDS = (".csv", ".parquet", ".json")


def write_figures(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write rows whole or not at all. In CSV the leads of a figure stand in one cell with blanks between them.

    Raises DiskFull, and InputError for a name of another kind and where the folder cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise InputError(f"{str(path)!r} is no table.", next_step=f"Name a file that ends in {', '.join(KINDS)}.")
    part = path.with_name(f"{path.name}.part")
    try:
        if not path.resolve().parent.is_dir():
            raise InputError(f"the folder of {str(path)!r} does not exist.")
        with room_at(path.parent):
            _write(rows, part, kind)
            part.replace(path)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)


def _write(rows: Sequence[Mapping[str, Any]], path: Path, kind: str) -> None:
    if kind == ".json":
        path.write_text(json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    elif kind == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            cells = ([*(row[name] for name in [*_COLUMNS][:-1]), " ".join(row["leads"])] for row in rows)
            writer.writerows([_inert(cell) for cell in row] for row in cells)
    else:
        import duckdb

        with duckdb.connect(":memory:") as database:
            typed = ", ".join(f'"{name}" {kind}' for name, kind in _COLUMNS.items())
            database.execute(f"create table figures ({typed})")
            places = ", ".join("?" * len(_COLUMNS))
            if rows:
                told = [[row[name] for name in _COLUMNS] for row in rows]
                database.executemany(f"insert into figures values ({places})", told)  # noqa: S608 - our own names
            database.table("figures").write_parquet(str(path))


def _inert(cell: object) -> object:
    """A group may be named by a source: a spreadsheet would calculate a text that begins like a formula."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r", " ")  # which the writer would leave bare, and readers take for the end of a row
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


_COLUMNS = {
    "group": "varchar",
    "name": "varchar",
    "unit": "varchar",
    "value": "double",
    "numerator": "double",
    "denominator": "double",
    "leads": "varchar[]",
}
