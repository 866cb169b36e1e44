"""Every schedule, limit and parameter of the flows. ``make serve`` runs this: ``python -m flows.deployments``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from insights.errors import ConfigurationError, InsightsError
from insights.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.deployments.runner import RunnerDeployment


def quiet_prefect() -> None:
    """Prefect's own files lie beside ours, nothing is sent anywhere, and a slow machine may take its time to start."""
    for name, value in {
        "PREFECT_HOME": str(Path("var/prefect").resolve()),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }.items():
        os.environ.setdefault(name, value)


def deployments(settings: Settings) -> list[RunnerDeployment]:
    """The night, the monthly training, the weekly report, retention, the watch over all and, where a billing
    system is set, the feed to it.

    Needs a source: a night without one would fail every night.
    """
    if not settings.source:
        raise ConfigurationError(
            "no source of leads is named for the scheduled night.",
            next_step="Set CALL_INSIGHTS_SOURCE, or source in call-insights.toml.",
        )
    from prefect.schedules import Cron

    from flows.nightly_triage import nightly_triage
    from flows.retention import retention
    from flows.retrain import retrain
    from flows.watch import watch
    from flows.weekly_report import weekly_report

    def planned(work: Flow[..., Any], name: str, cron: str, description: str, **more: Any) -> RunnerDeployment:
        """A missed start must not run twice beside the next one; the leases in the database guard against that too."""
        made = work.to_deployment(
            name=name,
            schedule=Cron(cron, timezone=settings.time_zone),
            concurrency_limit=1,
            tags=["call-insights"],
            description=description,
            **more,
        )
        return cast("RunnerDeployment", made)  # a coroutine only when called inside an event loop

    night = {"source": settings.source, "batch_size": settings.batch_size}
    ready = [
        planned(
            nightly_triage,
            "nightly",
            settings.nightly_cron,
            "Proposes a verdict for every lead of the last days that can have one.",
            parameters=night,
        ),
        planned(
            retrain,
            "monthly",
            settings.retrain_cron,
            "Trains on what reviewers decided, and promotes the weights if no reason gets worse.",
        ),
        planned(weekly_report, "weekly", settings.weekly_cron, "Writes the last week in figures as a page."),
        planned(
            retention, "retention", settings.retention_cron, "Deletes recordings and words that are kept too long."
        ),
        planned(watch, "watch", settings.watch_cron, "Looks for what somebody must be told of, and tells it."),
    ]
    if settings.feed:
        from flows.billing_feed import billing_feed

        ready.append(planned(billing_feed, "feed", settings.feed_cron, "Tells the billing system what was posted."))
    return ready


def main() -> None:
    """Serve all deployments until stopped; says where the pages are."""
    import sys

    try:
        settings = load_settings()
        quiet_prefect()
        ready = deployments(settings)
    except InsightsError as error:
        sys.stderr.write(f"call-insights: {error}\n")
        raise SystemExit(error.exit_status) from None
    from prefect import serve

    sys.stderr.write(f"nightly at {settings.nightly_cron!r} {settings.time_zone}, source {settings.source}\n")
    sys.stderr.write(f"training at {settings.retrain_cron!r} {settings.time_zone}\n")
    serve(*ready)


if __name__ == "__main__":
    main()
