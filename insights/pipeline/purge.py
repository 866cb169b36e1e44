"""Deletes what is kept of leads no longer, or what a caller wants deleted; a tombstone on the billing record says so.

Files go first, then everything in the database in one transaction with the tombstone: after a kill the next run does
what is left, and nothing that was told as deleted is still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from insights.domain import lead_life
from insights.domain.billing import Kept, fold_ledger
from insights.domain.lead_life import ASKED, RETENTION, Mover, Refusal
from insights.domain.leads import FormContact, LeadId
from insights.domain.ledger import PRIVATE, Draft, Entry, EntryKind
from insights.domain.sealing import DELETED, sealed
from insights.errors import MoveRefused
from insights.pipeline.moves import known_lead, post_all
from insights.ports import Deps
from insights.ports_record import UnitOfWork

EVERYTHING = frozenset(Kept)


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted of one lead, or would be. ``in_chain``: entries of an older version whose words stay, because
    they stand in the chain itself."""

    lead_id: LeadId
    what: tuple[str, ...]
    in_chain: int = 0


def over_time(deps: Deps, now: datetime) -> Iterator[tuple[LeadId, frozenset[Kept]]]:
    """The leads of which something is kept too long, with what: each by its client's policy at its receipt."""
    with deps.store(only_reads=True) as unit:
        rows = list(unit.summaries(None, now))
        for row in rows:
            if row.still_open or {kept.value for kept in Kept} <= set(row.facts.get("deleted", ())):
                continue
            lead, campaign = known_lead(unit, row.lead_id)
            kept_for = deps.policies.at(lead.received_at, campaign.policy).privacy
            age = now - lead.received_at
            due = {Kept.AUDIO} if age > kept_for.keep_audio else set[Kept]()
            due |= {Kept.WORDS} if age > kept_for.keep_words else set[Kept]()
            due -= {Kept(name) for name in row.facts.get("deleted", ())}
            if due:
                yield row.lead_id, frozenset(due)


def purge_over_time(deps: Deps, actor: str, now: datetime, dry_run: bool = False) -> list[Purged]:
    """Delete all that is kept too long by now."""
    due = list(over_time(deps, now))
    deps.progress.stage("purge", len(due))
    purged = list[Purged]()
    for lead_id, what in due:
        done = Purged(lead_id, _names(what)) if dry_run else purge_lead(deps, lead_id, what, RETENTION, actor, now)
        purged.append(done)
        deps.progress.step("purge", lead_id)
    deps.store.wipe()
    return purged


def purge_caller(deps: Deps, caller: str, actor: str, now: datetime, dry_run: bool = False) -> list[Purged]:
    """Delete everything of the leads of one caller, told by the keyed hash of the number."""
    with deps.store(only_reads=True) as unit:
        lead_ids = unit.leads_of_caller(caller)
    if dry_run:
        return [Purged(lead_id, _names(EVERYTHING)) for lead_id in lead_ids]
    return _asked(deps, lead_ids, actor, now)


def purge_one(deps: Deps, lead_id: LeadId, actor: str, now: datetime, dry_run: bool = False) -> list[Purged]:
    """Delete everything of one lead because somebody asked. Raises UnknownLead."""
    with deps.store(only_reads=True) as unit:
        known_lead(unit, lead_id)
    return [Purged(lead_id, _names(EVERYTHING))] if dry_run else _asked(deps, [lead_id], actor, now)


def _asked(deps: Deps, lead_ids: Sequence[LeadId], actor: str, now: datetime) -> list[Purged]:
    done = [purge_lead(deps, lead_id, EVERYTHING, ASKED, actor, now) for lead_id in lead_ids]
    deps.store.wipe()
    return done


def purge_lead(deps: Deps, lead_id: LeadId, what: frozenset[Kept], why: str, actor: str, now: datetime) -> Purged:
    """Delete this of a lead and post the tombstone. Raises UnknownLead, MoveRefused."""
    with deps.store(only_reads=True) as unit:
        _tombstone(deps, unit, lead_id, what, why, Mover(actor, now))
        recording = unit.recording(lead_id) or ""
        entries = list(unit.entries(lead_id))
        shared = _kept_elsewhere(unit, lead_id, recording)
        files = _files_of(entries)
        if files:
            files -= _files_of(
                entry
                for entry in unit.entries_of((EntryKind.REQUEST, EntryKind.INFORMATION_GIVEN))
                if entry.lead_id != lead_id and not unit.is_deleted(entry.lead_id)
            )
    if Kept.AUDIO in what and recording and Kept.AUDIO not in shared:
        deps.recordings.drop(recording)
    if Kept.WORDS in what:
        for sha256 in sorted(files):
            deps.attachments.drop(sha256)
    with deps.store() as unit:
        drafts = _tombstone(deps, unit, lead_id, what, why, Mover(actor, now))
        if Kept.WORDS in what:
            _drop_words(unit, lead_id, entries)
            if recording and Kept.WORDS not in shared:
                unit.drop_heard(recording, _keys(entries, "transcript_key"))
        unit.mark_deleted(lead_id)
        post_all(deps, unit, drafts)
        unit.commit()
    in_chain = sum(1 for entry in entries if not entry.texts and _holds_words(entry)) if Kept.WORDS in what else 0
    return Purged(lead_id, _names(what), in_chain)


def _tombstone(
    deps: Deps, unit: UnitOfWork, lead_id: LeadId, what: frozenset[Kept], why: str, by: Mover
) -> list[Draft]:
    """Raises UnknownLead, and MoveRefused where it must stay."""
    lead, campaign = known_lead(unit, lead_id)
    policy = deps.policies.at(lead.received_at, campaign.policy)
    move = lead_life.delete(fold_ledger(lead_id, unit.entries(lead_id)), by, what, why, policy)
    if isinstance(move, Refusal):
        raise MoveRefused(move.message, code=move.code, lead_id=lead_id, next_step=move.next_step)
    return move


def _drop_words(unit: UnitOfWork, lead_id: LeadId, entries: list[Entry]) -> None:
    """Leave the lead's own row without what tells who called, and delete what was quoted of it."""
    lead, failure = unit.lead(lead_id), unit.failure(lead_id)
    assert lead is not None
    plain = replace(
        lead, recording="", caller_number="", caller_zip="", tracking_number="", form=FormContact(), extra={}
    )
    unit.put_lead(plain, DELETED)
    if failure is not None:
        unit.put_failure(replace(failure, message=DELETED))
    unit.drop_facts(_keys(entries, "facts_key"))
    unit.drop_texts(lead_id)


def _keys(entries: Iterable[Entry], name: str) -> set[str]:
    """Under which keys the proposals' transcripts or facts are kept."""
    return {entry.body[name] for entry in entries if entry.kind is EntryKind.PROPOSAL and entry.body.get(name)}


def _kept_elsewhere(unit: UnitOfWork, lead_id: LeadId, recording: str) -> set[Kept]:
    """What other leads with the same recording still keep of it."""
    others = [other for other in unit.leads_with_recording(recording) if other != lead_id] if recording else []
    return {kept for other in others for kept in EVERYTHING - fold_ledger(other, unit.entries(other)).deleted}


def _files_of(entries: Iterable[Entry]) -> set[str]:
    return {file["sha256"] for entry in entries for file in entry.body.get("files", ())}


def _holds_words(entry: Entry) -> bool:
    return bool(sealed(entry.chained, PRIVATE.get(entry.kind, frozenset()), str)[1])


def _names(what: frozenset[Kept]) -> tuple[str, ...]:
    return tuple(sorted(kept.value for kept in what))
