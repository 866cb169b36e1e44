"""Tables of what whoever operates the nights looks at: alerts, and the plan of a large night."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from insights.domain.alerts import Severity
from insights.domain.capacity import CapacityPlan, NightLoad
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


def capacity_tables(load: NightLoad, plan: CapacityPlan) -> tuple[Table, Table]:
    """What the night needs, and what gives out first."""
    needs = Table(
        box=box.SIMPLE_HEAD, title=f"{load.calls:,} calls of {load.minutes:g} minutes in {load.hours:g} hours"
    )
    needs.add_column("needed")
    needs.add_column("", justify="right")
    for what, number in (
        ("workers", f"{plan.machines:,}"),
        ("dollars a night, workers", f"{plan.usd:,}"),
        ("hours of opening and closing, one process", f"{plan.night_process_hours:.1f}"),
        ("hours of writing, one writer at a time", f"{plan.writing_hours:.1f}"),
        ("GB of memory of the night's own process", f"{plan.memory_gb:,.1f}"),
        ("GB that the database grows", f"{plan.database_gb:,.1f}"),
        ("GB of recordings", f"{plan.recordings_gb:,.0f}"),
        ("CallRail accounts, by their quotas", f"{plan.callrail_accounts:,}"),
    ):
        needs.add_row(what, number)
    limits = Table(box=box.SIMPLE_HEAD, title="What gives out first")
    for heading in ("there is one of", "calls a night", "then"):
        limits.add_column(heading, justify="right" if heading == "calls a night" else "left", overflow="fold")
    for limit in plan.limits:
        short = limit.calls < load.calls
        limits.add_row(limit.what, f"[{'red' if short else 'green'}]{limit.calls:,}[/]", limit.remedy)
    return needs, limits


def _became(telling: Telling) -> str:
    if telling.told_at is not None:
        return f"[green]{telling.told_at:%Y-%m-%d %H:%M}[/]"
    if telling.in_trouble:
        return "[red]no[/]: " + plain(" ".join(f"{name}: {why}" for name, why in telling.troubles.items()))
    return "not yet"
