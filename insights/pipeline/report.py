"""The figures of a period, by client, campaign or source, as rows of a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from insights.domain.data_points import grouped
from insights.ports import Deps


def figures(deps: Deps, received_from: datetime | None, received_to: datetime | None, by: str) -> list[dict[str, Any]]:
    """One row a figure and group: group, name, unit, value, numerator, denominator, leads."""
    with deps.store() as unit:
        leads = list(unit.summaries(received_from, received_to))
    return [{"group": group, **figure.as_json()} for group, own in grouped(leads, by).items() for figure in own]
