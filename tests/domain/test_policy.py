"""The policy is data: dated, overridden by clients, and refused with the key and the bad value when it is wrong."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from builders import DOCUMENT, a_policy

from insights.domain.policy import AutoAccept, Policy, PolicyBook, policy_body
from insights.domain.reasons import Reason


def with_change(path: str, value: object) -> dict[str, Any]:
    """The shipped document with one key set, or removed where the value is ``...``."""
    document = copy.deepcopy(DOCUMENT)
    *above, key = path.split(".")
    section = document
    for name in above:
        section = section[name]
    if value is ...:
        del section[key]
    else:
        section[key] = value
    return document


def test_the_shipped_policy_is_read_in_full() -> None:
    policy = a_policy()
    assert policy.version == DOCUMENT["version"]
    assert policy.review_window == timedelta(hours=DOCUMENT["review_window_hours"])
    assert policy.balance_check == time.fromisoformat(DOCUMENT["balance_check"])
    assert set(policy.reasons) == set(Reason)
    assert policy.overridden == ()


def test_nothing_is_accepted_automatically_unless_somebody_says_so() -> None:
    assert a_policy().auto_accept == AutoAccept()


def test_the_review_window_is_seven_times_twenty_four_hours() -> None:
    """The one figure the contract with clients fixes."""
    assert a_policy().review_window == timedelta(days=7)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("version", ..., r"policy\.version is missing"),
        ("version", "  ", r"policy\.version is '  ', not a text"),
        ("version", 3, r"policy\.version is 3, not a text"),
        ("effective_from", "soon", "policy: .*soon"),
        ("effective_from", "2026-01-01T00:00:00", r"effective_from .* has no UTC offset"),
        ("balance_check", "25:00", "policy: "),
        ("review_window_hours", 0, r"review_window_hours is 0, not a number from 1 to"),
        ("review_window_hours", "168", r"review_window_hours is '168', not a number"),
        ("review_window_hours", True, r"review_window_hours is True, not a number"),
        ("review_window_hours", float("nan"), r"review_window_hours is nan"),
        ("hearing", 3, r"policy\.hearing is 3, not a section"),
        ("hearing.min_words", -1, r"hearing\.min_words is -1"),
        ("hearing.min_word", 12, r"hearing\.min_word is not a policy setting; known here: .*min_words"),
        ("hearing.max_unclear_share", 1.5, r"hearing\.max_unclear_share is 1\.5, not a number from 0 to 1"),
        ("reasons.solicitor", ..., r"reasons\.solicitor is missing"),
        ("reasons.solicitor.billable", "no", r"solicitor\.billable is 'no', not true or false"),
        ("reasons.solicitor.floor", 2, r"solicitor\.floor is 2"),
        ("reasons.solicitor.help", "", r"solicitor\.help is '', not a text"),
        ("reasons.solicitor.colour", "red", r"solicitor\.colour is not a policy setting"),
        ("reasons.spam", {}, r"reasons\.spam is not a policy setting"),
        ("reasons.new_customer.billable", False, r"new_customer is always billable"),
        ("reasons.missed_call.billable", False, r"missed_call is always billable"),
        ("proposals.precision", 1.0, r"proposals\.precision is 1\.0, not a number from 0\.5 to 0\.999"),
        ("proposals.tolerated_loss", -1, r"proposals\.tolerated_loss is -1"),
        ("proposals.promise", 1, r"proposals\.promise is not a policy setting"),
        ("privacy.keep_words_days", 399, r"keep_words_days is less than keep_audio_days"),
        ("privacy.keep_audio_days", 0, r"keep_audio_days is 0, not a number from 1"),
        ("review.undo_seconds", -1, r"undo_seconds is -1, not a number from 0 to 3600"),
        ("fact_weights.known_customer", 0, r"known_customer is 0, not a number from 0\.001"),
        ("fact_weights.know_customer", 2.0, r"fact_weights\.know_customer is not a policy setting"),
        ("auto_accept.reasons", "solicitor", r"auto_accept\.reasons is 'solicitor', not a list"),
        ("auto_accept.reasons", [1], r"auto_accept\.reasons is \[1\], not a list"),
        ("auto_accept.reasons", ["spam"], r"auto_accept\.reasons: 'spam'"),
        ("auto_accept.cap", 1, r"auto_accept\.cap is not a policy setting"),
        ("colour", "red", r"policy\.colour is not a policy setting"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_key_and_the_value(path: str, value: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Policy.from_mapping(with_change(path, value))


def test_a_client_overrides_single_figures_and_keeps_the_rest() -> None:
    overrides = {"hearing": {"min_words": 3}, "reasons": {"out_of_area": {"billable": True}}, "balance_check": "06:00"}
    policy, default = a_policy(overrides), a_policy()
    assert policy.hearing.min_words == 3
    assert policy.hearing.cut_short_s == default.hearing.cut_short_s
    assert policy.billable(Reason.OUT_OF_AREA)
    assert policy.reasons[Reason.OUT_OF_AREA].help == default.reasons[Reason.OUT_OF_AREA].help
    assert policy.overridden == ("balance_check", "hearing.min_words", "reasons.out_of_area.billable")


def test_an_override_changes_no_other_clients_policy() -> None:
    before = copy.deepcopy(DOCUMENT)
    a_policy({"reasons": {"solicitor": {"floor": 0.1}}})
    assert before == DOCUMENT


def test_a_client_may_have_named_reasons_accepted_automatically() -> None:
    accept = a_policy({"auto_accept": {"reasons": ["solicitor"], "floor": 0.99, "daily_leads": 5}}).auto_accept
    assert accept == AutoAccept((Reason.SOLICITOR,), 0.99, 5)


def test_a_clients_override_of_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"policy\.hearing\.loudness is not a policy setting"):
        a_policy({"hearing": {"loudness": 3}})


def dated(version: str, effective: str) -> dict[str, Any]:
    return {**DOCUMENT, "version": version, "effective_from": effective}


OLD, NEW = dated("old", "2026-01-01T00:00:00+00:00"), dated("new", "2026-06-01T00:00:00-05:00")
CHANGE = datetime(2026, 6, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), "old"),
        (datetime(2026, 3, 1, tzinfo=UTC), "old"),
        (CHANGE - timedelta(seconds=1), "old"),
        (CHANGE, "new"),
        (CHANGE + timedelta(days=400), "new"),
    ],
    ids=["before the first", "under the first", "a second before the change", "at the change", "long after"],
)
@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)], ids=["in order", "out of order"])
def test_the_policy_in_force_when_the_lead_came_is_used(
    moment: datetime, version: str, order: tuple[dict[str, Any], ...]
) -> None:
    assert PolicyBook(order).at(moment).version == version


def test_the_book_applies_a_clients_overrides_to_whatever_is_in_force() -> None:
    policy = PolicyBook((OLD, NEW)).at(CHANGE, {"hearing": {"min_words": 1}})
    assert policy.hearing.min_words == 1
    assert policy.version.startswith("new+")


def test_other_overrides_are_another_version_and_the_same_ones_the_same() -> None:
    """A proposal is keyed by the policy's version: a client's new rules must lead to a new proposal."""
    book = PolicyBook((OLD, NEW))
    one, same, other = (book.at(CHANGE, {"hearing": {"min_words": words}}).version for words in (1, 1, 2))
    assert one == same != other


def test_an_empty_book_and_two_policies_of_one_version_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        PolicyBook(())
    with pytest.raises(ValueError, match="same version"):
        PolicyBook((OLD, {**NEW, "version": "old"}))


@pytest.mark.parametrize("overrides", [{}, {"hearing": {"min_words": 3}, "auto_accept": {"reasons": ["solicitor"]}}])
def test_a_policy_written_out_reads_back_as_itself(overrides: dict[str, Any]) -> None:
    body = policy_body(a_policy(overrides))
    overridden = body.pop("overridden")
    again = policy_body(Policy.from_mapping(body))
    assert again == {**body, "overridden": []}
    assert len(overridden) == len(overrides)


def test_a_policy_of_before_privacy_keeps_as_long_as_the_shipped_one() -> None:
    older = {name: part for name, part in DOCUMENT.items() if name != "privacy"}
    assert Policy.from_mapping(older).privacy == a_policy().privacy


def test_a_policy_of_before_decisions_could_be_taken_back_gives_half_a_minute() -> None:
    older = Policy.from_mapping(with_change("review.undo_seconds", ...))
    assert older.review.undo == timedelta(seconds=30)
    assert policy_body(older)["review"]["undo_seconds"] == 30
