"""The verbs of a review: ``submit``, ``answer``, ``withdraw`` of the client, ``decide`` and ``reopen`` of reviewers."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli_options import AsJson, AsOf, Database, existing_record, print_json, read_instant
from insights.errors import InputError

if TYPE_CHECKING:
    from insights.domain.intents import Outcome
    from insights.domain.leads import LeadId
    from insights.domain.money import Money
    from insights.domain.reasons import Reason
    from insights.ports import Deps

Lead = Annotated[str, typer.Argument(metavar="LEAD")]
Files = Annotated[list[Path] | None, typer.Option("--file", help="A file to send along; may be given several times.")]
Reviewer = Annotated[str | None, typer.Option(help="Who decides. Default: the user of this machine.")]


def submit(
    lead: Lead,
    reason: Annotated[str, typer.Option(help="Why the lead should not be paid for, e.g. previous_customer.")],
    explanation: Annotated[str, typer.Option(help="What happened, in the client's words.")],
    file: Files = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a lead to be reviewed, as its client. Status 1, with the reason, when it cannot be."""
    from insights.pipeline.request import submit_request

    deps, lead_id, now = _setting(lead, as_of, database)
    submit_request(deps, lead_id, _reason(reason), explanation, _read(file), now)
    _tell(deps, lead_id, now, as_json)


def answer(
    lead: Lead,
    text: Annotated[str, typer.Option(help="The client's answer.")],
    file: Files = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Give the fact that the reviewer asked the client for; the request's clock goes on."""
    from insights.pipeline.request import give_information

    deps, lead_id, now = _setting(lead, as_of, database)
    give_information(deps, lead_id, text, _read(file), now)
    _tell(deps, lead_id, now, as_json)


def withdraw(
    lead: Lead,
    note: Annotated[str, typer.Option(help="Why, if the client says.")] = "",
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Take a client's request back."""
    from insights.pipeline.request import withdraw_request

    deps, lead_id, now = _setting(lead, as_of, database)
    withdraw_request(deps, lead_id, note, now)
    _tell(deps, lead_id, now, as_json)


def decide(
    lead: Lead,
    accept: Annotated[bool, typer.Option("--accept", help="Take the proposal over.")] = False,
    override: Annotated[str | None, typer.Option(help="Say the right reason instead.", metavar="REASON")] = None,
    ask: Annotated[str | None, typer.Option(help="Ask the client for the one missing fact.", metavar="FACT")] = None,
    outcome: Annotated[str | None, typer.Option(help="Outcome of a new customer, e.g. price_shopper.")] = None,
    credit: Annotated[str | None, typer.Option(help="Give back this amount instead of all or nothing.")] = None,
    note: Annotated[str, typer.Option(help="A note that stays on the record.")] = "",
    reviewer: Reviewer = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Decide a lead: --accept, --override REASON or --ask FACT. Status 1, with the reason, when it cannot be."""
    from insights.domain.billing import Answer
    from insights.domain.lead_life import Verdicted
    from insights.pipeline.decide import ask_client, record_decision

    if sum((accept, override is not None, ask is not None)) != 1:
        raise InputError("say what to do.", next_step="Give one of --accept, --override REASON and --ask FACT.")
    deps, lead_id, now = _setting(lead, as_of, database)
    who = _reviewer(reviewer)
    if ask is not None:
        ask_client(deps, lead_id, who, ask, now)
    else:
        said = Verdicted(
            Answer.ACCEPT if override is None else Answer.OVERRIDE,
            None if override is None else _reason(override),
            outcome=_outcome(outcome),
            credit=_amount(credit),
            note=note,
        )
        record_decision(deps, lead_id, who, said, now)
    _tell(deps, lead_id, now, as_json)


def reopen(
    lead: Lead,
    note: Annotated[str, typer.Option(help="Why it is looked at again.")],
    reviewer: Reviewer = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Look again at a lead that was decided, withdrawn or has expired."""
    from insights.pipeline.decide import reopen_lead

    deps, lead_id, now = _setting(lead, as_of, database)
    reopen_lead(deps, lead_id, _reviewer(reviewer), note, now)
    _tell(deps, lead_id, now, as_json)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(
        epilog='Example: call-insights submit L-2116 --reason job_seeker --explanation "He asked about a job."'
    )(submit)
    app.command(epilog='Example: call-insights answer L-2116 --text "Invoice 4471 of 12 March."')(answer)
    app.command(epilog='Example: call-insights withdraw L-2116 --note "Found the booking."')(withdraw)
    app.command(epilog="Example: call-insights decide L-2116 --override previous_customer --reviewer ann")(decide)
    app.command(epilog='Example: call-insights reopen L-2116 --note "The client sent the invoice."')(reopen)


def _setting(lead: str, as_of: str | None, database: str | None) -> tuple[Deps, LeadId, datetime]:
    from insights.domain.leads import LeadId

    instant = read_instant(as_of)
    deps = existing_record(database)
    return deps, LeadId(lead), instant or deps.clock.now()


def _tell(deps: Deps, lead_id: LeadId, now: datetime, as_json: bool) -> None:
    """The lead as it stands after the move."""
    from insights.pipeline.story import explain

    story = explain(deps, lead_id, now)
    if as_json:
        print_json(story)
        return
    from insights.terminal import console
    from insights.terminal_lead import story_lines

    for line in story_lines(story):
        console().print(line)


def _reason(code: str) -> Reason:
    from insights.domain.reasons import Reason

    try:
        return Reason(code)
    except ValueError:
        known = ", ".join(reason.value for reason in Reason)
        raise InputError(f"there is no reason {code[:60]!r}.", next_step=f"The reasons: {known}.") from None


def _outcome(code: str | None) -> Outcome | None:
    from insights.domain.intents import Outcome

    try:
        return None if code is None else Outcome(code)
    except ValueError:
        known = ", ".join(outcome.value for outcome in Outcome)
        raise InputError(f"there is no outcome {str(code)[:60]!r}.", next_step=f"The outcomes: {known}.") from None


def _amount(text: str | None) -> Money | None:
    from insights.domain.money import Money

    try:
        return None if text is None else Money.parse(text)
    except ValueError as error:
        raise InputError(f"--credit: {error}.") from None


def _read(files: list[Path] | None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in files or ():
        try:
            found[path.name] = path.read_bytes()
        except OSError as error:
            raise InputError(f"the file {str(path)!r} cannot be read: {error.strerror}.") from None
    return found


def _reviewer(name: str | None) -> str:
    return name or getpass.getuser()
