"""What a training came to, in Markdown: the same words for the terminal and for Prefect's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from insights.domain.promotion import shown

MOST_CHANGES = 20


def report_markdown(report: Mapping[str, Any]) -> str:
    """The report of a training: what follows, headline figures, every comparison, and verdicts that differ."""
    parts = [
        f"**{report['settled']}** {_plain(report['conclusion'])}",
        pool_markdown(report["learnt_from"]),
        "## Both models on the same calls",
        _table(
            ("calls", "model", "n", "accuracy", "coverage", "non-billable right", "over-credited", "under-credited"),
            (
                (
                    calls,
                    report[model],
                    figures["calls"],
                    shown(figures["accuracy"]),
                    shown(figures["coverage"]),
                    shown(figures["non_billable_precision"]),
                    figures["over_credited_leads"],
                    figures["under_credited_leads"],
                )
                for calls, both in report["figures"].items()
                for model, figures in both.items()
                if figures["calls"]
            ),
        ),
        "## The promise: non-billable proposals of the candidate",
        _table(
            ("calls", "proposals", "right", "precision", "promised", "kept"),
            (
                (item["calls"], item["n"], item["right"], shown(item["precision"]), shown(item["target"]), _yes(item))
                for item in report["promises"]
            ),
        ),
        "## Reason by reason",
        _table(
            ("calls", "measure", "reason", "n", "current", "candidate", "lost", "won", "p", ""),
            (
                (
                    item["calls"],
                    item["measure"],
                    item["reason"] or "all",
                    item["n"],
                    shown(item["current"]),
                    shown(item["candidate"]),
                    item["lost"],
                    item["won"],
                    f"{item['p']:.3f}",
                    "**worse**" if item["worse"] else "",
                )
                for item in report["comparisons"]
            ),
        ),
        *_changes(report["changed"]),
    ]
    return "\n\n".join(parts) + "\n"


def pool_markdown(pool: Mapping[str, Any]) -> str:
    """What a training reads and is judged on, in numbers."""
    joined, replay = pool["pool"], pool["replay"]
    lines = [
        "## Decisions",
        f"{pool['decided']} decided calls, {pool['new']} of them new since the last training. "
        f"{joined['calls']} join the training ({joined['overrides']} overrides), {replay['calls']} of the last 30 days "
        "judge it and are never trained on.",
    ]
    if pool["passed_over"]:
        lines.append("Passed over: " + ", ".join(f"{why} {count}" for why, count in pool["passed_over"].items()) + ".")
    counted = joined["by_reason"]
    if counted:
        rows = ((reason, counts["overrides"], counts["accepted"]) for reason, counts in counted.items())
        lines.append(_table(("reason", "overrides", "accepted"), rows))
    return "\n\n".join(lines)


def weights_markdown(listing: Sequence[Mapping[str, Any]]) -> str:
    """All weights that were trained, oldest first."""
    if not listing:
        return "Nothing was trained yet: the shipped weights are in force.\n"
    rows = [
        (
            item["model"],
            item["at"],
            _plain(item["by"]),
            item["pool"],
            "**in force**" if item["in_force"] else "beside",
            _plain(item["conclusion"]),
        )
        for item in listing
    ]
    text = _table(("model", "trained", "by", "decided calls", "", "comparison"), rows)
    shipped = "" if any(item["in_force"] for item in listing) else "\n\nThe shipped weights are in force."
    return f"{text}{shipped}\n"


def _changes(changed: Sequence[Mapping[str, str]]) -> list[str]:
    if not changed:
        return []
    more = f" (the first {MOST_CHANGES} of {len(changed)})" if len(changed) > MOST_CHANGES else ""
    names = ("calls", "id", "label", "current", "candidate")
    rows = ([_plain(change[name]) for name in names] for change in changed[:MOST_CHANGES])
    return [f"## Verdicts that differ{more}", _table(names, rows)]


def _yes(item: Mapping[str, Any]) -> str:
    return "yes" if item["kept"] else "**no**"


def _plain(text: str) -> str:
    """Other people's words within a Markdown table: one line, no bars, no markup."""
    return "".join(f"\\{char}" if char in "|*_`[]<>\\" else char if char.isprintable() else " " for char in text)


def _table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
