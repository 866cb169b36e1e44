"""The verbs that tell numbers: ``report``, ``weekly`` and ``statement``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from insights.cli_options import (
    AsJson,
    AsOf,
    Database,
    existing_record,
    flagged_settings,
    print_json,
    read_day,
    read_instant,
)
from insights.errors import InputError


def report(
    received_from: Annotated[str | None, typer.Option("--from", help="First day of the leads' receipt (UTC).")] = None,
    received_to: Annotated[str | None, typer.Option("--to", help="Day after the last one (UTC).")] = None,
    by: Annotated[str, typer.Option(help="Tell figures by all, client, campaign, source or call.")] = "all",
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


def weekly(
    out: Annotated[Path, typer.Option(help="The page to write, .html.")],
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Write the last whole week (Monday to Monday, in the operator's time zone) in figures as one HTML page."""
    from zoneinfo import ZoneInfo

    from insights.adapters.report_page import weekly_page, write_page
    from insights.pipeline.report import week_in_figures

    deps = existing_record(database)
    now = (read_instant(as_of) or deps.clock.now()).astimezone(ZoneInfo(flagged_settings().time_zone))
    told = week_in_figures(deps, now)
    write_page(weekly_page(told), out)
    if as_json:
        print_json(told)
    else:
        typer.echo(f"The week of {told['from'][:10]} in {out}", err=True)


def statement(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The client's id.")],
    month: Annotated[str, typer.Option(help="The month, e.g. 2026-11, in the client's time zone.")],
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell a client's month: what was given back unasked, with the words that decided, and what stayed charged."""
    from insights.pipeline.report import monthly_statement

    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", month)
    if found is None or not 1990 <= int(found[1]) < 2200:
        raise InputError(f"--month {month[:40]!r} is no month.", next_step="Write it like 2026-11.")
    told = monthly_statement(existing_record(database), client, int(found[1]), int(found[2]))
    if as_json:
        print_json(told)
        return
    from insights.terminal import console
    from insights.terminal_lead import statement_lines

    for line in statement_lines(told):
        console().print(line)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(epilog="Example: call-insights report --from 2026-11-01 --by client --out november.csv")(report)
    app.command(epilog="Example: call-insights weekly --out week.html")(weekly)
    app.command(epilog="Example: call-insights statement K-1 --month 2026-11")(statement)
