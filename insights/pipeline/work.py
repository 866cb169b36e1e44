"""The running night's work, shared by any number of workers: each takes leads in hand, and gives them back done.

Who has a lead in hand holds it for a while, and for longer as long as work goes on; whoever dies or hangs loses it, and
another worker takes it. Working a lead twice costs time and changes nothing, so nobody has to be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from insights.domain.leads import LeadId
from insights.pipeline.moves import write_summary
from insights.pipeline.night import Night, StageReport
from insights.ports import Deps
from insights.ports_record import Claimed, Failure

IN_HAND = timedelta(hours=1)
"""So long a worker may be busy with one lead, or one batch of speech, before others take it for hung."""
ALONE_FROM = 2
"""From its so many-th worker on a lead is worked alone: whatever ended the others should not fall on its neighbours."""
MOST_TRIES = 5
"""Workers that a lead may outlive, of one night or of several; then it has failed."""


@dataclass(frozen=True)
class Batch:
    """Leads in one worker's hand, and the night that they belong to."""

    owner: str
    source: str
    as_of: datetime
    lead_ids: tuple[LeadId, ...]


def share_out(deps: Deps, night: Night) -> None:
    """Lay out the work of a night that was opened, for whoever helps. What a night that died left in hand is still
    counted against its leads: else one that ends a night that works alone would end all that follow."""
    with deps.store(beside=True) as unit:
        unit.put_work(night.source, night.as_of, night.ready, deps.clock.now())
        unit.commit()


def take_batch(deps: Deps, owner: str, size: int) -> Batch | None:
    """Take the most urgent leads in hand that nobody has; None where there are none.

    Leads that may have ended a worker come last, one at a time. Speech and intent models are loaded before anything is
    taken: who dies of them dies with no lead in hand.
    """
    while True:
        if leads_free(deps):
            deps.speech(), deps.intent()
        now = deps.clock.now()
        with deps.store(beside=True) as unit:
            taken = unit.claim_work(owner, now, now + IN_HAND, size, ALONE_FROM)
            unit.commit()
        if not taken:
            return None
        if taken[0].tries <= MOST_TRIES:
            return Batch(owner, taken[0].source, taken[0].as_of, tuple(one.lead_id for one in taken))
        _give_up(deps, owner, taken[0])


def _give_up(deps: Deps, owner: str, lead: Claimed) -> None:
    message = f"{lead.tries - 1} workers ended while they had it in hand. Look at its recording, then --retry-failed."
    with deps.store() as unit:
        unit.put_failure(Failure(lead.lead_id, "work", "worker_died", message, False, deps.clock.now()))
        write_summary(deps, unit, lead.lead_id)
        unit.finish_work(owner, [lead.lead_id], {"stages": []})
        unit.commit()


def holder(deps: Deps, batch: Batch) -> Callable[[], None]:
    """To be called whenever a lead of a batch is done: holds the batch for longer, when it is time to."""
    held_until = deps.clock.now() + IN_HAND

    def hold() -> None:
        nonlocal held_until
        now = deps.clock.now()
        if not IN_HAND / 2 <= held_until - now <= IN_HAND:  # more is left only where the clock went back
            held_until = now + IN_HAND
            with deps.store(beside=True) as unit:
                unit.keep_work(batch.owner, held_until)
                unit.commit()

    return hold


def finish_batch(deps: Deps, batch: Batch, reports: Sequence[StageReport]) -> None:
    """Give a batch back done, with what each stage did."""
    with deps.store(beside=True) as unit:
        unit.finish_work(batch.owner, batch.lead_ids, {"stages": [asdict(report) for report in reports]})
        unit.commit()


def drop_batch(deps: Deps, batch: Batch) -> None:
    """Give a batch back undone, because the worker was told to stop: others may take it at once."""
    with deps.store(beside=True) as unit:
        unit.give_back_work(batch.owner, batch.lead_ids)
        unit.commit()


def leads_left(deps: Deps) -> int:
    """How many leads of the running night are not done, in somebody's hand or not."""
    with deps.store(only_reads=True) as unit:
        return unit.work_left()


def leads_free(deps: Deps) -> int:
    """How many leads of the running night somebody may take in hand now."""
    with deps.store(only_reads=True) as unit:
        return unit.work_free(deps.clock.now())


def reports_of_all(deps: Deps) -> list[StageReport]:
    """What all workers together did for the running night."""
    with deps.store(only_reads=True) as unit:
        return [StageReport(**stage) for report in unit.work_reports() for stage in report["stages"]]
