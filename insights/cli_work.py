"""``call-insights work``: help with the night that another process of this database runs."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Annotated

import typer

from insights.cli_options import Database, flagged_settings

_LOOK_EVERY_S = 30.0


def stop_in_order() -> None:
    """A polite end (SIGTERM) unwinds like an interrupt, so that leads in hand are given back."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def work(
    database: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay, and help with the nights to come.")] = False,
) -> None:
    """Help with the night that runs on this database: transcribe and judge calls that nobody has in hand.

    Any number of processes on any number of machines may help; each call is done once. Every machine needs the same
    settings, the same weights, and the folders of recordings in common.
    """
    settings = flagged_settings(database=database)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    from flows.deployments import quiet_prefect

    quiet_prefect()
    stop_in_order()
    from insights import bootstrap, terminal
    from insights.pipeline.work import leads_left

    progress = terminal.LiveProgress(terminal.console(stderr=True))
    deps = bootstrap.use(settings, progress)
    with progress:
        while True:
            if leads_left(deps):
                from flows.nightly_triage import night_helper

                batches = night_helper(settings.batch_size)
                typer.echo(f"{batches} batches worked; nothing is free any more.", err=True)
            elif not wait:
                typer.echo("No night runs on this database, or all its calls are done.", err=True)
            if not wait:
                return
            time.sleep(_LOOK_EVERY_S)
