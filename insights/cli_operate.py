"""The verbs ``alerts`` (what was noticed, and what became of it at the operator's channels) and ``capacity``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli_options import AsJson, Database, existing_record, flagged_settings, print_json
from insights.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from insights.domain.tellings import Telling
    from insights.ports import AlertChannel
    from insights.settings import Settings


def alerts(
    limit: Annotated[int, typer.Option(min=1, help="At most this many, the newest first.")] = 50,
    send: Annotated[
        bool, typer.Option("--send", help="Look for new ones now, and tell what was not told, also what was refused.")
    ] = False,
    test: Annotated[bool, typer.Option("--test", help="Only send a test alert through every channel.")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show what somebody must be told of: nights, sources, spam, windows that end. Status 1: some could not be told."""
    settings = flagged_settings(database=database)
    if test:
        _test(settings, as_json)
        return
    from insights.pipeline.alerts import alerts_kept, notice, tell

    deps, failed = existing_record(database), 0
    if send:
        channels = _channels(settings)
        notice(deps, feeds=bool(settings.feed))
        failed = tell(deps, channels, refused_too=True).failed
    told = alerts_kept(deps, limit)
    if as_json:
        for telling in told:
            print_json(telling_json(telling))
    else:
        from insights.terminal import console
        from insights.terminal_operate import alerts_table

        console().print(alerts_table(told) if told else "No alerts.")
        if not (settings.alert_email or settings.alert_webhook.get_secret_value()):
            typer.echo("Nobody is told: set alert_webhook or alert_email.", err=True)
    if failed or any(telling.in_trouble for telling in told):
        raise SystemExit(1)


def capacity(
    calls: Annotated[int, typer.Option(min=1, help="Calls with recordings in one night.")] = 1_000_000,
    minutes: Annotated[float, typer.Option(min=0.01, help="Mean length of a call, in minutes.")] = 3.0,
    hours: Annotated[float, typer.Option(min=0.1, help="Hours until all must be judged.")] = 8.0,
    speed: Annotated[
        float, typer.Option(min=0.01, help="Seconds of call that one worker hears a second, with your speech weights.")
    ] = 15.0,
    usd: Annotated[float, typer.Option(min=0, help="What an hour of a worker costs you, in dollars.")] = 0.10,
    memory: Annotated[float, typer.Option(min=0.1, help="Gigabytes of the machine that runs the night itself.")] = 24.0,
    as_json: AsJson = False,
) -> None:
    """Plan a large night: workers, dollars, disk, providers' accounts, and what gives out first.

    Arithmetic over what was measured for this version (docs/capacity.md); give your own --speed and --usd.
    """
    from insights.domain.capacity import MEASURED, Machine, NightLoad, capacity_plan

    load, worker = NightLoad(calls, minutes, hours), Machine(speed, Decimal(str(usd)))
    try:
        plan = capacity_plan(load, worker, MEASURED, memory)
    except ValueError as error:
        more = "Give more --hours, or fewer --calls in each of several nights."
        raise InputError(f"{error}.", next_step=more) from None
    if as_json:
        print_json({**asdict(plan), "usd": str(plan.usd)})
        return
    from insights.terminal import console
    from insights.terminal_operate import capacity_tables

    for table in capacity_tables(load, plan):
        console().print(table)


def telling_json(telling: Telling) -> dict[str, Any]:
    """An alert with what became of it, as plain JSON."""
    return {
        **telling.alert.as_json(),
        "at": telling.at.isoformat(),
        "told_at": telling.told_at.isoformat() if telling.told_at else None,
        "tries": telling.tries,
        "channels": {name: answer.value for name, answer in telling.answers.items()},
        "troubles": dict(telling.troubles),
    }


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(epilog="Example: call-insights alerts --send")(alerts)
    app.command(epilog="Example: call-insights capacity --calls 1000000 --minutes 3 --speed 15 --usd 0.10")(capacity)


def _channels(settings: Settings) -> list[AlertChannel]:
    from insights import bootstrap

    channels = bootstrap.alert_channels(settings)
    if not channels:
        raise ConfigurationError(
            "there is no channel for alerts.", next_step="Set alert_webhook with alert_secret, or alert_email."
        )
    return channels


def _test(settings: Settings, as_json: bool) -> None:
    """Send a test alert through every channel; status 1 where one did not take it."""
    from insights.domain.alerts import trial_alert
    from insights.pipeline.alerts import try_channels

    now = datetime.now(UTC)
    answers = try_channels(_channels(settings), trial_alert(now), now)
    for name, trouble in answers.items():
        if as_json:
            print_json({"channel": name, "told": not trouble, "trouble": trouble})
        else:
            typer.echo(f"{name}: {trouble or 'took the test alert.'}")
    if any(answers.values()):
        raise SystemExit(1)
