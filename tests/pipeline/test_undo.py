"""Undo and put back on a real database: queue, rows, figures and the billing system hear of it as it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import NEED, PITCH, Office, calls
from receiver import SECRET, a_receiver
from servers import ON_BOTH
from sqlalchemy.exc import IntegrityError

from insights.adapters.billing_sinks import HttpBillingSink
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer, LeadState
from insights.domain.lead_life import ASKED, Verdicted
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind, check_chain
from insights.domain.money import Money
from insights.domain.sealing import DELETED
from insights.errors import MoveRefused
from insights.pipeline.decide import put_back, record_decision, reopen_lead, start_review, undo_decision
from insights.pipeline.deliver import deliver_pending, feed_state
from insights.pipeline.lessons import gather_decisions
from insights.pipeline.purge import Order, purge_lead
from insights.pipeline.review import open_queue
from insights.pipeline.story import explain
from insights.pipeline.viewing import Viewer

L1, L2 = LeadId("L1"), LeadId("L2")
ACCEPT = Verdicted(Answer.ACCEPT)

pytestmark = ON_BOTH


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """After a night: a customer and a pitch, proposed as such."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH))
    office.night()
    return office


def row(office: Office, lead_id: LeadId = L2) -> LeadSummary:
    with office.store(only_reads=True) as unit:
        return next(row for row in unit.summaries(None, None) if row.lead_id == lead_id)


def waiting(office: Office) -> list[str]:
    return [item.ticket.lead_id for item in open_queue(office.deps, NOW)[0]]


def test_an_undone_decision_leaves_queue_row_and_lessons_as_if_it_had_never_been_made(office: Office) -> None:
    start_review(office.deps, L2, "ann", NOW)
    before = row(office)
    record_decision(office.deps, L2, "ann", ACCEPT, at(10))
    assert "L2" not in waiting(office)
    record = undo_decision(office.deps, L2, "ann", at(15))
    assert (record.state, record.reviewer, record.balance) == (
        LeadState.IN_REVIEW,
        "reviewer:ann",
        Money.parse("45.00"),
    )
    assert "L2" in waiting(office)
    facts = {**row(office).facts, "in_hand_since": NOW.isoformat()}
    assert {name: facts[name] for name in facts if name not in ("credited", "proactive")} == {
        name: before.facts[name] for name in before.facts if name not in ("credited", "proactive")
    }
    assert float(facts["credited"]) == float(facts["proactive"]) == 0
    assert gather_decisions(office.deps).lessons == []
    record_decision(office.deps, L2, "ann", ACCEPT, at(30))
    assert row(office).facts["review_s"] == 30
    with office.store() as unit:
        assert list(check_chain(unit.entries())) == []


def test_a_decision_is_undone_only_by_who_made_it_and_only_at_once(office: Office) -> None:
    record_decision(office.deps, L2, "ann", ACCEPT, NOW)
    for reviewer, when, code in (("bo", at(5), "not_yours"), ("ann", at(31), "too_late")):
        with pytest.raises(MoveRefused) as refused:
            undo_decision(office.deps, L2, reviewer, when)
        assert refused.value.code == code
    assert office.entries(EntryKind.REOPENING) == []


def test_a_move_and_its_line_in_the_access_log_stand_together_or_not_at_all(office: Office) -> None:
    ann = Viewer("ann", "reviewer", False)
    record_decision(office.deps, L2, "ann", ACCEPT, NOW, viewer=ann)
    undo_decision(office.deps, L2, "ann", at(5), viewer=ann)
    with office.store(only_reads=True) as unit:
        assert {(told.who, told.what) for told in unit.accesses(L2, None)} == {("ann", "decide"), ("ann", "undo")}

    nobody = Viewer("ann", None, False)  # type: ignore[arg-type]  # a line that no database takes
    with pytest.raises(IntegrityError):
        record_decision(office.deps, L2, "ann", ACCEPT, at(9), viewer=nobody)
    assert len(office.entries(EntryKind.DECISION)) == 1


def test_the_billing_system_hears_that_a_decision_was_taken_back(office: Office) -> None:
    record_decision(office.deps, L1, "ann", ACCEPT, NOW)
    undo_decision(office.deps, L1, "ann", at(5))
    record_decision(office.deps, L2, "ann", ACCEPT, NOW)
    undo_decision(office.deps, L2, "ann", at(5))
    record_decision(office.deps, L2, "ann", ACCEPT, at(9))
    reopen_lead(office.deps, L2, "bo", "The client wrote.", at(60))
    with a_receiver() as receiver:
        deliver_pending(office.deps, HttpBillingSink(receiver.url, SECRET), this_process())
        told = [receiver.taken[key] for key in receiver.order]
    assert [message["kind"] for message in told if message["lead_id"] == "L1"] == ["proposal", "decision", "reopening"]
    of_pitch = [message for message in told if message["lead_id"] == "L2"]
    assert [message["key"] for message in of_pitch[1:]] == [
        "decision:L2:1",
        "credit:L2:1",
        "reopening:L2:1",
        "reversal:L2:1",
        "decision:L2:2",
        "credit:L2:2",
    ]
    assert (of_pitch[3]["undone"], of_pitch[3]["decision"]) == (True, "decision:L2:1")
    assert "note" not in of_pitch[3]
    assert feed_state(office.deps)["waiting"] == 0, "a lead that is only looked at again is no message"


def test_a_lead_put_back_is_anybodys_again(office: Office) -> None:
    start_review(office.deps, L2, "ann", NOW)
    with pytest.raises(MoveRefused):
        put_back(office.deps, L2, "bo", NOW)
    record = put_back(office.deps, L2, "ann", at(60))
    assert (record.state, record.reviewer) == (LeadState.NOT_REVIEWED, "")
    assert (row(office).facts["in_hand_of"], row(office).state) == ("", LeadState.NOT_REVIEWED)
    assert start_review(office.deps, L2, "bo", at(61)).reviewer == "reviewer:bo"


def test_the_letter_of_a_decision_is_told_in_its_story_and_deleted_with_the_leads_words(office: Office) -> None:
    said = Verdicted(Answer.ACCEPT, letter="Dear Blue Pipe, it was a pitch.")
    record_decision(office.deps, L2, "ann", said, NOW)
    assert explain(office.deps, L2, NOW)["review"]["decided"]["letter"] == said.letter
    purge_lead(office.deps, Order("operator:op", this_process()), L2, NOW)
    assert explain(office.deps, L2, NOW)["review"]["decided"]["letter"] == DELETED
    assert office.entries(EntryKind.DELETION)[0].body["why"] == ASKED
