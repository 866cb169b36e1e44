"""What a night would do, and nothing done: no row, no file, no lease, and the source is asked for its list alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from insights.domain.campaigns import Campaign, with_newest_pauses
from insights.domain.leads import Lead
from insights.domain.policy import PolicyBook
from insights.domain.screening import ScreeningCode, screen
from insights.pipeline.night import LOOK_BACK
from insights.ports import LeadSource, SourceListing
from insights.ports_record import NightNote, Store, UnitOfWork

_NIGHTS = 14
"""So many of the last nights tell how fast the work goes; before them it ran on other machines and weights."""


@dataclass(frozen=True)
class Rehearsal:
    """A night that was not run. Of the leads that are ready: ``to_fetch`` have no recording here yet, ``to_hear`` no
    verdict; ``audio_s`` are the seconds of those as the source tells them, ``unknown_length`` those of which it tells
    none; ``failed_before`` failed for good and are left alone; ``proposed`` have a verdict already. ``decided`` were
    decided by a person or the policy, ready or not; ``deleted`` are passed over. ``work_s``: seconds of one worker's
    work for the audio, at the speed of the last nights; None where none of them heard anything.
    """

    source: str
    as_of: str
    asked_since: str
    leads_seen: int
    by_screening: dict[str, int]
    to_fetch: int
    to_hear: int
    audio_s: float
    unknown_length: int
    work_s: float | None
    failed_before: int
    proposed: int
    decided: int
    deleted: int
    quarantined: list[dict[str, str]]
    source_stopped: str = ""


@dataclass(frozen=True)
class _Looked:
    """A listed lead, where it would go next, and what stands of it; see ``Rehearsal``."""

    lead: Lead
    code: ScreeningCode
    fetched: bool
    failed: bool
    proposed: bool
    decided: bool

    @property
    def ready(self) -> bool:
        return self.code is ScreeningCode.READY

    @property
    def to_hear(self) -> bool:
        return self.ready and not self.proposed and not self.failed


def rehearse(
    source: LeadSource,
    source_uri: str,
    store: Store,
    policies: PolicyBook,
    as_of: datetime,
    retry_failed: bool = False,
) -> Rehearsal:
    """List and screen what the source of an address tells. Raises what the source raises."""
    with store(only_reads=True) as unit:
        listed_to = unit.source_cursor(source_uri)
    since = listed_to and min(listed_to, as_of - LOOK_BACK)
    listing = source.listing(since)
    with store(only_reads=True) as unit:
        kept = [lead for lead in listing.leads if not unit.is_deleted(lead.lead_id)]
        looked = [_look(unit, lead, listing, policies, as_of, retry_failed) for lead in kept]
        speed = _speed(unit.nights(_NIGHTS))
    to_hear = [one for one in looked if one.to_hear]
    audio_s = sum(one.lead.duration_s or 0.0 for one in to_hear)
    return Rehearsal(
        source=source_uri,
        as_of=as_of.isoformat(),
        asked_since=since.isoformat() if since else "",
        leads_seen=len(looked),
        by_screening=dict(sorted(Counter(one.code.value for one in looked).items())),
        to_fetch=sum(one.ready and not one.fetched and not one.failed for one in looked),
        to_hear=len(to_hear),
        audio_s=round(audio_s, 1),
        unknown_length=sum(one.lead.duration_s is None for one in to_hear),
        work_s=round(audio_s / speed, 1) if speed else None,
        failed_before=sum(one.ready and one.failed for one in looked),
        proposed=sum(one.ready and one.proposed for one in looked),
        decided=sum(one.decided for one in looked),
        deleted=len(listing.leads) - len(kept),
        quarantined=[{"where": q.where, "lead_id": q.lead_id, "reason": q.reason} for q in listing.quarantined],
        source_stopped=listing.stopped,
    )


def _look(
    unit: UnitOfWork, lead: Lead, listing: SourceListing, policies: PolicyBook, as_of: datetime, retry_failed: bool
) -> _Looked:
    campaign = _campaign(unit, lead, listing.campaigns[lead.campaign_id])
    screening = screen(lead, campaign, policies.at(lead.received_at, campaign.policy), as_of)
    row, failure = unit.summaries_of([lead.lead_id]).get(lead.lead_id), unit.failure(lead.lead_id)
    tried_again = retry_failed or _without_caller(unit.lead(lead.lead_id)) != _without_caller(lead)
    return _Looked(
        lead=lead,
        code=screening.code,
        fetched=unit.recording(lead.lead_id) is not None,
        failed=failure is not None and not failure.transient and not tried_again,
        proposed=row is not None and bool(row.facts["verdict"]),
        decided=row is not None and bool(row.facts["decided_by"]),
    )


def _campaign(unit: UnitOfWork, lead: Lead, told: Campaign) -> Campaign:
    """The campaign at the lead's receipt, as the night would keep it."""
    held = unit.campaign(told.campaign_id, lead.received_at)
    return told if held is None else with_newest_pauses(held, told)


def _without_caller(lead: Lead | None) -> Lead | None:
    """The record knows callers by a hash, and nobody has its key here."""
    return lead and replace(lead, caller_number="")


def _speed(nights: Iterable[NightNote]) -> float | None:
    """Seconds of audio a second of work, of the nights that heard any."""
    heard = [night.body for night in nights if night.body.get("audio_s")]
    work_s = sum(stage["seconds"] for body in heard for stage in body["stages"].values())
    return sum(body["audio_s"] for body in heard) / work_s if work_s else None
