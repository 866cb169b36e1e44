"""In which marks of the dashboard a lead stands: the one definition of what a bar counts and of the leads behind it.

A mark has the name of its chart and a key. Marks of a share come in two: ``in:NAME`` counts the leads that have what is
asked, ``rest:NAME`` the others; ``of:NAME`` asks for both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from insights.domain.billing import REVIEWER
from insights.domain.data_points import GROUPS, amount, answer_latency, balance, is_booked, is_right
from insights.domain.lead_summary import LeadSummary, is_billable, reason_of
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.domain.screening import ScreeningCode

ALL = "all"
IN, REST, OF = "in", "rest", "of"
BIN_HOURS = 12
LAST_BIN = 240
"""Answers that took so many hours or more stand together in the last bar."""
_NOTHING = Decimal(0)
_LONGEST_BY_DAYS, _LONGEST_BY_WEEKS = timedelta(days=35), timedelta(days=371)


class Chart(StrEnum):
    """What the marks of the dashboard are drawn in."""

    COVERAGE = "coverage"
    PRECISION = "precision"
    NON_BILLABLE = "non_billable"
    MIX = "mix"
    DOLLARS = "dollars"
    OVERRIDES = "overrides"
    AGREEMENT = "agreement"
    DECISIONS = "decisions"
    REVIEWER_OVERRIDES = "reviewer_overrides"
    REVIEWER_AGREEMENT = "reviewer_agreement"
    LATENCY = "latency"
    IN_TIME = "in_time"
    CLIENTS = "clients"
    DISPUTES = "disputes"


class Step(StrEnum):
    """How much time one bar holds."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """The leads received from ``start`` to ``end`` (excluded) as they stand at ``now``; days are those of the zone of
    ``start``."""

    start: datetime
    end: datetime
    now: datetime

    @property
    def step(self) -> Step:
        """Bars of days for a month, of weeks (from Monday) for a year, of months for more."""
        length = self.end - self.start
        if length <= _LONGEST_BY_DAYS:
            return Step.DAY
        return Step.WEEK if length <= _LONGEST_BY_WEEKS else Step.MONTH

    def bars(self) -> list[date]:
        """The first day of every bar of the period, those without leads too."""
        last, day, found = self.bar_of(self.end - timedelta(microseconds=1)), self.bar_of(self.start), list[date]()
        while day <= last:
            found.append(day)
            day = _next(day, self.step)
        return found

    def bar_of(self, at: datetime) -> date:
        """The first day of the bar that an instant lies in."""
        day = at.astimezone(self.start.tzinfo).date()
        if self.step is Step.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.step is Step.MONTH else day


def _next(day: date, step: Step) -> date:
    if step is Step.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=1 if step is Step.DAY else 7)


class Place(NamedTuple):
    """One mark that a lead stands in, and the money that it adds to it."""

    chart: Chart
    key: str
    money: Decimal = _NOTHING


@dataclass(frozen=True, slots=True)
class Marks:
    """The leads and the money of every mark."""

    leads: dict[tuple[str, str], list[LeadId]] = field(default_factory=lambda: defaultdict(list))
    sums: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def behind(self, chart: str, key: str) -> list[LeadId]:
        """The leads that a mark counts, in the order of their receipt within each side; none for an unknown mark."""
        side, _, name = key.partition(":")
        keys = (f"{IN}:{name}", f"{REST}:{name}") if side == OF else (key,)
        return [lead_id for each in keys for lead_id in self.leads.get((chart, each), ())]

    def count(self, chart: str, key: str) -> int:
        return len(self.leads.get((chart, key), ()))

    def money(self, chart: str, key: str) -> Decimal:
        return self.sums.get((chart, key), _NOTHING)

    def names(self, chart: str) -> list[str]:
        """What the marks of a chart are about, whatever side, in no order."""
        return list({key.partition(":")[2] for of, key in self.leads if of == chart})


def marks(leads: Sequence[LeadSummary], period: Period) -> Marks:
    """Every mark of the dashboard of some leads."""
    found = Marks()
    for lead in leads:
        for chart, key, money in _places(lead, period):
            found.leads[chart, key].append(lead.lead_id)
            if money:
                found.sums[chart, key] += money
    for figure in answer_latency(answered_requests(leads)):
        found.leads[Chart.LATENCY, figure.name.partition(":")[2]] = [LeadId(name) for name in figure.leads]
    return found


def leads_behind(chart: str, key: str, leads: Sequence[LeadSummary], period: Period) -> list[LeadId]:
    """The leads that one mark counts: as many as stand on its bar."""
    return marks(leads, period).behind(chart, key)


def answered_requests(leads: Iterable[LeadSummary]) -> list[LeadSummary]:
    """The leads whose client asked for a review and got an answer."""
    return [lead for lead in leads if lead.facts["requested_at"] and lead.facts["result"]]


def _places(lead: LeadSummary, period: Period) -> Iterator[Place]:
    yield from _proposed(lead)
    yield from _by_source(lead)
    yield from _dollars(lead, period)
    yield from _decided(lead)
    yield from _latency(lead)
    yield from _client(lead)


def _side(chart: Chart, found: object, name: str) -> Place:
    return Place(chart, f"{IN if found else REST}:{name}")


def _proposed(lead: LeadSummary) -> Iterator[Place]:
    """Coverage: of the calls to be heard, those with a sure proposal, by their most probable reason. Precision and
    overrides: of the sure proposals that a person decided, those right about the charge, and those overridden."""
    facts = lead.facts
    sure, reason = facts["verdict"] in ("billable", "non_billable"), facts["reason"]
    if facts["screening"] == ScreeningCode.READY:
        yield _side(Chart.COVERAGE, sure, ALL)
        if reason:
            yield _side(Chart.COVERAGE, sure, reason)
    if sure and facts["by_person"]:
        for name in (ALL, reason):
            yield _side(Chart.PRECISION, is_right(facts), name)
            yield _side(Chart.OVERRIDES, facts["overridden"], name)
        yield _side(Chart.REVIEWER_OVERRIDES, facts["overridden"], facts["decided_by"].removeprefix(REVIEWER))


def _by_source(lead: LeadSummary) -> Iterator[Place]:
    facts, source = lead.facts, GROUPS["source"](lead)
    billable = is_billable(facts)
    for name in (ALL, source):
        yield _side(Chart.NON_BILLABLE, not billable, name)
        if not billable:
            yield Place(Chart.MIX, f"{reason_of(facts)}:{name}")


def _dollars(lead: LeadSummary, period: Period) -> Iterator[Place]:
    """What is credited, at risk and expired of a lead; and beside these, what was proposed to give back."""
    facts, given_back, left = lead.facts, amount(lead, "credited"), balance(lead)
    told = [("credited", given_back)] if given_back else []
    if facts["verdict"] == "non_billable":
        told.append(("proposed", amount(lead, "charged")))
        passed = lead.expires_at <= period.now
        if facts["expired_unreviewed"] or (lead.expirable and passed):
            told.append(("expired", left))
        elif lead.waits and (lead.still_open or not passed):
            told.append(("at_risk", left))
    if told:
        bar = period.bar_of(lead.received_at).isoformat()
        for kind, money in told:
            yield Place(Chart.DOLLARS, f"{kind}:{facts['currency']}:{bar}", money)
            yield Place(Chart.DOLLARS, f"{kind}:{facts['currency']}:{ALL}", money)


def _decided(lead: LeadSummary) -> Iterator[Place]:
    """Whose decision stands, and whether the last second look at it named the same reason."""
    facts = lead.facts
    if facts["by_person"]:
        yield Place(Chart.DECISIONS, f"{IN}:{facts['decided_by'].removeprefix(REVIEWER)}")
    if facts["second_looks"]:
        look = facts["second_looks"][-1]
        same = look["reason"] == look["decided_reason"]
        yield _side(Chart.AGREEMENT, same, ALL)
        yield _side(Chart.AGREEMENT, same, look["decided_reason"])
        yield _side(Chart.REVIEWER_AGREEMENT, same, look["decided_by"].removeprefix(REVIEWER))


def _latency(lead: LeadSummary) -> Iterator[Place]:
    facts = lead.facts
    if not facts["requested_at"] or not facts["result"]:
        return
    if facts["in_time"] is not None:
        yield _side(Chart.IN_TIME, facts["in_time"], ALL)
    if facts["answered_h"] is not None:
        late = "late" if facts["in_time"] is False else "kept"
        yield Place(Chart.LATENCY, f"{late}:{min(int(facts['answered_h'] // BIN_HOURS) * BIN_HOURS, LAST_BIN)}")


def _client(lead: LeadSummary) -> Iterator[Place]:
    """What a client was charged, got back asked and unasked, and pays for; the disputed leads."""
    facts = lead.facts
    name = f"{facts['currency']}:{GROUPS['client'](lead)}"
    unasked, left = amount(lead, "proactive"), balance(lead)
    asked = amount(lead, "credited") - unasked
    yield Place(Chart.CLIENTS, f"leads:{name}", amount(lead, "charged"))
    yield _side(Chart.DISPUTES, facts["requested_at"], name)
    if asked > 0:
        yield Place(Chart.CLIENTS, f"asked:{name}", asked)
    if unasked > 0:
        yield Place(Chart.CLIENTS, f"unasked:{name}", unasked)
    if left > 0:
        yield Place(Chart.CLIENTS, f"billable:{name}", left)
        if reason_of(facts) is Reason.NEW_CUSTOMER:
            yield Place(Chart.CLIENTS, f"new:{name}", left)
        if is_booked(facts):
            yield Place(Chart.CLIENTS, f"booked:{name}", left)
