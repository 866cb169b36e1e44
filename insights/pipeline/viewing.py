"""Who may read what of a lead's story, and that everybody who read it is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insights.domain.addresses import without_contacts
from insights.domain.leads import LeadId
from insights.domain.ledger import PRIVATE
from insights.pipeline.story import explain
from insights.ports import Deps
from insights.ports_record import Access

_WORDS = frozenset[str]().union(*PRIVATE.values()) | {"given"}
"""Under these names a story holds what people said or wrote."""
ALL = LeadId("")
"""In place of one lead: all of them."""
_MAY_SEE = frozenset({"reviewer", "operator"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with a role; ``may_see``: addresses and phone numbers in other people's words are not masked."""

    name: str
    role: str
    may_see: bool


def at_the_terminal(name: str, role: str) -> Viewer:
    """Somebody at the command line: reviewers and operators may see what is masked for others."""
    return Viewer(name, role, role in _MAY_SEE)


def explain_to(deps: Deps, viewer: Viewer, lead_id: LeadId, now: datetime) -> dict[str, Any]:
    """A lead's whole story as this viewer may read it. Raises UnknownLead."""
    story = explain(deps, lead_id, now)
    note_access(deps, viewer, "explain unmasked" if viewer.may_see else "explain", now, lead_id)
    return story if viewer.may_see else masked(story)


def note_access(deps: Deps, viewer: Viewer, what: str, now: datetime, lead_id: LeadId = ALL) -> None:
    """Note that somebody read the words of a lead, or of all."""
    with deps.store() as unit:
        unit.note_access(access_of(viewer, what, now, lead_id))
        unit.commit()


def access_of(viewer: Viewer, what: str, now: datetime, lead_id: LeadId) -> Access:
    """The line of the access log, for what notes it in a transaction of its own."""
    return Access(now, viewer.name, viewer.role, what, lead_id)


def access_log(
    deps: Deps, lead_id: LeadId | None, since: datetime | None, newest: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Who read what, oldest first, and how many such lines there are; of many only the ``newest``, where a number is
    given. A lead's lines include those of people who read all leads."""
    with deps.store(only_reads=True) as unit:
        told = [
            {"at": one.at.isoformat(timespec="seconds"), "who": one.who, "role": one.role, "what": one.what,
             "lead_id": one.lead_id}
            for one in unit.accesses(lead_id, since, newest)
        ]  # fmt: skip
        return told, len(told) if newest is None else unit.count_accesses(lead_id, since)


def masked(value: Any, name: str = "") -> Any:
    """A story, or a part of it, with the addresses and phone numbers in people's words replaced."""
    if isinstance(value, Mapping):
        return {key: masked(below, key) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [masked(below, name) for below in value]
    return without_contacts(value) if name in _WORDS and isinstance(value, str) else value
