"""Accounts of the review app, their sessions and saved views, and wrong passwords."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from insights.adapters import tables
from insights.adapters.store_rows import Rows, utc
from insights.domain.accounts import Role, Session, User


class AccountRows(Rows):
    """Accounts; see the UnitOfWork port."""

    def put_user(self, user: User) -> None:
        values = {
            "role": user.role.value,
            "client_id": user.client_id,
            "password": user.password,
            "disabled": user.disabled,
            "created_at": utc(user.created_at),
        }
        self._put(tables.users, user.name, values)

    def user(self, name: str) -> User | None:
        row = self._connection.execute(select(tables.users).where(tables.users.c.name == name)).mappings().first()
        return None if row is None else _user(row)

    def users(self) -> list[User]:
        return [_user(row) for row in self._connection.execute(select(tables.users).order_by("name")).mappings()]

    def put_session(self, session: Session) -> None:
        values = {
            "name": session.name,
            "created_at": utc(session.created_at),
            "seen_at": utc(session.seen_at),
            "form_token": session.form_token,
        }
        self._put(tables.sessions, session.token_sha256, values)

    def session(self, token_sha256: str) -> Session | None:
        table = tables.sessions
        row = self._connection.execute(select(table).where(table.c.token_sha256 == token_sha256)).first()
        if row is None:
            return None
        read = datetime.fromisoformat
        return Session(row.token_sha256, row.name, read(row.created_at), read(row.seen_at), row.form_token)

    def end_session(self, token_sha256: str) -> None:
        table = tables.sessions
        self._connection.execute(table.delete().where(table.c.token_sha256 == token_sha256))

    def end_sessions_of(self, name: str) -> None:
        self._connection.execute(tables.sessions.delete().where(tables.sessions.c.name == name))

    def end_old_sessions(self, seen_until: datetime, made_until: datetime) -> None:
        table = tables.sessions
        old = or_(table.c.seen_at <= utc(seen_until), table.c.created_at <= utc(made_until))
        self._connection.execute(table.delete().where(old))

    def note_sign_in_failure(self, name: str, address: str, at: datetime) -> None:
        told = {"name": name[:200], "address": address[:100], "at": utc(at)}
        self._connection.execute(tables.sign_in_failures.insert().values(told))

    def forget_sign_in_failures(self, before: datetime) -> None:
        table = tables.sign_in_failures
        self._connection.execute(table.delete().where(table.c.at < utc(before)))

    def sign_in_failures(self, name: str, address: str, since: datetime) -> tuple[int, int]:
        table = tables.sign_in_failures
        counted = select(func.count()).select_from(table).where(table.c.at >= utc(since))
        by_name = self._connection.execute(counted.where(table.c.name == name[:200])).scalar_one()
        by_address = self._connection.execute(counted.where(table.c.address == address[:100])).scalar_one()
        return by_name, by_address

    def put_view(self, owner: str, name: str, query: str) -> None:
        self.drop_view(owner, name)
        self._connection.execute(tables.saved_views.insert().values(owner=owner, name=name, query=query))

    def drop_view(self, owner: str, name: str) -> None:
        table = tables.saved_views
        self._connection.execute(table.delete().where(table.c.owner == owner, table.c.name == name))

    def views(self, owner: str) -> dict[str, str]:
        table = tables.saved_views
        query = select(table.c.name, table.c.query).where(table.c.owner == owner).order_by(table.c.name)
        return {row.name: row.query for row in self._connection.execute(query)}


def _user(row: Any) -> User:
    return User(
        name=row["name"],
        role=Role(row["role"]),
        password=row["password"],
        created_at=datetime.fromisoformat(row["created_at"]),
        client_id=row["client_id"],
        disabled=bool(row["disabled"]),
    )
