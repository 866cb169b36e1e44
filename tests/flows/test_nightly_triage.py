"""The night as a Prefect flow: it moves batches through the stages, and fetches again what did not come at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import JOB, NEED, PITCH, Office, calls
from small_disk import a_small_disk

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.adapters.recording_store import DiskRecordingStore
from insights.adapters.store import SqlStore
from insights.domain.ledger import EntryKind
from insights.errors import DiskFull
from insights.pipeline.night import NightIsRunning, one_night
from insights.pipeline.triage import PIPELINE
from insights.pipeline.work import leads_free
from insights.ports_record import Lease

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """Three calls; the source fails once on the second one."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=JOB))
    bootstrap.adopt(office.deps)
    return office


def test_a_night_of_two_batches_posts_every_proposal_and_a_fetch_that_failed_once_is_tried_again(
    office: Office,
) -> None:
    from flows.nightly_triage import nightly_triage

    office.source.unsteady = {"L2": 1}
    summary = nightly_triage(office.source.uri, NOW, batch_size=2)

    assert summary.failures == []
    assert summary.proposals_posted == 3
    assert office.proposals().keys() == {"L1", "L2", "L3"}
    assert office.source.fetched == ["L1", "L2", "L2", "L3"], "what was fetched is not fetched again"
    assert office.progress.stages == {"screen": 3, **dict.fromkeys(PIPELINE, 3)}

    again = nightly_triage(office.source.uri, NOW)
    assert (again.proposals_posted, again.proposals_standing) == (0, 3)
    assert len(office.entries(EntryKind.PROPOSAL)) == 3


def test_a_broken_recording_is_not_fetched_again_and_does_not_stop_the_night(office: Office) -> None:
    from flows.nightly_triage import nightly_triage

    office.source.recordings["L1"] = b"broken"
    summary = nightly_triage(office.source.uri, NOW)

    assert [(failure["lead_id"], failure["code"]) for failure in summary.failures] == [("L1", "not_audio")]
    assert office.source.fetched == ["L1", "L2", "L3"]


def test_a_surprise_fails_the_flow_and_frees_the_record(office: Office) -> None:
    from flows.nightly_triage import nightly_triage

    office.engine.fails_on = "hiring"
    with pytest.raises(ZeroDivisionError):
        nightly_triage(office.source.uri, NOW)
    office.engine.fails_on = ""
    assert nightly_triage(office.source.uri, NOW).proposals_standing == 3


def test_a_long_night_holds_the_record_to_its_end(office: Office) -> None:
    """Five hours a batch, longer in all than a lease: nobody else gets it at the end of any of them."""
    from flows.nightly_triage import nightly_triage

    holders = []

    def hours_pass(name: str, lead_id: str, audio_s: float = 0.0) -> None:
        if name == "propose":
            now = office.clock.instant = office.clock.instant + timedelta(hours=5)
            with office.store() as unit:
                holders.append(unit.take_lease(Lease.NIGHT, "elsewhere/1/1", now, now + timedelta(hours=1)))

    office.progress.step = hours_pass  # type: ignore[method-assign]
    nightly_triage(office.source.uri, NOW, batch_size=1)
    assert holders == [this_process()] * 3


def test_a_second_night_on_the_same_record_fails_at_once(office: Office) -> None:
    from flows.nightly_triage import nightly_triage

    with one_night(office.deps, "elsewhere/1/1"), pytest.raises(NightIsRunning):
        nightly_triage(office.source.uri, NOW)
    assert office.source.fetched == []


def test_a_full_disk_ends_the_night_at_once_and_gives_its_leads_back(office: Office, tmp_path: Path) -> None:
    """Nobody tries again and again where only room helps, and no lead counts as tried."""
    from flows.nightly_triage import nightly_triage

    with a_small_disk(tmp_path / "small") as disk:
        bootstrap.adopt(replace(office.deps, recordings=DiskRecordingStore(disk.seen)))
        disk.fill(leave_kb=0)
        with pytest.raises(DiskFull):
            nightly_triage(office.source.uri, NOW)
        assert office.source.fetched == ["L1"]
        assert office.failure("L1") is None
        assert leads_free(office.deps) == 3

        disk.fill(leave_kb=512)
        assert nightly_triage(office.source.uri, NOW).failures == []
