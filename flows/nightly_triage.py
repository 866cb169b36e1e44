"""The night as Prefect flows: open, four stages over batches of leads, close; and help with it from other machines.
The work is in insights.pipeline.

Leads, states and results live in our database, so a night that was killed is started again and goes on; Prefect
schedules it, retries the fetching, and shows it. Run by hand: ``call-insights nightly --source FOLDER``.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.context import TaskRunContext

from flows.helpers import call_pool, dask_cluster, helped_by
from flows.patience import patiently
from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.errors import InsightsError
from insights.pipeline.night import (
    NightSummary,
    StageReport,
    close_night,
    hold_night,
    one_night,
    open_night,
    run_stage,
)
from insights.pipeline.triage import PIPELINE
from insights.pipeline.work import (
    Batch,
    drop_batch,
    finish_batch,
    holder,
    leads_left,
    reports_of_all,
    share_out,
    take_batch,
)
from insights.settings import load_settings

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

FETCH_RETRIES = 2
POLL_S = 2.0


class SourceUnsteady(Exception):
    """Some recordings could not be fetched yet; Prefect waits and tries the batch again."""


@task(name="stage", task_run_name="{stage}", persist_result=False)
def work_batch(stage: str, batch: Batch) -> StageReport:
    """One stage over one batch of leads."""
    deps = bootstrap.current()
    return patiently(run_stage)(deps, stage, batch.source, batch.lead_ids, batch.as_of, holder(deps, batch))


def _is_unsteady(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a pause may help: only the source can be better in a moment, not a full disk nor a busy database."""
    return isinstance(state.data, SourceUnsteady)


@task(
    name="fetch",
    retries=FETCH_RETRIES,
    retry_delay_seconds=[2, 10],
    retry_jitter_factor=0.5,
    retry_condition_fn=_is_unsteady,
    persist_result=False,
)
def fetch_batch(batch: Batch) -> StageReport:
    """Fetch one batch; while retries are left, a batch with passing failures is tried again after a pause."""
    report: StageReport = work_batch.fn("fetch", batch)
    context = TaskRunContext.get()
    if report.transient and context is not None and context.task_run.run_count <= FETCH_RETRIES:
        raise SourceUnsteady(f"{report.transient} recordings could not be fetched yet")
    return report


@flow(name="nightly-triage", persist_result=False)
def nightly_triage(
    source: str,
    as_of: datetime | None = None,
    batch_size: int = 100,
    retry_failed: bool = False,
    helpers: int = 0,
) -> NightSummary:
    """Propose a verdict for every lead of a source that can have one, and post it to the billing record.

    Other machines may help: the night calls ``helpers`` runs of ``night_helper`` from the work pool, and every worker
    of the Dask cluster where one is set.
    """
    deps, owner, cluster = bootstrap.current(), this_process(), dask_cluster(load_settings().dask_scheduler)
    with one_night(deps, owner):
        night = open_night(deps, source, as_of or deps.clock.now(), retry_failed)
        share_out(deps, night)
        expect(len(night.ready))
        call_pool(helpers if night.ready else 0)
        with helped_by(cluster if night.ready else None, help_out, batch_size):
            while patiently(leads_left)(deps):
                patiently(hold_night)(deps, owner)
                if not work_one_batch(owner, batch_size):
                    time.sleep(POLL_S)  # others have the rest in hand; what they drop is free again
        summary = close_night(deps, night, reports_of_all(deps))
    show(summary)
    return summary


@flow(name="night-helper", validate_parameters=False, persist_result=False)
def night_helper(batch_size: int = 100) -> int:
    """Help with the night that runs on this database until none of its leads is free; how many batches were worked."""
    expect(leads_left(bootstrap.current()))
    batches = 0
    while work_one_batch(this_process(), batch_size):
        batches += 1
    return batches


@task(name="night-helper", persist_result=False)
def help_out(batch_size: int) -> int:
    """The same help as a task, for a worker of a Dask cluster."""
    return night_helper.fn(batch_size)


def expect(leads: int) -> None:
    """So many leads may go through the stages here; others may take some of them."""
    for stage in PIPELINE:
        bootstrap.current().progress.stage(stage, leads)


def work_one_batch(owner: str, batch_size: int) -> bool:
    """All stages over the most urgent leads that nobody has in hand; False where there are none."""
    deps = bootstrap.current()
    batch = take_batch(deps, owner, batch_size)
    if batch is None:
        return False
    try:
        deps.source(batch.source)  # one that these settings must not work is refused before its leads are worked
        reports = [fetch_batch(batch), *(work_batch(stage, batch) for stage in list(PIPELINE)[1:])]
    except BaseException as ended:
        # Told to stop (for a signal Prefect has an exception of its own), or kept from work by what no lead can help.
        if not isinstance(ended, Exception) or isinstance(ended, InsightsError):
            with suppress(InsightsError):  # it may be the database itself; who is gone has nothing in hand anyway
                drop_batch(deps, batch)
        raise
    patiently(finish_batch)(deps, batch, reports)
    return True


def show(summary: NightSummary) -> None:
    """Leave the night's counts in Prefect's own pages (no names, no transcripts)."""
    rows: list[dict[str, Any]] = [
        {"what": name, "value": getattr(summary, name)}
        for name in ("leads_seen", "by_screening", "by_verdict", "proposals_posted", "audio_s", "stages")
    ]
    create_table_artifact(key="nightly-triage", table=rows, description=f"Night as of {summary.as_of}")
