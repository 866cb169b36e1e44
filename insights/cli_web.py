"""The verbs of the review app: ``review`` serves it, ``users`` keeps its accounts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli_options import AsJson, AsOf, Database, existing_record, flagged_settings, print_json, read_instant
from insights.errors import InputError

if TYPE_CHECKING:
    from insights.domain.accounts import Role
    from insights.ports import Passwords

users = typer.Typer(no_args_is_help=True, help="Accounts of the review app.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="a-z, 0-9 and . _ @ -")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="File with the password. Default: asked for, or made and printed."),
]


@users.command(epilog="Example: call-insights users add ann --role reviewer")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, reviewer, triage_lead, policy_admin, auditor or client.")],
    client: Annotated[str, typer.Option(help="The client's id, for a client's account.")] = "",
    password_file: PasswordFile = None,
    database: Database = None,
) -> None:
    """Make an account. Without a file a password is made and printed once."""
    from insights.pipeline.accounts import add_user

    kind, given = _role(role), _given(password_file)
    deps = existing_record(database)
    password = given or _made()
    add_user(deps, _passwords(), name, kind, password, deps.clock.now(), client)
    _tell_password(name, password if given is None else "")


@users.command("password", epilog="Example: call-insights users password ann")
def new_password(name: Name, password_file: PasswordFile = None, database: Database = None) -> None:
    """Give an account a new password and sign it out everywhere."""
    from insights.pipeline.accounts import change_user

    given = _given(password_file)
    password = given or _made()
    change_user(existing_record(database), _passwords(), name, password=password)
    _tell_password(name, password if given is None else "")


@users.command(epilog="Example: call-insights users disable ann")
def disable(name: Name, database: Database = None) -> None:
    """Close an account, and sign it out everywhere; what it decided stays on the record."""
    _switch(name, database, off=True)


@users.command(epilog="Example: call-insights users enable ann")
def enable(name: Name, database: Database = None) -> None:
    """Open an account again that was closed."""
    _switch(name, database, off=False)


@users.command("list", epilog="Example: call-insights users list")
def list_users(database: Database = None, as_json: AsJson = False) -> None:
    """The accounts with their roles."""
    deps = existing_record(database)
    with deps.store(only_reads=True) as unit:
        found = unit.users()
    for user in found:
        row = {"name": user.name, "role": user.role.value, "client": user.client_id, "disabled": user.disabled}
        if as_json:
            print_json(row)
        else:
            typer.echo(
                f"{user.name:<24} {user.role.value:<13} {user.client_id:<12} {'closed' if user.disabled else ''}"
            )


def review(
    host: Annotated[str, typer.Option(help="Address to listen on; give another one only behind TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8765,
    demo: Annotated[
        bool, typer.Option("--demo", help="Work at the demo's date, with accounts made for this time and printed.")
    ] = False,
    as_of: AsOf = None,
    database: Database = None,
) -> None:
    """Serve the review app until it is stopped."""
    from insights.web.serve import demo_instant, make_demo_accounts, serve

    settings = flagged_settings(database=database)
    deps = existing_record(database)
    instant = read_instant(as_of) or (demo_instant() if demo else None)
    passwords = _passwords()
    made = make_demo_accounts(deps, passwords) if demo else []
    typer.echo(f"The review app: http://{host}:{port}")
    if demo:
        for name, role, password in made:
            typer.echo(f"  sign in as {name:<14} password {password}   ({role})")
        typer.echo("  These passwords hold until the app is started again. Stop it with Ctrl-C.")
    else:
        with deps.store(only_reads=True) as unit:
            if not unit.users():
                typer.echo("  Nobody can sign in yet: call-insights users add NAME --role triage_lead", err=True)
    serve(deps, passwords, settings, host, port, instant)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.add_typer(users, name="users")
    app.command(epilog="Example: call-insights review --port 8765")(review)


def _switch(name: str, database: str | None, *, off: bool) -> None:
    from insights.pipeline.accounts import change_user

    change_user(existing_record(database), _passwords(), name, disabled=off)
    typer.echo(f"The account {name} is {'closed' if off else 'open'}.")


def _passwords() -> Passwords:
    from insights.adapters.passwords import Argon2Passwords

    return Argon2Passwords()


def _role(code: str) -> Role:
    from insights.domain.accounts import Role

    try:
        return Role(code)
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise InputError(f"there is no role {code[:40]!r}.", next_step=f"The roles: {known}.") from None


def _given(password_file: Path | None) -> str | None:
    """The password of a file, or typed where somebody sits at a terminal; None: make one."""
    if password_file is not None:
        try:
            return password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise InputError(f"the file {str(password_file)!r} cannot be read.") from None
    if sys.stdin.isatty():
        return (
            str(typer.prompt("Password (empty: one is made)", default="", hide_input=True, show_default=False)) or None
        )
    return None


def _made() -> str:
    import secrets

    return secrets.token_urlsafe(15)


def _tell_password(name: str, made: str) -> None:
    typer.echo(f"{name}: password {made}" if made else f"{name}: done.")
    if made:
        typer.echo("It is shown this once; the record keeps only its hash.", err=True)
