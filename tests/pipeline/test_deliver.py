"""Delivery to billing: nothing lost, nothing twice at a receiver that honours keys, each lead in its order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from builders import NOW
from office import JOB, NEED, PITCH, Office, calls
from receiver import SECRET, Receiver, a_receiver
from servers import ON_BOTH

from insights.adapters.billing_sinks import FileDropSink, HttpBillingSink
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.feed import FED
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.errors import FeedUnavailable
from insights.pipeline.audit import verify_record
from insights.pipeline.decide import record_decision, reopen_lead, undo_decision
from insights.pipeline.deliver import FeedIsRunning, FeedRun, deliver_pending, feed_state, send_again
from insights.ports_record import Lease

TESTS = Path(__file__).parents[1]
HOUR = timedelta(hours=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """After a night of three calls and one decision: three proposals, a decision and a credit to be told."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=JOB))
    office.night()
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), NOW)
    return office


def deliver(office: Office, receiver: Receiver) -> FeedRun:
    return deliver_pending(office.deps, HttpBillingSink(receiver.url, SECRET), this_process())


def test_what_was_posted_is_told_once(office: Office, receiver: Receiver) -> None:
    assert deliver(office, receiver) == FeedRun(5, 0)
    assert deliver(office, receiver) == FeedRun(0, 0)
    assert receiver.told == 5
    assert [message["kind"] for message in receiver.taken.values() if message["lead_id"] == "L2"] == [
        "proposal",
        "decision",
        "credit",
    ]
    assert feed_state(office.deps) == {"waiting": 0, "oldest_waiting_at": None, "dead": []}


def test_what_is_never_told_is_not_read_again_at_each_delivery(office: Office, receiver: Receiver) -> None:
    reopen_lead(office.deps, LeadId("L2"), "bo", "The client wrote.", NOW)
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), NOW)
    undo_decision(office.deps, LeadId("L2"), "ann", NOW)
    run = deliver(office, receiver)
    assert (run.delivered, receiver.told) == (7, 7), "and of a decision that was taken back it hears"
    with office.store(only_reads=True) as unit:
        assert list(unit.undelivered(FED)) == []


def test_a_lead_whose_message_fails_waits_for_it_and_the_others_go_on(office: Office, receiver: Receiver) -> None:
    receiver.refuses = lambda message: 503 if message["key"].startswith("proposal:L2") else None
    assert deliver(office, receiver) == FeedRun(2, 1)
    assert {message["lead_id"] for message in receiver.taken.values()} == {"L1", "L3"}
    receiver.refuses = lambda message: None
    assert deliver(office, receiver) == FeedRun(0, 0), "it rests for a minute"
    office.clock.instant += HOUR
    assert deliver(office, receiver) == FeedRun(3, 0)
    assert receiver.order[-3].startswith("proposal:L2")


def test_a_refused_message_is_a_dead_letter_until_it_is_sent_again(office: Office, receiver: Receiver) -> None:
    receiver.refuses = lambda message: 422 if message["lead_id"] == "L2" else None
    assert deliver(office, receiver) == FeedRun(2, 1)
    state = feed_state(office.deps)
    assert (state["waiting"], len(state["dead"])) == (2, 1)
    assert "refused the message (422)" in state["dead"][0]["error"]
    office.clock.instant += 100 * HOUR
    assert deliver(office, receiver).delivered == 0

    receiver.refuses = lambda message: None
    assert send_again(office.deps, LeadId("L1")) == 0
    assert send_again(office.deps) == 1
    assert deliver(office, receiver) == FeedRun(3, 0)


def test_a_receiver_that_does_not_answer_is_left_alone_after_three_tries(office: Office, receiver: Receiver) -> None:
    receiver.answers = [(503, {})] * 3
    run = deliver(office, receiver)
    assert (run.delivered, run.failed, run.stopped) == (0, 3, "the billing system answered 503.")
    assert receiver.told == 3


def test_files_that_cannot_be_written_are_told_later(office: Office, tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("in the way")
    with pytest.raises(FeedUnavailable):
        deliver_pending(office.deps, FileDropSink(tmp_path / "feed"), this_process())
    assert feed_state(office.deps)["waiting"] == 5
    (tmp_path / "feed").unlink()
    assert deliver_pending(office.deps, FileDropSink(tmp_path / "feed"), this_process()) == FeedRun(5, 0)


def test_two_deliveries_at_once_are_refused(office: Office, receiver: Receiver) -> None:
    with office.store() as unit:
        assert unit.take_lease(Lease.FEED, "elsewhere/1/1", NOW, NOW + HOUR) is None
        unit.commit()
    with pytest.raises(FeedIsRunning, match="elsewhere"):
        deliver(office, receiver)
    office.clock.instant += HOUR
    assert deliver(office, receiver).delivered == 5


LEADS = 20
CHILD = """
import os, sys
sys.path.insert(0, {tests!r})
from builders import NOW
from office import Office, calls
from insights.adapters.billing_sinks import HttpBillingSink
from insights.adapters.process_owner import this_process
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.errors import InsightsError
from insights.pipeline.decide import record_decision, reopen_lead
from insights.pipeline.deliver import deliver_pending
from pathlib import Path

def work(turn):
    office = Office(Path({folder!r}), SqlStore(open_engine({database!r})), calls())
    for turn in range(turn, turn + 1000):
        lead_id = LeadId(f"L{{turn % {leads}}}")
        try:
            record_decision(office.deps, lead_id, "ann", Verdicted(Answer.ACCEPT), NOW)
            reopen_lead(office.deps, lead_id, "ann", str(turn), NOW)
        except InsightsError:
            try:
                reopen_lead(office.deps, lead_id, "ann", "after a kill", NOW)
            except InsightsError:
                pass
        deliver_pending(office.deps, HttpBillingSink({url!r}, {secret!r}), this_process())

open_engine({database!r}).dispose()  # loads what a fresh process would take longer to load than it lives
HttpBillingSink({url!r}, {secret!r}).close()
for line in sys.stdin:  # a fresh process a line
    child = os.fork()
    if child == 0:
        work(int(line))
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


@ON_BOTH
@pytest.mark.parametrize("kills", [25, pytest.param(1000, marks=pytest.mark.slow)])
def test_killed_at_random_moments_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, store: SqlStore, database: str, receiver: Receiver, kills: int
) -> None:
    office = Office(tmp_path, store, calls(**dict.fromkeys((f"L{n}" for n in range(LEADS)), PITCH)))
    office.night()
    rng = Random(4)
    code = CHILD.format(
        tests=str(TESTS), folder=str(tmp_path), database=database, url=receiver.url, secret=SECRET, leads=LEADS
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TESTS.parent, text=True
    )
    with parent:
        assert parent.stdin is not None and parent.stdout is not None
        for turn in range(kills):
            print(turn, file=parent.stdin, flush=True)
            child = int(parent.stdout.readline())
            time.sleep(rng.uniform(0.02, 0.4))
            os.kill(child, signal.SIGKILL)
            assert parent.stdout.readline() == "dead\n"
    office.clock.instant += 100 * HOUR
    deliver(office, receiver)
    with store() as unit:
        fed = [e.key for e in unit.entries() if e.kind in ("proposal", "decision", "credit", "reversal")]
    assert len(fed) > LEADS + kills / 10, "the processes got something done"
    assert sorted(receiver.taken) == sorted(fed), "all of it, each once"
    for lead_id in (f":L{n}:" for n in range(LEADS)):
        told = [key for key in receiver.order if lead_id in key]
        assert told == [key for key in fed if lead_id in key], "each lead in the order of the record"
    assert feed_state(office.deps)["waiting"] == 0
    assert verify_record(office.deps)["sound"]
