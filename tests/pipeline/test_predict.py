"""Judging transcripts from a file: the night's own rules, nothing stored, and lines a script can rely on."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from builders import a_campaign, a_policy, a_transcript, all_floors
from fakes import FewPlaces, PhraseModel
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent, Outcome
from insights.domain.reasons import Reason
from insights.domain.scoring import Label
from insights.domain.transcript import Transcript
from insights.domain.verdicts import Verdict
from insights.pipeline.predict import judge, prediction, scored

PITCH = a_transcript("agent: Blue Pipe Plumbing.", "caller: I can get your google listing to the top.")
NEED = a_transcript("agent: Blue Pipe Plumbing.", "caller: I need my drain cleaned in Columbus.")
LENIENT = a_policy(all_floors(0.5))


def verdict_on(
    transcript: Transcript, campaign: Campaign | None = None, known: bool = False, phrase: str = "google listing"
) -> Verdict:
    model = PhraseModel({phrase: Intent.SOLICITOR})
    return judge(transcript, campaign, known, model, FewPlaces(), LENIENT, "1.0")


def test_a_prediction_carries_everything_a_script_may_ask_for() -> None:
    line = prediction("call-1", verdict_on(PITCH, a_campaign()))
    json.dumps(line)

    assert (line["id"], line["verdict"], line["reason"], line["outcome"]) == (
        "call-1",
        "non_billable",
        "solicitor",
        None,
    )
    pitch = PITCH.turns[1]
    assert line["evidence"] == [
        {"turn": 1, "quote": pitch.text, "supports": "solicitor", "start": pitch.start, "end": pitch.end}
    ]
    assert [(item["turn"], "supports" in item) for item in line["against"]] == [(0, True)]
    assert line["confidence"] == pytest.approx(line["probabilities"]["solicitor"], abs=0.001)
    assert set(line["probabilities"]) == {intent.value for intent in Intent}
    assert (line["model"], line["policy"]) == ("phrases-1", LENIENT.version)
    assert line["would_change"]


def test_a_new_customers_line_tells_how_far_the_call_got() -> None:
    line = prediction("call-1", verdict_on(NEED, a_campaign()))
    assert (line["verdict"], line["reason"]) == ("billable", "new_customer")
    assert line["outcome"] in {outcome.value for outcome in Outcome}


def test_a_fact_without_words_stands_beside_the_evidence_not_in_it() -> None:
    line = prediction("call-1", verdict_on(a_transcript(), a_campaign()))
    assert line["evidence"] == []
    assert line["facts"] == [{"fact": "nobody said a word", "source": "transcript"}]
    assert (line["reason"], line["outcome"]) == ("new_customer", "call_dropped")


def test_a_customer_the_record_knows_weighs_against_a_new_one() -> None:
    known, unknown = verdict_on(NEED, a_campaign(), known=True), verdict_on(NEED, a_campaign())
    previous = Intent.PREVIOUS_CUSTOMER
    assert known.probabilities[previous] > unknown.probabilities[previous]


def test_a_call_without_a_campaign_is_judged_all_the_same() -> None:
    assert verdict_on(PITCH).reason is Reason.SOLICITOR


lines = st.lists(
    st.tuples(st.sampled_from(["agent", "caller", "unknown", "ivr"]), st.text(max_size=60)), max_size=6
).map(lambda said: a_transcript(*(f"{speaker}: {text}" for speaker, text in said)))


@given(lines)
@settings(max_examples=60, deadline=None)
def test_whatever_is_said_every_quote_is_in_its_turn_and_the_probabilities_sum_to_one(transcript: Transcript) -> None:
    line = prediction("call-1", verdict_on(transcript, a_campaign()))

    for quoted in line["evidence"] + line["against"]:
        assert quoted["quote"] in transcript.turns[quoted["turn"]].text
    assert sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-9)
    assert line["probabilities"][line["reason"]] == max(line["probabilities"].values())


def test_a_prediction_beside_its_label_carries_what_a_mistake_costs() -> None:
    label = Label(True, Intent.NEW_CUSTOMER, Outcome.OPEN)
    row = scored("call-1", verdict_on(PITCH, a_campaign()), label, Decimal("45.00"))

    assert (row.label_reason, row.label_billable, row.label_outcome) == ("new_customer", True, "open")
    assert (row.decision, row.reason, row.outcome, row.price) == ("non_billable", "solicitor", None, Decimal("45.00"))
