"""Watch over the nights: notice what somebody must be told of, keep it once, and tell it to every channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

from insights.domain.alert_rules import (
    failures_of_night,
    late_feed,
    model_drift,
    no_night,
    spam_bursts,
    stopped_source,
    unlisted_calls,
    unseen_leads,
    unusual_count,
)
from insights.domain.alerts import LIMITS, MOST_LEADS, Alert, Judged
from insights.domain.feed import FED
from insights.domain.leads import LeadId
from insights.domain.tellings import Answer, Telling
from insights.errors import ChannelDown, ChannelRefused
from insights.ports import AlertChannel, Deps
from insights.ports_record import UnitOfWork
from insights.ports_watch import ClosedNight

_DAY = timedelta(days=1)
_RECENT = timedelta(days=3)
"""Calls whose mix is held against the usual one: a single night of a small office is too few."""
_USUAL = timedelta(days=28)
_JUDGED_NIGHT, _FEED_WAITS = "last night judged", "feed waits"


@dataclass(frozen=True, slots=True)
class ToldRun:
    """What one run did: alerts that a channel took and tries that failed, with why, a line for each channel."""

    told: int
    failed: int
    troubles: tuple[str, ...] = ()


def notice(deps: Deps, *, feeds: bool) -> list[Alert]:
    """Put each new finding into the record, once; the new ones. ``feeds``: a billing system is told of what is posted.

    A night is judged once, when it has closed; queue, feed and the time since the last night at every call.
    """
    now = deps.clock.now()
    with deps.store(only_reads=True) as unit:
        judged = int(unit.noted(_JUDGED_NIGHT) or 0)
        closed = unit.nights_after(judged)
        waits, findings = _feed(unit, now) if feeds else ("", [])
        found = list(chain(findings, _now(unit, now), *(_of_night(unit, night) for night in _newest(closed))))
        found = [alert for alert in found if unit.telling(alert.key) is None]
        as_noted = (unit.noted(_FEED_WAITS) or "") == waits
    if not found and not closed and as_noted:
        return []
    with deps.store() as unit:
        new = [alert for alert in found if unit.telling(alert.key) is None]  # another watch may have been here
        for alert in new:
            unit.put_telling(Telling(alert, now))
        if closed:
            unit.put_noted(_JUDGED_NIGHT, str(closed[-1].number))
        unit.put_noted(_FEED_WAITS, waits)
        unit.commit()
    return new


def tell(deps: Deps, channels: Sequence[AlertChannel], *, refused_too: bool = False) -> ToldRun:
    """Send what was not told yet, oldest first, and close the channels.

    Each channel is told at least once and always under the alert's key, whatever dies in between. One that is down is
    left alone for the rest of the run; what it refused is tried again only where ``refused_too``.
    """
    names = [channel.name for channel in channels]
    troubles, down = dict[str, str](), set[str]()
    told = failed = 0
    with ExitStack() as open_channels:
        for channel in channels:
            open_channels.enter_context(closing(channel))
        with deps.store(only_reads=True) as unit:
            waiting = unit.untold()
        for kept in waiting:
            telling = kept
            still = set(kept.still_to_tell(names, refused_too=refused_too)) - down
            for channel in channels:
                if channel.name not in still:
                    continue
                answer, trouble = _told(channel, telling)
                telling = telling.after(channel.name, answer, trouble)
                if answer is Answer.TOLD:
                    told += 1
                    continue
                failed += 1
                troubles[channel.name] = trouble
                if answer is Answer.DOWN:
                    down.add(channel.name)
            telling = telling.settled(names, deps.clock.now())
            if telling != kept:
                with deps.store() as unit:
                    unit.put_telling(telling)
                    unit.commit()
    return ToldRun(told, failed, tuple(f"{name}: {trouble}" for name, trouble in troubles.items()))


def try_channels(channels: Sequence[AlertChannel], alert: Alert, at: datetime) -> dict[str, str]:
    """Send an alert that is not kept through every channel, and close them; why each did not take it, empty: it did."""
    answers = {}
    for channel in channels:
        with closing(channel):
            answers[channel.name] = _told(channel, Telling(alert, at))[1]
    return answers


def alerts_kept(deps: Deps, newest: int) -> list[Telling]:
    """The newest alerts first, with what became of each."""
    with deps.store(only_reads=True) as unit:
        return unit.tellings(newest)


def _told(channel: AlertChannel, telling: Telling) -> tuple[Answer, str]:
    try:
        channel.send(telling.alert, telling.at)
    except ChannelRefused as error:
        return Answer.REFUSED, str(error)
    except ChannelDown as error:
        return Answer.DOWN, str(error)
    return Answer.TOLD, ""


def _newest(closed: Sequence[ClosedNight]) -> list[ClosedNight]:
    """Of each source the night that closed last: of older ones nobody can do anything any more."""
    return list({night.body["source"]: night for night in closed}.values())


def _of_night(unit: UnitOfWork, night: ClosedNight) -> Iterator[Alert]:
    as_of, source = night.as_of, night.body["source"]
    yield from failures_of_night(as_of, night.body)
    yield from stopped_source(as_of, night.body)
    yield from unlisted_calls(as_of, night.body)
    yield from unusual_count(source, as_of, _per_day(unit, source, as_of))
    usual = unit.judged(as_of - _RECENT - _USUAL, as_of - _RECENT)
    yield from spam_bursts(as_of, unit.judged(as_of - _DAY, as_of), usual, _names(unit, as_of - _DAY, as_of))
    yield from model_drift(as_of, unit.judged(as_of - _RECENT, as_of), usual, _names(unit, as_of - _RECENT, as_of))


def _per_day(unit: UnitOfWork, source: str, as_of: datetime) -> list[int]:
    """Leads of a source in the day before an instant (its full hour), in the day before that one, and so on."""
    end = as_of.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    days = 7 * LIMITS.weeks + 1
    counts = [0] * days
    for hour, count in unit.received_by_hour(source, end - days * _DAY, end).items():
        counts[(end - hour - timedelta(hours=1)) // _DAY] += count
    return counts


def _names(unit: UnitOfWork, since: datetime, until: datetime) -> Callable[[Callable[[Judged], bool]], list[LeadId]]:
    def named(wanted: Callable[[Judged], bool]) -> list[LeadId]:
        return [lead_id for lead_id, judged in unit.judged_leads(since, until, MOST_LEADS) if wanted(judged)]

    return named


def _now(unit: UnitOfWork, now: datetime) -> Iterator[Alert]:
    yield from no_night(unit.last_night_closed(), unit.night_at_work(now), now)
    yield from unseen_leads(unit.expiring(now, now + max(LIMITS.expiry_calls) + LIMITS.expiry_group), now)


def _feed(unit: UnitOfWork, now: datetime) -> tuple[str, list[Alert]]:
    """The oldest message that waits with the instant it was first seen to, as it is noted; and what is found.

    Entries are dated by the night that made them, so only the watch itself can tell for how long one has waited.
    """
    backlog = unit.backlog(FED)
    if backlog.oldest is None:
        return "", []
    known = (unit.noted(_FEED_WAITS) or "").partition(" since ")
    since = datetime.fromisoformat(known[2]) if known[0] == str(backlog.oldest) else now
    found = list(late_feed(backlog.oldest, since, backlog.waiting, backlog.dead, now))
    return f"{backlog.oldest} since {since.isoformat()}", found
