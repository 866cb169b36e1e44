"""A lead is what the source told, refused when it cannot be told apart or placed in time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from builders import a_lead

from insights.domain.leads import checked_id


@pytest.mark.parametrize("name", ["L-1", "CAL019f:2.x_y", "7", "a" * 100])
def test_ordinary_names_are_taken_as_they_are(name: str) -> None:
    assert checked_id(name, "lead_id") == name


@pytest.mark.parametrize("name", ["", "-1", "a b", "a/b", "../x", "a" * 101, "é", "a\n", "\x1b[2J", "'; drop"])
def test_names_that_could_hurt_a_log_a_path_or_a_screen_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="lead_id"):
        checked_id(name, "lead_id")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"lead_id": "no spaces please"}, "lead_id"),
        ({"campaign_id": ""}, "campaign_id"),
        ({"received_at": datetime(2026, 11, 20, 8)}, "UTC offset"),  # noqa: DTZ001 - the point of the row
        ({"agent_channel": 3}, "agent_channel 3"),
    ],
)
def test_a_lead_that_cannot_be_trusted_is_refused_with_the_field(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        a_lead(**wrong)


@pytest.mark.parametrize("channel", [None, 1, 2])
def test_the_agent_is_on_channel_one_or_two_or_nobody_knows(channel: int | None) -> None:
    assert a_lead(agent_channel=channel).agent_channel == channel
