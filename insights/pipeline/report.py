"""The figures of a period as rows of a table, a week's report, and a client's monthly statement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from insights.domain.billing import fold_ledger
from insights.domain.data_points import grouped
from insights.domain.statement import Told, statement
from insights.domain.weekly import WEEK, Week, week_before, weekly_report
from insights.errors import UnknownClient
from insights.pipeline.moves import known_lead
from insights.ports import Deps

_ZONES = timedelta(days=1)  # no time zone is further from UTC


def figures(deps: Deps, received_from: datetime | None, received_to: datetime | None, by: str) -> list[dict[str, Any]]:
    """One row a figure and group: group, name, unit, value, numerator, denominator, leads."""
    with deps.store(only_reads=True) as unit:
        leads = list(unit.summaries(received_from, received_to))
    return [{"group": group, **figure.as_json()} for group, own in grouped(leads, by).items() for figure in own]


def week_in_figures(deps: Deps, now: datetime) -> dict[str, Any]:
    """The report of the last whole week before ``now``, Monday to Monday in its time zone, beside the week before."""
    start, end = week_before(now)
    with deps.store(only_reads=True) as unit:
        leads, before = list(unit.summaries(start, end)), list(unit.summaries(start - WEEK, start))
    return weekly_report(Week(start, end, leads, before))


def monthly_statement(deps: Deps, client_id: str, year: int, month: int) -> dict[str, Any]:
    """What was charged and given back of the leads a client received in a month of its own time zone, and why.

    Raises UnknownClient when no lead of the record is this client's.
    """
    first = datetime(year, month, 1, tzinfo=UTC) - _ZONES
    last = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) + _ZONES
    told: list[Told] = []
    client = ""
    with deps.store(only_reads=True) as unit:
        for summary in unit.summaries(first, last):
            if summary.facts["client_id"] != client_id:
                continue
            lead, campaign = known_lead(unit, summary.lead_id)
            client = campaign.client
            received_at = lead.received_at.astimezone(ZoneInfo(campaign.time_zone))
            if (received_at.year, received_at.month) == (year, month):
                told.append(Told(lead, fold_ledger(lead.lead_id, unit.entries(lead.lead_id)), received_at))
        known = bool(client) or any(row.facts["client_id"] == client_id for row in unit.summaries(None, None))
    if not known:
        raise UnknownClient(f"no lead on this billing record is of a client {client_id[:80]!r}.")
    return {"client_id": client_id, "client": client, "month": f"{year:04d}-{month:02d}", **statement(told)}
