"""What a provider lists, page by page, as leads: read at the same border as the rows of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.adapters.lead_rows import read_leads
from insights.adapters.provider_campaigns import TrackedCampaigns
from insights.adapters.provider_http import ProviderHttp
from insights.errors import SourceUnavailable
from insights.ports import Quarantined, SourceListing

WINDOW = timedelta(days=8)
"""So far back is asked where nobody says since when: the days in which a lead can be reviewed, and one."""
LONGEST_CALL = timedelta(hours=24)
"""A call that began earlier and is still told as going on is none that anybody waits for."""
MOST_PAGES = 5_000

NO_CAMPAIGN = "its tracking number belongs to no campaign"

Row = dict[str, Any]


@dataclass
class Told:
    """The rows of a provider's list; ``stopped``: what ended it half-way."""

    rows: list[Any] = field(default_factory=list)
    stopped: SourceUnavailable | None = None

    def newest(self, name: str) -> list[Any]:
        """Each row once, by its name; of rows that moved to another page meanwhile, what was told last."""
        kept: dict[object, Any] = {}
        for number, row in enumerate(self.rows):
            told = row.get(name) if isinstance(row, dict) else None
            kept[told if isinstance(told, str) and told else number] = row
        return list(kept.values())

    def ids(self, name: str) -> frozenset[str]:
        """What all rows tell under the name of their id."""
        told = (row.get(name) for row in self.rows if isinstance(row, dict))
        return frozenset(one for one in told if isinstance(one, str))


@dataclass(frozen=True)
class ListedCall:
    """A call as a row of INTERFACES, and the provider's names that say whose it is, the most telling first."""

    row: Row
    names: tuple[object, ...]


def told_pages(
    http: ProviderHttp, first: str, params: Mapping[str, str], rows_of: str, next_of: Callable[[Row], object]
) -> Told:
    """All pages of a list. ``rows_of``: the rows' name on a page; ``next_of``: where the next page is, if any is."""
    told, page, seen = Told(), first, {first}
    try:
        answer = http.json(first, params)
        while True:
            rows = answer.get(rows_of)
            if not isinstance(rows, list):
                raise SourceUnavailable(f"the provider's answer holds no {rows_of}.", code="unreadable")
            told.rows += rows
            following = next_of(answer)
            if not following:
                return told
            page = str(following)
            if page in seen or len(seen) >= MOST_PAGES:
                raise SourceUnavailable(f"the provider's list of {rows_of} has no end.", code="unreadable")
            seen.add(page)
            answer = http.json(page)
    except SourceUnavailable as error:
        told.stopped = error
    return told


def listing_of(
    calls: Iterable[ListedCall | str],
    tracked: TrackedCampaigns,
    where: str,
    *,
    since: datetime,
    complete_to: datetime,
    stopped: SourceUnavailable | None,
    told: frozenset[str],
) -> SourceListing:
    """The leads received since an instant. Raises ``stopped`` where nothing at all could be told.

    A row that is a text is one that could not be read at all; ``told``: the ids of all calls, leads or not.
    """
    strangers: list[Quarantined] = []

    def rows() -> Iterator[tuple[int, Row | str]]:
        for number, call in enumerate(calls, 1):
            if isinstance(call, str):
                yield number, call
            elif (campaign_id := tracked.of(*call.names)) is None:
                lead_id = str(call.row.get("lead_id") or "")[:100].encode("utf-8", "replace").decode()
                place = f"{where} line {number}"
                strangers.append(Quarantined(place, NO_CAMPAIGN, lead_id.replace("\0", "?"), NO_CAMPAIGN))
            else:
                yield number, {**call.row, "campaign_id": campaign_id}

    leads, quarantined = read_leads(rows(), tracked.campaigns, where)
    listing = SourceListing(
        tuple(lead for lead in leads if lead.received_at.astimezone(UTC) >= since),
        tracked.campaigns,
        (*quarantined, *strangers),
        complete_to,
        calls=told,
    )
    if stopped is None:
        return listing
    if not listing.leads and not listing.quarantined:
        raise stopped
    return replace(listing, complete_to=None, stopped=str(stopped))


def earliest(began: datetime, open_calls: Iterable[datetime | None]) -> datetime:
    """Up to when a list that began at an instant is complete: calls that are not over yet are told another night."""
    waited_for = (start for start in open_calls if start is not None and start > began - LONGEST_CALL)
    return min([began, *waited_for])
