"""The auditor's page: who read or did what, the newest first."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from insights.domain.accounts import May
from insights.domain.leads import LeadId
from insights.pipeline.viewing import access_log, note_access
from insights.web.addresses import LeadInQuery
from insights.web.desk import Visitor, desk_of, page
from insights.web.visitors import may

routes = APIRouter()
_SHOWN = 500


@routes.get("/access-log", response_class=HTMLResponse)
def read_access_log(
    request: Request,
    who: Annotated[Visitor, Depends(may(May.AUDIT))],
    lead: LeadInQuery = "",
    days: Annotated[int, Query(ge=1, le=400)] = 7,
) -> Response:
    """Accesses of the last days, of one lead or of all; reading the log is itself noted."""
    desk = desk_of(request)
    now = desk.now()
    rows, in_all = access_log(desk.deps, LeadId(lead) if lead else None, now - timedelta(days=days), newest=_SHOWN)
    note_access(desk.deps, who.viewer(), "access log", now)
    return page(request, "access_log.html", visitor=who, lead=lead, days=days, in_all=in_all, rows=rows[::-1])
