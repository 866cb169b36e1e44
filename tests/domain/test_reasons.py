"""Every intent is a reason; a few reasons need no listening."""

from __future__ import annotations

import pytest
from builders import a_policy

from insights.domain.intents import Intent
from insights.domain.reasons import ALWAYS_BILLABLE, Reason
from insights.domain.verdicts import WOULD_CHANGE


@pytest.mark.parametrize("intent", Intent)
def test_every_intent_is_a_reason_of_the_same_code(intent: Intent) -> None:
    assert Reason.of(intent).value == intent.value


def test_what_metadata_decides_is_no_intent() -> None:
    assert set(Reason) - {Reason.of(intent) for intent in Intent} == {
        Reason.CAMPAIGN_PAUSED,
        Reason.MISSED_CALL,
        Reason.UNREACHABLE_CONTACT,
    }


def test_new_customers_and_missed_calls_are_billable_in_the_shipped_policy_and_nothing_else_is() -> None:
    assert {reason for reason in Reason if a_policy().billable(reason)} == ALWAYS_BILLABLE


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_can_say_what_would_change_it_and_what_it_means(reason: Reason) -> None:
    assert WOULD_CHANGE[reason].strip()
    assert a_policy().reasons[reason].help.strip()
