"""A night's work among many workers: every lead in one hand at a time, and no lead lost with the hand that held it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import NEED, PITCH, Office, calls
from servers import ON_BOTH

from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.pipeline.night import StageReport, open_night
from insights.pipeline.work import (
    ALONE_FROM,
    IN_HAND,
    MOST_TRIES,
    Batch,
    drop_batch,
    finish_batch,
    holder,
    leads_left,
    reports_of_all,
    share_out,
    take_batch,
)

ANN, BO = "ann-host/1/1", "bo-host/1/1"
"""Workers on other machines: whether they live cannot be seen from here."""
DEAD = f"{this_process().split('/')[0]}/4194305/1"
"""A worker of this machine that is gone: no process has so high a number."""


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """An open night of five leads."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=NEED, L4=PITCH, L5=NEED))
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    return office


def taken(batch: Batch | None) -> list[str]:
    return list(batch.lead_ids) if batch else []


def hands(office: Office, owner: str, size: int = 5) -> list[list[str]]:
    """What a worker gets that takes all it can."""
    return list(iter(lambda: taken(take_batch(office.deps, owner, size)), []))


ONE_BY_ONE = [["L1"], ["L2"], ["L3"], ["L4"], ["L5"]]


@ON_BOTH
def test_workers_take_the_most_urgent_leads_and_none_that_another_has(office: Office) -> None:
    first, second = take_batch(office.deps, ANN, 2), take_batch(office.deps, BO, 2)
    assert (taken(first), taken(second)) == (["L1", "L2"], ["L3", "L4"])
    assert first is not None and (first.source, first.as_of) == (office.source.uri, NOW)
    assert taken(take_batch(office.deps, ANN, 2)) == ["L5"]
    assert take_batch(office.deps, BO, 2) is None
    assert leads_left(office.deps) == 5, "what is in hand is not done"


@ON_BOTH
def test_what_is_done_is_off_the_list_with_what_everybody_did(office: Office) -> None:
    for owner, done in ((ANN, 2), (BO, 3)):
        batch = take_batch(office.deps, owner, done)
        assert batch is not None
        finish_batch(office.deps, batch, [StageReport("fetch", done=done, seconds=0.5), StageReport("propose", done)])
    assert leads_left(office.deps) == 0
    assert [(report.stage, report.done) for report in reports_of_all(office.deps)] == [
        ("fetch", 2),
        ("propose", 2),
        ("fetch", 3),
        ("propose", 3),
    ]


@ON_BOTH
def test_leads_of_a_worker_that_died_here_are_free_at_once(office: Office) -> None:
    assert taken(take_batch(office.deps, DEAD, 5)) == ["L1", "L2", "L3", "L4", "L5"]
    assert hands(office, ANN) == ONE_BY_ONE, "one of them may have ended it"


@ON_BOTH
def test_leads_of_a_worker_that_hangs_elsewhere_are_free_when_its_time_is_over(office: Office) -> None:
    hung = take_batch(office.deps, ANN, 5)
    office.clock.instant = NOW + IN_HAND - timedelta(seconds=1)
    assert take_batch(office.deps, BO, 5) is None
    office.clock.instant = NOW + IN_HAND
    assert hands(office, BO) == ONE_BY_ONE

    assert hung is not None
    finish_batch(office.deps, hung, [StageReport("fetch", done=5)])
    assert leads_left(office.deps) == 5, "whoever comes back late takes nothing out of another's hand"
    assert reports_of_all(office.deps) == [], "and what is done again is counted once"


@ON_BOTH
def test_a_worker_that_goes_on_keeps_what_it_has(office: Office) -> None:
    batch = take_batch(office.deps, ANN, 5)
    assert batch is not None
    hold = holder(office.deps, batch)
    for minutes in range(0, 240, 20):
        office.clock.instant = NOW + timedelta(minutes=minutes)
        hold()
        assert take_batch(office.deps, BO, 5) is None


@ON_BOTH
def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_and_is_not_blamed(office: Office) -> None:
    for _ in range(MOST_TRIES + 1):
        batch = take_batch(office.deps, ANN, 5)
        assert batch is not None and len(batch.lead_ids) == 5
        drop_batch(office.deps, batch)
    assert office.failure("L1") is None


@ON_BOTH
def test_a_lead_that_ends_its_workers_is_worked_alone_and_then_fails_by_name(office: Office) -> None:
    """Five go down together. From then on each is worked alone, those first that ended fewest, and the one that ends
    its workers is given up in the end."""
    assert taken(take_batch(office.deps, DEAD, 5)) == ["L1", "L2", "L3", "L4", "L5"]
    seen = list[str]()
    while batch := take_batch(office.deps, DEAD, 5):
        seen += batch.lead_ids
        if batch.lead_ids != ("L1",):
            finish_batch(office.deps, batch, [])
    assert seen == ["L1", "L2", "L3", "L4", "L5"] + ["L1"] * (MOST_TRIES - ALONE_FROM)

    failure = office.failure("L1")
    assert failure is not None
    assert (failure.code, failure.transient) == ("worker_died", False)
    assert f"{MOST_TRIES} workers" in failure.message
    assert leads_left(office.deps) == 0


@ON_BOTH
def test_workers_who_ask_at_the_same_instant_never_get_the_same_lead(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(**{f"L{number:03}": NEED for number in range(60)}))
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    together = threading.Barrier(6)

    def work(name: str) -> list[str]:
        together.wait()
        got: list[str] = []
        while batch := take_batch(office.deps, name, 3):
            got += batch.lead_ids
        return got

    with ThreadPoolExecutor(6) as pool:
        hands = list(pool.map(work, [f"host-{number}/1/1" for number in range(6)]))
    together_had = [lead for hand in hands for lead in hand]
    assert len(together_had) == len(set(together_had)) == 60


def test_the_next_night_lays_out_its_own_work(office: Office) -> None:
    batch = take_batch(office.deps, ANN, 2)
    assert batch is not None
    finish_batch(office.deps, batch, [StageReport("fetch", done=2)])
    office.source.leads = office.source.leads[3:]
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))

    assert (leads_left(office.deps), reports_of_all(office.deps)) == (2, [])
    assert taken(take_batch(office.deps, BO, 9)) == ["L4", "L5"]


@ON_BOTH
def test_a_source_is_asked_again_from_where_it_was_complete(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    asked = office.source.asked
    open_night(office.deps, office.source.uri, NOW)
    open_night(office.deps, office.source.uri, NOW)
    assert asked == [None, None], "a source that never tells how far it went is asked for all"

    office.source.complete_to = NOW
    open_night(office.deps, office.source.uri, NOW)
    later = NOW + timedelta(days=1)
    open_night(office.deps, office.source.uri, later)
    assert asked[3] == later - timedelta(days=8), "what can still be reviewed is asked for again"

    office.source.complete_to, office.source.stopped = later, "it went away at page 3"
    night = open_night(office.deps, office.source.uri, later + timedelta(days=30))
    assert night.source_stopped == "it went away at page 3"
    open_night(office.deps, office.source.uri, later + timedelta(days=30))
    assert asked[4:] == [NOW, NOW], "after a month of silence, and again after a listing that stopped half-way"
    assert LeadId("L1") in night.seen


@ON_BOTH
def test_leads_that_may_have_ended_a_worker_come_after_all_others(office: Office) -> None:
    assert taken(take_batch(office.deps, DEAD, 2)) == ["L1", "L2"]
    assert hands(office, ANN, 2) == [["L3", "L4"], ["L5"], ["L1"], ["L2"]]


@ON_BOTH
def test_a_night_that_begins_again_blames_nobody_for_a_helper_that_lives(office: Office) -> None:
    assert len(taken(take_batch(office.deps, this_process(), 3))) == 3
    assert len(taken(take_batch(office.deps, DEAD, 1))) == 1
    share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    assert hands(office, ANN) == [["L1", "L2", "L3", "L5"], ["L4"]]


@ON_BOTH
def test_a_lead_that_ends_each_night_that_works_alone_fails_by_name_too(office: Office) -> None:
    """Nobody is left to take what the dead night had in hand; the nights that follow must get past it."""
    worked = list[str]()
    for _ in range(MOST_TRIES):
        for hand in iter(lambda: take_batch(office.deps, DEAD, 2), None):
            if "L1" in hand.lead_ids:
                break  # and there this night ends
            worked += hand.lead_ids
            finish_batch(office.deps, hand, [])
        share_out(office.deps, open_night(office.deps, office.source.uri, NOW))
    assert {"L2", "L3", "L4", "L5"} == set(worked), "the others are worked long before"

    assert hands(office, ANN) == [["L2", "L3", "L4", "L5"]]
    failure = office.failure("L1")
    assert failure is not None
    assert failure.code == "worker_died"
