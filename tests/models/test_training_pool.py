"""The pool of decided calls is read by the training program as its own seed is."""

from __future__ import annotations

from pathlib import Path

from builders import a_campaign, a_transcript

from insights.adapters.transcript_rows import write_transcripts
from insights.domain.intents import Intent, Outcome
from insights.domain.scoring import Label, LabelledTranscript
from models.intent.dataset import read_calls


def test_the_training_reads_every_label_offer_and_turn_of_the_pool(tmp_path: Path) -> None:
    labels = [Label(True, Intent.NEW_CUSTOMER, outcome) for outcome in Outcome]
    labels += [Label(False, intent, None) for intent in Intent if intent is not Intent.NEW_CUSTOMER]
    transcript = a_transcript("agent: Blue Pipe Plumbing.", "caller: Hello?")
    calls = [
        LabelledTranscript(f"lead:L-{n}", transcript, a_campaign(), bool(n % 2), label)
        for n, label in enumerate(labels)
    ]
    write_transcripts(tmp_path / "pool.jsonl", calls)
    read = read_calls(tmp_path / "pool.jsonl")

    assert [(call.call_id, call.intent, call.outcome) for call in read] == [
        (call.call_id, label.reason, label.outcome) for call, label in zip(calls, labels, strict=True)
    ]
    assert [call.known_customer for call in read] == [call.known_customer for call in calls]
    assert all(call.transcript.turns == transcript.turns for call in read)
    assert {call.campaign.service_area for call in read if call.campaign} == {a_campaign().service_area}
