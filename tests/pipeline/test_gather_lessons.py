"""What reviewers decided becomes lessons: the label is theirs, the call and the offer are those that were judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_lead
from fakes import ScriptReader
from office import JOB, NEED, PITCH, PLUMBER
from school import School

from insights.adapters.store import SqlStore
from insights.domain.campaigns import Campaign, Pause, ServiceArea
from insights.domain.hearing import Doubt
from insights.domain.intents import Intent, Outcome
from insights.domain.leads import FormContact, LeadId, LeadKind
from insights.domain.lessons import Lesson
from insights.domain.money import Money
from insights.domain.scoring import Label
from insights.pipeline.lessons import gather_decisions
from insights.ports import Clip, HeardClip


@pytest.fixture
def school(tmp_path: Path, store: SqlStore) -> School:
    return School(tmp_path, store, {"L1": NEED, "L2": PITCH, "L3": JOB, "L4": NEED})


def lessons(school: School) -> dict[str, Lesson]:
    return {lesson.lead_id: lesson for lesson in gather_decisions(school.office.deps).lessons}


def test_a_lead_that_nobody_decided_teaches_nothing(school: School) -> None:
    decisions = gather_decisions(school.office.deps)
    assert (decisions.lessons, decisions.passed_over) == ([], {})


def test_an_override_gives_the_transcript_that_was_judged_the_reviewers_label(school: School) -> None:
    school.decide("L2", "override", "previous_customer")
    (lesson,) = lessons(school).values()

    assert lesson.overrides
    assert lesson.label == lesson.call.label == Label(False, Intent.PREVIOUS_CUSTOMER, None)
    assert lesson.call.call_id == "lead:L2"
    assert [turn.text for turn in lesson.call.transcript.turns][-1] == "I can get your google listing to the top."
    assert lesson.call.campaign == PLUMBER
    assert (lesson.received_at, lesson.decided_at) == (NOW - timedelta(hours=2), NOW + timedelta(minutes=1))


def test_an_acceptance_is_none_and_the_last_decision_on_a_lead_counts(school: School) -> None:
    school.decide("L2", "accept", "solicitor")
    assert not lessons(school)["L2"].overrides
    school.decide("L2", "override", "job_seeker")
    assert (lessons(school)["L2"].overrides, lessons(school)["L2"].label.reason) == (True, Intent.JOB_SEEKER)
    school.decide("L2", "accept", "solicitor")
    assert (lessons(school)["L2"].overrides, lessons(school)["L2"].label.reason) == (False, Intent.SOLICITOR)


def test_the_outcome_of_a_new_customer_is_the_reviewers(school: School) -> None:
    school.decide("L1", "override", "new_customer", outcome="chose_competitor")
    assert lessons(school)["L1"].label == Label(True, Intent.NEW_CUSTOMER, Outcome.CHOSE_COMPETITOR)


def test_without_the_reviewers_outcome_it_is_that_of_the_proposal(school: School) -> None:
    school.decide("L1", "accept", "new_customer")
    assert lessons(school)["L1"].label.outcome is Outcome.OPEN


def test_a_proposal_of_another_reason_has_no_outcome_so_the_classifiers_is_taken(school: School) -> None:
    """A training needs one for every new customer, and an override to one is what teaches most."""
    school.decide("L2", "override", "new_customer")
    assert lessons(school)["L2"].label == Label(True, Intent.NEW_CUSTOMER, Outcome.OPEN)


def test_whether_the_caller_was_a_known_customer_goes_along(tmp_path: Path, store: SqlStore) -> None:
    school = School(
        tmp_path, store, {"L1": NEED}, replace(PLUMBER, known_customers=frozenset({a_lead().caller_number}))
    )
    school.decide("L1", "override", "previous_customer")
    assert lessons(school)["L1"].call.known_customer


CHANGED = [
    replace(PLUMBER, service_area=ServiceArea(("Columbus",), (), "OH")),
    replace(PLUMBER, services=("drain cleaning", "septic tank pumping")),
    replace(PLUMBER, known_customers=frozenset({a_lead().caller_number})),
]


@pytest.mark.parametrize("changed", CHANGED, ids=["area", "services", "customer list"])
def test_an_offer_that_changed_after_the_lead_was_received_takes_nothing_from_the_lesson(
    school: School, changed: Campaign
) -> None:
    school.decide("L1", "override", "out_of_area")
    school.office.source.campaigns = [changed]
    school.office.night(NOW + timedelta(minutes=2))
    (lesson,) = gather_decisions(school.office.deps).lessons
    assert lesson.call.campaign == replace(PLUMBER, price=PLUMBER.price)


@pytest.mark.parametrize("changed", CHANGED, ids=["area", "services", "customer list"])
def test_a_lead_that_the_source_moved_to_another_offer_after_it_was_judged_is_passed_over(
    school: School, changed: Campaign
) -> None:
    """The label was right for the old offer; under the new one it may teach what is wrong."""
    school.decide("L1", "override", "out_of_area")
    with school.office.store() as unit:
        unit.put_campaign(changed, NOW)
        unit.put_lead(a_lead(lead_id=LeadId("L1"), received_at=NOW), "memory://leads")
        unit.commit()
    decisions = gather_decisions(school.office.deps)
    assert (decisions.lessons, decisions.passed_over) == ([], {"offer_changed": 1})


def test_a_lesson_carries_the_price_that_was_at_stake(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store, {"L1": NEED})
    school.office.source.leads = [replace(school.office.source.leads[0], price=Money.parse("400.00"))]
    school.office.night(NOW + timedelta(minutes=1))
    school.decide("L1")
    campaign = lessons(school)["L1"].call.campaign
    assert campaign is not None and campaign.price == Money.parse("400.00")


def test_a_change_that_words_are_not_judged_by_is_none(school: School) -> None:
    school.decide("L1", "override", "out_of_area")
    with school.office.store() as unit:
        unit.put_campaign(replace(PLUMBER, pauses=(Pause(NOW),)), NOW)
        unit.commit()
    assert list(lessons(school)) == ["L1"]


def test_leads_that_were_never_heard_or_hold_no_words_are_passed_over_by_name(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store, {"L1": PITCH, "L2": "broken", "L3": "caller: ", "L4": PITCH})
    form = a_lead(lead_id=LeadId("L5"), kind=LeadKind.FORM, form=FormContact(email="x@y.test", phone="+16145550100"))
    school.office.source.leads += [form, a_lead(lead_id=LeadId("L6"), answered=False)]
    school.office.night(NOW + timedelta(minutes=1))
    for lead_id, reason in {
        "L1": "solicitor",
        "L2": "solicitor",
        "L3": "solicitor",
        "L4": "campaign_paused",
        "L5": "unreachable_contact",
        "L6": "missed_call",
    }.items():
        school.decide(lead_id, "override", reason)
    decisions = gather_decisions(school.office.deps)

    assert [lesson.lead_id for lesson in decisions.lessons] == ["L1"]
    assert decisions.passed_over == {"no_intent": 1, "not_heard": 3, "nothing_said": 1}


class DoubtingReader(ScriptReader):
    """Hears every word and believes none."""

    def hear(self, clips: Sequence[Clip]) -> list[HeardClip]:
        return [replace(heard, doubt=Doubt.LOOP) for heard in super().hear(clips)]


def test_words_that_failed_the_speech_guards_are_no_words(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store, {"L1": PITCH})
    school.office.engine = DoubtingReader("reader-2")
    school.office.night(NOW + timedelta(minutes=1))
    school.decide("L1")
    assert gather_decisions(school.office.deps).passed_over == {"nothing_said": 1}
