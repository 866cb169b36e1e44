"""A lead's review on a real database: request, question, decision, money, expiry; and two people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from builders import NOW
from fakes import NoHolidays
from office import JOB, NEED, PITCH, Office, calls
from servers import ON_BOTH

from insights.adapters.store import SqlStore
from insights.domain.billing import Answer, BillingRecord, LeadState
from insights.domain.intents import Outcome
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind, check_chain
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.errors import InputError, MoveRefused, UnknownLead
from insights.pipeline.decide import ask_client, expire_unreviewed, record_decision, reopen_lead, start_review
from insights.pipeline.request import MOST_FILES, give_information, submit_request, withdraw_request
from insights.pipeline.review import open_queue
from insights.pipeline.story import explain
from insights.ports import Deps

L1, L2, L3 = LeadId("L1"), LeadId("L2"), LeadId("L3")
ACCEPT = Verdicted(Answer.ACCEPT)
PREVIOUS = Verdicted(Answer.OVERRIDE, Reason.PREVIOUS_CUSTOMER)
DAY = timedelta(days=1)

pytestmark = ON_BOTH


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """After a night: a customer, a pitch and a job seeker, proposed as such."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=JOB))
    office.night()
    return office


def submit(deps: Deps, lead_id: LeadId = L1, **files: bytes) -> BillingRecord:
    return submit_request(deps, lead_id, Reason.PREVIOUS_CUSTOMER, "We did her drain in May.", files, NOW)


def waiting(office: Office, days_later: float = 0) -> list[str]:
    return [item.ticket.lead_id for item in open_queue(office.deps, NOW + days_later * DAY)[0]]


def test_a_request_puts_a_lead_into_the_queue_that_nobody_would_have_looked_at(office: Office) -> None:
    assert "L1" not in waiting(office)
    assert submit(office.deps).state is LeadState.SUBMITTED
    assert "L1" in waiting(office)
    (entry,) = office.entries(EntryKind.REQUEST)
    assert entry.actor == "client:K-1"


def test_files_are_kept_before_the_request_names_them(office: Office) -> None:
    submit(office.deps, invoice=b"%PDF")
    (file,) = office.entries(EntryKind.REQUEST)[0].body["files"]
    assert (file["name"], file["bytes"]) == ("invoice", 4)
    assert office.deps.attachments.read(file["sha256"]) == b"%PDF"


@pytest.mark.parametrize(
    "files", [{str(n): b"" for n in range(MOST_FILES + 1)}, {"large": bytes(10_000_001)}], ids=["many", "large"]
)
def test_files_that_are_too_many_or_too_large_are_refused(office: Office, files: dict[str, bytes]) -> None:
    with pytest.raises(InputError):
        submit(office.deps, **files)
    assert office.entries(EntryKind.REQUEST) == []


def test_a_decided_lead_leaves_the_queue_and_its_client_pays_nothing(office: Office) -> None:
    record = record_decision(office.deps, L2, "ann", ACCEPT, NOW)
    assert (record.state, record.balance) == (LeadState.DECIDED, Money.parse("0"))
    assert "L2" not in waiting(office)
    with office.store() as unit:
        assert list(check_chain(unit.entries())) == []


def test_a_question_stops_the_clock_and_takes_the_lead_out_of_the_queue_until_it_is_answered(office: Office) -> None:
    submit(office.deps)
    ask_client(office.deps, L1, "ann", "Which invoice?", NOW + DAY)
    assert "L1" not in waiting(office, 2)
    stopped = explain(office.deps, L1, NOW + 2 * DAY)["review"]
    assert (stopped["due_at"], stopped["clock_stopped_at"]) == (None, "2026-11-21T03:00:00-05:00")
    give_information(office.deps, L1, "4471", {"invoice.txt": b"4471"}, NOW + 4 * DAY)
    assert "L1" in waiting(office, 4)
    told = explain(office.deps, L1, NOW + 4 * DAY)["review"]
    assert told["asked"][0]["given"] == "4471"
    assert [(file["name"], file["bytes"]) for file in told["asked"][0]["files"]] == [("invoice.txt", 4)]
    assert told["clock_stopped_at"] is None


def test_the_answer_is_due_after_the_promised_business_days_of_the_clients_zone(office: Office) -> None:
    """Friday morning in New York, a weekend and a holiday on Tuesday: three business days end on Thursday."""
    submit(office.deps)
    assert explain(office.deps, L1, NOW)["review"]["due_at"] == "2026-11-25T03:00:00-05:00"
    object.__setattr__(office.deps, "holidays", NoHolidays(date(2026, 11, 24)))
    assert explain(office.deps, L1, NOW)["review"]["due_at"] == "2026-11-26T03:00:00-05:00"


def test_a_lead_whose_request_is_open_waits_also_after_day_seven_and_can_be_decided_then(office: Office) -> None:
    submit(office.deps)
    assert waiting(office, 9) == ["L1"]
    record = record_decision(office.deps, L1, "ann", PREVIOUS, NOW + 9 * DAY)
    assert record.decided is not None and record.decided.result == "accepted"


def test_a_request_after_day_seven_is_refused_with_the_reason(office: Office) -> None:
    with pytest.raises(MoveRefused, match="its review window has passed") as refused:
        submit_request(office.deps, L1, Reason.SOLICITOR, "A pitch.", {}, NOW + 7 * DAY - timedelta(hours=2))
    assert (refused.value.code, refused.value.lead_id) == ("too_old", "L1")


def test_a_request_that_is_withdrawn_leaves_the_lead_as_it_was(office: Office) -> None:
    submit(office.deps)
    assert withdraw_request(office.deps, L1, "Found it.", NOW).state is LeadState.WITHDRAWN
    assert "L1" not in waiting(office)


def test_a_reopened_lead_waits_again(office: Office) -> None:
    record_decision(office.deps, L2, "ann", ACCEPT, NOW)
    reopen_lead(office.deps, L2, "bo", "The client hired her.", NOW + 20 * DAY)
    assert waiting(office, 20) == ["L2"]
    back = record_decision(
        office.deps, L2, "bo", Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER, Outcome.OPEN), NOW + 20 * DAY
    )
    assert back.balance == Money.parse("45.00")
    assert [entry.kind for entry in office.entries(EntryKind.REVERSAL)] == [EntryKind.REVERSAL]


def test_a_lead_nobody_knows_is_named(office: Office) -> None:
    with pytest.raises(UnknownLead, match="'L9'"):
        record_decision(office.deps, LeadId("L9"), "ann", ACCEPT, NOW)


def test_of_many_reviewers_who_decide_at_once_exactly_one_does(office: Office) -> None:
    told: list[str] = []
    gate = threading.Barrier(8)

    def decide(name: str) -> None:
        gate.wait()
        try:
            record_decision(office.deps, L2, name, ACCEPT, NOW)
            told.append("done")
        except MoveRefused as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=decide, args=(f"reviewer-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["already_decided"] * 7 + ["done"]
    assert len(office.entries(EntryKind.DECISION)) == len(office.entries(EntryKind.CREDIT)) == 1


def test_what_waited_until_its_window_passed_is_counted_once(office: Office) -> None:
    """The pitch and the job seeker, though somebody had it in hand; not the customer."""
    start_review(office.deps, L3, "ann", NOW)
    later = NOW + 7 * DAY
    assert expire_unreviewed(office.deps, later - timedelta(hours=2, seconds=1)) == []
    assert expire_unreviewed(office.deps, later - timedelta(hours=2)) == ["L2", "L3"]
    assert expire_unreviewed(office.deps, later) == []
    entry, _ = office.entries(EntryKind.EXPIRY)
    assert entry.at == NOW + 7 * DAY - timedelta(hours=2), "the very end of its window"


def test_the_night_says_what_expired_unreviewed(office: Office) -> None:
    assert office.night().expired_unreviewed == []
    assert office.night(NOW + 7 * DAY).expired_unreviewed == ["L2", "L3"]


@pytest.mark.parametrize(
    "move",
    [
        lambda deps: give_information(deps, L2, "4471", {}, NOW),
        lambda deps: withdraw_request(deps, L2, "", NOW),
        lambda deps: reopen_lead(deps, L2, "ann", "why", NOW),
    ],
    ids=["answer", "withdraw", "reopen"],
)
def test_a_move_that_is_not_open_posts_nothing(office: Office, move: Callable[[Deps], object]) -> None:
    before = office.entries(EntryKind.PROPOSAL)
    with pytest.raises(MoveRefused):
        move(office.deps)
    with office.store() as unit:
        assert len(list(unit.entries())) == len(before) + 3
