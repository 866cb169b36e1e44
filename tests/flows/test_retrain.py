"""The monthly training as a Prefect flow: its page says what became of the candidate; only a broken training fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from school import School

from insights import bootstrap
from insights.adapters.store import SqlStore
from insights.errors import TrainingFailed

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def school(tmp_path: Path, store: SqlStore) -> School:
    school = School(tmp_path, store)
    school.decide_all()
    bootstrap.adopt_learning(school.parts)
    return school


def artifact() -> str:
    """The newest page of the training."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
    from prefect.client.schemas.sorting import ArtifactSort

    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["retrain"]))
    with get_client(sync_client=True) as client:
        (newest,) = client.read_artifacts(artifact_filter=wanted, sort=ArtifactSort.CREATED_DESC, limit=1)
    return str(newest.data)


def test_a_promoted_candidate_is_a_completed_run_with_its_report(school: School) -> None:
    from flows.retrain import retrain

    state = retrain(return_state=True)
    assert state.is_completed()
    assert artifact().startswith("**promoted** new-1 may take over from phrases-1")
    event = school.shelf.current()
    assert event is not None and (event.model, event.by) == ("new-1", "the monthly training")


def test_a_candidate_that_is_kept_beside_is_a_completed_run_that_says_so(school: School) -> None:
    from flows.retrain import retrain

    school.trainer.next_model = "worse"
    assert retrain(return_state=True).is_completed()
    assert artifact().startswith("**kept beside: it did not pass** worse stays beside phrases-1: ")
    assert school.state() == (None, ["kept"])


def test_a_month_with_too_few_decisions_is_a_completed_run_that_says_so(school: School) -> None:
    from flows.retrain import retrain

    school.least_new = 7
    bootstrap.adopt_learning(school.parts)
    assert retrain(return_state=True).is_completed()
    assert artifact().startswith("Nothing was trained: 6 new decisions since the last training")
    assert school.trainer.pools == []


def test_a_training_that_fails_is_a_failed_run(school: School) -> None:
    from flows.retrain import retrain

    school.trainer.breaks = True
    state = retrain(return_state=True)
    assert state.is_failed()
    with pytest.raises(TrainingFailed, match="status 1"):
        state.result()
