"""What a training reads: every override, acceptances in measure, and never a lead that is kept for the replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from builders import NOW, a_campaign, a_transcript
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.intents import Intent
from insights.domain.leads import LeadId
from insights.domain.lessons import (
    LEAST_ACCEPTED,
    REPLAY_SHARE,
    REPLAY_WINDOW,
    Lesson,
    call_id_of,
    choose_pool,
    kept_for_replay,
    lesson_counts,
    replayed,
)
from insights.domain.scoring import Label, LabelledTranscript

NAMES = [LeadId(f"L-{number}") for number in range(2000)]
TAUGHT = [name for name in NAMES if not kept_for_replay(name)]
REPLAYED = [name for name in NAMES if kept_for_replay(name)]


def a_lesson(
    lead_id: str, reason: Intent = Intent.SOLICITOR, *, overrides: bool = False, days_ago: float = 1
) -> Lesson:
    label = Label(reason is Intent.NEW_CUSTOMER, reason, None)
    call = LabelledTranscript(call_id_of(LeadId(lead_id)), a_transcript("Hello."), a_campaign(), False, label)
    decided_at = NOW - timedelta(days=days_ago)
    return Lesson(LeadId(lead_id), decided_at - timedelta(days=1), decided_at, overrides, call, label)


def lessons(names: Sequence[str], reason: Intent = Intent.SOLICITOR, *, overrides: bool = False) -> list[Lesson]:
    return [a_lesson(name, reason, overrides=overrides) for name in names]


def test_about_a_fifth_of_the_leads_is_kept_for_the_replay() -> None:
    assert len(REPLAYED) == pytest.approx(len(NAMES) / REPLAY_SHARE, rel=0.1)


def test_leads_that_are_kept_for_the_replay_stay_the_same_for_ever() -> None:
    """A lead that changed sides would be judged by a model that was trained on it."""
    assert REPLAYED[:5] == ["L-1", "L-5", "L-10", "L-33", "L-42"]


def test_every_override_joins() -> None:
    found = choose_pool(lessons(TAUGHT[:300], overrides=True))
    assert {one.lead_id for one in found} == set(TAUGHT[:300])


def test_a_lead_that_is_kept_for_the_replay_is_never_trained_on_not_even_an_override() -> None:
    assert choose_pool([*lessons(REPLAYED[:50], overrides=True), *lessons(REPLAYED[50:100])]) == []


def test_a_call_of_the_gold_set_is_never_trained_on() -> None:
    found = choose_pool(lessons(TAUGHT[:3], overrides=True), sealed={call_id_of(TAUGHT[1])})
    assert [one.lead_id for one in found] == sorted([TAUGHT[0], TAUGHT[2]])


def test_of_a_reason_at_most_as_many_acceptances_join_as_overrides() -> None:
    given_in = [
        *lessons(TAUGHT[:40], Intent.SOLICITOR, overrides=True),
        *lessons(TAUGHT[40:50], Intent.JOB_SEEKER, overrides=True),
        *lessons(TAUGHT[100:300], Intent.SOLICITOR),
        *lessons(TAUGHT[300:500], Intent.JOB_SEEKER),
        *lessons(TAUGHT[500:700], Intent.OUT_OF_AREA),
    ]
    found = Counter((one.label.reason, one.overrides) for one in choose_pool(given_in))
    assert found == {
        (Intent.SOLICITOR, True): 40,
        (Intent.JOB_SEEKER, True): 10,
        (Intent.SOLICITOR, False): 40,
        (Intent.JOB_SEEKER, False): 10,
    }


@pytest.mark.parametrize(
    ("accepted", "join"), [(100, LEAST_ACCEPTED), (LEAST_ACCEPTED, LEAST_ACCEPTED), (7, 7), (0, 0)]
)
def test_twenty_acceptances_join_in_any_case_when_there_are_that_many(accepted: int, join: int) -> None:
    pool = choose_pool([a_lesson(TAUGHT[0], overrides=True), *lessons(TAUGHT[1 : accepted + 1], Intent.OUT_OF_AREA)])
    assert sum(not one.overrides for one in pool) == join


def test_which_acceptances_join_does_not_depend_on_the_order_of_the_record() -> None:
    decided = lessons(TAUGHT[:200])
    pool = choose_pool(decided)
    assert pool == choose_pool(decided[::-1])
    assert [one.lead_id for one in pool] == sorted(one.lead_id for one in pool)
    assert {one.lead_id for one in pool} != set(TAUGHT[:LEAST_ACCEPTED]), "drawn, not the first ones"


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES[:200]), st.sampled_from(list(Intent)), st.booleans()),
        unique_by=lambda told: told[0],
    )
)
def test_whatever_is_decided_no_lead_teaches_and_judges(decided: list[tuple[LeadId, Intent, bool]]) -> None:
    given_in = [a_lesson(name, reason, overrides=overrides) for name, reason, overrides in decided]
    pool, replay = choose_pool(given_in), replayed(given_in, NOW)
    assert not {one.lead_id for one in pool} & {one.lead_id for one in replay}
    assert sum(one.overrides for one in [*pool, *replay]) == sum(overrides for _, _, overrides in decided)


def test_the_replay_holds_the_last_thirty_days_of_decisions() -> None:
    days = REPLAY_WINDOW.days
    ages = dict(zip(REPLAYED, (0, 1, days, days + 0.01, -0.01), strict=False))
    found = replayed([a_lesson(name, days_ago=age) for name, age in ages.items()], NOW)
    assert [one.lead_id for one in found] == sorted(name for name, age in ages.items() if 0 <= age <= days)


def test_the_pool_is_counted_by_reason_in_the_guides_order() -> None:
    counted = lesson_counts(
        [*lessons(TAUGHT[:3]), a_lesson(TAUGHT[3], overrides=True), a_lesson(TAUGHT[4], Intent.NEW_CUSTOMER)]
    )
    assert counted == {
        "calls": 5,
        "overrides": 1,
        "by_reason": {"new_customer": {"overrides": 0, "accepted": 1}, "solicitor": {"overrides": 1, "accepted": 3}},
    }
    assert list(counted["by_reason"]) == ["new_customer", "solicitor"]
