"""The dashboard of a period from the leads' rows, and the leads behind each of its marks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from insights.domain.dashboard import Dashboard, dashboard
from insights.domain.dashboard_marks import Marks, Period, marks
from insights.domain.dashboard_nights import NIGHT, leads_of_night
from insights.domain.data_points import GROUPS
from insights.domain.lead_summary import LeadSummary
from insights.domain.leads import LeadId
from insights.ports import Deps
from insights.ports_record import NightNote

NIGHTS = 14
_MOST_KEPT = 6
_TICK = timedelta(minutes=10)
"""Money passes from at risk to expired by the clock alone; between two ticks a dashboard stays as it was told."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A dashboard with its marks, so that the way down lists exactly the leads that were counted."""

    board: Dashboard
    marks: Marks
    notes: tuple[NightNote, ...]


@dataclass(slots=True)
class Overviews:
    """The last few dashboards that a process told, each until the record changes; safe among threads."""

    _kept: OrderedDict[Hashable, Overview] = field(default_factory=OrderedDict)
    _one: Lock = field(default_factory=Lock)

    def get(
        self, deps: Deps, received_from: datetime, received_to: datetime, client_id: str | None, now: datetime
    ) -> Overview:
        """As kept, or made now. Who asks while one is made waits for it: reading a month twice helps nobody."""
        as_of = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % _TICK
        with self._one, deps.store(only_reads=True) as unit:
            notes = () if client_id is not None else tuple(unit.nights(NIGHTS))
            newest = notes[0].as_of if notes else None
            asked = (received_from, received_to, str(received_from.tzinfo), client_id, as_of)
            key = (*asked, unit.newest_version(), newest, len(notes))
            if key not in self._kept:
                rows = list(unit.summaries(received_from, received_to))
                if client_id is not None:
                    rows = [row for row in rows if GROUPS["client"](row) == client_id]
                period = Period(received_from, received_to, as_of)
                found = marks(rows, period)
                self._kept[key] = Overview(dashboard(rows, period, notes, found), found, notes)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


def overview(
    deps: Deps,
    received_from: datetime,
    received_to: datetime,
    client_id: str | None,
    now: datetime,
    kept: Overviews | None = None,
) -> Dashboard:
    """The dashboard of the leads received in a period (its end excluded), of one client or of all.

    Days are those of the zone of ``received_from``. The nights are nobody's own and are told only where no client is
    named.
    """
    return (kept or Overviews()).get(deps, received_from, received_to, client_id, now).board


def leads_behind_chart(
    deps: Deps,
    received_from: datetime,
    received_to: datetime,
    client_id: str | None,
    now: datetime,
    chart: str,
    key: str,
    kept: Overviews | None = None,
) -> list[LeadId]:
    """The leads that a mark of that dashboard counts; none for an unknown mark."""
    told = (kept or Overviews()).get(deps, received_from, received_to, client_id, now)
    return leads_of_night(key, told.notes) if chart == NIGHT else told.marks.behind(chart, key)


def rows_of(deps: Deps, lead_ids: list[LeadId]) -> list[LeadSummary]:
    """The rows of some leads in their order, for the page that lists them; leads without a row are left out."""
    with deps.store(only_reads=True) as unit:
        found = unit.summaries_of(lead_ids)
    return [found[lead_id] for lead_id in lead_ids if lead_id in found]
