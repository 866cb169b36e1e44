"""The feed to billing as a Prefect flow: every few minutes, whatever was posted since."""

from __future__ import annotations

from prefect import flow

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.errors import FeedUnavailable
from insights.pipeline.deliver import FeedRun, deliver_pending
from insights.settings import load_settings


@flow(name="billing-feed", retries=0, persist_result=False)
def billing_feed() -> FeedRun:
    """Deliver all that is due. Fails, so that the operator sees it, when the billing system did not take all of it."""
    run = deliver_pending(bootstrap.current(), bootstrap.billing_sink(load_settings()), this_process())
    if run.failed:
        raise FeedUnavailable(f"{run.failed} messages were not taken. {run.stopped} See call-insights feed status.")
    return run
