"""Deletes what is kept of leads no longer, or what a caller wants deleted; a tombstone on the billing record says so.

While it works no night runs, and each lead is one transaction: its files go before the transaction ends, so that a kill
can leave something to do again, but never a tombstone for something that is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from insights.domain import lead_life
from insights.domain.billing import Kept, fold_ledger
from insights.domain.lead_life import ASKED, RETENTION, Mover, Refusal
from insights.domain.leads import CampaignId, FormContact, LeadId
from insights.domain.ledger import Entry, EntryKind, words_in_chain
from insights.domain.sealing import DELETED
from insights.errors import MoveRefused
from insights.pipeline.accounts import forget_sign_ins
from insights.pipeline.moves import known_lead, post_all
from insights.pipeline.night import one_night
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


@dataclass(frozen=True, slots=True)
class Purge:
    """One run over leads, each with what is due. ``wiped`` is False while a reader keeps the database from overwriting
    what was deleted; the next purge does it."""

    purged: tuple[Purged, ...]
    wiped: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """Who purges: ``actor`` on the record, ``owner`` of the night's lease; ``dry_run`` only says what would go."""

    actor: str
    owner: str
    dry_run: bool = False


def purge_over_time(deps: Deps, order: Order, now: datetime) -> Purge:
    """Delete all that is kept too long by now, and never by a day that has not come: of leads, which it tells, and
    sessions and wrong passwords of the review app. Raises NightIsRunning."""
    now = now if order.dry_run else min(now, deps.clock.now())
    if not order.dry_run:
        with deps.store() as unit:
            forget_sign_ins(unit, now)
            unit.commit()
    return _purge(deps, order, _over_time(deps, now), RETENTION, now)


def purge_caller(deps: Deps, order: Order, caller: str, now: datetime) -> Purge:
    """Delete everything of the leads of one caller, told by the keyed hash of the number. Raises NightIsRunning."""
    with deps.store(only_reads=True) as unit:
        lead_ids = unit.leads_of_caller(caller)
    return _purge(deps, order, dict.fromkeys(lead_ids, EVERYTHING), ASKED, now)


def purge_lead(deps: Deps, order: Order, lead_id: LeadId, now: datetime) -> Purge:
    """Delete everything of one lead because somebody asked. Raises UnknownLead, NightIsRunning."""
    with deps.store(only_reads=True) as unit:
        known_lead(unit, lead_id)
    return _purge(deps, order, {lead_id: EVERYTHING}, ASKED, now)


def purge_again(deps: Deps, order: Order) -> Purge:
    """Delete anew what the tombstones say is deleted: a backup that was restored may have brought it back.

    Writes no new tombstone, and does the same however often it is called. Raises NightIsRunning.
    """
    due: dict[LeadId, frozenset[Kept]] = {}
    with deps.store(only_reads=True) as unit:
        for tombstone in unit.entries_of((EntryKind.DELETION,)):
            what = frozenset(Kept(name) for name in tombstone.body["what"])
            due[tombstone.lead_id] = due.get(tombstone.lead_id, frozenset()) | what
    return _each(deps, order, due, _drop_again)


def _drop_again(deps: Deps, lead_id: LeadId, what: frozenset[Kept]) -> Purged:
    with deps.store() as unit:
        _drop(deps, unit, lead_id, what, list(unit.entries(lead_id)))
        unit.commit()
    return Purged(lead_id, _names(what))


def _over_time(deps: Deps, now: datetime) -> dict[LeadId, frozenset[Kept]]:
    """The leads of which something is kept too long, with what: each by its client's policy at its receipt."""
    found: dict[LeadId, frozenset[Kept]] = {}
    with deps.store(only_reads=True) as unit:
        for row in unit.summaries(None, now):
            kept = EVERYTHING - {Kept(name) for name in row.facts.get("deleted", ())}
            campaign = unit.campaign(CampaignId(row.campaign_id), row.received_at) if kept else None
            if campaign is None or row.still_open:
                continue
            terms = deps.policies.at(row.received_at, campaign.policy).privacy
            age = now - row.received_at
            due = kept & ({Kept.AUDIO} if age > terms.keep_audio else frozenset[Kept]())
            due |= kept & ({Kept.WORDS} if age > terms.keep_words else frozenset[Kept]())
            if due:
                found[row.lead_id] = due
    return found


def _purge(deps: Deps, order: Order, due: dict[LeadId, frozenset[Kept]], why: str, now: datetime) -> Purge:
    return _each(
        deps,
        order,
        due,
        lambda deps, lead_id, what: _purge_one(deps, lead_id, what, why, Mover(order.actor, now)),
    )


def _each(
    deps: Deps,
    order: Order,
    due: Mapping[LeadId, frozenset[Kept]],
    purge: Callable[[Deps, LeadId, frozenset[Kept]], Purged],
) -> Purge:
    if order.dry_run or not due:
        return Purge(tuple(Purged(lead_id, _names(what)) for lead_id, what in due.items()))
    deps.progress.stage("purge", len(due))
    purged = list[Purged]()
    with one_night(deps, order.owner):
        for lead_id, what in due.items():
            try:
                purged.append(purge(deps, lead_id, what))
            except MoveRefused:
                continue  # its review was opened a moment ago: retention comes again
            finally:
                deps.progress.step("purge", lead_id)
    return Purge(tuple(purged), deps.store.wipe())


def _purge_one(deps: Deps, lead_id: LeadId, what: frozenset[Kept], why: str, by: Mover) -> Purged:
    with deps.store() as unit:
        lead, campaign = known_lead(unit, lead_id)
        entries = list(unit.entries(lead_id))
        policy = deps.policies.at(lead.received_at, campaign.policy)
        move = lead_life.delete(fold_ledger(lead_id, entries), by, what, why, policy)
        if isinstance(move, Refusal):
            raise MoveRefused(move.message, code=move.code, lead_id=lead_id, next_step=move.next_step)
        _drop(deps, unit, lead_id, what, entries)
        post_all(deps, unit, move)
        unit.commit()
    in_chain = sum(map(words_in_chain, entries)) if Kept.WORDS in what else 0
    return Purged(lead_id, _names(what), in_chain)


def _drop(deps: Deps, unit: UnitOfWork, lead_id: LeadId, what: frozenset[Kept], entries: Sequence[Entry]) -> None:
    """Take the lead's files and words away, but what other leads keep of the same recording or file."""
    for recording in sorted(_recordings(unit, lead_id, entries)):
        elsewhere = _kept_elsewhere(unit, lead_id, recording)
        if Kept.AUDIO in what - elsewhere:
            deps.recordings.drop(recording)
        if Kept.WORDS in what - elsewhere:
            of_it = [entry for entry in entries if entry.body.get("audio_sha256") == recording]
            unit.drop_heard(recording, _named(of_it, "transcript_key"))
    if Kept.WORDS in what:
        for file in sorted(_files(entries) - _files_elsewhere(unit, lead_id, entries)):
            deps.attachments.drop(file)
        _drop_words(unit, lead_id, entries)


def _drop_words(unit: UnitOfWork, lead_id: LeadId, entries: Sequence[Entry]) -> None:
    """Leave the lead's own row without what tells who called, and delete what was quoted of it."""
    lead, failure = unit.lead(lead_id), unit.failure(lead_id)
    if lead is not None:  # none where the backup is older than the lead
        plain = replace(
            lead, recording="", caller_number="", caller_zip="", tracking_number="", form=FormContact(), extra={}
        )
        unit.put_lead(plain, DELETED)
    if failure is not None:
        unit.put_failure(replace(failure, message=DELETED))
    unit.drop_facts(_named(entries, "facts_key"))
    unit.drop_texts(lead_id)


def _recordings(unit: UnitOfWork, lead_id: LeadId, entries: Iterable[Entry]) -> set[str]:
    """The recordings that the lead has and had."""
    return _named(entries, "audio_sha256") | {unit.recording(lead_id) or ""} - {""}


def _kept_elsewhere(unit: UnitOfWork, lead_id: LeadId, recording: str) -> frozenset[Kept]:
    """What other leads with the same recording still keep of it."""
    others = [other for other in unit.leads_with_recording(recording) if other != lead_id]
    return frozenset(kept for other in others for kept in EVERYTHING - fold_ledger(other, unit.entries(other)).deleted)


def _named(entries: Iterable[Entry], name: str) -> set[str]:
    """Under which keys the proposals' transcripts, facts or recordings are kept."""
    return {entry.body[name] for entry in entries if entry.kind is EntryKind.PROPOSAL and entry.body.get(name)}


def _files(entries: Iterable[Entry]) -> set[str]:
    """The files that the client sent."""
    return {file["sha256"] for entry in entries for file in entry.body.get("files", ())}


def _files_elsewhere(unit: UnitOfWork, lead_id: LeadId, entries: Iterable[Entry]) -> set[str]:
    """Those of them that were sent for other leads as well, which still keep theirs."""
    if not (own := _files(entries)):
        return own
    sent = unit.entries_of((EntryKind.REQUEST, EntryKind.INFORMATION_GIVEN))
    others = {other.lead_id for other in sent if other.lead_id != lead_id and own & _files([other])}
    keeping = [other for other in others if Kept.WORDS not in fold_ledger(other, unit.entries(other)).deleted]
    return own & {file for other in keeping for file in _files(unit.entries(other))}


def _names(what: frozenset[Kept]) -> tuple[str, ...]:
    return tuple(sorted(kept.value for kept in what))
