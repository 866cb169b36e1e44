"""The verbs in groups: ``ledger`` (the billing record), ``feed`` (the way to billing) and ``policy``."""

from __future__ import annotations

from datetime import datetime
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
    viewer,
)

ledger = typer.Typer(help="The billing record: verify, export and import it.", no_args_is_help=True)
feed = typer.Typer(help="The feed to the operator's billing system.", no_args_is_help=True)
policy = typer.Typer(help="The billing policy in force.", no_args_is_help=True)


@ledger.command("verify", epilog="Example: call-insights ledger verify")
def ledger_verify(database: Database = None, as_json: AsJson = False) -> None:
    """Check the billing record's hash chain, and make every verdict again from what is stored. Status 1: a fault."""
    from insights.pipeline.audit import verify_record

    report = verify_record(existing_record(database))
    if as_json:
        print_json(report)
    else:
        for fault in report["faults"]:
            typer.echo(f"entry {fault['sequence']}: {fault['problem']}")
        state = "holds" if report["sound"] else "DOES NOT HOLD"
        typer.echo(
            f"The record {state}: {report['entries']} entries, {report['leads']} leads, head {report['head'][:16]}."
        )
        made = report["verdicts"]
        typer.echo(f"{made['made_again']} verdicts made again, {made['not_compared']} could not be compared.")
    if not report["sound"]:
        raise SystemExit(1)


@ledger.command("export", epilog="Example: call-insights ledger export > record.jsonl")
def ledger_export(database: Database = None) -> None:
    """Print every entry of the billing record, a JSON object a line; people's words only for those who may see them."""
    from insights.pipeline.audit import export_record
    from insights.pipeline.viewing import note_access

    deps, reader = existing_record(database), viewer(database)
    if reader.may_see:
        note_access(deps, reader, "ledger export", deps.clock.now())
    else:
        typer.echo(
            "Quotes, explanations and notes are left out; with CALL_INSIGHTS_ROLE=operator they are exported as well.",
            err=True,
        )
    for line in export_record(deps, reader.may_see):
        print_json(line)


@ledger.command("import", epilog="Example: call-insights ledger import record.jsonl --database sqlite:///copy.sqlite")
def ledger_import(
    file: Annotated[Path, typer.Argument(help="An exported record, JSON Lines.", metavar="RECORD.jsonl")],
    tell_billing: Annotated[
        bool, typer.Option("--tell-billing", help="Tell the billing system all of it again from here.")
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Write an exported record into a billing record. What stands there already is passed over."""
    from insights import bootstrap
    from insights.adapters.record_lines import read_entries
    from insights.pipeline.audit import import_record

    told = import_record(bootstrap.build(flagged_settings(database=database)), read_entries(file), tell_billing)
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{told['written']} entries written, {told['standing']} stood already.")


@feed.command("deliver", epilog="Example: call-insights feed deliver")
def feed_deliver(database: Database = None, as_json: AsJson = False) -> None:
    """Tell the billing system what was posted and is due. Status 1 when some of it could not be told."""
    from dataclasses import asdict

    from insights import bootstrap
    from insights.adapters.process_owner import this_process
    from insights.pipeline.deliver import deliver_pending

    settings = flagged_settings(database=database)
    run = deliver_pending(existing_record(database), bootstrap.billing_sink(settings), this_process())
    if as_json:
        print_json(asdict(run))
    else:
        stopped = f"; stopped early: {run.stopped}" if run.stopped else ""
        typer.echo(f"{run.delivered} messages delivered, {run.failed} failed{stopped}")
    if run.failed:
        raise SystemExit(1)


@feed.command("status", epilog="Example: call-insights feed status")
def feed_status(database: Database = None, as_json: AsJson = False) -> None:
    """Show what waits for delivery, and the dead letters with their reasons. Status 1 when there are dead ones."""
    from insights.pipeline.deliver import feed_state

    state = feed_state(existing_record(database))
    if as_json:
        print_json(state)
    else:
        since = f", the oldest since {state['oldest_waiting_at']}" if state["waiting"] else ""
        typer.echo(f"{state['waiting']} messages wait{since}; {len(state['dead'])} dead letters")
        for letter in state["dead"]:
            typer.echo(f"  {letter['key']}: {letter['error']} ({letter['tries']} tries)")
        if state["dead"]:
            typer.echo("Send them again: call-insights feed retry")
    if state["dead"]:
        raise SystemExit(1)


@feed.command("retry", epilog="Example: call-insights feed retry --lead L-2116")
def feed_retry(
    lead: Annotated[str | None, typer.Option(help="Only the dead letters of this lead.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Give dead letters new tries; the next delivery sends them."""
    from insights.domain.leads import LeadId
    from insights.pipeline.deliver import send_again

    count = send_again(existing_record(database), None if lead is None else LeadId(lead))
    if as_json:
        print_json({"sent_again": count})
    else:
        typer.echo(f"{count} dead letters wait for the next delivery.")


@feed.command("skip", epilog="Example: call-insights feed skip")
def feed_skip(database: Database = None, as_json: AsJson = False) -> None:
    """Count all that waits as told, without telling it: for a billing system that knows the past already."""
    from insights.pipeline.deliver import skip_waiting

    count = skip_waiting(existing_record(database))
    print_json({"skipped": count}) if as_json else typer.echo(f"{count} messages count as told.")


@policy.command("show", epilog="Example: call-insights policy show --json")
def policy_show(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show the policy in force, in plain English."""
    from insights.adapters.policy_files import load_policies

    instant = read_instant(as_of) or datetime.now().astimezone()
    in_force = load_policies(flagged_settings().policies).at(instant)
    from insights.domain.policy import policy_body

    if as_json:
        print_json(policy_body(in_force))
        return
    from insights import terminal

    for line in terminal.policy_lines(in_force):
        terminal.console().print(line)


@policy.command("replay", epilog="Example: call-insights policy replay stricter.toml --from 2026-10-01 --to 2026-11-01")
def policy_replay(
    file: Annotated[Path, typer.Argument(help="Another policy (TOML).", metavar="POLICY.toml")],
    received_from: Annotated[str | None, typer.Option("--from", help="First day of the leads' receipt (UTC).")] = None,
    received_to: Annotated[str | None, typer.Option("--to", help="Day after the last one (UTC).")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show what another policy would have proposed, lead by lead and in dollars, without listening again."""
    from insights.adapters.policy_files import load_policy
    from insights.pipeline.replay import replay_policy

    period = read_day(received_from, "--from"), read_day(received_to, "--to")
    report = replay_policy(existing_record(database), load_policy(file), *period)
    if as_json:
        print_json(report)
        return
    from insights.terminal import console
    from insights.terminal_lead import replay_lines

    for line in replay_lines(report):
        console().print(line)
