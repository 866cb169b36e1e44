"""Feed, weekly report and retention as Prefect flows: what is not taken is a failed run, a week is a page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import NEED, PITCH, Office, calls

from insights import bootstrap
from insights.adapters.store import SqlStore

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def office(tmp_path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH))
    office.night()
    bootstrap.adopt(office.deps)
    monkeypatch.setenv("CALL_INSIGHTS_FEED", f"file://{tmp_path / 'drop'}")
    monkeypatch.setenv("CALL_INSIGHTS_REPORTS", str(tmp_path / "reports"))
    return office


def test_what_was_posted_is_delivered_by_the_flow(office: Office, tmp_path: Path) -> None:
    from flows.billing_feed import billing_feed

    assert billing_feed().delivered == 2
    assert len(list((tmp_path / "drop").iterdir())) == 1


def test_a_billing_system_that_does_not_take_it_is_a_failed_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.billing_feed import billing_feed

    monkeypatch.setenv("CALL_INSIGHTS_FEED", "http://127.0.0.1:9/")
    monkeypatch.setenv("CALL_INSIGHTS_FEED_SECRET", "s")
    state = billing_feed(return_state=True)
    assert state.is_failed()
    assert "2 messages were not taken" in str(state.message)


def test_a_week_is_a_page(office: Office, tmp_path: Path) -> None:
    from flows.weekly_report import weekly_report

    path = Path(weekly_report(NOW + timedelta(days=7)))
    assert path == tmp_path / "reports" / "week-2026-11-16.html"
    assert "Week of 2026-11-16" in path.read_text()


def test_what_is_kept_too_long_goes_by_itself(office: Office) -> None:
    from flows.retention import retention

    assert retention() == 0
    office.clock.instant = NOW + timedelta(days=1200)
    assert retention() == 2
    assert retention() == 0
