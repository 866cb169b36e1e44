"""Tables of what whoever operates the nights looks at: alerts."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from insights.domain.alerts import Severity
from insights.domain.tellings import Telling
from insights.terminal import plain

_COLOURS = {Severity.CRITICAL: "red", Severity.WARNING: "yellow"}


def alerts_table(tellings: Sequence[Telling]) -> Table:
    """A row an alert: when, how grave, what, what to do next, the leads, and what became of it."""
    table = Table(box=box.SIMPLE_HEAD, show_lines=False)
    for heading in ("noticed", "", "what", "next", "leads", "told"):
        table.add_column(heading, overflow="fold")
    for telling in tellings:
        alert = telling.alert
        table.add_row(
            f"{telling.at:%Y-%m-%d %H:%M}",
            f"[{_COLOURS[alert.severity]}]{alert.severity.value}[/]",
            plain(alert.headline),
            plain(alert.next_step),
            plain(" ".join(alert.leads)),
            _became(telling),
        )
    return table


def _became(telling: Telling) -> str:
    if telling.told_at is not None:
        return f"[green]{telling.told_at:%Y-%m-%d %H:%M}[/]"
    if telling.in_trouble:
        return "[red]no[/]: " + plain(" ".join(f"{name}: {why}" for name, why in telling.troubles.items()))
    return "not yet"
