"""Flags that several verbs share, and how their words are read."""

from __future__ import annotations

import getpass
import json
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights.pipeline.viewing import Viewer
    from insights.ports import Deps
    from insights.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output; logs and progress go to stderr.")]
Database = Annotated[str | None, typer.Option("--database", help="Address of the billing record (SQLAlchemy URL).")]
DemoSpeech = Annotated[
    bool | None,
    typer.Option("--demo-speech", help="Let the small bundled speech checkpoint hear a source that is no fixture."),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Instant to work at, ISO 8601 with offset. Default: now.")]


def read_instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--as-of {text[:60]!r} is no date and time.", next_step="Write it like 2026-11-20T02:00:00-06:00."
        ) from None
    if instant.tzinfo is None:
        raise InputError(f"--as-of {text!r} has no UTC offset.", next_step="Write it like 2026-11-20T02:00:00-06:00.")
    if not 1990 <= instant.year < 2200:  # clocks and time zones would overflow at the calendar's ends
        raise InputError(f"--as-of {text!r} is too far from today.")
    return instant


def read_day(text: str | None, flag: str) -> datetime | None:
    """The first instant of a day, in UTC."""
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise InputError(f"{flag} {text[:60]!r} is no day.", next_step="Write it like 2026-11-20.") from None


def print_json(document: object) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False))


@contextmanager
def as_long_as_somebody_reads() -> Iterator[None]:
    """Printing what was done: that nobody reads on ends the printing, and changes nothing of what was done."""
    from insights.adapters.logs import nobody_reads

    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads(sys.stdout)


def this_user() -> str:
    """Who works at this machine, as the record names them."""
    return getpass.getuser()


def viewer(database: str | None) -> Viewer:
    """Who reads, in the role that the settings give."""
    from insights.pipeline.viewing import at_the_terminal

    return at_the_terminal(this_user(), flagged_settings(database=database).role)


def flagged_settings(**flags: Any) -> Settings:
    from insights.settings import load_settings

    return load_settings(**flags)


def say_demo_speech(settings: Settings) -> None:
    """One line on standard error where transcripts come from the small bundled checkpoint."""
    from insights.adapters.whisper_weights import is_demo

    if is_demo(settings.speech_model):
        typer.echo(
            "call-insights: heard by the small bundled speech checkpoint, for the demo and the tests: it writes "
            "sentences that nobody said (models/whisper/MODEL_CARD.md).",
            err=True,
        )


def existing_record(database: str | None) -> Deps:
    """The parts around an existing billing record; a verb that only reads does not make a new one."""
    from insights import bootstrap

    settings = flagged_settings(database=database)
    if settings.database.startswith("sqlite:///"):
        path = Path(settings.database.removeprefix("sqlite:///"))
        if not path.is_file():
            raise InputError(
                f"there is no billing record at {str(path)!r}.",
                next_step="Run make demo or call-insights nightly first, or name another one with --database.",
            )
    deps = bootstrap.build(settings)
    from insights.pipeline.moves import write_summaries

    write_summaries(deps, only_missing=True)  # of a database that an older version made
    return deps
