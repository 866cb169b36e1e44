"""What people see in the terminal: progress while work goes on, tables when it is done."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from insights.domain.policy import Policy
from insights.domain.priority import QueueItem
from insights.domain.transcript import Transcript

STYLES = {"billable": "green", "non_billable": "magenta", "needs_review": "yellow", "failed": "red"}


class LiveProgress:
    """A bar for each stage, with the audio heard so far, on standard error; nothing before the first stage."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<11}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._audio: dict[str, float] = {}
        self._done: set[tuple[str, str]] = set()

    def __enter__(self) -> LiveProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._tasks:  # bars that never started would still end with an empty line
            with suppress(OSError):  # nobody looks any more
                self._bars.stop()

    def stage(self, name: str, total: int) -> None:
        self._bars.start()
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, note="")
        self._bars.update(self._tasks[name], total=total)

    def step(self, name: str, lead_id: str, audio_s: float = 0.0) -> None:
        if (name, lead_id) in self._done:
            return  # a batch that is fetched again
        self._done.add((name, lead_id))
        heard = self._audio[name] = self._audio.get(name, 0.0) + audio_s
        note = f"{heard / 60:.1f} min of audio" if heard else ""
        self._bars.update(self._tasks[name], advance=1, note=note)

    def failed(self, name: str, lead_id: str, code: str, transient: bool) -> None: ...


def minute(seconds: float | None) -> str:
    """``75.2`` as ``1:15``; empty for None."""
    return "" if seconds is None else f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def amount(row: Mapping[str, Any]) -> str:
    return f"${row['price']}" if row["currency"] == "USD" else f"{row['price']} {row['currency']}"


class _Console(Console):
    """Leaves it to the verb what it means that nobody reads on; rich itself would end the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(stderr: bool = False) -> Console:
    """A console as wide as its terminal; wide enough for a table when the output goes to a file or a pipe."""
    found = _Console(stderr=stderr)
    return found if found.is_terminal or "COLUMNS" in os.environ else _Console(stderr=stderr, width=PIPED_WIDTH)


PIPED_WIDTH = 140


def short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def counts(told: Mapping[str, int]) -> str:
    """``ready 3, missed 1``."""
    return ", ".join(f"{name} {count}" for name, count in told.items())


def plain(text: str) -> str:
    """Other people's words made safe to print: no control characters, no markup."""
    return escape("".join(char if char.isprintable() else " " for char in text))


def transcript_lines(name: str, transcript: Transcript) -> list[str]:
    """A transcript to read: a header with quality and model, then a line a turn."""
    hearing = transcript.hearing
    lines = [f"[bold]{plain(name)}[/]  [dim]{plain(transcript.engine)} {plain(transcript.model)}[/]"]
    if hearing is not None:
        sure = f"confidence {hearing.mean_confidence:.2f}" if hearing.mean_confidence is not None else "no words"
        unclear = f"{hearing.unclear_share:.0%} unclear"
        lines.append(f"[dim]{hearing.decoded_s:.1f} s, {hearing.speech_s:.1f} s of speech, {sure}, {unclear}[/]")
    if transcript.sounds:
        seconds: dict[str, float] = {}
        for sound in transcript.sounds:
            seconds[sound.kind.value] = seconds.get(sound.kind.value, 0.0) + sound.end - sound.start
        lines.append("[dim]besides: " + ", ".join(f"{kind} {length:.1f} s" for kind, length in seconds.items()) + "[/]")
    for turn in transcript.turns:
        text = f"[dim]({plain(turn.text)})[/]" if turn.unclear else plain(turn.text)
        lines.append(f"{minute(turn.start):>6}  [cyan]{turn.speaker.value:<7}[/] {text}")
    return lines


def evaluation_tables(result: Mapping[str, Any]) -> list[Table]:
    """The headline figures and the table by reason."""
    head = Table.grid(padding=(0, 2))
    low, high = result["accuracy_interval"]
    head.add_row("[bold]calls[/]", str(result["n"]))
    head.add_row("[bold]accuracy[/]", f"{result['accuracy']:.3f}  (95 % interval {low:.3f}-{high:.3f})")
    head.add_row("[bold]macro F1[/]", f"{result['macro_f1']:.3f}")
    head.add_row("[bold]billable or not[/]", f"{result['billable_accuracy']:.3f}")
    head.add_row("[bold]coverage[/]", f"{result['coverage']:.3f} of calls got a proposal")
    low, high = result["proposal_precision_interval"]
    head.add_row("[bold]precision of proposals[/]", f"{result['proposal_precision']:.3f}  ({low:.3f}-{high:.3f})")
    low, high = result["non_billable_precision_interval"]
    head.add_row("[bold]of non-billable ones[/]", f"{result['non_billable_precision']:.3f}  ({low:.3f}-{high:.3f})")
    head.add_row("[bold]non-billable leads[/]", f"{result['non_billable_coverage']:.3f} got such a proposal")
    head.add_row("[bold]outcome of customers[/]", f"{result['outcome_accuracy']:.3f}")
    head.add_row("[bold]calibration error[/]", f"{result['calibration_error']:.3f}")
    for name in ("over_credited", "under_credited"):
        head.add_row(
            f"[bold]{name.replace('_', '-')}[/]", f"${result[name]['amount']} in {result[name]['leads']} leads"
        )
    table = Table(title="by reason", title_justify="left")
    for heading in ("reason", "calls", "said", "precision", "recall", "F1", "taken for"):
        table.add_column(heading, justify="left" if heading in ("reason", "taken for") else "right")
    for reason, figures in result["per_reason"].items():
        others = {said: count for said, count in result["confusion"].get(reason, {}).items() if said != reason}
        table.add_row(
            reason,
            str(figures["n"]),
            str(figures["predicted"]),
            _with_interval(figures, "precision"),
            _with_interval(figures, "recall"),
            f"{figures['f1']:.2f}",
            counts(dict(sorted(others.items(), key=lambda item: -item[1]))),
        )
    return [head, table]


def _with_interval(figures: Mapping[str, Any], name: str) -> str:
    low, high = figures[f"{name}_interval"]
    return f"{figures[name]:.2f} ({low:.2f}-{high:.2f})"


def queue_lines(items: Sequence[QueueItem], in_all: int, now: datetime) -> list[str]:
    """Leads that wait for a person, most worthwhile first: what to decide, and below it whose it is and why."""
    lines = [
        f"[bold]{in_all} leads wait for a person[/]" + (f", the first {len(items)}:" if len(items) < in_all else "")
    ]
    for item in items:
        hours = item.ticket.clock(now).total_seconds() / 3600
        nearer = _nearest(item)
        lines.append(
            f"[bold]{plain(item.ticket.lead_id):<10}[/] {plain(str(item.price)):>9}"
            f"  {f'{nearer} in {hours:.0f} h':<16} "
            f"[{STYLES[item.decision]}]{item.decision}[/] {item.probability:.2f} {plain(item.reason)}"
        )
        lines.append(f"           [dim]{plain(item.client)}:[/] {plain(short(item.note, 120)) or 'could not be heard'}")
    return lines


def _nearest(item: QueueItem) -> str:
    """What happens at the nearest clock of a lead."""
    ticket = item.ticket
    last, name = (ticket.due_at, "due") if ticket.due_at else (ticket.expires_at, "expires")
    return name if last <= ticket.next_balance_check else "charged"


def _auto_accept_line(policy: Policy) -> str:
    auto = policy.auto_accept
    if not auto.reasons or not auto.daily_leads:
        return "A person decides every proposal."
    reasons = ", ".join(auto.reasons)
    return (
        f"Proposals of {reasons} from {auto.floor:.2f} on are accepted without a person, at most {auto.daily_leads}"
        f" leads and {auto.daily_amount:.2f} a day."
    )


def policy_lines(policy: Policy) -> list[str]:
    """The policy in plain English."""
    hearing = policy.hearing
    lines = [
        f"[bold]Policy {policy.version}[/], in force from {policy.effective_from.isoformat()}",
        f"A lead can be reviewed for less than {policy.review_window.total_seconds() / 3600:g} hours after it came in,"
        " if the call was answered and recording was enabled.",
        f"A client's request is answered within {policy.review.promise_business_days:g} business days"
        f" (holidays: {policy.review.holidays}).",
        f"Charges are made each day at {policy.balance_check:%H:%M} in the client's time zone.",
        f"A call counts as heard from {hearing.min_words} words, a mean word probability of {hearing.min_confidence:g}"
        f" and at most {hearing.max_unclear_share:.0%} unclear speech; otherwise a person listens.",
        "",
    ]
    proposals = policy.proposals
    lines.insert(
        -1,
        f"A reason is proposed where calls held out from training show, with {proposals.confidence:.0%} confidence,"
        f" that {proposals.precision:.0%} of such proposals ({proposals.precision_billable:.0%} of billable ones) are"
        " right about the charge, and where a mistake is not expected to cost more than"
        f" {proposals.tolerated_loss:.2f}; otherwise a person decides.",
    )
    lines.insert(-1, _auto_accept_line(policy))
    kept = policy.privacy
    lines.insert(
        -1,
        f"Recordings are deleted {kept.keep_audio.days} days after a lead came in, and all that was said and written of"
        f" it after {kept.keep_words.days} days, unless its review is open.",
    )
    for reason, rules in policy.reasons.items():
        word = "[green]billable[/]    " if rules.billable else "[magenta]not billable[/]"
        floor = "" if rules.floor == 0 else f" Never proposed below {rules.floor:.2f}."
        lines.append(f"{word}  [bold]{reason.value:<20}[/] {rules.help}[dim]{floor}[/]")
    accept = policy.auto_accept
    lines.append("")
    if accept.reasons:
        names = ", ".join(reason.value for reason in accept.reasons)
        lines.append(f"Accepted without a person: {names} from {accept.floor:.2f}, at most {accept.daily_leads} a day.")
    else:
        lines.append("Nothing is accepted without a person.")
    return lines


def doctor_tables(report: Mapping[str, Any]) -> list[Table]:
    """Settings with their origin, and the checks."""
    settings = Table(title="settings", title_justify="left")
    for heading in ("setting", "value", "from"):
        settings.add_column(heading, overflow="fold")
    for item in report["settings"]:
        settings.add_row(item["name"], plain(item["value"]), item["origin"])
    checks = Table(title="checks", title_justify="left")
    for heading in ("part", "", "finding"):
        checks.add_column(heading, overflow="fold")
    for item in report["checks"]:
        checks.add_row(item["name"], "[green]ok[/]" if item["ok"] else "[red]no[/]", plain(item["finding"]))
    return [settings, checks]


def figure_tables(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    """A table a group: name, value, and what it was made from. Figures over nothing are left out."""
    tables: dict[str, Table] = {}
    for row in rows:
        if row["value"] is None:
            continue
        if row["group"] not in tables:
            table = Table(title=plain(row["group"]), title_justify="left", box=box.SIMPLE_HEAD)
            for name, justify in (("figure", "left"), ("value", "right"), ("of", "right")):
                table.add_column(name, justify=justify)  # type: ignore[arg-type]
            tables[row["group"]] = table
        tables[row["group"]].add_row(row["name"], _figure(row), _of(row))
    return list(tables.values())


def _figure(row: Mapping[str, Any]) -> str:
    value, unit = row["value"], row["unit"]
    if unit == "share":
        return f"{value:.1%}"
    if unit == "count":
        return f"{value:.0f}"
    return f"{value:.1f} {unit}" if unit in ("seconds", "hours") else f"{value:.2f} {unit}"


def _of(row: Mapping[str, Any]) -> str:
    if row["unit"] not in ("share", "hours", "seconds"):
        return "" if row["denominator"] == 1 else f"{row['numerator']:.2f} of {row['denominator']:.0f}"
    return f"{row['numerator']:.10g} of {row['denominator']:.10g}"
