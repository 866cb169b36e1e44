"""The week in figures as a Prefect flow: an HTML file, and its headlines among Prefect's artifacts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.artifacts import create_table_artifact

from insights import bootstrap
from insights.adapters.report_page import shown, weekly_page, words, write_page
from insights.pipeline.moves import write_summaries
from insights.pipeline.report import week_in_figures
from insights.settings import load_settings


@flow(name="weekly-report", validate_parameters=False, persist_result=False)
def weekly_report(as_of: datetime | None = None) -> str:
    """Write the report of the last whole week (Monday to Monday in the operator's time zone); its path."""
    deps, settings = bootstrap.current(), load_settings()
    write_summaries(deps, only_missing=True)  # of a database that an older version made
    now = (as_of or deps.clock.now()).astimezone(ZoneInfo(settings.time_zone))
    report = week_in_figures(deps, now)
    path = Path(settings.reports) / f"week-{report['from'][:10]}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_page(weekly_page(report), path)
    show(report)
    return str(path)


def show(report: dict[str, Any]) -> None:
    """Leave the headlines in Prefect's own pages (no names, no transcripts)."""
    rows = [{"figure": words(figure["name"]), "value": shown(figure)} for figure in report["headlines"]]
    create_table_artifact(key="weekly-report", table=rows, description=f"Week of {report['from'][:10]}")
