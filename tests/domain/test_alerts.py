"""When somebody must be told at once, when nobody, and that the same finding has the same key."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW

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
from insights.domain.alerts import LIMITS, MOST_LEADS, Alert, Expiring, Judged, Kind, Severity, place, trial_alert
from insights.domain.drift import population_stability, stability_by_chance, stability_parts, usual_count
from insights.domain.leads import LeadId
from insights.domain.tellings import Answer, Telling

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_night(failed: int = 0, ready: int = 100, **changes: Any) -> dict[str, Any]:
    rows = [
        {"lead_id": f"L-{number:03}", "stage": "fetch", "code": "not_found" if number else "empty"}
        for number in range(failed)
    ]
    return {
        "source": "callrail://ACC1",
        "failures": rows,
        "by_screening": {"ready": ready},
        "leads_seen": 120,
        **changes,
    }


def nobody(wanted: Callable[[Judged], bool]) -> Sequence[LeadId]:
    return []


# failures


def test_a_night_in_which_a_tenth_of_the_calls_failed_is_told_with_the_commonest_cause() -> None:
    (alert,) = failures_of_night(NOW, a_night(failed=30))
    assert alert.severity is Severity.CRITICAL
    assert alert.headline == "30 of 100 calls of callrail://ACC1 failed, most of them as not_found (29)."
    assert len(alert.leads) == MOST_LEADS and alert.leads[0] == "L-000"
    assert alert.figures["failed"] == 30


@pytest.mark.parametrize(("failed", "ready"), [(0, 100), (10, 100), (4, 5), (0, 0)])
def test_few_failures_are_nobodys_alarm(failed: int, ready: int) -> None:
    assert not list(failures_of_night(NOW, a_night(failed, ready)))


def test_the_same_failed_leads_are_the_same_finding_whatever_night_tells_them() -> None:
    (first,), (again,) = failures_of_night(NOW, a_night(20)), failures_of_night(NOW + DAY, a_night(20))
    (other,) = failures_of_night(NOW + DAY, a_night(21))
    assert first.key == again.key != other.key


# sources


def test_a_source_that_stopped_half_way_is_told_without_its_own_words() -> None:
    stopped = a_night(source_stopped="caller +1 614 555 0100 said no", source="sftp://me:secret@host/leads?token=x")
    (alert,) = stopped_source(NOW, stopped)
    assert alert.headline == "sftp://host/leads stopped half-way through its leads."
    assert "614" not in json.dumps(alert.as_json()) and "secret" not in json.dumps(alert.as_json())
    assert not list(stopped_source(NOW, a_night(source_stopped="")))
    assert not list(stopped_source(NOW, a_night())), "nights of older versions say nothing of it"


def test_calls_that_only_a_webhook_told_of_are_named() -> None:
    missing = [f"CAL{number}" for number in range(30)]
    (alert,) = unlisted_calls(NOW, a_night(not_listed=missing))
    assert (alert.kind, alert.severity, alert.figures["calls"]) == (Kind.SOURCE_DRIFT, Severity.WARNING, 30)
    assert alert.headline == "30 calls that the webhook of callrail://ACC1 told of are not on its listing."
    assert alert.leads == tuple(missing[:MOST_LEADS])
    (again,) = unlisted_calls(NOW + DAY, a_night(not_listed=missing[::-1]))
    assert again.key == alert.key
    assert not list(unlisted_calls(NOW, a_night(not_listed=[]))) and not list(unlisted_calls(NOW, a_night()))


STEADY = [50, 52, 48, 51, 49, 53, 47]


@pytest.mark.parametrize(
    ("today", "says"), [(0, "none"), (20, "far fewer than usual"), (90, "far more than usual"), (45, None), (60, None)]
)
def test_a_source_is_told_of_when_it_leaves_its_usual_count(today: int, says: str | None) -> None:
    found = list(unusual_count("callrail://ACC1", NOW, [today, *STEADY, *STEADY]))
    assert len(found) == (says is not None)
    for alert in found:
        assert says is not None and says in alert.headline
        assert alert.severity is (Severity.CRITICAL if today == 0 else Severity.WARNING)


def test_a_source_that_is_not_known_for_a_week_is_not_judged() -> None:
    assert not list(unusual_count("s", NOW, [0, *STEADY[:6], *[0] * 50]))
    assert list(unusual_count("s", NOW, [0, *STEADY, *[0] * 50]))


def test_a_quiet_sunday_is_compared_with_sundays_once_five_are_known() -> None:
    week = [0, 50, 50, 50, 50, 50, 50]  # the day itself first
    assert not list(unusual_count("s", NOW, week * 3)), "before that, with the whole range of the last days"
    assert not list(unusual_count("s", NOW, week * 9))
    assert list(unusual_count("s", NOW, [50, *(week * 9)[1:]])), "as many as on workdays is much for a Sunday"


def test_a_small_source_moves_by_chance() -> None:
    assert not list(unusual_count("s", NOW, [0, 3, 5, 2, 4, 6, 1, 3, 5]))


def test_a_count_is_one_finding_a_day_and_source() -> None:
    keys = {
        next(unusual_count(source, at, [0, *STEADY])).key
        for source in ("a", "b")
        for at in (NOW, NOW + HOUR, NOW + DAY)
    }
    assert len(keys) == 4


def test_usual_counts_forgive_a_wild_day_and_allow_for_chance() -> None:
    middle, spread = usual_count([10, 10, 10, 10, 500])
    assert (middle, round(spread, 2)) == (10, 3.16)
    assert usual_count([0, 0, 0]) == (0, 1)
    assert usual_count([100, 160, 40, 100, 160])[1] > 60


# spam


USUAL = [Judged("maps", "non_billable", "solicitor", 20), Judged("maps", "billable", "new_customer", 380)]


def test_a_burst_of_solicitors_of_one_source_is_told_with_some_of_them() -> None:
    today = [
        Judged("maps", "non_billable", "solicitor", 12),
        Judged("maps", "billable", "new_customer", 28),
        Judged("radio", "non_billable", "solicitor", 9),
    ]

    def named(wanted: Callable[[Judged], bool]) -> list[LeadId]:
        return [LeadId(f"L-{one.source}-{one.reason}") for one in today if wanted(one)]

    (alert,) = spam_bursts(NOW, today, USUAL, named)
    assert alert.headline == "12 of 40 calls of the source maps are solicitors: 30% instead of 5%."
    assert alert.leads == ("L-maps-solicitor",), "nobody knows what is usual for radio"


@pytest.mark.parametrize(("spam", "others"), [(7, 3), (9, 131), (8, 60)])
def test_a_few_more_solicitors_are_a_bad_day(spam: int, others: int) -> None:
    today = [Judged("maps", "needs_review", "solicitor", spam), Judged("maps", "billable", "new_customer", others)]
    assert not list(spam_bursts(NOW, today, USUAL, nobody))


def test_a_share_that_is_surely_higher_but_not_twice_as_high_is_no_burst() -> None:
    usual = [Judged("m", "non_billable", "solicitor", 3000), Judged("m", "billable", "new_customer", 7000)]
    today = [Judged("m", "non_billable", "solicitor", 400), Judged("m", "billable", "new_customer", 600)]
    assert not list(spam_bursts(NOW, today, usual, nobody))


# the model


def a_mix(doubts: int, customers: int, seekers: int) -> list[Judged]:
    return [
        Judged("maps", "needs_review", "new_customer", doubts),
        Judged("maps", "billable", "new_customer", customers),
        Judged("radio", "non_billable", "job_seeker", seekers),
    ]


def test_a_model_that_judges_as_usual_is_left_alone() -> None:
    assert not list(model_drift(NOW, a_mix(20, 150, 30), a_mix(210, 1490, 300), nobody))


@pytest.mark.parametrize(("doubts", "names"), [(90, True), (10, False)])
def test_calls_left_to_people_are_told_when_they_grow_and_when_they_vanish(doubts: int, names: bool) -> None:
    def named(wanted: Callable[[Judged], bool]) -> list[LeadId]:
        return [LeadId("L-1")] if wanted(Judged("", "needs_review", "", 1)) else []

    (alert,) = model_drift(NOW, a_mix(doubts, 200 - doubts, 0), a_mix(250, 750, 0), named)
    assert alert.headline == f"{doubts / 200:.0%} of 200 calls are left to people, instead of 25%."
    assert bool(alert.leads) is names


def test_another_mix_of_reasons_is_told_with_the_reason_that_moved_most() -> None:
    (alert,) = model_drift(NOW, a_mix(20, 90, 90), a_mix(100, 850, 50), nobody)
    assert "most of all job_seeker: 45% instead of 5%" in alert.headline
    assert alert.figures["stability index"] > LIMITS.stability


def test_of_few_calls_nothing_is_said() -> None:
    assert not list(model_drift(NOW, a_mix(90, 0, 9), a_mix(10, 850, 50), nobody))
    assert not list(model_drift(NOW, a_mix(90, 0, 90), a_mix(1, 80, 5), nobody))


def test_drift_is_told_once_a_week() -> None:
    keys = {
        next(model_drift(NOW + days * DAY, a_mix(20, 90, 90), a_mix(100, 850, 50), nobody)).key for days in range(7)
    }
    assert len(keys) == 2, "a Friday, its week's end, and the week after"


def test_the_stability_index_is_nothing_for_equal_mixes_and_chance_grows_with_small_samples() -> None:
    assert population_stability({"a": 50, "b": 50}, {"a": 50, "b": 50}) == 0
    assert sum(stability_parts({"a": 9}, {"b": 9}).values()) == population_stability({"a": 9}, {"b": 9}) > 1
    assert stability_by_chance(8, 100, 100, 0.999) > 0.4 > 0.05 > stability_by_chance(8, 2000, 2000, 0.999)
    assert stability_by_chance(1, 100, 100, 0.95) == pytest.approx(3.84 * 0.02, rel=0.03), "chi-square, one degree"


# nights that did not close


def test_a_night_that_did_not_close_is_told_again_each_day() -> None:
    assert not list(no_night(NOW, False, NOW + 26 * HOUR))
    keys = {alert.key for hours in range(26, 80) for alert in no_night(NOW, False, NOW + hours * HOUR + HOUR / 2)}
    assert len(keys) == 3
    (alert,) = no_night(NOW, False, NOW + 30 * HOUR)
    assert (alert.headline, alert.severity) == ("No night has closed for 30 hours.", Severity.CRITICAL)


def test_a_night_at_work_is_given_time_but_not_for_ever() -> None:
    assert not list(no_night(NOW, True, NOW + 35 * HOUR))
    (alert,) = no_night(NOW, True, NOW + 37 * HOUR)
    assert alert.headline == "No night has closed for 37 hours; one is at work and does not end."


def test_a_record_without_any_night_is_told_unless_the_first_one_runs() -> None:
    assert [alert.headline for alert in no_night(None, False, NOW)] == ["No night has ever closed on this record."]
    assert not list(no_night(None, True, NOW))


# windows that end


def waiting(*hours: float) -> list[Expiring]:
    return [Expiring(LeadId(f"L-{n}"), NOW + hour * HOUR, float(n)) for n, hour in enumerate(hours)]


def test_leads_that_expire_together_are_told_together_the_most_worthwhile_first() -> None:
    (alert,) = unseen_leads(waiting(17, 18, 19), NOW)  # 8:00 to 16:00 is one stretch, 0:00 to 8:00 the next
    assert alert.leads == ("L-2", "L-1", "L-0")
    assert (alert.kind, alert.severity) == (Kind.EXPIRING, Severity.WARNING)
    assert alert.headline.startswith(
        "The review window of 3 leads that nobody looked at ends soon, the first one in 17.0"
    )


def test_a_stretch_is_told_a_day_before_and_once_more_at_the_last_call() -> None:
    told = {}
    for hour in range(0, 49):
        for alert in unseen_leads(waiting(41), NOW + hour * HOUR):
            told.setdefault((alert.key, alert.severity), hour)
    assert [(severity, hour) for (_, severity), hour in told.items()] == [
        (Severity.WARNING, 16),
        (Severity.CRITICAL, 36),
    ]


def test_what_expired_or_expires_later_is_not_told() -> None:
    assert not list(unseen_leads(waiting(-1, 0, 41), NOW))


def test_an_alert_names_at_most_twenty_leads_and_counts_all() -> None:
    (alert,) = unseen_leads(waiting(*[17.0] * 50), NOW)
    assert (len(alert.leads), alert.figures["leads"]) == (MOST_LEADS, 50)


# the feed


def test_a_feed_that_waits_is_told_after_an_hour_and_then_daily() -> None:
    assert not list(late_feed(7, NOW, 3, 1, NOW + HOUR))
    (alert,) = late_feed(7, NOW, 3, 1, NOW + 2 * HOUR)
    assert alert.headline == "4 messages are not delivered to the billing system, the oldest for 2.0 hours."
    keys = {found.key for hours in range(2, 60) for found in late_feed(7, NOW, 3, 1, NOW + hours * HOUR)}
    assert len(keys) == 3


# what an alert is


def test_an_alert_is_kept_as_it_was_found() -> None:
    for alert in [trial_alert(NOW), *failures_of_night(NOW, a_night(30)), *unseen_leads(waiting(17), NOW)]:
        assert Alert.from_json(json.loads(json.dumps(alert.as_json()))) == alert
        assert alert.key.isascii() and len(alert.key) <= 100


def test_a_source_is_told_on_one_line_without_secrets() -> None:
    assert place("s3://bucket/leads?X-Amz-Signature=abc") == "s3://bucket/leads"
    assert place("evil\r\nSubject: x") == "evilSubject: x"
    assert (place(""), len(place("x" * 500))) == ("unknown", 120)


def test_limits_can_be_set_otherwise() -> None:
    assert list(failures_of_night(NOW, a_night(1, 2), replace(LIMITS, least_failures=1)))


# what became of it


def test_an_alert_is_told_once_every_channel_took_it() -> None:
    kept = Telling(trial_alert(NOW), NOW)
    assert kept.still_to_tell(["webhook", "e-mail"]) == ["webhook", "e-mail"]
    kept = kept.after("webhook", Answer.TOLD).after("e-mail", Answer.DOWN, "no answer")
    assert kept.settled(["webhook", "e-mail"], NOW).told_at is None
    assert (kept.still_to_tell(["webhook", "e-mail"]), kept.tries, kept.in_trouble) == (["e-mail"], 2, True)
    kept = kept.after("e-mail", Answer.TOLD).settled(["webhook", "e-mail"], NOW)
    assert (kept.told_at, kept.in_trouble, kept.still_to_tell(["webhook", "new one"])) == (NOW, False, [])


def test_what_was_refused_is_tried_again_only_when_somebody_asks_for_it() -> None:
    kept = Telling(trial_alert(NOW), NOW).after("webhook", Answer.REFUSED, "x" * 999)
    assert (kept.still_to_tell(["webhook"]), kept.still_to_tell(["webhook"], refused_too=True)) == ([], ["webhook"])
    assert len(kept.troubles["webhook"]) == 300
    assert kept.settled([], NOW).told_at is None, "without a channel nobody was told"
