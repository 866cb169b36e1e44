"""The verb ``train``: learn from decisions, list what was trained, go back."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli_options import AsJson, Database, existing_record, flagged_settings, print_json
from insights.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from insights.ports import LearnDeps, Progress, TrainingOptions

KEPT_BESIDE = 3
"""Exit status of a training whose candidate was not promoted: nothing went wrong, and nothing changed."""


def train(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what a training would read, and stop.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Train and compare, but never promote.")] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the weights before the present ones, and stop.")
    ] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List all weights that were trained, and stop.")] = False,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the calls. Default: the recipe's.")] = None,
    folds: Annotated[int | None, typer.Option(min=2, max=10, help="Folds of trades that are held out in turn.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Trainings at the same time, a core each.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Train the intent model on what reviewers decided, and promote it if no reason gets worse.

    Status 0: promoted (or shown, listed, rolled back); 3: the candidate was kept beside, with its report; 1: the
    training failed.
    """
    if dry_run + keep + rollback + list_all > 1:
        raise InputError("--dry-run, --keep, --rollback and --list exclude each other.")
    if list_all:
        _list(as_json)
    elif rollback:
        _roll_back(as_json)
    elif dry_run:
        _show_pool(database, as_json)
    else:
        from insights.ports import TrainingOptions

        _train(database, keep, TrainingOptions(epochs, folds, workers), as_json)


def _train(database: str | None, keep: bool, options: TrainingOptions, as_json: bool) -> None:
    from insights import terminal
    from insights.pipeline.learn import Order, learn
    from insights.pipeline.learn_words import report_markdown

    errors = terminal.console(stderr=True)
    progress = terminal.LiveProgress(errors)
    parts = _parts(database, lambda line: errors.print(line, markup=False, highlight=False), progress)
    with progress:
        report = learn(parts, Order(_user(), keep, options))
    if as_json:
        print_json(report)
    else:
        _print_markdown(report_markdown(report))
    if not report["promoted"]:
        raise SystemExit(KEPT_BESIDE)


def _show_pool(database: str | None, as_json: bool) -> None:
    from insights.pipeline.learn import gather_pool
    from insights.pipeline.learn_words import pool_markdown

    parts = _parts(database, typer.echo)
    pool = gather_pool(parts, parts.gold()).as_dict()
    if as_json:
        print_json(pool)
    else:
        _print_markdown(pool_markdown(pool))


def _list(as_json: bool) -> None:
    from insights import bootstrap
    from insights.pipeline.learn_words import weights_markdown
    from insights.pipeline.roll_back import list_weights

    listing = list_weights(bootstrap.weights_shelf(flagged_settings()))
    if as_json:
        for item in listing:
            print_json(item)
    else:
        _print_markdown(weights_markdown(listing))


def _roll_back(as_json: bool) -> None:
    from dataclasses import asdict

    from insights import bootstrap
    from insights.pipeline.roll_back import SHIPPED, roll_back

    settings = flagged_settings()
    now = bootstrap.SystemClock().now()
    went = roll_back(bootstrap.weights_shelf(settings), bootstrap.load_intent, now, _user())
    if settings.intent_model is not None:
        typer.echo(f"The setting intent_model stays: {settings.intent_model} is used whatever is promoted.", err=True)
    if as_json:
        print_json(asdict(went))
        return
    for model in went.passed_over:
        typer.echo(f"{model} cannot be loaded and was passed over.")
    typer.echo(f"Back from {went.left or 'weights that cannot be named'} to {went.to or SHIPPED}.")


def _parts(database: str | None, say: Callable[[str], None], progress: Progress | None = None) -> LearnDeps:
    from insights import bootstrap

    deps = existing_record(database)
    return bootstrap.learn_deps(
        flagged_settings(database=database), replace(deps, progress=progress) if progress else deps, say
    )


def _print_markdown(text: str) -> None:
    """Rendered for a terminal, as it is for a file or a pipe."""
    from insights import terminal

    console = terminal.console()
    if not console.is_terminal:
        typer.echo(text.rstrip())
        return
    from rich.markdown import Markdown

    console.print(Markdown(text))


def _user() -> str:
    """Who types: the login name, or the number of a user without one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
