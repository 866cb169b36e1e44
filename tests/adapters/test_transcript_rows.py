"""Transcript files: every line that is no transcript is named with its number and what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import a_campaign, a_transcript, a_turn

from insights.adapters.transcript_rows import read_transcripts, transcript_json, write_transcripts
from insights.domain.intents import Intent, Outcome
from insights.domain.scoring import Label, LabelledTranscript
from insights.domain.transcript import Hearing, Speaker, Transcript, Turn
from insights.errors import InputError

Record = dict[str, Any]


def record(call_id: str = "call-1", **changes: Any) -> Record:
    return {"id": call_id, "turns": [{"speaker": "caller", "text": "My sink leaks."}], **changes}


def file_of(folder: Path, *lines: Record | str) -> Path:
    path = folder / "calls.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_a_full_record_is_read_with_its_campaign_times_and_label(tmp_path: Path) -> None:
    full = record(
        turns=[{"speaker": "agent", "text": "Hello?", "start": 0.5, "end": 1.5, "confidence": 0.9}],
        campaign={"client": "Copperline", "trade": "plumbing", "services": ["leak repair"], "price": "65"},
        known_customer=True,
        label={"billable": True, "reason": "new_customer", "outcome": "open"},
    )
    (read,) = read_transcripts(file_of(tmp_path, full), labelled=True)

    assert read.transcript.turns == (Turn(Speaker.AGENT, "Hello?", 0.5, 1.5, 0.9),)
    assert read.campaign is not None and read.campaign.services == ("leak repair",)
    assert read.known_customer
    assert read.label is not None
    assert (read.label.reason, read.label.outcome) == (Intent.NEW_CUSTOMER, Outcome.OPEN)


def test_all_but_the_id_and_the_turns_may_be_missing(tmp_path: Path) -> None:
    (read,) = read_transcripts(file_of(tmp_path, {"id": "call-1", "turns": [{"text": "Hello?"}]}))

    assert (read.campaign, read.known_customer, read.label) == (None, False, None)
    assert read.transcript.turns == (Turn(Speaker.UNKNOWN, "Hello?"),)


def test_records_keep_their_order_and_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = file_of(tmp_path, "\ufeff" + json.dumps(record("b")), "", record("a"), "   ", record("c", turns=[]))
    assert [read.call_id for read in read_transcripts(path)] == ["b", "a", "c"]


BAD_LINES: dict[str, tuple[Record | str, str]] = {
    "half a line": ('{"id": "call-1", ', "line 2 is not JSON"),
    "a list": ("[]", "line 2: "),
    "no id": ({"turns": []}, "line 2: id is missing"),
    "an empty id": (record(""), "line 2: id"),
    "no turns": ({"id": "call-2"}, "line 2: turns is missing"),
    "turns that are a text": (record("call-2", turns="hello"), "line 2: turns"),
    "a speaker nobody knows": (record("call-2", turns=[{"speaker": "dog", "text": "woof"}]), "turns.0.speaker"),
    "a time before the call": (record("call-2", turns=[{"text": "hi", "start": -1}]), "turns.0.start"),
    "a confidence of two": (record("call-2", turns=[{"text": "hi", "confidence": 2}]), "turns.0.confidence"),
    "the same id again": (record("call-1"), "line 2: id 'call-1' stands on line 1 already"),
    "a reason nobody knows": (record("call-2", label={"billable": False, "reason": "rude"}), "label.reason"),
    "a billable solicitor": (
        record("call-2", label={"billable": True, "reason": "solicitor"}),
        "billable true does not go with reason solicitor",
    ),
    "a campaign in no zone": (record("call-2", campaign={"time_zone": "Mars"}), "'Mars' is not an IANA time zone"),
    "half a character": (record("call-2", turns=[{"text": "hi \ud800"}]), "it holds characters that are no text"),
    "nested without end": ("[" * 200_000, "line 2 is nested too deeply"),
}


@pytest.mark.parametrize(("line", "says"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_line_that_is_no_transcript_is_named(tmp_path: Path, line: Record | str, says: str) -> None:
    path = file_of(tmp_path, record("call-1"), line)
    with pytest.raises(InputError) as caught:
        read_transcripts(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_only_labelled_records_can_be_evaluated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 1: label is missing"):
        read_transcripts(file_of(tmp_path, record()), labelled=True)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xff\xfe\xfa"], ids=["empty", "blank", "not text"])
def test_a_file_without_transcripts_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"holds no transcripts|cannot be read as text"):
        read_transcripts(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read_transcripts(tmp_path / "nowhere.jsonl")
    with pytest.raises(InputError, match="cannot be read"):
        read_transcripts(tmp_path)


def test_a_transcript_we_made_is_written_with_its_quality_and_marks_what_is_unclear() -> None:
    turns = (
        Turn(Speaker.CALLER, "My sink leaks.", 1.0, 2.5, 0.8),
        Turn(Speaker.CALLER, "la la la", 3.0, 4.0, 0.1, unclear=True),
    )
    made = Transcript(turns, "whisper", "small@abc", "en", Hearing(5.0, 2.5, 6, 0.45, 0.4))
    line = transcript_json("call.wav", made, 5.0, 1)

    assert (line["turns"][0]["start"], line["turns"][0]["end"]) == (1.0, 2.5)
    assert (line["turns"][0]["speaker"], line["turns"][0]["text"]) == ("caller", "My sink leaks.")
    assert line["turns"][0]["confidence"] == 0.8
    assert "unclear" not in line["turns"][0]
    assert line["turns"][1]["unclear"] is True
    assert line["quality"] == {"speech_s": 2.5, "words": 6, "mean_confidence": 0.45, "unclear_share": 0.4}
    assert (line["recording"], line["decoded_s"], line["channels"]) == ("call.wav", 5.0, 1)
    assert (line["engine"], line["model"], line["language"]) == ("whisper", "small@abc", "en")


def test_what_transcribe_writes_classify_reads(tmp_path: Path) -> None:
    made = Transcript((Turn(Speaker.AGENT, "Hello?", 0.5, 1.5, 0.9),), "whisper", "small@abc")
    line = transcript_json("call.wav", made, 5.0, 2)
    (read,) = read_transcripts(file_of(tmp_path, {"id": "call.wav", **line}))

    assert read.transcript.turns == made.turns
    assert line["quality"] is None


def a_call(**changes: Any) -> LabelledTranscript:
    call = LabelledTranscript(
        "lead:L-1",
        a_transcript("agent: Blue Pipe Plumbing.", "caller: É o ralo, I'm in Columbus."),
        a_campaign(),
        False,
        Label(True, Intent.NEW_CUSTOMER, Outcome.OPEN),
    )
    return replace(call, **changes)


def test_what_is_written_is_read_again_as_the_seed_is(tmp_path: Path) -> None:
    """The offer and what was said come back; prices, customer lists and whoever heard it do not belong there."""
    calls = [a_call(), a_call(call_id="lead:L-2", campaign=None, known_customer=True, label=None)]
    write_transcripts(tmp_path / "pool.jsonl", calls)
    first, second = read_transcripts(tmp_path / "pool.jsonl")

    assert first.transcript.turns == calls[0].transcript.turns
    assert first.campaign is not None
    assert (
        first.campaign.client,
        first.campaign.services,
        first.campaign.not_offered,
        first.campaign.service_area,
    ) == (
        "Blue Pipe Plumbing",
        a_campaign().services,
        a_campaign().not_offered,
        a_campaign().service_area,
    )
    assert first.campaign.price is None
    assert first.label == calls[0].label
    assert (second.call_id, second.campaign, second.known_customer, second.label) == ("lead:L-2", None, True, None)


def test_no_phone_number_gets_into_what_is_written(tmp_path: Path) -> None:
    call = a_call(
        campaign=a_campaign(known_customers=frozenset({"+16145550123"})),
        transcript=a_transcript("caller: It's 614-555-0123, in 43215."),
    )
    write_transcripts(tmp_path / "pool.jsonl", [call])
    text = (tmp_path / "pool.jsonl").read_text()
    assert "0123" not in text
    assert "in 43215." in text


def test_text_that_failed_the_speech_guards_is_not_written(tmp_path: Path) -> None:
    transcript = a_transcript("caller: Hello.", a_turn("caller: you you you you", 5.0, unclear=True))
    write_transcripts(tmp_path / "pool.jsonl", [a_call(transcript=transcript)])
    (read,) = read_transcripts(tmp_path / "pool.jsonl")
    assert [turn.text for turn in read.transcript.turns] == ["Hello."]
