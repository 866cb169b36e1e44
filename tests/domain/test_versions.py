"""Keys by content: what could change a result changes its key, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import NOW, VERSIONS, a_campaign, a_lead

from insights.domain.campaigns import ServiceArea
from insights.domain.versions import (
    charge_key,
    is_proposal_of,
    proposal_key,
    proposal_key_again,
    scores_key,
    transcript_key,
)

KEY = transcript_key("audio", "whisper", "tiny", a_lead())


def test_the_same_audio_and_weights_give_the_same_transcript_whatever_lead_it_belongs_to() -> None:
    assert transcript_key("audio", "whisper", "tiny", a_lead(lead_id="L-2", received_at=NOW)) == KEY


@pytest.mark.parametrize(
    "other",
    [
        transcript_key("other", "whisper", "tiny", a_lead()),
        transcript_key("audio", "other", "tiny", a_lead()),
        transcript_key("audio", "whisper", "base", a_lead()),
        transcript_key("audio", "whisper", "tiny", a_lead(language="es")),
        transcript_key("audio", "whisper", "tiny", a_lead(agent_channel=1)),
        transcript_key("audio", "whisper", "tiny", a_lead(), prompt="drain cleaning"),
        transcript_key("audio", "whisper", "tiny", a_lead(agent_channel=None), client="Blue Pipe"),
    ],
    ids=["audio", "engine", "weights", "language", "agent's channel", "words to expect", "client"],
)
def test_what_decides_the_hearing_decides_the_transcripts_key(other: str) -> None:
    assert other != KEY


@pytest.mark.parametrize(
    "change",
    [
        {"client": "Other"},
        {"trade": "roofing"},
        {"services": ()},
        {"not_offered": ()},
        {"service_area": ServiceArea(("Columbus",), ("43215",), "GA")},
    ],
    ids=["client", "trade", "services", "exclusions", "area"],
)
def test_scores_belong_to_the_offer_they_were_judged_against(change: dict[str, Any]) -> None:
    assert scores_key("t", a_campaign(**change), False, "m") != scores_key("t", a_campaign(), False, "m")


def test_scores_belong_to_the_words_the_customer_list_and_the_weights() -> None:
    keys = [
        scores_key("t", a_campaign(), False, "m"),
        scores_key("u", a_campaign(), False, "m"),
        scores_key("t", a_campaign(), True, "m"),
        scores_key("t", a_campaign(), False, "n"),
    ]
    assert len(set(keys)) == len(keys)


def test_the_price_of_a_lead_says_nothing_about_why_the_caller_called() -> None:
    assert scores_key("t", a_campaign(price=None), False, "m") == scores_key("t", a_campaign(), False, "m")


@pytest.mark.parametrize("part", ["code", "policy", "speech", "intent"])
def test_a_new_version_of_anything_earns_a_lead_a_new_proposal(part: str) -> None:
    newer = replace(VERSIONS, **{part: "newer"})
    assert proposal_key(a_lead(), newer, "audio") != proposal_key(a_lead(), VERSIONS, "audio")


def test_a_proposal_belongs_to_its_lead_and_its_recording() -> None:
    key = proposal_key(a_lead(), VERSIONS, "audio")
    assert key.startswith("proposal:L-1:")
    assert proposal_key(a_lead(lead_id="L-2"), VERSIONS, "audio") != key
    assert proposal_key(a_lead(), VERSIONS, "other") != key


def test_a_proposal_that_holds_again_has_a_key_of_its_own_and_is_still_known() -> None:
    key = proposal_key(a_lead(), VERSIONS, "audio")
    again = proposal_key_again(key, 2)
    assert again != key
    assert is_proposal_of(key, key) and is_proposal_of(again, key)
    assert not is_proposal_of(proposal_key(a_lead(), VERSIONS, "other"), key)


def test_a_lead_is_charged_once_for_ever() -> None:
    assert charge_key(a_lead()) == charge_key(a_lead(received_at=NOW)) == "charge:L-1"
