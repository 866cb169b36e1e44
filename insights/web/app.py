"""Puts the review app together: its pages, what guards them, and how trouble is told."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from insights import __version__
from insights.errors import DatabaseBusy, DiskFull, InsightsError, MoveRefused, RecordingUnavailable, UnknownLead
from insights.web import access, audio, dashboard, hooks, lead, moves, operate, portal, queue, visitors
from insights.web.desk import HERE, Desk, page, plain_query
from insights.web.security import HEADERS, Guarded
from insights.web.visitors import LONGEST_BACK, NotAllowed, NotSignedIn, sends_files, watcher


def create_app(
    desk: Desk, hosts: Sequence[str], metrics: operate.Metrics | None = None, webhooks: hooks.Hooks | None = None
) -> FastAPI:
    """The app; it answers only for these host names. ``metrics``: the page for Prometheus, ``webhooks``: who takes what
    telephony providers post, None: there is none."""
    app = FastAPI(title="Call Insights review", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.state.metrics = metrics or operate.Metrics()
    for part in (visitors, queue, lead, moves, audio, portal, dashboard, access, operate):
        app.include_router(part.routes)
    if webhooks is not None and webhooks.readers:
        app.state.hooks = webhooks
        app.include_router(hooks.routes)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.get("/healthz", include_in_schema=False)(_alive)
    app.exception_handler(NotSignedIn)(_not_signed_in)
    app.exception_handler(NotAllowed)(_not_allowed)
    app.exception_handler(InsightsError)(_refused)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(Exception)(_broken)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(dict.fromkeys(hosts)))
    app.add_middleware(Guarded, sends_files=sends_files)
    return app


def _alive() -> dict[str, str]:
    return {"status": "ok"}


async def _not_signed_in(request: Request, _error: Exception) -> Response:
    if request.method != "GET" or _wants_json(request):
        return _told(request, HTTPStatus.UNAUTHORIZED, "You are signed out.", "Sign in and send it again.")
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if len(here) <= LONGEST_BACK else request.url.path
    return RedirectResponse(f"/sign-in?{plain_query({'back': back[:LONGEST_BACK]})}", 303)


async def _not_allowed(request: Request, _error: Exception) -> Response:
    return _told(
        request,
        HTTPStatus.FORBIDDEN,
        "Your role may not do that, or the page is from an earlier session.",
        "Go back and load the page again.",
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, InsightsError)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, UnknownLead | RecordingUnavailable):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, MoveRefused):
        status = HTTPStatus.CONFLICT
    elif isinstance(error, DatabaseBusy | DiskFull):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return _told(request, status, error.message, error.next_step)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = ", ".join(sorted({str(fault["loc"][-1])[:40] for fault in error.errors()}))
    return _told(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"That cannot be read: {names}.", "Go back and mend it.")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = {404: "There is no such page."}.get(error.status_code, str(error.detail))
    return _told(request, HTTPStatus(error.status_code), told, "")


async def _broken(_request: Request, _error: Exception) -> Response:
    """Outside of what guards the others: it carries their headers itself, and tells nothing of the inside."""
    return PlainTextResponse("Something broke here. It was not your doing.\n", 500, HEADERS)


def _told(request: Request, status: HTTPStatus, what: str, next_step: str) -> Response:
    """Trouble as a page, or as JSON for a script."""
    if _wants_json(request):
        return JSONResponse({"error": what, "next_step": next_step}, status)
    try:
        who = watcher(request)
    except (NotSignedIn, DatabaseBusy):
        who = None
    return page(request, "trouble.html", status, visitor=who, what=what, next_step=next_step, status_code=status.value)


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")
