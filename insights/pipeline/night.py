"""A night: open it (register, screen), run the stages over batches of ready leads, close it with a summary."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from insights.domain.leads import Lead, LeadId
from insights.domain.ledger import Draft, EntryKind
from insights.domain.money import Money, totals
from insights.domain.screening import Screening, ScreeningCode, screen
from insights.domain.versions import charge_key
from insights.errors import InsightsError, LeadFailure
from insights.pipeline.accept import auto_accept
from insights.pipeline.decide import expire_unreviewed
from insights.pipeline.hints import hold_against, settle
from insights.pipeline.moves import write_summaries, write_summary
from insights.pipeline.review import open_queue
from insights.pipeline.triage import PIPELINE, Posted, propose
from insights.ports import Deps, Quarantined
from insights.ports_record import Failure, Lease, UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE = timedelta(hours=12)
"""So long a night holds the database after its last batch began; a dead process of this machine frees it at once."""
LOOK_BACK = timedelta(days=8)
"""A source is asked again for so long: rows change and recordings come late while a lead can be reviewed (7 days)."""
_TOGETHER = 100  # leads registered in one transaction: others must get their turn
ALERT = timedelta(hours=24)
"""Leads that expire within this time of the night's start are named in its summary: somebody must look today."""


class NightIsRunning(InsightsError):
    """Another night works on this database; starting a second one would only repeat its work."""


@dataclass(frozen=True)
class Night:
    """An open night. ``ready`` leads go through the stages; ``expired`` ones waited for a person until day 7.

    ``source_stopped``: what ended the source's listing half-way, empty where nothing did. ``not_listed``: calls that
    the provider's webhook told of and its listing did not.
    """

    source: str
    as_of: datetime
    seen: tuple[LeadId, ...]
    ready: tuple[LeadId, ...]
    quarantined: tuple[Quarantined, ...]
    posted: int
    expired: tuple[LeadId, ...] = ()
    source_stopped: str = ""
    not_listed: tuple[LeadId, ...] = ()


@dataclass
class StageReport:
    """What one stage did with one batch. ``seconds`` of work; ``audio_s`` of recordings heard."""

    stage: str
    done: int = 0
    reused: int = 0
    failed: int = 0
    transient: int = 0
    posted: int = 0
    seconds: float = 0.0
    audio_s: float = 0.0


@dataclass
class NightSummary:
    """The night in numbers, and the leads by name where a person must look."""

    source: str
    as_of: str
    leads_seen: int
    by_screening: dict[str, int]
    by_verdict: dict[str, dict[str, int]]
    failures: list[dict[str, str]]
    quarantined: list[dict[str, str]]
    proposals_posted: int
    proposals_standing: int
    audio_s: float
    stages: dict[str, dict[str, float]]
    expired_unreviewed: list[str] = field(default_factory=list)
    source_stopped: str = ""
    not_listed: list[str] = field(default_factory=list)
    auto_accepted: list[str] = field(default_factory=list)
    expiring: list[str] = field(default_factory=list)
    money: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)


def hold_night(deps: Deps, owner: str) -> None:
    """Take the night's lease, or hold it for longer. Raises NightIsRunning when another living process holds it."""
    now = deps.clock.now()
    with deps.store() as unit:
        holder = unit.take_lease(Lease.NIGHT, owner, now, now + LEASE)
        unit.commit()
    if holder is not None:
        raise NightIsRunning(f"another night is running on this database ({holder}).", next_step="Let it finish.")


@contextmanager
def one_night(deps: Deps, owner: str) -> Iterator[None]:
    """Hold the night's lease on the database; raises NightIsRunning when another living process holds it."""
    hold_night(deps, owner)
    try:
        yield
    finally:
        with deps.store() as unit:
            unit.end_lease(Lease.NIGHT, owner)
            unit.commit()


def open_night(deps: Deps, source_uri: str, as_of: datetime, retry_failed: bool = False) -> Night:
    """Register what the source lists, screen every lead, post charges and the verdicts that metadata decides.

    A lead that failed for good stays failed until its row changes at the source, or ``retry_failed`` asks again.
    """
    with deps.store(only_reads=True) as unit:
        listed_to = unit.source_cursor(source_uri)
    source, since = deps.source(source_uri), listed_to and min(listed_to, as_of - LOOK_BACK)
    listing = source.listing(since)
    deps.progress.stage("screen", len(listing.leads))
    with deps.store() as unit:
        for offer in listing.campaigns.values():
            unit.put_campaign(offer, min(as_of, deps.clock.now()))
        unit.commit()
    write_summaries(deps, only_missing=True)
    ready: list[tuple[timedelta, LeadId]] = []
    seen: list[LeadId] = []
    posted = 0
    for start in range(0, len(listing.leads), _TOGETHER):
        with deps.store() as unit:
            for lead in listing.leads[start : start + _TOGETHER]:
                if unit.is_deleted(lead.lead_id):
                    deps.progress.step("screen", lead.lead_id)
                    continue  # what was deleted of it must not come back
                seen.append(lead.lead_id)
                screening = _register(deps, unit, lead, source_uri, as_of, retry_failed)
                if screening.code is ScreeningCode.READY:
                    ready.append((screening.eligibility.time_left, lead.lead_id))
                elif propose(deps, unit, lead.lead_id, as_of) is Posted.NEW:
                    posted += 1
                deps.progress.step("screen", lead.lead_id)
            unit.commit()
    if listing.complete_to is not None and not listing.stopped:
        with deps.store() as unit:
            unit.put_source_cursor(source_uri, listing.complete_to)
            unit.commit()
    not_listed = hold_against(deps, source.uri, listing, since or deps.clock.now() - LOOK_BACK)
    expired = expire_unreviewed(deps, min(as_of, deps.clock.now()))
    return Night(
        source=source_uri,
        as_of=as_of,
        seen=tuple(seen),
        ready=tuple(lead_id for _, lead_id in sorted(ready)),
        quarantined=listing.quarantined,
        posted=posted,
        expired=tuple(expired),
        source_stopped=listing.stopped,
        not_listed=not_listed,
    )


def _register(
    deps: Deps, unit: UnitOfWork, lead: Lead, source_uri: str, as_of: datetime, retry_failed: bool
) -> Screening:
    """Keep a lead as the source tells it, screen it by its campaign at its receipt, and post its charge once."""
    campaign = unit.campaign(lead.campaign_id, lead.received_at)
    assert campaign is not None  # a listing names only campaigns that it holds
    screening = screen(lead, campaign, deps.policies.at(lead.received_at, campaign.policy), as_of)
    changed = unit.lead(lead.lead_id) != lead
    if retry_failed or changed:
        unit.clear_failure(lead.lead_id)
    unit.put_lead(lead, source_uri)
    unit.put_screening(screening)
    price = lead.price or campaign.price or Money.parse("0")
    body = {"amount": str(price.amount), "currency": price.currency, "campaign_id": lead.campaign_id}
    charge = Draft(charge_key(lead), lead.lead_id, EntryKind.CHARGE, lead.received_at, "source", body)
    charged = screening.code is not ScreeningCode.NOT_YET_RECEIVED and unit.post(charge)
    if charged or changed or retry_failed:
        write_summary(deps, unit, lead.lead_id)
    return screening


def _goes_on() -> None: ...


def run_stage(
    deps: Deps,
    stage: str,
    source_uri: str,
    lead_ids: Sequence[LeadId],
    as_of: datetime,
    goes_on: Callable[[], None] = _goes_on,
) -> StageReport:
    """One stage over one batch, each lead in its own transaction; a lead's failure is named and kept.

    Leads that an earlier stage failed are passed over. A passing failure is tried again from the first stage on, as
    a stored recording may have to be fetched anew. Done again, a stage finds its results and does nothing.
    ``goes_on`` is called after every lead.
    """
    order = list(PIPELINE)
    report = StageReport(stage)
    with deps.store(only_reads=True) as unit:
        failures = {lead_id: unit.failure(lead_id) for lead_id in lead_ids}
    open_to = [
        lead_id
        for lead_id, failure in failures.items()
        if failure is None or (failure.transient and order.index(stage) <= order.index(failure.stage))
    ]
    for lead_id in failures.keys() - set(open_to):
        deps.progress.step(stage, lead_id)
    started = time.monotonic()  # a wall clock may jump
    for lead_id, step in PIPELINE[stage](deps, source_uri, open_to, as_of):
        failure = failures[lead_id]
        report.seconds += time.monotonic() - started
        if isinstance(step, LeadFailure):
            step.lead_id = lead_id
            _fail(deps, stage, step)
            report.failed += 1
            report.transient += step.transient
            deps.progress.step(stage, lead_id)
        else:
            if failure is not None and failure.stage == stage:
                with deps.store() as unit:
                    unit.clear_failure(lead_id)
                    write_summary(deps, unit, lead_id)
                    unit.commit()
            report.done += 1
            report.reused += step.reused
            report.posted += step.posted
            report.audio_s += 0.0 if step.reused else step.audio_s
            deps.progress.step(stage, lead_id, step.audio_s)
        goes_on()
        started = time.monotonic()
    return report


def _fail(deps: Deps, stage: str, error: LeadFailure) -> None:
    deps.progress.failed(stage, error.lead_id, error.code, error.transient)
    message = " ".join(part for part in (error.message, error.next_step) if part)
    with deps.store() as unit:
        unit.put_failure(Failure(LeadId(error.lead_id), stage, error.code, message, error.transient, deps.clock.now()))
        write_summary(deps, unit, LeadId(error.lead_id))
        unit.commit()


def close_night(deps: Deps, night: Night, reports: Sequence[StageReport]) -> NightSummary:
    """Accept what the policy accepts without a person, and fold the night into its summary: counts, failures by name,
    and one row a lead for the table. It is kept without the rows, and without what callers or the source said."""
    from insights.pipeline.story import lead_row

    accepted = auto_accept(deps, night.seen, night.as_of).accepted
    rows: list[dict[str, Any]] = []
    failures: list[dict[str, str]] = []
    screenings: Counter[str] = Counter()
    verdicts: dict[str, Counter[str]] = {}
    stakes: list[Money] = []
    with deps.store(only_reads=True) as unit:
        for lead_id in night.seen:
            row = lead_row(unit, lead_id)
            rows.append(row)
            screenings[row["screening"]] += 1
            if row["verdict"]:
                verdicts.setdefault(row["verdict"], Counter())[row["reason"]] += 1
                if row["verdict"] == "non_billable":
                    stakes.append(Money.parse(row["price"], row["currency"]))
            if row["failure"] and (failure := unit.failure(lead_id)):
                failures.append(
                    {"lead_id": lead_id, "stage": failure.stage, "code": failure.code, "message": failure.message}
                )
    stages: dict[str, dict[str, float]] = {}
    for report in reports:
        total = stages.setdefault(report.stage, {"done": 0, "reused": 0, "failed": 0, "seconds": 0.0, "audio_s": 0.0})
        for name in total:
            total[name] += getattr(report, name)
    summary = NightSummary(
        source=night.source,
        as_of=night.as_of.isoformat(),
        leads_seen=len(night.seen),
        by_screening=dict(sorted(screenings.items())),
        by_verdict={verdict: dict(sorted(reasons.items())) for verdict, reasons in sorted(verdicts.items())},
        failures=failures,
        quarantined=[{"where": q.where, "lead_id": q.lead_id, "reason": q.reason} for q in night.quarantined],
        proposals_posted=night.posted + sum(report.posted for report in reports),
        proposals_standing=sum(1 for row in rows if row["verdict"]),
        audio_s=round(sum(report.audio_s for report in reports), 1),
        stages={name: {key: round(value, 2) for key, value in total.items()} for name, total in stages.items()},
        expired_unreviewed=list(night.expired),
        source_stopped=night.source_stopped,
        not_listed=list(night.not_listed),
        auto_accepted=list(accepted),
        expiring=[item.ticket.lead_id for item in open_queue(deps, night.as_of, within=ALERT)[0]],
        money={currency: str(money.amount) for currency, money in totals(stakes).items()},
        rows=rows,
    )
    with deps.store() as unit:
        unit.put_night(night.as_of, _to_keep(summary, night), deps.clock.now())
        unit.commit()
    if night.not_listed:  # named once; before the summary was kept, a night that dies would have told nobody
        settle(deps, deps.source(night.source).uri, night.not_listed)
    return summary


def _to_keep(summary: NightSummary, night: Night) -> dict[str, Any]:
    """The summary for the nights to come. It outlives what is deleted of a lead: no message and no value of a row."""
    kept = asdict(replace(summary, rows=[]))
    del kept["rows"]
    kept["failures"] = [{name: row[name] for name in ("lead_id", "stage", "code")} for row in summary.failures]
    kept["quarantined"] = [{"where": q.where, "lead_id": q.lead_id, "reason": q.fault} for q in night.quarantined]
    return kept


@dataclass(frozen=True)
class Agreement:
    """How a night compares with labels: recordings heard, reasons right, billable leads proposed as not billable."""

    heard: int
    right: int
    wrong_credits: int


def agreement(summary: NightSummary, labels: Mapping[str, str]) -> Agreement:
    """Compare the most probable reason of every heard lead with its label; ``labels`` maps lead ids to reasons."""
    heard = [
        row
        for row in summary.rows
        if row["screening"] == ScreeningCode.READY and row["verdict"] and row["lead_id"] in labels
    ]
    return Agreement(
        heard=len(heard),
        right=sum(row["reason"] == labels[row["lead_id"]] for row in heard),
        wrong_credits=sum(
            row["verdict"] == "non_billable" and labels[row["lead_id"]] == "new_customer" for row in heard
        ),
    )
