"""What every page of the review app works with, and how a page is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from insights.domain.accounts import May, Session, User
from insights.domain.billing import REVIEWER
from insights.domain.money import Money
from insights.pipeline.overview import Overviews
from insights.pipeline.queue_mirror import QueueMirror
from insights.pipeline.viewing import Viewer
from insights.ports import Deps, Passwords

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Desk:
    """The app's parts: the house's own, passwords, what it keeps in memory for queue and dashboard, the operator's time
    zone, and the templates."""

    deps: Deps
    passwords: Passwords
    queue: QueueMirror
    overviews: Overviews
    zone: ZoneInfo
    pages: Environment

    def now(self) -> datetime:
        return self.deps.clock.now()


@dataclass(frozen=True)
class Visitor:
    """Who asks: an account and its session."""

    user: User
    session: Session

    def may(self, what: str) -> bool:
        return self.user.may(May(what))

    @property
    def actor(self) -> str:
        """The reviewer as the record names them."""
        return f"{REVIEWER}{self.user.name}"

    def viewer(self, revealed: bool = False) -> Viewer:
        """The visitor as who reads words; masks stay unless a role that may lifts them."""
        return Viewer(self.user.name, self.user.role.value, revealed and self.user.may(May.REVEAL))


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page; ``visitor`` may be missing from ``values`` where nobody is signed in."""
    desk = desk_of(request)
    told = {"visitor": None, "path": request.url.path, "now": desk.now(), **values}
    drawn = desk.pages.get_template(template).render(told)
    return HTMLResponse(drawn.encode("utf-8", "replace"), status)  # half a character may have come with others' words


def page_templates() -> Environment:
    """The templates; everything they show is escaped, and a name that is not given is an error."""
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "words": in_words,
        "day": day,
        "moment": moment,
        "minute": minute,
        "percent": percent,
        "money": money,
    }
    return pages


def in_words(code: str | None) -> str:
    """``not_reviewed`` as ``not reviewed``."""
    return (code or "").replace("non_billable", "non-billable").replace("_", " ")


def day(instant: datetime | str) -> str:
    """``Thu 19 Nov``, in the zone that the instant carries."""
    told = _instant(instant)
    return f"{told:%a} {told.day} {told:%b}"


def moment(instant: datetime | str) -> str:
    """``Thu 19 Nov, 14:05``, in the zone that the instant carries."""
    told = _instant(instant)
    return f"{day(told)}, {told:%H:%M}"


def minute(seconds: float | None) -> str:
    """``1:05`` of a recording."""
    return "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def money(amount: str | Decimal | float, currency: str = "USD") -> str:
    """An amount as people write it: ``$45.00``."""
    return str(Money.parse(str(amount), currency))


def _instant(instant: datetime | str) -> datetime:
    return datetime.fromisoformat(instant) if isinstance(instant, str) else instant


def plain_query(told: Mapping[str, str]) -> str:
    """Parameters as the part of an address behind the question mark."""
    from urllib.parse import urlencode

    return urlencode(told)
