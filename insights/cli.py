"""The command line. Words and flags live here; the work is in insights.pipeline, heavy imports inside the verbs."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights import __version__
from insights.cli_learn import train
from insights.cli_look import register as register_look
from insights.cli_operate import register as register_operate
from insights.cli_options import (
    AsJson,
    AsOf,
    Database,
    DemoSpeech,
    as_long_as_somebody_reads,
    flagged_settings,
    print_json,
    read_instant,
    say_demo_speech,
)
from insights.cli_privacy import register as register_privacy
from insights.cli_record import feed, ledger, policy
from insights.cli_rehearse import rehearse_night
from insights.cli_report import register as register_report
from insights.cli_review import register as register_review
from insights.cli_web import register as register_web
from insights.cli_work import TOLD_TO_STOP, stop_in_order, work
from insights.errors import InputError, InsightsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights.domain.money import Money
    from insights.domain.scoring import LabelledTranscript
    from insights.domain.verdicts import Verdict
    from insights.pipeline.night import NightSummary
    from insights.settings import Settings

app = typer.Typer(
    name="call-insights",
    help="Listens to recorded phone leads and proposes which of them a client should pay for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(ledger, name="ledger")
app.add_typer(feed, name="feed")
app.add_typer(policy, name="policy")
app.command(epilog="Example: call-insights train --dry-run")(train)
register_review(app)
register_report(app)
register_look(app)
register_privacy(app)
register_web(app)
register_operate(app)
app.command(epilog="Example: call-insights work --database postgresql://insights@db/insights --wait")(work)

NOT_RECORDINGS = frozenset({"empty", "not_audio", "playlist"})
"""Causes by which a file is no recording at all, as against one that is broken."""


def main() -> None:
    """Run a verb; expected trouble is one line on standard error and the error's own exit status."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # what cannot be written is told below, and not by the interpreter's end
    except InsightsError as error:
        typer.echo(f"call-insights: {error}", err=True)
        raise SystemExit(error.exit_status) from None
    except BrokenPipeError as error:
        from insights.adapters.logs import nobody_reads

        nobody_reads(sys.stdout)
        ended = error.__context__
        raise SystemExit(ended.code if isinstance(ended, SystemExit) else 0) from None
    except OSError as error:
        from insights.adapters.disk_space import disk_trouble
        from insights.adapters.logs import nobody_reads

        trouble = disk_trouble(error, str(error.filename or "standard output"))
        if trouble is None:
            raise
        nobody_reads(sys.stdout)
        typer.echo(f"call-insights: {trouble}", err=True)
        raise SystemExit(trouble.exit_status) from None
    except SystemExit as ended:
        if ended.code in TOLD_TO_STOP.values():
            typer.echo("call-insights: stopped; what was finished is kept, the same command goes on.", err=True)
        raise


@app.command(
    epilog="Example: call-insights nightly --source fixtures/audio --as-of 2026-11-20T02:00:00-06:00 --dry-run",
)
def nightly(
    source: Annotated[
        str | None, typer.Option(help="Folder or bucket of leads (path, file://, s3://, gs://, az://).")
    ] = None,
    as_of: AsOf = None,
    database: Database = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Speech model: official name or checkpoint path.")
    ] = None,
    demo_speech: DemoSpeech = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try leads again that failed for good.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the night would do, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one night: fetch, transcribe, classify, propose, post. Ends with status 1 when some leads failed."""
    settings = flagged_settings(source=source, database=database, speech_model=model, demo_speech=demo_speech)
    if not settings.source:
        raise InputError(
            "no source of leads is named.", next_step="Give --source FOLDER, e.g. --source fixtures/audio."
        )
    if dry_run:
        rehearse_night(settings, read_instant(as_of), retry_failed, as_json)
        return
    summary = _run_night(settings, read_instant(as_of), retry_failed, as_json)
    if summary.failures or summary.quarantined or summary.source_stopped:
        raise SystemExit(1)


def _run_night(settings: Settings, as_of: datetime | None, retry_failed: bool, as_json: bool) -> NightSummary:
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # failures are told in our own words, once
    from flows.deployments import quiet_prefect

    quiet_prefect()
    stop_in_order()
    from dataclasses import asdict

    from insights import bootstrap, terminal, terminal_night
    from insights.adapters.process_owner import this_process
    from insights.adapters.whisper_weights import check_name
    from insights.checkup import check_room
    from insights.pipeline.night import one_night
    from insights.settings import without_secrets

    out = terminal.console()
    check_room(settings)
    progress = terminal.LiveProgress(terminal.console(stderr=True))
    deps = bootstrap.use(settings, progress)
    leads = deps.source(settings.source)
    if settings.source.partition("://")[0] in ("file", settings.source):
        leads.listing()  # what cannot be read is told before anything heavy starts
    check_name(settings.speech_model)
    with one_night(deps, this_process()):  # whoever comes second is turned away before anything heavy starts
        from flows.nightly_triage import nightly_triage
        from flows.prefect_server import prefect_at_hand

        with progress, prefect_at_hand():
            summary: NightSummary = nightly_triage(settings.source, as_of, settings.batch_size, retry_failed)
    failed, heard = len(summary.failures), summary.by_screening.get("ready", 0)
    with as_long_as_somebody_reads():
        if as_json:
            print_json(asdict(summary))
        else:
            out.print(terminal_night.night_table(summary))
            out.print(terminal_night.night_counts(summary))
            for line in terminal_night.night_failures(summary):
                out.print(line)
            new, standing = summary.proposals_posted, summary.proposals_standing
            record = without_secrets(settings.database)
            if new:
                out.print(f"\n[bold]{new} proposals posted[/] to {record}; {standing} stand in all.")
            else:
                out.print(f"\n[bold]Nothing new:[/] all {standing} proposals stand already on {record}.")
        if heard:
            say_demo_speech(settings)
    if heard and failed / heard > settings.max_failure_share:
        raise InsightsError(
            f"{failed} of {heard} calls failed: more than max_failure_share allows.", next_step="See the causes above."
        )
    return summary


@app.command(epilog="Example: call-insights demo")
def demo(database: Database = None, as_json: AsJson = False) -> None:
    """Run a night over the fixture recordings and compare it with their labels."""
    from insights.settings import ROOT

    folder = ROOT / "fixtures" / "audio"
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"the fixtures are not at {folder}.", next_step="Run the demo from a checkout of the project."
        ) from None
    settings = flagged_settings(source=str(folder), database=database)
    summary = _run_night(settings, read_instant(manifest["as_of"]), False, as_json)
    if as_json:
        return
    from insights import terminal
    from insights.pipeline.night import agreement

    labels = {lead_id: told["label"]["reason"] for lead_id, told in manifest["leads"].items() if told["label"]}
    found = agreement(summary, labels)
    out = terminal.console()
    out.print(
        f"\nThe fixtures carry labels: the most probable reason is the labelled one for "
        f"[bold]{found.right} of {found.heard}[/] recordings heard ({found.right / max(1, found.heard):.0%}); "
        f"wrong non-billable proposals: [bold]{found.wrong_credits}[/]; "
        f"{len(summary.failures)} recordings are broken on purpose and were named."
    )
    out.print(
        f"\nNext:  make review                                               decide leads in the browser\n"
        f"       call-insights queue --as-of {manifest['as_of']}   which leads to listen to first\n"
        "       call-insights explain L-2116                              one lead's whole story\n"
        "       call-insights ledger verify                               the record's hash chain\n"
        "       call-insights nightly --help                              a night on your own leads"
    )


@app.command(epilog="Example: call-insights transcribe fixtures/audio/recordings/L-2101.wav --json")
def transcribe(
    files: Annotated[
        list[Path], typer.Argument(help="Recordings: WAV, MP3, M4A, Opus, FLAC, AMR ...", metavar="FILE...")
    ],
    model: Annotated[str | None, typer.Option("--model", help="Official Whisper name or checkpoint path.")] = None,
    engine: Annotated[str | None, typer.Option("--engine", help="ctranslate2 (fast) or whisper (reference).")] = None,
    language: Annotated[str, typer.Option(help="Language of the calls.")] = "en",
    agent_channel: Annotated[int | None, typer.Option(min=1, max=2, help="Channel of the agent: 1 or 2.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write down what was said in recordings. Status 1 when some could not be heard (each is named)."""
    for path in files:
        if not path.is_file():
            raise InputError(f"there is no file {str(path)!r}.")
    settings = flagged_settings(speech_model=model, speech_engine=engine)
    from insights import bootstrap, terminal
    from insights.adapters.transcript_rows import transcript_json
    from insights.errors import LeadFailure
    from insights.pipeline.transcribe import transcribe_recording

    deps = bootstrap.build(settings.model_copy(update={"database": "sqlite://"}))
    out, causes = terminal.console(), list[str]()
    for path in files:
        try:
            sound, transcript = transcribe_recording(deps, path.read_bytes(), agent_channel, language)
        except LeadFailure as error:
            typer.echo(f"call-insights: {path}: {error.code}: {error.message}", err=True)
            causes.append(error.code)
            continue
        if as_json:
            print_json(transcript_json(str(path), transcript, round(sound.seconds, 2), sound.channels))
        else:
            for line in terminal.transcript_lines(str(path), transcript):
                out.print(line)
    if len(causes) < len(files):
        say_demo_speech(settings)
    if len(causes) == len(files) and set(causes) <= NOT_RECORDINGS:
        raise SystemExit(2)  # nothing that was named is a recording
    if causes:
        raise SystemExit(1)


@app.command(epilog="Example: call-insights classify calls.jsonl --out predictions.jsonl")
def classify(
    transcripts: Annotated[Path, typer.Argument(help="Transcripts, JSON Lines.", metavar="TRANSCRIPTS.jsonl")],
    out: Annotated[Path | None, typer.Option(help="Write predictions here instead of standard output.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why each caller called: a prediction a line, in the order of the file."""
    from insights.adapters.transcript_rows import read_transcripts
    from insights.pipeline.predict import prediction

    records = read_transcripts(transcripts)
    if out is not None and not out.resolve().parent.is_dir():
        raise InputError(f"the folder of --out {str(out)!r} does not exist.")
    if out is not None and out.is_dir():
        raise InputError(f"--out {str(out)!r} is a folder.")
    judged = _judged(transcripts, records)
    if out is None:
        for call_id, verdict in judged:
            print_json(prediction(call_id, verdict))
        return
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        for call_id, verdict in judged:
            file.write(json.dumps(prediction(call_id, verdict), ensure_ascii=False) + "\n")
    part.replace(out)
    typer.echo(f"{len(records)} predictions in {out}", err=True)


def _judged(
    transcripts: Path, records: list[LabelledTranscript], price: Money | None = None
) -> Iterator[tuple[str, Verdict]]:
    """Verdicts on the records of a file, one by one, with progress on standard error. ``price`` is that of a lead
    whose campaign names none."""
    from rich.progress import track

    from insights import bootstrap, terminal
    from insights.adapters.policy_files import load_policies
    from insights.adapters.service_matcher import MiniLmServiceMatcher
    from insights.adapters.us_places import UsPlaces
    from insights.pipeline.predict import judge

    settings = flagged_settings()
    policies, places, services = load_policies(settings.policies), UsPlaces(), MiniLmServiceMatcher()
    model = bootstrap.intent_model(settings)
    now = datetime.now().astimezone()
    for record in track(records, "classify", console=terminal.console(stderr=True), disable=len(records) < 20):
        campaign = record.campaign
        if campaign is not None and campaign.price is None:
            campaign = replace(campaign, price=price)
        try:
            policy = policies.at(now, campaign.policy if campaign else None)
        except ValueError as error:
            raise InputError(f"{transcripts}: the campaign of {record.call_id}: {error}") from None
        verdict = judge(
            record.transcript, campaign, record.known_customer, model, places, policy, __version__, services
        )
        yield record.call_id, verdict


@app.command(epilog="Example: call-insights evaluate models/intent/seed/test.jsonl --json")
def evaluate(
    transcripts: Annotated[Path, typer.Argument(help="Labelled transcripts.", metavar="TRANSCRIPTS.jsonl")],
    price: Annotated[str, typer.Option(help="Price of a lead whose campaign names none, in dollars.")] = "45.00",
    plots: Annotated[Path | None, typer.Option(help="Write plots (SVG) into this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure verdicts against labels: accuracy, coverage, precision, calibration, dollars."""
    from insights.adapters.transcript_rows import read_transcripts
    from insights.domain.money import Money
    from insights.domain.scoring import score
    from insights.pipeline.predict import scored

    records = read_transcripts(transcripts, labelled=True)
    try:
        default = Money.parse(price)
    except ValueError as error:
        raise InputError(f"--price: {error}.") from None
    calls = []
    for record, (call_id, verdict) in zip(records, _judged(transcripts, records, default), strict=True):
        told = record.campaign.price if record.campaign and record.campaign.price else default
        assert record.label is not None  # read_transcripts refuses unlabelled records
        calls.append(scored(call_id, verdict, record.label, told.amount))
    result = score(calls)
    if plots is not None:
        from insights.plots import evaluation_plots

        for path in evaluation_plots(result, plots, transcripts.stem):
            typer.echo(f"wrote {path}", err=True)
    if as_json:
        print_json(result)
        return
    from insights import terminal

    for table in terminal.evaluation_tables(result):
        terminal.console().print(table)


@app.command(epilog="Example: call-insights doctor")
def doctor(
    source: Annotated[str | None, typer.Option(help="Also check this source of leads.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Print every setting with its origin, and check models, database, disk, decoder and source."""
    from insights.checkup import checkup, exit_status

    report = checkup({"source": source, "database": database})
    if as_json:
        print_json(report)
    else:
        from insights import terminal

        for table in terminal.doctor_tables(report):
            terminal.console().print(table)
    if status := exit_status(report):
        raise SystemExit(status)


@app.command(epilog="Example: call-insights version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


if __name__ == "__main__":
    main()
