"""Retention as a Prefect flow: every night what is kept too long is deleted."""

from __future__ import annotations

from datetime import datetime

from prefect import flow, get_run_logger

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.pipeline.purge import Order, purge_over_time
from insights.settings import load_settings


@flow(name="retention", retries=5, retry_delay_seconds=3600, validate_parameters=False, persist_result=False)
def retention(as_of: datetime | None = None) -> int:
    """Delete recordings and words that the policy keeps no longer; of how many leads. Waits while a night runs."""
    deps = bootstrap.current()
    run = purge_over_time(deps, Order("retention", this_process()), as_of or deps.clock.now())
    bootstrap.forget_training(load_settings())
    get_run_logger().info("%s leads purged", len(run.purged))
    return len(run.purged)
