"""Of what in the nights, the queue and the feed somebody must be told at once: one rule for each kind of alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.domain.alerts import LIMITS, MOST_LEADS, Alert, Expiring, Judged, Kind, Limits, Severity, key_of, place
from insights.domain.drift import (
    far_above,
    population_stability,
    stability_by_chance,
    stability_parts,
    usual_count,
)
from insights.domain.intents import Intent
from insights.domain.leads import LeadId
from insights.domain.verdicts import Decision

_NOTHING = timedelta(0)
NamesLeads = Callable[[Callable[[Judged], bool]], Sequence[LeadId]]
"""The ids of some of today's leads of which this is true."""


def failures_of_night(as_of: datetime, body: Mapping[str, Any], limits: Limits = LIMITS) -> Iterator[Alert]:
    """Too many of the calls that a night should hear failed; while the same leads fail, it is told once."""
    failed, ready = body["failures"], body["by_screening"].get("ready", 0)
    if len(failed) < limits.least_failures or len(failed) <= limits.failure_share * ready:
        return
    source, leads = place(body["source"]), sorted(row["lead_id"] for row in failed)
    (code, most), *_ = Counter(row["code"] for row in failed).most_common()
    yield Alert(
        Kind.FAILURES,
        key_of(Kind.FAILURES, source, leads),
        Severity.CRITICAL,
        f"{len(failed)} of {ready} calls of {source} failed, most of them as {code} ({most}).",
        "See the causes in the night's summary; once they are mended: call-insights nightly --retry-failed.",
        _named(leads),
        {"failed": len(failed), "ready": ready, "night": as_of.isoformat(), f"code {code}": most},
    )


def stopped_source(as_of: datetime, body: Mapping[str, Any]) -> Iterator[Alert]:
    """A source stopped while it told its leads. What it says of itself is not passed on."""
    if body.get("source_stopped"):
        source = place(body["source"])
        yield Alert(
            Kind.SOURCE_STOPPED,
            key_of(Kind.SOURCE_STOPPED, source, as_of.isoformat()),
            Severity.CRITICAL,
            f"{source} stopped half-way through its leads.",
            "The next night asks for the rest. Check the source with call-insights doctor --source, or run the night"
            " again.",
            figures={"leads seen": body["leads_seen"], "night": as_of.isoformat()},
        )


def unlisted_calls(as_of: datetime, body: Mapping[str, Any]) -> Iterator[Alert]:
    """A provider told of calls by its webhook that its listing of that time does not hold; each is told once."""
    if missing := body.get("not_listed"):
        source = place(body["source"])
        yield Alert(
            Kind.SOURCE_DRIFT,
            key_of(Kind.SOURCE_DRIFT, source, sorted(missing)),
            Severity.WARNING,
            f"{len(missing)} calls that the webhook of {source} told of are not on its listing.",
            "Look them up at the provider: calls marked as spam or deleted there are not listed, nor are those of a"
            " company that the key does not see. No lead was made of them.",
            _named(missing),
            {"calls": len(missing), "night": as_of.isoformat()},
        )


def unusual_count(source: str, as_of: datetime, per_day: Sequence[int], limits: Limits = LIMITS) -> Iterator[Alert]:
    """Far fewer or more leads than usual came from a source in the day before a night.

    ``per_day``: leads received in the day before ``as_of``, in the day before that one, and so on; days before the
    source's first lead count as not known. Compared with the same weekday, else with all of the last days.
    """
    source, (today, *before) = place(source), per_day
    while before and not before[-1]:
        before.pop()
    same = before[6::7][: limits.weeks]
    known = same if len(same) >= limits.least_weekdays else before[: limits.days]
    if len(known) < limits.least_days and known is not same:
        return
    usual, spread = usual_count(known)
    change = today - usual
    if abs(change) < max(limits.least_change, limits.count_change * usual, limits.count_spreads * spread):
        return
    if known is not same and min(known) <= today <= max(known):
        return  # some day of the week is like that
    which = "none" if not today else "far fewer than usual" if change < 0 else "far more than usual"
    yield Alert(
        Kind.SOURCE_COUNT,
        key_of(Kind.SOURCE_COUNT, source, as_of.astimezone(UTC).date().isoformat()),
        Severity.CRITICAL if not today else Severity.WARNING,
        f"{source} told {today} leads of the last day, {which}: {usual:g}.",
        "Ask whether campaigns were changed, and whether the source's account, key and phone numbers still work.",
        figures={"leads": today, "usual": usual, "spread": round(spread, 1), "days compared": len(known)},
    )


def spam_bursts(
    as_of: datetime, today: Sequence[Judged], usual: Sequence[Judged], named: NamesLeads, limits: Limits = LIMITS
) -> Iterator[Alert]:
    """Of a marketing source far more callers than usual are solicitors. ``today`` and ``usual``: its judged calls."""
    of, usual_of = (_counted(judged, lambda one: one.source) for judged in (today, usual))
    hits, usual_hits = (
        _counted([one for one in judged if _is_spam(one)], lambda one: one.source) for judged in (today, usual)
    )
    for source, count in sorted(hits.items()):
        if count < limits.least_spam or usual_of[source] < limits.least_usual:
            continue
        share, before = count / of[source], usual_hits[source] / usual_of[source]
        sure = far_above(count, of[source], usual_hits[source], usual_of[source], limits.surely)
        if sure and share >= limits.spam_times * before:
            yield Alert(
                Kind.SPAM_BURST,
                key_of(Kind.SPAM_BURST, source, as_of.astimezone(UTC).date().isoformat()),
                Severity.WARNING,
                f"{count} of {of[source]} calls of the source {place(source)} are solicitors: {share:.0%} instead of"
                f" {before:.0%}.",
                "Listen to some; if it is one robocall, accept them together with call-insights bulk-accept, and have"
                " the number blocked.",
                _named(named(lambda one, source=source: one.source == source and _is_spam(one))),  # type: ignore[misc]
                {"solicitors": count, "calls": of[source], "usual share": round(before, 4)},
            )


def model_drift(
    as_of: datetime, today: Sequence[Judged], usual: Sequence[Judged], named: NamesLeads, limits: Limits = LIMITS
) -> Iterator[Alert]:
    """The model leaves another share of the calls to people, or finds another mix of reasons, than it usually does.

    Told once a week while it lasts: the calls that show it stay in the comparison for days.
    """
    of, usual_of = (sum(one.leads for one in judged) for judged in (today, usual))
    if min(of, usual_of) < limits.least_judged:
        return
    year, week, _ = as_of.astimezone(UTC).isocalendar()
    doubted, usual_doubted = (sum(one.leads for one in judged if _is_doubt(one)) for judged in (today, usual))
    share, before = doubted / of, usual_doubted / usual_of
    more = far_above(doubted, of, usual_doubted, usual_of, limits.surely)
    fewer = far_above(usual_doubted, usual_of, doubted, of, limits.surely)
    if abs(share - before) >= limits.doubt_change and (more or fewer):
        yield Alert(
            Kind.MODEL_DRIFT,
            key_of(Kind.MODEL_DRIFT, "doubt", year, week, more),
            Severity.WARNING,
            f"{share:.0%} of {of} calls are left to people, instead of {before:.0%}.",
            "Listen to some of them: another kind of caller, worse recordings, or weights that fit no longer"
            " (call-insights train, call-insights train --rollback).",
            _named(named(_is_doubt)) if more else (),
            {"share": round(share, 4), "usual share": round(before, 4), "calls": of},
        )
    mix, usual_mix = (_counted(judged, lambda one: one.reason) for judged in (today, usual))
    index = population_stability(mix, usual_mix)
    by_chance = stability_by_chance(len(mix.keys() | usual_mix.keys()), of, usual_of, limits.confidence)
    if index >= max(limits.stability, by_chance):
        parts = stability_parts(mix, usual_mix)
        most = max(sorted(parts), key=parts.__getitem__)
        yield Alert(
            Kind.MODEL_DRIFT,
            key_of(Kind.MODEL_DRIFT, "mix", year, week, most),
            Severity.WARNING,
            f"The mix of reasons is another one than usual; most of all {most}: {mix[most] / of:.0%} instead of"
            f" {usual_mix[most] / usual_of:.0%}.",
            f"Listen to some calls of the reason {most} before you accept proposals together.",
            _named(named(lambda one: one.reason == most)),
            {"stability index": round(index, 3), "by chance": round(by_chance, 3), "calls": of},
        )


def no_night(newest: datetime | None, at_work: bool, now: datetime, limits: Limits = LIMITS) -> Iterator[Alert]:
    """No night has closed for too long, told once for each day that it lasts.

    ``newest``: when the last one closed; ``at_work``: whether another one is running.
    """
    if newest is None:
        if not at_work:
            yield Alert(
                Kind.NO_NIGHT,
                key_of(Kind.NO_NIGHT, "never"),
                Severity.WARNING,
                "No night has ever closed on this record.",
                "Run one: call-insights nightly --source, or see that the schedules are served (make serve).",
            )
        return
    age = now - newest
    if age > limits.night_age + (limits.longest_night if at_work else _NOTHING):
        hours = age / timedelta(hours=1)
        doing = "; one is at work and does not end" if at_work else ""
        yield Alert(
            Kind.NO_NIGHT,
            key_of(Kind.NO_NIGHT, newest.isoformat(), age.days),
            Severity.CRITICAL,
            f"No night has closed for {hours:.0f} hours{doing}.",
            "See whether the schedules are served (make serve), and run the night by hand: call-insights nightly.",
            figures={"hours": round(hours, 1), "last night": newest.isoformat()},
        )


def unseen_leads(waiting: Sequence[Expiring], now: datetime, limits: Limits = LIMITS) -> Iterator[Alert]:
    """Leads whose review window ends soon and that nobody looked at: a group for each stretch of time in which they
    expire, told twice; the most worthwhile ones are named."""
    groups: dict[int, list[Expiring]] = {}
    for lead in waiting:
        if lead.expires_at > now:
            groups.setdefault(int(lead.expires_at.timestamp() // limits.expiry_group.total_seconds()), []).append(lead)
    for number, leads in sorted(groups.items()):
        begins = datetime.fromtimestamp(number * limits.expiry_group.total_seconds(), UTC)
        calls = [call for call in limits.expiry_calls if begins - now <= call]
        if calls:
            left = min(lead.expires_at for lead in leads) - now
            last = min(calls) == min(limits.expiry_calls)
            first_listened = [lead.lead_id for lead in sorted(leads, key=lambda lead: (-lead.worth, lead.lead_id))]
            yield Alert(
                Kind.EXPIRING,
                key_of(Kind.EXPIRING, begins.isoformat(), min(calls).total_seconds()),
                Severity.CRITICAL if last else Severity.WARNING,
                f"The review window of {len(leads)} leads that nobody looked at ends soon, the first one in"
                f" {left / timedelta(hours=1):.1f} hours.",
                "Listen to them: call-insights queue --within-hours 24, or the review app's queue.",
                _named(first_listened),
                {"leads": len(leads), "worth": round(sum(lead.worth for lead in leads), 2)},
            )


def late_feed(
    sequence: int, since: datetime, waiting: int, dead: int, now: datetime, limits: Limits = LIMITS
) -> Iterator[Alert]:
    """The oldest message to the billing system (``sequence``) has been seen waiting ``since`` then: told once for each
    day that it lasts."""
    age = now - since
    if age > limits.feed_age:
        yield Alert(
            Kind.FEED_LATE,
            key_of(Kind.FEED_LATE, sequence, age.days),
            Severity.CRITICAL,
            f"{waiting + dead} messages are not delivered to the billing system, the oldest for"
            f" {age / timedelta(hours=1):.1f} hours.",
            "See call-insights feed status; send dead letters again with call-insights feed retry.",
            figures={"waiting": waiting, "dead": dead},
        )


def _named(leads: Sequence[str]) -> tuple[LeadId, ...]:
    return tuple(LeadId(name) for name in leads[:MOST_LEADS])


def _counted(judged: Sequence[Judged], name: Callable[[Judged], str]) -> Counter[str]:
    counts = Counter[str]()
    for one in judged:
        counts[name(one)] += one.leads
    return counts


def _is_spam(one: Judged) -> bool:
    return one.reason == Intent.SOLICITOR.value


def _is_doubt(one: Judged) -> bool:
    return one.verdict == Decision.NEEDS_REVIEW.value
