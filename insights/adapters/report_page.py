"""Draws the weekly report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.adapters.disk_space import room_at
from insights.domain.weekly import VERDICTS
from insights.errors import InputError

PAGES = Path(__file__).resolve().parent.parent / "pages"


def weekly_page(report: Mapping[str, Any]) -> str:
    """The page; names and sources are other people's words and are escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)
    pages.filters |= {"words": words, "value": shown, "made_from": made_from, "before": before, "day": day}
    pages.filters["leads_of"] = leads_of
    return pages.get_template("weekly.html").render(report=report, verdicts=VERDICTS)


def write_page(page: str, path: Path) -> None:
    """Write a page whole or not at all. Raises DiskFull, and InputError where the folder cannot be written."""
    part = path.with_name(f"{path.name}.part")
    try:
        with room_at(path.parent):
            part.write_text(page, encoding="utf-8")
            part.replace(path)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def words(name: str) -> str:
    """``non_billable_mix:job_seeker`` as ``job seeker``."""
    kind, _, of = name.partition(":")
    return (of if kind == "non_billable_mix" else f"{kind} {of}".strip()).replace("_", " ")


def shown(figure: Mapping[str, Any]) -> str:
    return _number(figure["value"], figure["unit"])


def before(figure: Mapping[str, Any]) -> str:
    return _number(figure["week_before"], figure["unit"])


def made_from(figure: Mapping[str, Any]) -> str:
    return "in all" if figure["unit"] == "count" else f"{figure['numerator']:.10g} of {figure['denominator']:.10g}"


def leads_of(row: Mapping[str, Any]) -> int:
    """The leads of a day."""
    return sum(row[verdict] for verdict in VERDICTS)


def day(iso: str) -> str:
    """``2026-11-09T00:00-06:00`` as ``Mon 9 Nov``."""
    told = datetime.fromisoformat(iso)
    return f"{told:%a} {told.day} {told:%b}"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:.0f}" if unit == "count" else f"{value:.2f}"
