"""The watch as a Prefect flow: what is noticed is told, and what a channel does not take is a failed run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import NEED, Office, calls
from receiver import SECRET, a_receiver

from flows.deployments import deployments
from insights import bootstrap
from insights.adapters.store import SqlStore
from insights.settings import load_settings


@pytest.mark.usefixtures("prefect_server")
def test_what_is_noticed_is_told_and_what_is_not_taken_fails_the_run(
    tmp_path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.watch import watch

    office = Office(tmp_path, store, calls(L1=NEED))
    office.night()
    office.clock.instant = NOW + timedelta(hours=30)
    bootstrap.adopt(office.deps)
    monkeypatch.setenv("CALL_INSIGHTS_ALERT_SECRET", SECRET)
    monkeypatch.setenv("CALL_INSIGHTS_ALERT_WEBHOOK", "http://127.0.0.1:9/")
    state = watch(return_state=True)
    assert state.is_failed() and "call-insights alerts" in str(state.message)
    with a_receiver() as receiver:
        monkeypatch.setenv("CALL_INSIGHTS_ALERT_WEBHOOK", receiver.url)
        assert watch().told == 1
        assert watch().told == 0
        assert [told["kind"] for told in receiver.taken.values()] == ["no_night"]


def test_the_watch_has_a_schedule_of_its_own() -> None:
    planned = {made.name: made for made in deployments(load_settings(source="s", watch_cron="*/5 * * * *"))}
    assert planned["watch"].schedules[0].schedule.cron == "*/5 * * * *"
    assert planned["watch"].concurrency_limit == 1
