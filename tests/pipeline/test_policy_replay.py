"""Another policy over stored facts: nobody listens, no model is asked, and a forged fact is noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import DOCUMENT, NOW, a_lead
from office import JOB, NEED, PITCH, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import FormContact, LeadId, LeadKind
from insights.domain.money import Money
from insights.domain.policy import PolicyBook
from insights.pipeline.audit import verify_record
from insights.pipeline.decide import record_decision
from insights.pipeline.replay import replay_policy
from insights.ports import Deps


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """After a night: a customer, a pitch, a job seeker, a missed call, a form; the pitch was decided."""
    source = calls(L1=NEED, L2=PITCH, L3=JOB)
    source.leads.append(a_lead(lead_id=LeadId("L4"), answered=False))
    source.leads.append(a_lead(lead_id=LeadId("L5"), kind=LeadKind.FORM, form=FormContact(email="x", phone="1")))
    office = Office(tmp_path, store, source)
    office.night()
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), NOW)
    return office


def deaf(office: Office) -> Deps:
    """The office without ears: asking for audio, speech or a model is an error."""

    def refuse(*_: object) -> Any:
        raise AssertionError("a replay listens to nothing")

    return replace(office.deps, speech=refuse, intent=refuse, source=refuse)


def another_policy(**reasons: dict[str, Any]) -> PolicyBook:
    changed = {name: {**DOCUMENT["reasons"][name], **told} for name, told in reasons.items()}
    return PolicyBook(({**DOCUMENT, "version": "other", "reasons": {**DOCUMENT["reasons"], **changed}},))


def test_the_same_policy_flips_nothing(office: Office) -> None:
    report = replay_policy(deaf(office), office.deps.policies, None, None)
    assert (report["leads"], report["flipped"], report["not_recalled"]) == (5, 0, 0)


def test_another_policy_flips_the_leads_whose_reason_it_judges_otherwise(office: Office) -> None:
    """Under it a job seeker is billable; the clients' own overrides still hold."""
    report = replay_policy(deaf(office), another_policy(job_seeker={"billable": True}), None, None)
    (example,) = report["examples"]
    assert (example["lead_id"], example["was"], example["now"][0]) == (
        "L3",
        ["non_billable", "job_seeker"],
        "billable",
    )
    assert report["against_decisions"]["now"] == {"right": 1, "wrong": 0, "left_to_a_person": 0}


def test_only_leads_of_the_period_are_replayed(office: Office) -> None:
    later = NOW + timedelta(days=1)
    assert replay_policy(deaf(office), office.deps.policies, later, None)["leads"] == 0
    assert replay_policy(deaf(office), office.deps.policies, None, later)["leads"] == 5


def test_a_lead_whose_parts_are_gone_is_counted_not_guessed(office: Office) -> None:
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("delete from facts")
    report = replay_policy(deaf(office), office.deps.policies, None, None)
    assert (report["leads"], report["not_recalled"]) == (2, 3)


def test_every_past_verdict_follows_from_what_is_stored(office: Office) -> None:
    assert verify_record(deaf(office))["sound"]


SWAPPED = """update scores set body = json_set(body,
    '$.probabilities.solicitor', json_extract(body, '$.probabilities.new_customer'),
    '$.probabilities.new_customer', json_extract(body, '$.probabilities.solicitor'))"""
FORGED = {
    "scores exchanged": (SWAPPED, "does not follow from what is stored"),
    "scores that are none": ("update scores set body = '{}'", "cannot be read"),
    "a fact put in": (
        """update facts set body = '[{"kind": "known_customer", "value": "x", "quote": null, "source": "list"}]'""",
        "does not follow from what is stored",
    ),
}


@pytest.mark.parametrize(("forgery", "what"), FORGED.values(), ids=FORGED.keys())
def test_a_stored_part_that_was_changed_shows_in_the_verdict_made_again(
    office: Office, forgery: str, what: str
) -> None:
    with office.store.engine.begin() as connection:
        assert connection.exec_driver_sql(forgery).rowcount > 0
    report = verify_record(deaf(office))
    assert not report["sound"]
    assert any(what in fault["problem"] for fault in report["faults"])


def test_what_could_not_be_made_again_is_counted(office: Office) -> None:
    assert verify_record(deaf(office))["verdicts"] == {"made_again": 5, "not_compared": 0}
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("delete from facts")
    assert verify_record(deaf(office))["verdicts"] == {"made_again": 2, "not_compared": 3}


def test_a_lead_that_the_source_corrected_is_not_compared(office: Office) -> None:
    office.change("L2", replace(office.source.leads[1], price=Money.parse("900")))
    office.night(NOW + timedelta(days=8))
    assert verify_record(deaf(office))["sound"]


def test_a_verdict_of_older_code_is_not_compared(office: Office) -> None:
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql(SWAPPED)
    assert verify_record(replace(office.deps, code_version="2.0"))["sound"]
