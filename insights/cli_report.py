"""The verbs that tell numbers: ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insights.cli_options import AsJson, Database, existing_record, print_json, read_day
from insights.errors import InputError


def report(
    received_from: Annotated[str | None, typer.Option("--from", help="First day of the leads' receipt (UTC).")] = None,
    received_to: Annotated[str | None, typer.Option("--to", help="Day after the last one (UTC).")] = None,
    by: Annotated[str, typer.Option(help="Tell figures by all, client, campaign or source.")] = "all",
    out: Annotated[Path | None, typer.Option(help="Write a table: .csv, .parquet or .json.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell the figures of a period: each with its numerator, its denominator and (in tables) its leads."""
    from insights.domain.data_points import GROUPS
    from insights.pipeline.report import figures

    if by not in GROUPS:
        raise InputError(f"there are no figures by {by[:40]!r}.", next_step=f"Figures are told by {', '.join(GROUPS)}.")
    period = read_day(received_from, "--from"), read_day(received_to, "--to")
    rows = figures(existing_record(database), *period, by)
    if out is not None:
        from insights.adapters.figure_files import write_figures

        write_figures(rows, out)
        typer.echo(f"{len(rows)} figures in {out}", err=True)
    if as_json:
        for row in rows:
            print_json(row)
    elif out is None:
        from insights import terminal

        for table in terminal.figure_tables(rows):
            terminal.console().print(table)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(epilog="Example: call-insights report --from 2026-11-01 --by client --out november.csv")(report)
