"""``call-insights work``: help with the night that another process of this database runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from insights.cli_options import Database, DemoSpeech, flagged_settings, say_demo_speech
from insights.errors import DatabaseBusy, UserError

if TYPE_CHECKING:
    from insights.settings import Settings

TOLD_TO_STOP = {signal.SIGINT: 130, signal.SIGTERM: 143}
"""Exit status of whoever ended in order because of a signal, as a shell tells it."""
_LOOK_EVERY_S = 30.0


def stop_in_order() -> None:
    """A polite end (SIGTERM) unwinds like an interrupt, so that leads in hand are given back."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TOLD_TO_STOP[signal.SIGTERM]))


def work(
    database: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay, and help with the nights to come.")] = False,
    demo_speech: DemoSpeech = None,
) -> None:
    """Help with the night that runs on this database: transcribe and judge calls that nobody has in hand.

    Any number of processes on any number of machines may help; each call is done once. Every machine needs the same
    settings, the same weights, and the folders of recordings in common.
    """
    settings = flagged_settings(database=database, demo_speech=demo_speech)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    from flows.deployments import quiet_prefect

    quiet_prefect()
    stop_in_order()
    if wait:
        given = [] if database is None else ["--database", database]
        _each_night_in_a_child(settings, [*given, "--demo-speech"] if demo_speech else given)
    from insights import bootstrap, terminal
    from insights.checkup import check_room
    from insights.pipeline.work import leads_free

    check_room(settings)
    progress = terminal.LiveProgress(terminal.console(stderr=True))
    if not leads_free(bootstrap.use(settings, progress)):
        typer.echo("No night runs on this database, or none of its calls is free.", err=True)
        return
    from flows.nightly_triage import night_helper
    from flows.prefect_server import prefect_at_hand

    with progress, prefect_at_hand():
        batches = night_helper(settings.batch_size)
    typer.echo(f"{batches} batches worked; nothing is free any more.", err=True)
    if batches:
        say_demo_speech(settings)


def _each_night_in_a_child(settings: Settings, words: list[str]) -> NoReturn:
    """Help with every night in a process of its own: what an engine leaks, or a recording breaks, ends with it, and
    the next night is heard by the weights that are in force then. Ends only where the settings are wrong."""
    from insights import bootstrap
    from insights.pipeline.work import leads_free

    deps = bootstrap.build(settings)
    while True:
        try:
            free = leads_free(deps)
        except DatabaseBusy as error:
            typer.echo(f"call-insights: {error}", err=True)
            free = 0
        if free and (status := _child(words)) == UserError.exit_status:
            raise SystemExit(status)
        time.sleep(_LOOK_EVERY_S)


def _child(words: list[str]) -> int:
    """Work once, to the end or until we are told to stop; its exit status."""
    child = subprocess.Popen([sys.executable, "-m", "insights.cli", "work", *words])  # noqa: S603 - our own program
    try:
        return child.wait()
    except BaseException as told:
        if not isinstance(told, KeyboardInterrupt):  # a terminal tells the child itself
            child.terminate()
        child.wait()
        raise
