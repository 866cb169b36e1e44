"""Keeps what webhooks hint at, and holds it against the listing of the night: a hint itself is never a lead."""

from __future__ import annotations

from datetime import datetime

from insights.domain.hints import KEPT, Hint, compared, is_fresh
from insights.domain.leads import LeadId
from insights.ports import Deps, SourceListing


def knows_source(deps: Deps, source: str) -> bool:
    """Whether any night has listed a source to its end."""
    with deps.store(only_reads=True) as unit:
        return unit.source_cursor(source) is not None


def note_hint(deps: Deps, source: str, call_id: LeadId, began: datetime | None) -> None:
    """Keep that a source's provider told of a call that began then (None: it does not say). Again, nothing changes.

    Raises DatabaseBusy.
    """
    now = deps.clock.now()
    if is_fresh(began, now):
        with deps.store(beside=True) as unit:
            unit.put_hint(source, Hint(call_id, now))
            unit.commit()


def hold_against(deps: Deps, source: str, listing: SourceListing, since: datetime) -> tuple[LeadId, ...]:
    """The hinted calls that the listing of a source, asked for ``since`` then, should tell and does not.

    A listing without an end, or one that ended half-way, proves nothing.
    """
    if listing.complete_to is None or listing.stopped:
        return ()
    with deps.store(only_reads=True) as unit:
        if not (hints := unit.open_hints(source)):
            return ()
        told = listing.calls | {lead.lead_id for lead in listing.leads}
        known = {hint.call_id for hint in hints if hint.call_id in told or unit.lead(hint.call_id) is not None}
    found = compared(hints, known, since, listing.complete_to)
    settle(deps, source, found.settled)
    return found.not_listed


def settle(deps: Deps, source: str, call_ids: tuple[LeadId, ...]) -> None:
    """These hints need no other look; what needs none for long enough is forgotten."""
    with deps.store(beside=True) as unit:
        unit.settle_hints(source, call_ids)
        unit.forget_hints(source, deps.clock.now() - KEPT)
        unit.commit()
