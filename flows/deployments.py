"""Every schedule, limit and parameter of the flows. ``make serve`` serves them on this machine, ``make deploy`` hands
them to the work pool of a Prefect server: ``python -m flows.deployments [--pool NAME [--helpers COUNT]]``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from insights.errors import ConfigurationError, InsightsError
from insights.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.deployments.runner import RunnerDeployment


HEAVY_QUEUE = "nights"
"""Queue of a work pool for what fills a machine for hours. All else goes to the pool's ``default`` queue, so that the
feed and the watch never wait behind a night."""


def quiet_prefect() -> None:
    """Prefect's own files lie beside ours, nothing is sent anywhere, and a slow machine may take its time to start."""
    for name, value in {
        "PREFECT_HOME": str(Path("var/prefect").resolve()),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }.items():
        os.environ.setdefault(name, value)


def deployments(settings: Settings, pool: str = "", helpers: int = 0) -> list[RunnerDeployment]:
    """The night, the monthly training, the weekly report, retention, the watch over all and, where a billing
    system is set, the feed to it.

    For a work pool they name importable flows, run in the folder that the pool's worker was started in, and come with
    the helper, of which the night calls ``helpers``. Needs a source: a night without one would fail every night.
    """
    if not settings.source:
        raise ConfigurationError(
            "no source of leads is named for the scheduled night.",
            next_step="Set CALL_INSIGHTS_SOURCE, or source in call-insights.toml.",
        )
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from insights.bootstrap import refuse_demo_speech

    if not pool:  # a pool's machines hear with weights of their own, and refuse for themselves
        refuse_demo_speech(settings, settings.source)
    from flows.nightly_triage import night_helper, nightly_triage
    from flows.retention import retention
    from flows.retrain import retrain
    from flows.watch import watch
    from flows.weekly_report import weekly_report

    def planned(
        work: Flow[..., Any], name: str, cron: str | None, description: str, heavy: bool = False, **more: Any
    ) -> RunnerDeployment:
        """A missed start must not run twice beside the next one; the leases in the database guard against that too."""
        if pool:
            more |= {
                "work_pool_name": pool,
                "work_queue_name": HEAVY_QUEUE if heavy else None,
                "job_variables": {"working_dir": "."},
                "entrypoint_type": EntrypointType.MODULE_PATH,
            }
        made = work.to_deployment(
            name=name,
            schedule=Cron(cron, timezone=settings.time_zone) if cron else None,
            concurrency_limit=1 if cron else None,
            tags=["call-insights"],
            description=description,
            **more,
        )
        return cast("RunnerDeployment", made)  # a coroutine only when called inside an event loop

    size: dict[str, Any] = {"batch_size": settings.batch_size}
    ready = [
        planned(
            nightly_triage,
            "nightly",
            settings.nightly_cron,
            "Proposes a verdict for every lead of the last days that can have one.",
            heavy=True,
            parameters={"source": settings.source, **size, **({"helpers": helpers} if pool else {})},
        ),
        planned(
            retrain,
            "monthly",
            settings.retrain_cron,
            "Trains on what reviewers decided, and promotes the weights if no reason gets worse.",
            heavy=True,
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
    if pool:
        called = "Helps with the night that calls it until none of its calls is free."
        ready.append(planned(night_helper, "helper", None, called, heavy=True, parameters=size))
    return ready


def hand_over(settings: Settings, pool: str, helpers: int) -> list[str]:
    """Register all deployments with the work pool of the Prefect server at PREFECT_API_URL; their names.

    Raises ConfigurationError where no server is named or it does not take them.
    """
    import httpx
    from prefect.exceptions import PrefectException
    from prefect.settings import PREFECT_API_URL

    server = PREFECT_API_URL.value()
    if not server:
        raise ConfigurationError(
            "no Prefect server is named.", next_step="Set PREFECT_API_URL, e.g. http://prefect.internal:4200/api."
        )
    ready = deployments(settings, pool, helpers)
    try:
        for one in ready:
            one.apply()
    except (PrefectException, httpx.HTTPError, RuntimeError) as error:
        raise ConfigurationError(
            f"the Prefect server at {server} does not take the deployments: {error}",
            next_step=f"Does it run? Is there such a pool? prefect work-pool create {pool} --type process",
        ) from None
    return [one.full_name for one in ready]


def main() -> None:
    """Serve all deployments until stopped, or hand them to a work pool; says where what runs when."""
    words = argparse.ArgumentParser(prog="python -m flows.deployments", description="The schedules of Call Insights.")
    words.add_argument("--pool", default="", help="Hand them to this work pool instead of serving them here.")
    words.add_argument("--helpers", type=int, default=0, help="Runs of night-helper that a night of the pool calls.")
    given = words.parse_args()
    try:
        settings = load_settings()
        quiet_prefect()
        if given.pool:
            for name in hand_over(settings, given.pool, given.helpers):
                sys.stderr.write(f"{name} -> {given.pool}\n")
            return
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
