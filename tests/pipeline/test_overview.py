"""The dashboard from a real database: its nights, one client's leads alone, and the way down to the leads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from builders import NOW
from office import NEED, PITCH, Office, calls
from servers import ON_BOTH
from summaries import random_rows

from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.dashboard import Dashboard
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.pipeline.decide import record_decision
from insights.pipeline.overview import Overviews, leads_behind_chart, overview, rows_of

pytestmark = ON_BOTH
START = NOW - timedelta(days=30)


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """After a night: a customer, a pitch, and a recording that the source does not give."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=NEED))
    office.source.unsteady["L3"] = 9
    office.night()
    return office


def board_of(office: Office, kept: Overviews | None = None, client_id: str | None = None) -> Dashboard:
    return overview(office.deps, START, NOW, client_id, NOW, kept)


def behind(office: Office, chart: str, key: str, client_id: str | None = None) -> list[LeadId]:
    return leads_behind_chart(office.deps, START, NOW, client_id, NOW, chart, key)


def test_the_last_night_is_told_with_the_leads_that_failed(office: Office) -> None:
    board = board_of(office)
    night = board.last_night
    assert night is not None
    assert (night.seen, night.proposed, night.failed) == (3, 2, 1)
    assert behind(office, "night", night.key("failed")) == ["L3"]
    assert [row.lead_id for row in rows_of(office.deps, [LeadId("L3"), LeadId("L-9")])] == ["L3"]


def test_a_proposal_is_at_risk_until_somebody_decides_it(office: Office) -> None:
    kept = Overviews()
    at_risk = board_of(office, kept).dollars[0].total.at_risk
    assert (str(at_risk.money), behind(office, at_risk.chart, at_risk.key)) == ("45.00", ["L2"])
    assert board_of(office, kept) is board_of(office, kept), "nothing changed, and nothing is read again"
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), NOW)
    (dollars,) = board_of(office, kept).dollars
    assert (str(dollars.total.at_risk.money), str(dollars.total.credited.money)) == ("0", "45.00")


def test_only_the_last_few_dashboards_are_kept(office: Office) -> None:
    kept = Overviews()
    first = board_of(office, kept)
    for days in range(1, 8):
        overview(office.deps, START - timedelta(days=days), NOW, None, NOW, kept)
    assert board_of(office, kept) is not first


def test_the_dashboard_of_a_client_tells_its_own_leads_and_no_nights(office: Office) -> None:
    with office.store() as unit:
        rows = random_rows(Random(3), 60, START)
        for row in rows:
            unit.put_summary(row)
        unit.commit()
    own = [row.lead_id for row in rows if row.facts["client_id"] == "K-2"]
    board = board_of(office, client_id="K-2")
    assert (board.leads, board.nights) == (len(own), ())
    assert {row.client_id for row in board.clients} == {"K-2"}
    (client,) = board.clients
    assert behind(office, client.charged.chart, client.charged.key, "K-2") == own
    assert behind(office, client.charged.chart, "leads:USD:K-1", "K-2") == []
