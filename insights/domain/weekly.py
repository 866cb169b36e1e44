"""A week in figures: what the report shows first, and each figure beside the week before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from insights.domain.data_points import Figure, data_points, grouped
from insights.domain.lead_summary import LeadSummary, is_billable
from insights.domain.reasons import ALWAYS_BILLABLE, Reason
from insights.domain.scoring import wilson

WEEK = timedelta(days=7)
_HEADLINES = (
    "leads", "answer_rate", "billable_rate", "booked_rate", "coverage", "precision:non_billable", "override_rate",
    "dispute_rate", "win_rate", "answered_in_time", "expired_unreviewed", "calibration_error",
)  # fmt: skip

VERDICTS = ("billable", "needs_review", "non_billable", "none")
_OF_CLIENTS = ("leads", "billable_rate", "dispute_rate")


@dataclass(frozen=True, slots=True)
class Week:
    """The leads received from ``start`` to ``end`` (excluded), and those of the week before."""

    start: datetime
    end: datetime
    leads: Sequence[LeadSummary]
    before: Sequence[LeadSummary]


def week_before(now: datetime) -> tuple[datetime, datetime]:
    """The last whole week, Monday to Monday, in the zone of ``now``."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = today - timedelta(days=today.weekday())
    return end - WEEK, end


def weekly_report(week: Week) -> dict[str, Any]:
    """The report as plain JSON: headlines, the non-billable mix by source with intervals, proposals by reason, clients.

    Every number has its numerator, its denominator and its leads.
    """
    told, before = data_points(week.leads), data_points(week.before)
    now, then = ({figure.name: figure for figure in figures} for figures in (told, before))
    names = {lead.facts["client_id"]: f"{lead.facts['client']} ({lead.facts['client_id']})" for lead in week.leads}
    money_then = {(figure.name, figure.unit): figure for figure in before}
    return {
        "from": week.start.isoformat(timespec="minutes"),
        "to": week.end.isoformat(timespec="minutes"),
        "headlines": [
            {**now[name].as_json(), "week_before": _value(then.get(name))} for name in _HEADLINES if name in now
        ],
        "money": [
            {**figure.as_json(), "week_before": _value(money_then.get((figure.name, figure.unit)))}
            for figure in told
            if figure.name in ("charged", "credited", "cost_per_billable_lead", "cost_per_booked_job")
        ],
        "days": _by_day(week),
        "mix": [
            figure.as_json()
            for reason in Reason
            if reason not in ALWAYS_BILLABLE and (figure := now[f"non_billable_mix:{reason}"]).numerator
        ],
        "sources": [_source(name, own) for name, own in _by_source(week.leads).items()],
        "reasons": [
            {
                "reason": reason.value,
                "precision": now[f"precision:{reason}"].as_json(),
                "override_rate": now[f"override_rate:{reason}"].as_json(),
                "recall": now[f"recall:{reason}"].as_json(),
            }
            for reason in Reason
            if f"precision:{reason}" in now
        ],
        "clients": {
            names.get(client, client): [figure.as_json() for figure in figures if figure.name in _OF_CLIENTS]
            for client, figures in _largest_first(grouped(week.leads, "client"))
        },
    }


def _by_day(week: Week) -> list[dict[str, Any]]:
    """Every day of the week with its leads by what is proposed of them, ``none`` where nothing is."""
    zone, days = week.start.tzinfo, list[dict[str, Any]]()
    found = Counter((lead.received_at.astimezone(zone).date(), lead.facts["verdict"] or "none") for lead in week.leads)
    for number in range(7):
        day = week.start.date() + timedelta(days=number)
        days.append({"day": day.isoformat(), **{verdict: found[day, verdict] for verdict in VERDICTS}})
    return days


def _largest_first(clients: Mapping[str, Sequence[Figure]]) -> list[tuple[str, Sequence[Figure]]]:
    def leads(figures: Sequence[Figure]) -> float:
        return next(figure.numerator for figure in figures if figure.name == "leads")

    return sorted(clients.items(), key=lambda item: (-leads(item[1]), item[0]))


def _by_source(leads: Sequence[LeadSummary]) -> dict[str, list[LeadSummary]]:
    found: dict[str, list[LeadSummary]] = {}
    for lead in leads:
        found.setdefault(lead.facts["source"] or "unknown", []).append(lead)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _source(name: str, leads: Sequence[LeadSummary]) -> dict[str, Any]:
    """A source's share of non-billable leads, with its Wilson interval (95 %)."""
    bad = [lead.lead_id for lead in leads if not is_billable(lead.facts)]
    low, high = wilson(len(bad), len(leads))
    return {
        "source": name,
        "leads": len(leads),
        "non_billable": len(bad),
        "share": round(len(bad) / len(leads), 4),
        "interval": [round(low, 4), round(high, 4)],
        "lead_ids": bad,
    }


def _value(figure: Figure | None) -> float | None:
    return None if figure is None or figure.value is None else round(figure.value, 6)
