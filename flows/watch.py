"""The watch over the nights as a Prefect flow: every quarter of an hour, what is new is kept and told."""

from __future__ import annotations

from prefect import flow, get_run_logger

from insights import bootstrap
from insights.errors import ChannelDown
from insights.pipeline.alerts import ToldRun, notice, tell
from insights.settings import load_settings


@flow(name="watch", retries=0, persist_result=False)
def watch() -> ToldRun:
    """Notice and tell. Fails, so that the operator sees it here at least, when a channel did not take an alert."""
    settings, deps = load_settings(), bootstrap.current()
    for alert in notice(deps, feeds=bool(settings.feed)):
        get_run_logger().warning("%s: %s", alert.severity.value, alert.headline)
    run = tell(deps, bootstrap.alert_channels(settings))
    if run.failed:
        raise ChannelDown(f"{run.failed} alerts were not taken. {' '.join(run.troubles)} See call-insights alerts.")
    return run
