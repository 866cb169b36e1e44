"""The queue: what waits for a person, filtered, counted, searched; views that somebody saved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AfterValidator

from insights.domain.accounts import MOST_VIEWS, May
from insights.domain.leads import LeadId
from insights.domain.queue_filters import CONFIDENCES, ORDERS, REASONS, STATUSES, VERDICTS, QueueFilter
from insights.errors import InputError
from insights.pipeline.queue_page import triage_page
from insights.web.addresses import LeadInQuery
from insights.web.context import Context, filter_in
from insights.web.desk import Visitor, desk_of, page, plain_query
from insights.web.lead import done_with
from insights.web.visitors import may, may_post, plain_text

routes = APIRouter()
Reader = Annotated[Visitor, Depends(may(May.SEE_LEADS))]
Saves = Annotated[Visitor, Depends(may_post(May.SEE_LEADS))]
ViewName = Annotated[str, Form(max_length=60), AfterValidator(plain_text)]


@routes.get("/queue", response_class=HTMLResponse)
def read_queue(request: Request, who: Reader, done: LeadInQuery = "") -> Response:
    """A page of leads. The filters are parameters of the address; what of them cannot be read is told and left out."""
    desk = desk_of(request)
    asked = QueueFilter.parse(dict(request.query_params))
    shown = triage_page(desk.queue, desk.deps, asked, desk.now())
    with desk.deps.store(only_reads=True) as unit:
        views = unit.views(who.user.name)
    context = Context(shown.filter, ())
    return page(
        request,
        "queue.html",
        visitor=who,
        shown=shown,
        faults=asked.faults,
        views=views,
        context=context,
        done=done_with(desk, who, LeadId(done)) if done else None,
        choices={"status": STATUSES, "verdict": VERDICTS, "reason": REASONS, "confidence": CONFIDENCES},
        orders=ORDERS,
        query=context.queue,
        turned=lambda number: plain_query({**shown.filter.as_query(), "page": str(number)}),
        without=lambda name: plain_query({k: v for k, v in shown.filter.as_query().items() if k not in (name, "page")}),
    )


@routes.post("/views")
def save_view(
    request: Request, who: Saves, name: ViewName = "", query: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Save the filters under a name, for their owner alone. Raises InputError where that has too many."""
    desk, context, name = desk_of(request), plain_query(filter_in(query).as_query()), name.strip()
    if name:
        with desk.deps.store() as unit:
            views = unit.views(who.user.name)
            if name not in views and len(views) >= MOST_VIEWS:
                raise InputError(f"you have {len(views)} saved views already.", next_step="Forget one of them first.")
            unit.put_view(who.user.name, name, context)
            unit.commit()
    return RedirectResponse(f"/queue?{context}", 303)


@routes.post("/views/drop")
def drop_view(request: Request, who: Saves, name: ViewName = "") -> Response:
    """Forget a saved view."""
    desk = desk_of(request)
    with desk.deps.store() as unit:
        unit.drop_view(who.user.name, name)
        unit.commit()
    return RedirectResponse("/queue", 303)
