"""The night as a Prefect flow: open, four stages over batches of leads, close. The work is in insights.pipeline.

Leads, states and results live in our database, so a night that was killed is started again and goes on; Prefect
schedules it, retries the fetching, and shows it. Run by hand: ``call-insights nightly --source FOLDER``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.context import TaskRunContext

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.domain.leads import LeadId
from insights.pipeline.night import Night, NightSummary, StageReport, close_night, one_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE

FETCH_RETRIES = 2


class SourceUnsteady(Exception):
    """Some recordings could not be fetched yet; Prefect waits and tries the batch again."""


@task(name="stage", task_run_name="{stage}", persist_result=False)
def work_batch(stage: str, source: str, lead_ids: list[LeadId], as_of: datetime) -> StageReport:
    """One stage over one batch of leads."""
    return run_stage(bootstrap.current(), stage, source, lead_ids, as_of)


@task(name="fetch", retries=FETCH_RETRIES, retry_delay_seconds=[2, 10], retry_jitter_factor=0.5, persist_result=False)
def fetch_batch(source: str, lead_ids: list[LeadId], as_of: datetime) -> StageReport:
    """Fetch one batch; while retries are left, a batch with passing failures is tried again after a pause."""
    report = run_stage(bootstrap.current(), "fetch", source, lead_ids, as_of)
    context = TaskRunContext.get()
    if report.transient and context is not None and context.task_run.run_count <= FETCH_RETRIES:
        raise SourceUnsteady(f"{report.transient} recordings could not be fetched yet")
    return report


@flow(name="nightly-triage", validate_parameters=False, persist_result=False)
def nightly_triage(
    source: str, as_of: datetime | None = None, batch_size: int = 100, retry_failed: bool = False
) -> NightSummary:
    """Propose a verdict for every lead of a source that can have one, and post it to the billing record."""
    deps = bootstrap.current()
    with one_night(deps, this_process()):
        night = open_night(deps, source, as_of or deps.clock.now(), retry_failed)
        reports = work(night, batch_size)
        summary = close_night(deps, night, reports)
    show(summary)
    return summary


def work(night: Night, batch_size: int) -> list[StageReport]:
    """All stages over all ready leads, a batch at a time, leads that expire soonest first."""
    reports: list[StageReport] = []
    progress = bootstrap.current().progress
    for stage in PIPELINE:
        progress.stage(stage, len(night.ready))
    for start in range(0, len(night.ready), batch_size):
        batch = night.ready[start : start + batch_size]
        reports.append(fetch_batch(night.source, list(batch), night.as_of))
        for stage in list(PIPELINE)[1:]:
            reports.append(work_batch(stage, night.source, list(batch), night.as_of))
    return reports


def show(summary: NightSummary) -> None:
    """Leave the night's counts in Prefect's own pages (no names, no transcripts)."""
    rows: list[dict[str, Any]] = [
        {"what": name, "value": value}
        for name, value in asdict(summary).items()
        if name in ("leads_seen", "by_screening", "by_verdict", "proposals_posted", "audio_s", "stages")
    ]
    create_table_artifact(key="nightly-triage", table=rows, description=f"Night as of {summary.as_of}")
