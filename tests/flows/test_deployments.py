"""The schedule: a night that is set up must really be planned, in the operator's time zone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from flows.deployments import HEAVY_QUEUE, deployments, hand_over
from flows.helpers import HELPER
from insights.errors import ConfigurationError
from insights.settings import load_settings

PATIENCE_S = 90


@pytest.mark.usefixtures("prefect_server")
def test_the_nightly_deployment_gets_runs_planned_at_its_local_hour() -> None:
    """A wrong pair of versions plans nothing and says nothing (docs/decisions/0006), so this looks at the server."""
    settings = load_settings(source="fixtures/audio", nightly_cron="30 2 * * *", time_zone="America/Chicago")
    nightly, *_ = deployments(settings)
    identity = nightly.apply()
    assert isinstance(identity, UUID)
    planned = _planned_runs(identity)
    assert planned, "the server planned no night"
    local = [run.expected_start_time.astimezone(ZoneInfo("America/Chicago")) for run in planned]
    assert {(instant.hour, instant.minute) for instant in local} == {(2, 30)}
    assert planned[0].parameters == {"source": "fixtures/audio", "batch_size": settings.batch_size}
    assert nightly.concurrency_limit == 1


@pytest.mark.usefixtures("prefect_server")
def test_the_monthly_training_is_planned_on_the_first_at_its_local_hour_and_never_twice_at_once() -> None:
    settings = load_settings(source="fixtures/audio", retrain_cron="15 4 1 * *", time_zone="America/Chicago")
    _, monthly, *_ = deployments(settings)
    identity = monthly.apply()
    assert isinstance(identity, UUID)
    local = [run.expected_start_time.astimezone(ZoneInfo("America/Chicago")) for run in _planned_runs(identity, 70)]
    assert local, "the server planned no training"
    assert {(instant.day, instant.hour, instant.minute) for instant in local} == {(1, 4, 15)}
    assert monthly.concurrency_limit == 1


def test_the_feed_is_planned_only_where_there_is_a_billing_system() -> None:
    names = [deployment.name for deployment in deployments(load_settings(source="fixtures/audio"))]
    assert names == ["nightly", "monthly", "weekly", "retention", "watch"]
    fed = deployments(load_settings(source="fixtures/audio", feed="file:///drop"))
    assert [deployment.name for deployment in fed][-1] == "feed"


def test_for_a_work_pool_nights_wait_in_a_queue_of_their_own_and_call_helpers_that_have_no_schedule() -> None:
    pooled = {one.name: one for one in deployments(load_settings(source="fixtures/audio"), "calls", helpers=3)}
    assert {name for name, one in pooled.items() if one.work_queue_name == HEAVY_QUEUE} == {
        "nightly",
        "monthly",
        "helper",
    }
    assert all(one.work_pool_name == "calls" for one in pooled.values())
    assert pooled["nightly"].parameters["helpers"] == 3
    assert pooled["helper"].schedules == [] and pooled["helper"].full_name == HELPER
    assert pooled["helper"].entrypoint == "flows.nightly_triage.night_helper", "importable wherever it is installed"


@pytest.mark.usefixtures("prefect_server")
def test_a_pool_that_is_not_there_is_named_with_the_command_that_makes_it() -> None:
    with pytest.raises(ConfigurationError, match="prefect work-pool create nowhere --type process"):
        hand_over(load_settings(source="fixtures/audio"), "nowhere", helpers=0)


def test_deployments_are_handed_to_no_server_that_nobody_named(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    ran = subprocess.run(
        [sys.executable, "-m", "flows.deployments", "--pool", "calls"],
        cwd=tmp_path,
        env={**environment, "CALL_INSIGHTS_SOURCE": "leads"},
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("call-insights: no Prefect server is named. Set PREFECT_API_URL")


def test_a_schedule_without_a_source_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no source"):
        deployments(load_settings())


def _planned_runs(deployment: UUID, days: int = 3) -> list[Any]:
    """The deployment's runs in the state Scheduled: asked for, then waited for while the server plans them."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType

    wanted = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
    )
    with get_client(sync_client=True) as client:
        client._client.post(
            f"/deployments/{deployment}/schedule",
            json={"end_time": (datetime.now(UTC) + timedelta(days=days)).isoformat()},
        ).raise_for_status()
        deadline = time.monotonic() + PATIENCE_S
        runs: list[Any] = []
        while not runs and time.monotonic() < deadline:
            runs = client.read_flow_runs(flow_run_filter=wanted)
            time.sleep(0.5)
    return runs
