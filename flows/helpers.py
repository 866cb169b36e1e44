"""Helpers that a night calls to itself: runs on the machines of a Prefect work pool, tasks on a Dask cluster.

They take leads in hand as every worker does (docs/decisions/0016), each with parts of its own. No night depends on
them: where nobody comes, it says so and works alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from prefect import get_run_logger
from prefect.deployments import run_deployment
from prefect.exceptions import PrefectException
from prefect.futures import wait
from prefect.settings import PREFECT_API_URL

from insights.errors import ConfigurationError

if TYPE_CHECKING:
    from prefect import Task
    from prefect_dask.task_runners import DaskTaskRunner

HELPER = "night-helper/helper"
"""The deployment whose runs help with a night."""
LAST_WORDS_S = 60.0
"""So long a night that is done waits for its Dask workers to end; whoever hangs longer has lost its leads already."""


def call_pool(count: int) -> None:
    """Ask the work pool for so many helpers; each starts when a worker of the pool has room for it."""
    try:
        for _ in range(count):
            run_deployment(HELPER, timeout=0, as_subflow=False)
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("no helpers can be called, the night works alone: %s", error)


def dask_cluster(scheduler: str) -> DaskTaskRunner | None:
    """The cluster at a scheduler's address, not yet asked for anything; None for an empty address.

    Raises ConfigurationError where prefect-dask is not installed, or no Prefect server is named: each worker of the
    cluster would start one of its own.
    """
    if not scheduler:
        return None
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise ConfigurationError(
            "the setting dask_scheduler names a cluster, and prefect-dask is not installed.",
            next_step="pip install 'call-insights[dask]', or leave the setting empty.",
        ) from None
    if not PREFECT_API_URL.value():
        raise ConfigurationError(
            "the setting dask_scheduler names a cluster, and no Prefect server is named that its workers reach.",
            next_step="Set PREFECT_API_URL, e.g. http://prefect.internal:4200/api.",
        )
    return DaskTaskRunner(address=scheduler)


@contextmanager
def helped_by(cluster: DaskTaskRunner | None, helper: Task[..., Any], batch_size: int) -> Iterator[None]:
    """Every worker that the cluster has now helps until nothing is free; then it is given some time to say so."""
    with ExitStack() as stack:
        called = []
        try:
            if cluster is not None:
                runner = stack.enter_context(cluster)
                called += [runner.submit(helper, {"batch_size": batch_size}) for _ in runner.client.nthreads()]
        except (OSError, ValueError) as error:
            get_run_logger().warning("the Dask cluster cannot be reached, the night works without it: %s", error)
        yield
        wait(called, timeout=LAST_WORDS_S)
