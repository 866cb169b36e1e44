"""What a provider's webhook is good for: a hint that a call was there, held against what the next listing tells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.domain.leads import LeadId

FRESH = timedelta(hours=25)
"""A webhook comes while its call goes on or within minutes of its end, and no call is longer than a day. One about an
older call tells that something of it was changed, or was sent again: listings tell both."""
LATE = timedelta(hours=1)
"""So long after its webhook a call may be missing from the provider's own listing."""
KEPT = timedelta(days=2)
"""A hint that was held against a listing is kept so long: sent again meanwhile, it is known."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A provider told of a call, by its id, at an instant of our own clock. Nothing else of the webhook is kept."""

    call_id: LeadId
    at: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """Hints held against a listing. ``settled`` need no other look; ``not_listed``: the provider's listing of that time
    does not hold these calls."""

    settled: tuple[LeadId, ...]
    not_listed: tuple[LeadId, ...]


def is_fresh(began: datetime | None, now: datetime) -> bool:
    """Whether a webhook about a call that began then is a hint; one that does not tell when is."""
    return began is None or now - began <= FRESH


def compared(hints: Sequence[Hint], known: Collection[str], since: datetime, complete_to: datetime) -> Compared:
    """Hold hints against a listing of the calls that began ``since`` then, without a gap up to ``complete_to``.

    ``known``: the calls that it told, leads or not, and those on the record. A hint that is younger waits for the next
    listing; one whose call may have begun before what was asked for proves nothing.
    """
    told = [hint.call_id for hint in hints if hint.call_id in known]
    missing = [hint for hint in hints if hint.call_id not in known and hint.at + LATE <= complete_to]
    unproven = [hint.call_id for hint in missing if hint.at - FRESH < since]
    return Compared((*told, *unproven), tuple(hint.call_id for hint in missing if hint.at - FRESH >= since))
