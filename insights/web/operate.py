"""Pages for machines that watch: readiness, and metrics for Prometheus; no session, and no lead, client or name."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Info, generate_latest

from insights.errors import DatabaseBusy
from insights.pipeline.operating import LastNight, Operating, is_ready, operating
from insights.web.desk import Desk, desk_of

KEPT = timedelta(seconds=15)
"""So long an answer is given again: whoever asks more often costs nothing."""
_BEARER = "bearer "

routes = APIRouter(include_in_schema=False)


@dataclass
class Metrics:
    """The page of an app: ``token`` that it asks for (empty: there is no page), ``feeds``: whether a billing system is
    told of what is posted; and the last answer."""

    token: str = ""
    feeds: bool = False
    _last: tuple[datetime, bytes] | None = None
    _one: Lock = field(default_factory=Lock)

    def open_to(self, authorization: str) -> bool:
        """Whether these are the words to be let in; takes as long for wrong ones."""
        told = authorization[len(_BEARER) :] if authorization[: len(_BEARER)].lower() == _BEARER else ""
        return secrets.compare_digest(told.encode("utf-8", "replace"), self.token.encode())

    def page(self, desk: Desk) -> bytes:
        """The figures as they are now, or were a few seconds ago. Raises DatabaseBusy."""
        with self._one:
            now = desk.now()
            if self._last is None or not timedelta(0) <= now - self._last[0] < KEPT:
                self._last = now, generate_latest(registry_of(operating(desk.deps, now, feeds=self.feeds)))
            return self._last[1]


@routes.get("/readyz")
def ready(request: Request) -> Response:
    """Whether the database answers and has the newest tables; says no more, as anybody may ask."""
    try:
        word = "ready" if is_ready(desk_of(request).deps) else "schema"
    except Exception:  # whatever its driver raises: the database is not there
        word = "database"
    return JSONResponse({"status": word}, 200 if word == "ready" else 503)


@routes.get("/metrics")
def metrics(request: Request) -> Response:
    """The figures in Prometheus' text format, for who has the token."""
    page: Metrics = request.app.state.metrics
    if not page.token:
        return PlainTextResponse("There is no such page.\n", 404)
    if not page.open_to(request.headers.get("authorization", "")):
        return PlainTextResponse("Tell the token.\n", 401, {"www-authenticate": "Bearer"})
    try:
        return Response(page.page(desk_of(request)), media_type=CONTENT_TYPE_LATEST)
    except DatabaseBusy:
        return PlainTextResponse("The database is busy.\n", 503)


def registry_of(figures: Operating) -> CollectorRegistry:
    """The figures as metrics; all of them are read from the record, so they go down as well as up."""
    registry = CollectorRegistry()

    def gauge(name: str, help_text: str, value: float) -> None:
        Gauge(f"call_insights_{name}", help_text, registry=registry).set(value)

    def gauges(name: str, help_text: str, label: str, values: dict[str, float]) -> None:
        family = Gauge(f"call_insights_{name}", help_text, [label], registry=registry)
        for told, value in sorted(values.items()):
            family.labels(told).set(value)

    if figures.night is not None:
        _night(figures.night, figures.now, gauge, gauges)
    gauge("queue_waiting_leads", "Leads that a person should look at.", figures.waiting)
    gauge("queue_expiring_leads", "Of them nobody looked at, and they expire within 24 hours.", figures.expiring)
    gauges(
        "at_risk_amount",
        "Charged for leads proposed as not billable that nobody decided.",
        "currency",
        {**figures.at_stake},
    )
    gauge("decisions_last_day", "Decisions of the last 24 hours.", figures.decisions)
    if figures.feed_waiting is not None and figures.feed_dead is not None:
        gauge("feed_waiting_messages", "Messages that the billing system was not told yet.", figures.feed_waiting)
        gauge("feed_dead_messages", "Messages that the billing system would not take.", figures.feed_dead)
    gauge("alerts_not_told", "Alerts that some channel has not taken.", figures.alerts_untold)
    Info("call_insights_made_by", "Versions that the newest proposals were made by.", registry=registry).info(
        {**figures.versions}
    )
    return registry


def _night(night: LastNight, now: datetime, gauge: Callable[..., None], gauges: Callable[..., None]) -> None:
    gauge("night_timestamp_seconds", "The instant that the newest night worked at.", night.as_of.timestamp())
    gauge("night_age_seconds", "Seconds since that instant.", (now - night.as_of).total_seconds())
    gauge("night_leads_seen", "Leads that the night's source told.", night.leads_seen)
    gauge("night_proposals_posted", "Proposals that the night posted.", night.proposals)
    gauge("night_audio_seconds", "Seconds of recordings that the night heard.", night.audio_s)
    gauges(
        "night_failed_leads", "Leads that could not be worked, by the code of the failure.", "code", {**night.failures}
    )
    gauges("night_stage_seconds", "Seconds of work of each stage.", "stage", {**night.stage_s})
