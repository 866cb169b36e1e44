"""What machines ask of the review app: whether it is ready, and its figures for who has the token."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from fakes import StoppedClock
from prometheus_client.parser import text_string_to_metric_families
from review_desk import ReviewDesk, a_review_desk
from servers import ON_BOTH
from starlette.testclient import TestClient
from web_routes import paths

from insights.adapters.store import SqlStore
from insights.domain.alerts import trial_alert
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.tellings import Telling
from insights.pipeline.decide import record_decision
from insights.web.app import create_app
from insights.web.operate import Metrics

TOKEN = "a token of thirty-two characters."
ASKS = {"authorization": f"Bearer {TOKEN}"}


def a_client(desk: ReviewDesk, token: str = TOKEN, *, feeds: bool = True) -> TestClient:
    return TestClient(create_app(desk.desk, ["testserver"], Metrics(token, feeds)), base_url="https://testserver")


def figures(client: TestClient) -> dict[str, float]:
    """Each sample by its name and labels."""
    answer = client.get("/metrics", headers=ASKS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name.removeprefix('call_insights_')}{{{labels}}}"] = sample.value
    return found


# readiness


@ON_BOTH
def test_an_app_whose_database_answers_is_ready(desk: ReviewDesk) -> None:
    answer = a_client(desk).get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_an_app_over_tables_of_another_version_is_not_ready(desk: ReviewDesk) -> None:
    with desk.office.store.engine.begin() as connection:
        connection.exec_driver_sql("insert into schema_versions (version, name) values (999, 'of the future')")
    answer = a_client(desk).get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "schema"})


def test_an_app_whose_database_is_gone_is_alive_and_not_ready_and_tells_nothing_of_it(
    desk: ReviewDesk, tmp_path: Path
) -> None:
    desk.office.store.engine.dispose()
    for file in tmp_path.glob("record.sqlite*"):
        file.write_bytes(b"no database")
    client = a_client(desk)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database"})
    assert client.get("/healthz").status_code == 200


# metrics


@ON_BOTH
def test_the_page_tells_the_figures_of_the_record(desk: ReviewDesk) -> None:
    record_decision(desk.office.deps, LeadId("L1"), "ann", Verdicted(Answer.ACCEPT), NOW)
    with desk.office.store() as unit:
        unit.put_telling(Telling(trial_alert(NOW), NOW))
        unit.commit()
    told = figures(a_client(desk))
    assert told["night_timestamp_seconds{}"] == NOW.timestamp() and told["night_age_seconds{}"] == 0
    assert told["night_leads_seen{}"] == 14 and told["night_proposals_posted{}"] == 14
    assert told["night_audio_seconds{}"] > 0 and told["night_stage_seconds{stage=transcribe}"] >= 0
    assert told["queue_waiting_leads{}"] == 8 and told["queue_expiring_leads{}"] == 0
    assert told["at_risk_amount{currency=USD}"] == 8 * 45
    assert told["decisions_last_day{}"] == 1 and told["alerts_not_told{}"] == 1
    assert told["feed_waiting_messages{}"] == 16 and told["feed_dead_messages{}"] == 0
    (made_by,) = (name for name in told if name.startswith("made_by_info"))
    assert made_by == "made_by_info{code=1.0,intent=phrases-1,policy=2026-01,speech=reader-1}"


def test_no_lead_client_or_source_stands_on_the_page(tmp_path: Path, store: SqlStore) -> None:
    desk = a_review_desk(tmp_path, store, leads=6, scripts=("broken",))
    text = a_client(desk).get("/metrics", headers=ASKS).text
    assert 'call_insights_night_failed_leads{code="not_audio"} 6.0' in text
    for word in ("L1", "L-", "Blue Pipe", "K-1", "memory:", "C-1", "+1614"):
        assert word not in text


def test_where_no_billing_system_is_told_nothing_is_said_of_it(desk: ReviewDesk) -> None:
    assert not [name for name in figures(a_client(desk, feeds=False)) if name.startswith("feed")]


@pytest.mark.parametrize(
    "words", ["", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN} ", "Bearer é"]
)
def test_without_the_token_nobody_reads_it_signed_in_or_not(desk: ReviewDesk, words: str) -> None:
    answer = a_client(desk).get("/metrics", headers={"authorization": words.encode()})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer" and "call_insights" not in answer.text


@pytest.mark.parametrize("words", [f"Bearer {TOKEN}", "Bearer ", "Bearer", ""])
def test_where_no_token_is_set_there_is_no_such_page(desk: ReviewDesk, words: str) -> None:
    assert a_client(desk, token="").get("/metrics", headers={"authorization": words}).status_code == 404
    assert TestClient(desk.app, base_url="https://testserver").get("/metrics").status_code == 404


def test_who_asks_often_is_given_the_same_answer_for_some_seconds(desk: ReviewDesk) -> None:
    client, clock = a_client(desk), desk.office.clock
    assert isinstance(clock, StoppedClock)
    before = figures(client)["decisions_last_day{}"]
    record_decision(desk.office.deps, LeadId("L1"), "ann", Verdicted(Answer.ACCEPT), NOW)
    clock.instant += timedelta(seconds=14)
    assert figures(client)["decisions_last_day{}"] == before == 0
    clock.instant += timedelta(seconds=1)
    assert figures(client)["decisions_last_day{}"] == 1
    clock.instant -= timedelta(hours=1)
    assert figures(client)["night_age_seconds{}"] < 0, "a clock that went back keeps no old answer alive"


def test_each_app_tells_its_own_figures_however_many_there_are(desk: ReviewDesk) -> None:
    for _ in range(3):
        assert len(figures(a_client(desk))) == len(figures(a_client(desk)))


def test_pages_for_machines_take_nothing_that_is_sent(desk: ReviewDesk) -> None:
    for path in ("/readyz", "/metrics"):
        assert path in paths(desk.app, "GET") and path not in paths(desk.app, "POST")
        assert a_client(desk).post(path, data={"x": "y"}, headers=ASKS).status_code == 405
