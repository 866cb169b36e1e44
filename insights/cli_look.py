"""The verbs that look at leads: ``explain`` one, and the ``queue`` of those that wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from insights.cli_options import AsJson, AsOf, Database, existing_record, print_json, read_instant, viewer


def explain(
    lead: Annotated[str, typer.Argument(metavar="LEAD")], database: Database = None, as_json: AsJson = False
) -> None:
    """Tell one lead's whole story: what was received, decided, quoted and posted."""
    from insights.domain.leads import LeadId
    from insights.pipeline.viewing import explain_to

    deps = existing_record(database)
    story = explain_to(deps, viewer(database), LeadId(lead), deps.clock.now())
    if as_json:
        print_json(story)
        return
    from insights.terminal import console
    from insights.terminal_lead import story_lines

    for line in story_lines(story):
        console().print(line)


def queue(
    limit: Annotated[int, typer.Option(min=1, help="At most this many leads.")] = 50,
    within_hours: Annotated[
        float | None, typer.Option("--within-hours", min=0, help="Only leads that expire or are due so soon.")
    ] = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """List the leads a person should listen to, by money at stake and the nearer clock."""
    from insights.pipeline.review import open_queue

    instant = read_instant(as_of)
    deps = existing_record(database)
    now = instant or deps.clock.now()
    items, in_all = open_queue(deps, now, limit, None if within_hours is None else timedelta(hours=within_hours))
    if as_json:
        from insights.pipeline.review import queue_line

        for item in items:
            print_json(queue_line(item, now))
        return
    from insights import terminal

    for line in terminal.queue_lines(items, in_all, now):
        terminal.console().print(line)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(epilog="Example: call-insights explain L-2116")(explain)
    app.command(epilog="Example: call-insights queue --limit 20")(queue)
