"""The verbs of privacy: ``purge`` (retention, and a caller's wish) and ``access-log``."""

from __future__ import annotations

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
    this_user,
    viewer,
)


def purge(
    caller: Annotated[
        str | None, typer.Option(help="Delete everything of this caller's leads instead.", metavar="NUMBER")
    ] = None,
    lead: Annotated[str | None, typer.Option(help="Delete everything of this lead instead.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Delete anew what was deleted before, after a backup was restored.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    by: Annotated[str | None, typer.Option(help="Who says so. Default: the user of this machine.")] = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Delete recordings and words that are kept too long by the policy, or those of one caller or lead.

    A tombstone on the billing record says what went and why; amounts, reasons and the chain stay.
    """
    from dataclasses import asdict

    from insights import bootstrap
    from insights.adapters.process_owner import this_process
    from insights.domain.leads import LeadId
    from insights.errors import InputError
    from insights.pipeline.purge import Order, purge_again, purge_caller, purge_lead, purge_over_time
    from insights.pipeline.viewing import note_access

    if (caller is not None) + (lead is not None) + again > 1:
        raise InputError("give one of --caller, --lead and --again.")
    deps, settings = existing_record(database), flagged_settings(database=database)
    now = read_instant(as_of) or deps.clock.now()
    order = Order(f"operator:{by or this_user()}", this_process(), dry_run)
    if caller is not None:
        known_as = bootstrap.known_callers(settings).hashed(caller)
        if not known_as:
            raise InputError(f"--caller {caller[:40]!r} is no phone number.", next_step="Write it like +16145550114.")
        note_access(deps, viewer(database), "purge --caller", now)
        run = purge_caller(deps, order, known_as, now)
    elif lead is not None:
        run = purge_lead(deps, order, LeadId(lead), now)
    elif again:
        run = purge_again(deps, order)
    else:
        run = purge_over_time(deps, order, now)
    if not dry_run:
        bootstrap.forget_training(settings)
    if as_json:
        print_json({"dry_run": dry_run, **asdict(run)})
        return
    for purged in run.purged:
        stays = f"; {purged.in_chain} entries of an older version keep their words" if purged.in_chain else ""
        typer.echo(f"{purged.lead_id}: {', '.join(purged.what)}{stays}")
    count = len(run.purged)
    typer.echo(f"{count} {'lead' if count == 1 else 'leads'} {'would be ' if dry_run else ''}purged.")
    if not run.wiped:
        typer.echo("Somebody reads the database: what was deleted lies in its log until the next purge.", err=True)


def access_log(
    lead: Annotated[str | None, typer.Option(help="Only who read this lead.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on (UTC).")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell who read callers' and clients' words, when, and in which role."""
    from insights.domain.leads import LeadId
    from insights.pipeline.viewing import access_log as accesses

    told, _ = accesses(existing_record(database), None if lead is None else LeadId(lead), read_day(since, "--since"))
    for row in told:
        if as_json:
            print_json(row)
        else:
            typer.echo(f"{row['at']}  {row['who']} ({row['role']})  {row['what']}  {row['lead_id'] or 'all leads'}")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(epilog="Example: call-insights purge --caller +16145550114 --dry-run")(purge)
    app.command(epilog="Example: call-insights access-log --lead L-2116")(access_log)
