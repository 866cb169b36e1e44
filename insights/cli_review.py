"""The verbs of a review: ``submit``, ``answer``, ``withdraw`` of the client, ``decide`` and ``reopen`` of reviewers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli_options import AsJson, AsOf, Database, existing_record, print_json, read_instant, this_user, viewer
from insights.errors import InputError

if TYPE_CHECKING:
    from insights.domain.intents import Outcome
    from insights.domain.leads import LeadId
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
    _tell(deps, lead_id, now, database, as_json)


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
    _tell(deps, lead_id, now, database, as_json)


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
    _tell(deps, lead_id, now, database, as_json)


def decide(
    lead: Lead,
    accept: Annotated[bool, typer.Option("--accept", help="Take the proposal over.")] = False,
    override: Annotated[str | None, typer.Option(help="Say the right reason instead.", metavar="REASON")] = None,
    ask: Annotated[str | None, typer.Option(help="Ask the client for the one missing fact.", metavar="FACT")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take your decision back, within seconds.")] = False,
    put_back: Annotated[bool, typer.Option("--put-back", help="Leave a lead that you took in hand.")] = False,
    outcome: Annotated[str | None, typer.Option(help="Outcome of a new customer, e.g. price_shopper.")] = None,
    credit: Annotated[str | None, typer.Option(help="Give back this amount instead of all or nothing.")] = None,
    note: Annotated[str, typer.Option(help="A note that stays on the record.")] = "",
    reviewer: Reviewer = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Decide a lead: --accept, --override REASON or --ask FACT; --undo takes that back, --put-back leaves the lead.
    Status 1, with the reason, when it cannot be."""
    from insights.domain.billing import Answer
    from insights.domain.lead_life import Verdicted
    from insights.pipeline import decide as reviews

    if sum((accept, override is not None, ask is not None, undo, put_back)) != 1:
        known = "--accept, --override REASON, --ask FACT, --undo and --put-back"
        raise InputError("say what to do.", next_step=f"Give one of {known}.")
    deps, lead_id, now = _setting(lead, as_of, database)
    who = _reviewer(reviewer)
    if ask is not None:
        reviews.ask_client(deps, lead_id, who, ask, now)
    elif undo:
        reviews.undo_decision(deps, lead_id, who, now)
    elif put_back:
        reviews.put_back(deps, lead_id, who, now)
    else:
        said = Verdicted(
            Answer.ACCEPT if override is None else Answer.OVERRIDE,
            None if override is None else _reason(override),
            outcome=_outcome(outcome),
            credit=_amount(credit),
            note=note,
        )
        reviews.record_decision(deps, lead_id, who, said, now)
    _tell(deps, lead_id, now, database, as_json)


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
    _tell(deps, lead_id, now, database, as_json)


def bulk_accept(
    leads: Annotated[list[str], typer.Argument(metavar="LEAD...", help="The lead that was looked at comes first.")],
    alike: Annotated[
        bool, typer.Option("--alike", help="Only list the leads that wait and are like this one.")
    ] = False,
    reviewer: Reviewer = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Accept the proposals of leads of one robocall, or of one metadata rule, together. Status 1: some were left."""
    from dataclasses import asdict

    from insights.domain.leads import LeadId
    from insights.pipeline.accept import accept_together, alike_leads

    deps, first, now = _setting(leads[0], as_of, database)
    if alike:
        found = alike_leads(deps, first, now)
        print_json(found) if as_json else typer.echo("\n".join(found))
        return
    done = accept_together(deps, [LeadId(lead) for lead in leads], _reviewer(reviewer), now)
    if as_json:
        print_json(asdict(done))
    else:
        typer.echo(f"{len(done.accepted)} leads accepted.")
        for left in done.refused:
            typer.echo(f"  {left.lead_id} was left: {left.message}")
    if done.refused:
        raise SystemExit(1)


def second_look(
    lead: Annotated[str | None, typer.Argument(metavar="LEAD")] = None,
    reason: Annotated[str | None, typer.Option(help="What you say the lead is, e.g. new_customer.")] = None,
    reviewer: Reviewer = None,
    as_of: AsOf = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Judge a decided lead again without seeing the decision; without LEAD: list those drawn for it and how far people
    agree."""
    from insights.pipeline.decide import agreement, record_second_look, second_looks

    if (lead is None) != (reason is None):
        raise InputError("a second look needs a lead and a reason.", next_step="Give both, or neither for the list.")
    deps, lead_id, now = _setting(lead or "", as_of, database)
    if lead is not None and reason is not None:
        look = record_second_look(deps, lead_id, _reviewer(reviewer), _reason(reason), now).second_look
        assert look is not None
        print_json({"lead_id": lead, "agrees": look.agrees}) if as_json else typer.echo(
            "You agree on the charge." if look.agrees else "You do not agree on the charge: the lead can be reopened."
        )
        return
    waiting, report = second_looks(deps, _reviewer(reviewer), now), agreement(deps, None, None)
    if as_json:
        print_json({"waiting": waiting, "agreement": report})
        return
    told = report["all"]
    kappa = "" if told["kappa"] is None else f", kappa {told['kappa']:.2f}"
    typer.echo(f"{len(waiting)} leads wait for your second look: {', '.join(waiting[:20]) or 'none'}")
    typer.echo(f"{told['agreed']} of {told['pairs']} leads that were judged twice agree{kappa}.")


def auto_accept(
    turn: Annotated[str, typer.Argument(metavar="on|off")],
    by: Annotated[str | None, typer.Option(help="Who says so. Default: the user of this machine.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """The kill switch of proposals that the policy accepts without a person: at once, for all processes."""
    from insights.pipeline.accept import switch_off

    if turn not in ("on", "off"):
        raise InputError(f"{turn[:20]!r} is neither on nor off.")
    deps = existing_record(database)
    told = switch_off(deps, turn == "off", _reviewer(by), deps.clock.now())
    print_json(told) if as_json else typer.echo(f"Automatic acceptance is {turn}.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(
        epilog='Example: call-insights submit L-2116 --reason job_seeker --explanation "He asked about a job."'
    )(submit)
    app.command(epilog='Example: call-insights answer L-2116 --text "Invoice 4471 of 12 March."')(answer)
    app.command(epilog='Example: call-insights withdraw L-2116 --note "Found the booking."')(withdraw)
    app.command(epilog="Example: call-insights decide L-2116 --override previous_customer --reviewer ann")(decide)
    app.command(epilog="Example: call-insights bulk-accept L-2116 L-2117 L-2118 --reviewer ann")(bulk_accept)
    app.command(epilog="Example: call-insights second-look L-2116 --reason solicitor --reviewer bo")(second_look)
    app.command(epilog="Example: call-insights auto-accept off")(auto_accept)
    app.command(epilog='Example: call-insights reopen L-2116 --note "The client sent the invoice."')(reopen)


def _setting(lead: str, as_of: str | None, database: str | None) -> tuple[Deps, LeadId, datetime]:
    from insights.domain.leads import LeadId

    instant = read_instant(as_of)
    deps = existing_record(database)
    return deps, LeadId(lead), instant or deps.clock.now()


def _tell(deps: Deps, lead_id: LeadId, now: datetime, database: str | None, as_json: bool) -> None:
    """The lead as it stands after the move."""
    from insights.pipeline.viewing import explain_to

    story = explain_to(deps, viewer(database), lead_id, now)
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


def _amount(text: str | None) -> Decimal | None:
    from insights.domain.money import Money

    try:
        return None if text is None else Money.parse(text).amount
    except ValueError as error:
        raise InputError(f"--credit: {error}.") from None


def _read(files: list[Path] | None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in files or ():
        if path.name in found:
            raise InputError(f"two files are called {path.name!r}.", next_step="Give each its own name.")
        try:
            found[path.name] = path.read_bytes()
        except OSError as error:
            raise InputError(f"the file {str(path)!r} cannot be read: {error.strerror}.") from None
    return found


def _reviewer(name: str | None) -> str:
    return name or this_user()
