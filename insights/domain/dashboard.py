"""What the dashboard shows of a period: plain numbers, each with the mark that leads down to its leads.

Definitions of the figures: docs/figures.md. Who stands in which mark: ``dashboard_marks``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from insights.domain.billing import REVIEWER
from insights.domain.dashboard_marks import (
    ALL,
    BIN_HOURS,
    IN,
    LAST_BIN,
    OF,
    REST,
    Chart,
    Marks,
    Period,
    answered_requests,
    marks,
)
from insights.domain.dashboard_nights import Night, Note, nights_told
from insights.domain.data_points import GROUPS, answer_latency
from insights.domain.lead_summary import LeadSummary
from insights.domain.reasons import Reason
from insights.domain.scoring import wilson

_KINDS = ("proposed", "credited", "at_risk", "expired")


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``of`` leads, with the Wilson interval (95 %) of the share."""

    chart: Chart
    name: str
    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.of)

    @property
    def hits_key(self) -> str:
        return f"{IN}:{self.name}"

    @property
    def rest_key(self) -> str:
        return f"{REST}:{self.name}"

    @property
    def of_key(self) -> str:
        return f"{OF}:{self.name}"


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in one currency and how many leads it stands for."""

    chart: Chart
    key: str
    money: Decimal
    leads: int


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """The proposals of one reason, or of ``all``: coverage beside precision, overrides, agreement of second looks."""

    reason: str
    coverage: Share
    precision: Share
    overrides: Share
    agreement: Share


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source's share of non-billable leads; ``reasons`` are those of them: reason, mark, leads, most leads first."""

    source: str
    non_billable: Share
    reasons: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day, week or month of money by the leads received in it. ``credited``, ``at_risk`` and ``expired`` stand on
    each other; ``proposed`` is what was proposed to give back of the same leads."""

    day: date
    proposed: Amount
    credited: Amount
    at_risk: Amount
    expired: Amount

    @property
    def height(self) -> Decimal:
        return max(self.credited.money + self.at_risk.money + self.expired.money, self.proposed.money)


@dataclass(frozen=True, slots=True)
class Dollars:
    """The money of one currency, bar by bar and in all; ``top`` is a round number that no bar is higher than."""

    currency: str
    bars: tuple[Bar, ...]
    total: Bar
    top: float


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    """A reviewer: decisions that stand, the median seconds they took, overrides, and agreement of second looks."""

    name: str
    decisions: int
    median_s: float | None
    overrides: Share
    agreement: Share


@dataclass(frozen=True, slots=True)
class Wait:
    """Answers that took from ``hours`` to less than ``until`` (None: or more): within the promise, and late."""

    hours: int
    until: int | None
    kept: int
    late: int

    @property
    def kept_key(self) -> str:
        return f"kept:{self.hours}"

    @property
    def late_key(self) -> str:
        return f"late:{self.hours}"


@dataclass(frozen=True, slots=True)
class Latency:
    """How long clients waited, in hours. ``promise_h``: the middle of what was promised, in hours of the calendar."""

    waits: tuple[Wait, ...]
    p50: float | None
    p90: float | None
    p50_leads: int
    p90_leads: int
    in_time: Share
    promise_h: float | None
    top: float

    @property
    def answers(self) -> int:
        return sum(wait.kept + wait.late for wait in self.waits)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """What a client gets for its money, in one currency. ``new_customers`` and ``billable``: what stays charged."""

    client_id: str
    name: str
    currency: str
    charged: Amount
    asked: Amount
    unasked: Amount
    new_customers: Amount
    billable: Amount
    booked: Amount
    disputes: Share

    @property
    def net(self) -> Decimal:
        return self.charged.money - self.asked.money - self.unasked.money

    @property
    def per_billable(self) -> Decimal | None:
        return self.net / self.billable.leads if self.billable.leads else None

    @property
    def per_booked(self) -> Decimal | None:
        return self.net / self.booked.leads if self.booked.leads else None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the page; ``nights`` the oldest first, ``reasons`` and ``sources`` begin with ``all``."""

    period: Period
    leads: int
    nights: tuple[Night, ...]
    reasons: tuple[ReasonRow, ...]
    sources: tuple[SourceRow, ...]
    dollars: tuple[Dollars, ...]
    reviewers: tuple[ReviewerRow, ...]
    latency: Latency
    clients: tuple[ClientRow, ...]

    @property
    def last_night(self) -> Night | None:
        return self.nights[-1] if self.nights else None


def dashboard(
    leads: Sequence[LeadSummary], period: Period, notes: Sequence[Note], found: Marks | None = None
) -> Dashboard:
    """The dashboard of the leads of a period and of the newest nights (the newest first). ``found`` spares making the
    marks of these leads again."""
    found = marks(leads, period) if found is None else found
    return Dashboard(
        period=period,
        leads=len(leads),
        nights=nights_told(notes),
        reasons=tuple(_reasons(found)),
        sources=tuple(_sources(found)),
        dollars=tuple(_dollars(found, period)),
        reviewers=tuple(_reviewers(found, leads)),
        latency=_latency(found, leads),
        clients=tuple(_clients(found, leads)),
    )


def round_up(value: float) -> float:
    """The next of 1, 2, 4, 5 or 8 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10, 20) if step * power >= value)


def _share(found: Marks, chart: Chart, name: str) -> Share:
    hits = found.count(chart, f"{IN}:{name}")
    return Share(chart, name, hits, hits + found.count(chart, f"{REST}:{name}"))


def _amount(found: Marks, chart: Chart, key: str) -> Amount:
    return Amount(chart, key, found.money(chart, key), found.count(chart, key))


def _reasons(found: Marks) -> Iterator[ReasonRow]:
    charts = (Chart.COVERAGE, Chart.PRECISION, Chart.OVERRIDES, Chart.AGREEMENT)
    for name in (ALL, *(reason.value for reason in Reason)):
        row = ReasonRow(name, *(_share(found, chart, name) for chart in charts))
        if any(share.of for share in (row.coverage, row.precision, row.agreement)):
            yield row


def _sources(found: Marks) -> Iterator[SourceRow]:
    mixed: dict[str, list[tuple[str, str, int]]] = {}
    for chart, key in found.leads:
        if chart == Chart.MIX:
            reason, _, source = key.partition(":")
            mixed.setdefault(source, []).append((reason, key, found.count(chart, key)))
    shares = [_share(found, Chart.NON_BILLABLE, name) for name in found.names(Chart.NON_BILLABLE)]
    for share in sorted(shares, key=lambda share: (share.name != ALL, -share.of, share.name)):
        reasons = sorted(mixed.get(share.name, ()), key=lambda row: (-row[2], row[0]))
        yield SourceRow(share.name, share, tuple(reasons))


def _dollars(found: Marks, period: Period) -> list[Dollars]:
    """The currency of most leads first."""
    told = []
    for currency in {name.partition(":")[0] for name in found.names(Chart.DOLLARS)}:
        bars = tuple(_bar(found, currency, day, day.isoformat()) for day in period.bars())
        total = _bar(found, currency, period.bar_of(period.start), ALL)
        told.append(Dollars(currency, bars, total, round_up(float(max(bar.height for bar in bars)))))
    return sorted(told, key=lambda each: (-each.total.proposed.leads, each.currency))


def _bar(found: Marks, currency: str, day: date, name: str) -> Bar:
    return Bar(day, *(_amount(found, Chart.DOLLARS, f"{kind}:{currency}:{name}") for kind in _KINDS))


def _reviewers(found: Marks, leads: Sequence[LeadSummary]) -> Iterator[ReviewerRow]:
    spent: dict[str, list[float]] = {}
    for lead in leads:
        if lead.facts["by_person"] and lead.facts["review_s"] is not None:
            spent.setdefault(lead.facts["decided_by"].removeprefix(REVIEWER), []).append(lead.facts["review_s"])
    names = {*found.names(Chart.DECISIONS), *found.names(Chart.REVIEWER_AGREEMENT)}
    rows = [
        ReviewerRow(
            name=name,
            decisions=found.count(Chart.DECISIONS, f"{IN}:{name}"),
            median_s=median(spent[name]) if name in spent else None,
            overrides=_share(found, Chart.REVIEWER_OVERRIDES, name),
            agreement=_share(found, Chart.REVIEWER_AGREEMENT, name),
        )
        for name in names
    ]
    yield from sorted(rows, key=lambda row: (-row.decisions, row.name))


def _latency(found: Marks, leads: Sequence[LeadSummary]) -> Latency:
    answered = answered_requests(leads)
    promised = [
        (lead.due_at - datetime.fromisoformat(lead.facts["requested_at"])).total_seconds() / 3600
        for lead in answered
        if lead.due_at is not None
    ]
    waits = tuple(
        Wait(
            hours=hours,
            until=hours + BIN_HOURS if hours < LAST_BIN else None,
            kept=found.count(Chart.LATENCY, f"kept:{hours}"),
            late=found.count(Chart.LATENCY, f"late:{hours}"),
        )
        for hours in range(0, LAST_BIN + 1, BIN_HOURS)
    )
    p50, p90 = answer_latency(answered)
    return Latency(
        waits=waits,
        p50=p50.value,
        p90=p90.value,
        p50_leads=len(p50.leads),
        p90_leads=len(p90.leads),
        in_time=_share(found, Chart.IN_TIME, ALL),
        promise_h=median(promised) if promised else None,
        top=round_up(max(wait.kept + wait.late for wait in waits)),
    )


def _clients(found: Marks, leads: Sequence[LeadSummary]) -> Iterator[ClientRow]:
    names = {GROUPS["client"](lead): lead.facts["client"] for lead in leads}
    rows = []
    for name in found.names(Chart.DISPUTES):
        currency, _, client_id = name.partition(":")
        charged, asked, unasked, new_customers, billable, booked = (
            _amount(found, Chart.CLIENTS, f"{kind}:{name}")
            for kind in ("leads", "asked", "unasked", "new", "billable", "booked")
        )
        disputes = _share(found, Chart.DISPUTES, name)
        rows.append(
            ClientRow(
                client_id,
                names[client_id],
                currency,
                charged,
                asked,
                unasked,
                new_customers,
                billable,
                booked,
                disputes,
            )
        )
    yield from sorted(rows, key=lambda row: (-row.charged.money, row.client_id, row.currency))
