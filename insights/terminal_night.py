"""What a night prints when it is done: its leads, its numbers, and everything that went wrong by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from insights.pipeline.night import NightSummary
from insights.terminal import STYLES, amount, counts, minute, plain, short

MOST_ROWS = 200
"""Leads of a night up to which the table shows them all."""


def night_table(summary: NightSummary) -> Table:
    """Two lines a lead, so that 80 columns do: verdict, reason, confidence, the deciding quote with its time, money.

    Of a long night only leads that a person should look at, and not too many: nobody reads ten thousand.
    """
    shown, left_out = summary.rows, ""
    if len(shown) > MOST_ROWS:
        shown = [row for row in shown if row["verdict"] in ("non_billable", "needs_review")][:MOST_ROWS]
        left_out = (
            f"{len(shown)} of {len(summary.rows):,} leads; call-insights queue says which to listen to first,"
            " call-insights explain LEAD tells of one"
        )
    table = Table(
        title=f"Night as of {summary.as_of}",
        title_justify="left",
        caption=left_out,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        expand=True,
    )
    table.add_column("lead\n[dim]campaign[/]", max_width=18, overflow="fold")
    table.add_column("verdict\nreason", max_width=22, overflow="fold")
    table.add_column("conf.", justify="right")
    table.add_column("because", ratio=1)
    table.add_column("at stake", justify="right", no_wrap=True)
    for row in shown:
        table.add_row(*_night_row(row))
    return table


def _night_row(row: Mapping[str, Any]) -> Sequence[str]:
    verdict = row["verdict"] or ("failed" if row["failure"] else "")
    shown = f"[{STYLES[verdict]}]{verdict}[/]" if verdict else f"[dim]{row['screening']}[/]"
    reason = row["reason"] + (f" / {row['outcome']}" if row["outcome"] else "")
    if not row["verdict"]:
        reason = row["failure"] or f"not eligible: {row['eligibility']}"
    because = f"{minute(row['quote_start'])} “{row['quote']}”".strip() if row["quote"] else row["fact"]
    confidence = f"{row['probability']:.2f}" if row["probability"] is not None else ""
    # transcripts and names are other people's words: never markup
    return (
        f"{plain(row['lead_id'])}\n[dim]{plain(row['campaign_id'])}[/]",
        f"{shown}\n{plain(reason)}",
        confidence,
        plain(short(because, 160)),
        amount(row),
    )


def night_counts(summary: NightSummary) -> Table:
    """The night in numbers: screening, verdicts by reason, seconds by stage."""
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]leads seen[/]", str(summary.leads_seen))
    table.add_row("[bold]screening[/]", counts(summary.by_screening))
    for verdict, reasons in summary.by_verdict.items():
        table.add_row(f"[{STYLES[verdict]}]{verdict}[/]", f"{sum(reasons.values())}  ({counts(reasons)})")
    if summary.failures:
        causes = dict(_causes(summary).most_common())
        table.add_row("[bold red]failed[/]", f"{len(summary.failures)}  ({counts(causes)})")
    if summary.quarantined:
        table.add_row("[bold red]bad rows[/]", str(len(summary.quarantined)))
    table.add_row("[bold]audio heard[/]", f"{summary.audio_s / 60:.1f} min")
    if summary.auto_accepted:
        table.add_row("[bold]accepted[/]", f"{len(summary.auto_accepted)} leads by policy, without a person")
    if summary.expiring:
        soon = ", ".join(map(plain, summary.expiring[:10])) + (" ..." if len(summary.expiring) > 10 else "")
        table.add_row("[bold yellow]look today[/]", f"{len(summary.expiring)} leads expire within a day: {soon}")
    if summary.expired_unreviewed:
        shown = ", ".join(map(plain, summary.expired_unreviewed[:10])) + (
            " ..." if len(summary.expired_unreviewed) > 10 else ""
        )
        table.add_row(
            "[bold red]expired[/]", f"{len(summary.expired_unreviewed)} leads passed day 7 unreviewed: {shown}"
        )
    work = ", ".join(f"{name} {total['seconds']:.1f} s" for name, total in summary.stages.items())
    table.add_row("[bold]work[/]", work or "nothing to do")
    stakes = ", ".join(f"${value}" if code == "USD" else f"{value} {code}" for code, value in summary.money.items())
    table.add_row("[bold]proposed as not billable[/]", stakes or "$0")
    return table


def night_failures(summary: NightSummary) -> list[str]:
    """Every lead that failed or that the source should have told, what the source did wrong, and what to type next.

    Leads that failed alike share a line; the commonest causes come first.
    """
    causes = _causes(summary)
    alike = _together(
        (f"at {item['stage']}: {item['code']}: {item['message']}", item["lead_id"])
        for item in sorted(summary.failures, key=lambda item: (-causes[item["code"]], item["code"]))
    )
    lines = [f"[red]failed[/] {plain(leads)} {plain(how)}" for how, leads in alike.items()]
    lines += [
        f"[yellow]not listed[/] {plain(call_id)}: the provider's webhook told of it, its listing did not"
        for call_id in summary.not_listed
    ]
    lines += source_troubles(summary.quarantined, summary.source_stopped)
    if summary.failures or summary.quarantined:
        lines.append(
            f"[bold red]{len(summary.failures)} leads failed, {len(summary.quarantined)} rows could not be read.[/]"
            " A row that was mended is taken up by the next night; what was mended without a change of its row by:"
            f" call-insights nightly --source {plain(summary.source)} --retry-failed"
        )
    return lines


def source_troubles(quarantined: Sequence[Mapping[str, str]], stopped: str) -> list[str]:
    """Every row that could not be read, those for the same reason on one line, and a source that stopped half-way."""
    alike = _together((row["reason"], f"{row['where']} {short(row['lead_id'], 40)}".strip()) for row in quarantined)
    lines = [f"[red]bad row[/] {plain(rows)}: {plain(reason)}" for reason, rows in alike.items()]
    if stopped:
        lines.append(f"[red]source stopped[/] {plain(stopped)}; the next night asks for the rest")
    return lines


def _causes(summary: NightSummary) -> Counter[str]:
    return Counter(item["code"] for item in summary.failures)


def _together(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By why it befell them: all whom it befell, in their order."""
    befell: dict[str, list[str]] = {}
    for why, whom in told:
        befell.setdefault(why, []).append(whom)
    return {why: ", ".join(all_) for why, all_ in befell.items()}
