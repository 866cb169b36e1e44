"""Retention as a Prefect flow: every night what is kept too long is deleted."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, get_run_logger

from insights import bootstrap
from insights.pipeline.purge import purge_over_time


@flow(name="retention", validate_parameters=False, persist_result=False)
def retention(as_of: datetime | None = None) -> int:
    """Delete recordings and words that the policy keeps no longer; of how many leads."""
    deps = bootstrap.current()
    purged = purge_over_time(deps, "retention", as_of or deps.clock.now())
    get_run_logger().info("%s leads purged", len(purged))
    return len(purged)
