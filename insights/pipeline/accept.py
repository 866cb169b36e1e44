"""Proposals accepted together: the leads of one robocall or of one metadata rule, and those the policy accepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.domain import lead_life
from insights.domain.billing import REVIEWER, Answer, LeadState
from insights.domain.lead_life import Mover, Refusal, Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.likeness import same_script, word_runs
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.errors import MoveRefused
from insights.pipeline.moves import Standing, post_all, standing
from insights.pipeline.viewing import Viewer, access_of
from insights.ports import Deps
from insights.ports_record import UnitOfWork

ACCEPT = Verdicted(Answer.ACCEPT)
AUTO = "policy:auto-accept"
"""Who decides when the policy accepts."""
_NEAR = timedelta(days=3)
_ROWS_TOGETHER = 500
_UNTOUCHED = (LeadState.NOT_REVIEWED, LeadState.WITHDRAWN)
_MAYBE_UNTOUCHED = (*_UNTOUCHED, LeadState.IN_REVIEW)  # in review may be held for too long
_REQUESTED = "its client asked for a review: decide it alone."


@dataclass(frozen=True, slots=True)
class Refused:
    """A lead that was not accepted with the others, and why."""

    lead_id: LeadId
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of the leads of one go."""

    accepted: tuple[LeadId, ...]
    refused: tuple[Refused, ...] = ()


def accept_together(
    deps: Deps, lead_ids: Sequence[LeadId], reviewer: str, now: datetime, viewer: Viewer | None = None
) -> Accepted:
    """Accept the proposals of leads that share one robocall's script, or one rule about metadata, in one transaction.

    The first lead is the one that was looked at; the others must be like it. Raises UnknownLead, and MoveRefused,
    without accepting any, where one is not like it or there are more than the policy allows. Leads that were decided
    meanwhile, and those whose client waits for a letter, are told and left. Each acceptance is noted as the viewer's.
    """
    by, accepted, refused = Mover(f"{REVIEWER}{reviewer}", now), list[LeadId](), list[Refused]()
    with deps.store() as unit:
        found = [standing(deps, unit, lead_id, now) for lead_id in dict.fromkeys(lead_ids)]
        first = found[0]
        most = first.policy.review.bulk_leads
        if len(found) > most:
            raise MoveRefused(
                f"{len(found)} leads are too many to accept together.",
                code="too_many",
                next_step=f"Accept at most {most} at a time.",
            )
        for other in found[1:]:
            if why := _unlike(unit, first, other):
                raise MoveRefused(why, code="not_alike", lead_id=other.lead.lead_id, next_step="Decide it alone.")
        for one in found:
            if one.record.request_open:
                refused.append(Refused(one.lead.lead_id, "requested", _REQUESTED))
                continue
            move = lead_life.decide(one.record, by, ACCEPT, one.eligibility, one.policy)
            if isinstance(move, Refusal):
                refused.append(Refused(one.lead.lead_id, move.code, move.message))
                continue
            if not post_all(deps, unit, move):
                raise MoveRefused("somebody else was a moment faster.", code="overtaken", next_step="Look again.")
            if viewer is not None:
                unit.note_access(access_of(viewer, "decide", now, one.lead.lead_id))
            accepted.append(one.lead.lead_id)
        unit.commit()
    return Accepted(tuple(accepted), tuple(refused))


def alike_leads(deps: Deps, lead_id: LeadId, now: datetime) -> list[LeadId]:
    """The leads of the same days that wait and may be accepted together with this one, itself first.

    Raises UnknownLead.
    """
    with deps.store(only_reads=True) as unit:
        first = standing(deps, unit, lead_id, now)
        proposed = first.record.proposal or {}
        same = proposed.get("decision", ""), proposed.get("reason", "")
        near = [
            row.lead_id
            for row in unit.summaries(first.lead.received_at - _NEAR, first.lead.received_at + _NEAR)
            if row.lead_id != lead_id
            and row.state in _MAYBE_UNTOUCHED
            and (row.facts["verdict"], row.facts["reason"]) == same
        ]  # by their rows first: to gather a lead takes milliseconds
        others = [standing(deps, unit, other, now) for other in near]
        waiting = [o for o in others if _is_untouched(o, now) and o.eligibility.eligible]
        return [lead_id, *(o.lead.lead_id for o in waiting if not _unlike(unit, first, o))]


def auto_accept(deps: Deps, lead_ids: Sequence[LeadId], now: datetime) -> Accepted:
    """Accept what the policy says needs no person: its reasons, from its floor on, within its daily caps.

    The day is the one on which it happens (UTC), whatever day the night is for. Off by default, and off at once for
    everybody while the switch is off.
    """
    accepted: list[LeadId] = []
    today = deps.clock.now().astimezone(UTC).date().isoformat()
    with deps.store(only_reads=True) as unit:
        if not unit.switch(AUTO):
            return Accepted(())
        leads, money = _spent(unit, today)
    for lead_id in _maybe_acceptable(deps, lead_ids):
        with deps.store() as unit:
            found = standing(deps, unit, lead_id, now)
            price = found.record.charged
            if not _needs_no_person(found, now) or not unit.switch(AUTO):
                continue
            cap = found.policy.auto_accept
            spent = money.get(price.currency, Money.parse("0", price.currency)) + price
            if leads + 1 > cap.daily_leads or spent.amount > Money.parse(cap.daily_amount).amount:
                continue
            move = lead_life.decide(found.record, Mover(AUTO, now), ACCEPT, found.eligibility, found.policy)
            if isinstance(move, Refusal):
                continue
            dated = [replace(draft, body={**draft.body, "posted_on": today}) for draft in move]
            if not post_all(deps, unit, dated):
                continue
            unit.commit()
        leads, money = leads + 1, {**money, price.currency: spent}
        accepted.append(lead_id)
    return Accepted(tuple(accepted))


def _maybe_acceptable(deps: Deps, lead_ids: Sequence[LeadId]) -> Iterator[LeadId]:
    """Those whose rows do not rule it out: to gather a lead takes milliseconds, and a night has thousands."""
    for start in range(0, len(lead_ids), _ROWS_TOGETHER):
        some = lead_ids[start : start + _ROWS_TOGETHER]
        with deps.store(only_reads=True) as unit:
            rows = unit.summaries_of(some)
        for lead_id in some:
            row = rows.get(lead_id)
            if row and row.state in _MAYBE_UNTOUCHED and row.facts["verdict"] == "non_billable":
                yield lead_id


def _is_untouched(found: Standing, now: datetime) -> bool:
    """Whether nobody works on a lead: nobody took it, or who did has held it for longer than the policy allows."""
    record, since = found.record, found.record.reviewing_since
    if record.state is not LeadState.IN_REVIEW or since is None:
        return record.state in _UNTOUCHED
    was_untouched = record.waiting_as in _UNTOUCHED and not record.waits  # a client's answer is for a person
    return was_untouched and now - since >= found.policy.review.hold


def _needs_no_person(found: Standing, now: datetime) -> bool:
    proposed, policy = found.record.proposal or {}, found.policy.auto_accept
    return (
        _is_untouched(found, now)
        and proposed.get("decision") == "non_billable"
        and Reason(proposed["reason"]) in policy.reasons
        and proposed["probability"] >= policy.floor
    )


def _spent(unit: UnitOfWork, day: str) -> tuple[int, dict[str, Money]]:
    """Leads that the policy accepted on a day and what that cost, by currency."""
    leads, money = 0, dict[str, Money]()
    for entry in unit.newest_entries_of(AUTO):
        if entry.body["posted_on"] < day:
            break
        if entry.kind is EntryKind.DECISION:
            leads += 1
        elif entry.kind is EntryKind.CREDIT:
            given = Money.parse(entry.body["amount"], entry.body["currency"])
            money[given.currency] = money.get(given.currency, Money.parse("0", given.currency)) + given
    return leads, money


def _unlike(unit: UnitOfWork, first: Standing, other: Standing) -> str:
    """Why a lead may not be accepted with the first; empty: it may."""
    one, two = first.record.proposal or {}, other.record.proposal or {}
    if (one.get("decision"), one.get("reason")) != (two.get("decision"), two.get("reason")):
        return "its proposal is another one."
    if not one.get("transcript_sha256"):
        return "" if one.get("rule") == two.get("rule") else "another rule decided it."
    if one.get("reason") != Reason.SOLICITOR:
        return "only the calls of one robocall are accepted together."
    heard = [unit.transcript_saying(body.get("transcript_sha256", "")) for body in (one, two)]
    if None in heard or not same_script(*(word_runs(transcript) for transcript in heard if transcript)):
        return "it is not the same robocall."
    return ""


def switch_off(deps: Deps, off: bool, by: str, now: datetime) -> dict[str, Any]:
    """The kill switch of automatic acceptance, at once and for all processes on this database."""
    with deps.store() as unit:
        unit.put_switch(AUTO, not off, by, now)
        unit.commit()
    return {"auto_accept": "off" if off else "on", "by": by, "at": now.isoformat()}
