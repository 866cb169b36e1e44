"""The dashboard: last night and a period in figures, each with a way down to its leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from insights.domain.accounts import May
from insights.pipeline.accept import AUTO, switch_off
from insights.pipeline.overview import leads_behind_chart, overview, rows_of
from insights.pipeline.viewing import note_access
from insights.web.desk import Desk, Visitor, desk_of, page, plain_query
from insights.web.visitors import may, may_post

routes = APIRouter()
Reader = Annotated[Visitor, Depends(may(May.SEE_LEADS))]
_USUAL, _LONGEST = timedelta(days=28), timedelta(days=400)
_SHOWN = 500
_EARLIEST = date(1980, 1, 1)
"""No lead is older, and no calendar ends a year before it."""
Day = Annotated[date | None, Query()]
Client = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class Asked:
    """The days of a dashboard, both included, in the operator's time zone, and the client, empty: all."""

    first: date
    last: date
    client: str

    def query(self, **more: str) -> str:
        told = {"first": self.first.isoformat(), "last": self.last.isoformat(), "client": self.client, **more}
        return plain_query({name: value for name, value in told.items() if value})


def asked_period(request: Request, first: Day = None, last: Day = None, client: Client = "") -> Asked:
    """A dependency: the period asked for, else the last four weeks; at most a bit more than a year."""
    today = desk_of(request).now().astimezone(desk_of(request).zone).date()
    last = max(min(last or today, today), _EARLIEST)
    begun = first or last - _USUAL + timedelta(days=1)
    begun = max(min(begun, last), last - _LONGEST)
    return Asked(begun, last, client)


Period = Annotated[Asked, Depends(asked_period)]


@routes.get("/dashboard", response_class=HTMLResponse)
def read_dashboard(request: Request, who: Reader, asked: Period) -> Response:
    """The page."""
    desk = desk_of(request)
    start, end = _instants(desk, asked)
    board = overview(desk.deps, start, end, asked.client or None, desk.now(), desk.overviews)
    with desk.deps.store(only_reads=True) as unit:
        auto_accept = unit.switch(AUTO)
    return page(
        request,
        "dashboard.html",
        visitor=who,
        board=board,
        period=asked,
        zone=desk.zone.key,
        auto_accept=auto_accept,
        drill=lambda chart, key: f"/dashboard/leads?{asked.query(chart=str(chart), key=key)}",
    )


@routes.post("/auto-accept")
def switch_auto_accept(
    request: Request,
    who: Annotated[Visitor, Depends(may_post(May.SET_POLICY))],
    turn: Annotated[str, Form(pattern="^(on|off)$")],
) -> Response:
    """The kill switch of what the policy accepts without a person, at once and for all processes."""
    desk = desk_of(request)
    switch_off(desk.deps, turn == "off", who.user.name, desk.now())
    note_access(desk.deps, who.viewer(), f"auto-accept {turn}", desk.now())
    return RedirectResponse("/dashboard", 303)


@routes.get("/dashboard/leads", response_class=HTMLResponse)
def read_leads_behind(
    request: Request,
    who: Reader,
    asked: Period,
    chart: Annotated[str, Query(max_length=60)] = "",
    key: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The leads behind one mark of a chart: exactly those that were counted."""
    desk = desk_of(request)
    start, end = _instants(desk, asked)
    found = leads_behind_chart(desk.deps, start, end, asked.client or None, desk.now(), chart, key, desk.overviews)
    rows = rows_of(desk.deps, found[:_SHOWN])
    return page(
        request, "leads_behind.html", visitor=who, rows=rows, in_all=len(found), period=asked, chart=chart, key=key
    )


def _instants(desk: Desk, asked: Asked) -> tuple[datetime, datetime]:
    start = datetime.combine(asked.first, time(), desk.zone)
    return start, datetime.combine(asked.last + timedelta(days=1), time(), desk.zone)
