"""The monthly training as a Prefect flow; the work is in insights.pipeline.learn.

A candidate that is kept beside is a completed run, and so is a month with too few decisions: the artifact says so. A
training that fails is a failed run. By hand: ``call-insights train``.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from insights import bootstrap
from insights.errors import NotEnoughDecisions
from insights.pipeline.learn import Order, learn
from insights.pipeline.learn_words import report_markdown


@flow(name="retrain", validate_parameters=False, persist_result=False)
def retrain() -> dict[str, Any] | None:
    """Learn from the decisions of the last month; the report, or None where there were too few."""
    try:
        report = learn(bootstrap.learning(), Order(by="the monthly training"))
    except NotEnoughDecisions as few:
        show(f"Nothing was trained: {few}")
        return None
    show(report_markdown(report))
    return report


def show(text: str) -> None:
    """Leave the report in Prefect's own pages (lead ids, no names, no transcripts)."""
    create_markdown_artifact(key="retrain", markdown=text, description="The monthly training")
