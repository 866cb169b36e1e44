"""One lead's story, as the record holds it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_lead
from office import NEED, PITCH, PLUMBER, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.errors import UnknownLead
from insights.pipeline.story import explain, lead_row


def test_a_story_tells_the_lead_the_offer_the_verdict_and_every_entry(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH))
    office.night()
    story = explain(office.deps, LeadId("L1"), NOW + timedelta(hours=1))
    json.dumps(story)

    assert story["lead"]["answered"] is True
    assert (story["lead"]["price"], story["lead"]["currency"]) == ("45.00", "USD")
    assert story["campaign"]["client"] == PLUMBER.client
    assert story["campaign"]["services"] == list(PLUMBER.services)
    assert (story["screening"], story["eligibility"]["code"]) == ("ready", "eligible")
    assert story["eligibility"]["hours_left"] == 7 * 24 - 3
    assert story["state"] == "not_reviewed"
    assert story["proposal"]["reason"] == "solicitor"
    assert [entry["kind"] for entry in story["entries"]] == ["charge", "proposal"]
    assert story["failure"] is None


def test_instants_are_told_in_the_clients_own_time(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH))
    office.night()
    assert a_lead().received_at.isoformat() == "2026-11-20T06:00:00+00:00"
    assert explain(office.deps, LeadId("L1"), NOW)["lead"]["received_at"] == "2026-11-20T01:00:00-05:00"


def test_a_failed_lead_tells_where_and_why_it_failed(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()
    story = explain(office.deps, LeadId("L1"), NOW)

    assert story["failure"]["stage"] == "transcribe"
    assert story["failure"]["code"] == "not_audio"
    assert (story["state"], story["proposal"]) == ("not_reviewed", None)


def test_a_lead_that_is_not_charged_yet_has_an_empty_record(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=NEED)
    source.leads = [replace(source.leads[0], received_at=NOW + timedelta(days=1))]
    office = Office(tmp_path, store, source)
    office.night()
    assert explain(office.deps, LeadId("L1"), NOW)["state"] == "not_reviewed"


@pytest.mark.parametrize("lead_id", ["L9", "", "x" * 5000, "'; drop table leads; --"])
def test_a_lead_nobody_knows_is_named_in_one_line(tmp_path: Path, store: SqlStore, lead_id: str) -> None:
    with pytest.raises(UnknownLead) as caught:
        explain(Office(tmp_path, store, calls()).deps, LeadId(lead_id), NOW)
    assert len(str(caught.value)) < 300


def test_a_row_shows_the_fact_where_metadata_decided(tmp_path: Path, store: SqlStore) -> None:
    source = calls()
    source.leads = [a_lead(lead_id=LeadId("L1"), answered=False)]
    Office(tmp_path, store, source).night()
    with store() as unit:
        row = lead_row(unit, LeadId("L1"))
    assert (row["verdict"], row["reason"], row["fact"], row["quote"]) == ("billable", "missed_call", "answered: no", "")
