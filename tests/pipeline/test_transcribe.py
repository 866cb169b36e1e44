"""Transcribing: a cut or dead recording never passes for a hangup, and who speaks is told by the channel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from builders import NOW, a_lead, a_policy
from fakes import ScriptDecoder
from office import NEED, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.facts import FactKind, extract_facts
from insights.domain.leads import LeadId
from insights.domain.recordings import Span
from insights.domain.transcript import Speaker
from insights.errors import LeadFailure, RecordingRejected
from insights.pipeline.night import open_night
from insights.pipeline.transcribe import check_sound, hear, judge_hearing, transcribe_lead
from insights.ports import DecodedAudio, HeardSpan

HEARING = a_policy().hearing
RATE = 16_000


def sound(seconds: float, level: float = 0.1) -> DecodedAudio:
    """Noise of a level (0..1), one channel."""
    noise = np.random.default_rng(2).uniform(-level, level, (1, round(seconds * RATE)))
    return DecodedAudio(noise.astype(np.float32), RATE, 8_000, "pcm_s16le", "wav")


@pytest.mark.parametrize(
    ("held", "told", "refused"),
    [
        (60.0, 60.0, False),
        (60.0, None, False),
        (60.0, 50.0, False),  # longer than told: the recorder rang on
        (1000 * (1 - HEARING.cut_short_share) - 1, 1000.0, True),
        (1000 * (1 - HEARING.cut_short_share) + 1, 1000.0, False),  # within the share
        (0.5, 0.5 + HEARING.cut_short_s, False),  # within the seconds, however large the share
        (0.5, 0.6 + HEARING.cut_short_s + 1, True),
    ],
)
def test_a_recording_shorter_than_its_call_is_refused(held: float, told: float | None, refused: bool) -> None:
    lead = a_lead(duration_s=told)
    if not refused:
        check_sound(sound(held), lead, HEARING)
        return
    with pytest.raises(RecordingRejected) as caught:
        check_sound(sound(held), lead, HEARING)
    assert caught.value.code == "cut_short"
    assert not caught.value.transient


def test_an_empty_recording_of_an_answered_call_is_refused() -> None:
    with pytest.raises(RecordingRejected) as caught:
        check_sound(sound(0), a_lead(), HEARING)
    assert caught.value.code == "silent"


@pytest.mark.parametrize(("level", "refused"), [(0.0, True), (3 / 32768, True), (10 / 32768, False), (0.1, False)])
def test_digital_silence_is_the_recorders_fault_but_a_quiet_line_is_not(level: float, refused: bool) -> None:
    audio = sound(5, level)
    if not refused:
        check_sound(audio, a_lead(), HEARING)
        return
    with pytest.raises(RecordingRejected) as caught:
        check_sound(audio, a_lead(), HEARING)
    assert caught.value.code == "silent"


def test_a_quiet_line_on_which_nobody_speaks_is_a_billable_hangup(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=""))
    office.night()
    with store() as unit:
        proposal = next(entry for entry in unit.entries() if entry.kind == "proposal")
    assert (proposal.body["decision"], proposal.body["reason"]) == ("billable", "new_customer")
    assert proposal.body["outcome"] == "call_dropped"
    assert proposal.body["rule"] == "nothing_was_said"


def heard_from(tmp_path: Path, store: SqlStore, script: str, agent_channel: int | None) -> list[tuple[Speaker, str]]:
    office = Office(tmp_path, store, calls())
    transcript = hear(office.deps, ScriptDecoder().decode(script.encode()), agent_channel, "en")
    return [(turn.speaker, turn.text) for turn in transcript.turns]


MONO = "caller: Hi there.\ncaller: My sink leaks."


@pytest.mark.parametrize(
    ("script", "agent_channel", "first", "second"),
    [
        (NEED, 1, Speaker.AGENT, Speaker.CALLER),
        (NEED, 2, Speaker.CALLER, Speaker.AGENT),
        (NEED, None, Speaker.UNKNOWN, Speaker.UNKNOWN),
        (MONO, 1, Speaker.UNKNOWN, Speaker.UNKNOWN),
    ],
    ids=["agent on the first", "agent on the second", "nobody says who", "one channel"],
)
def test_who_speaks_is_told_by_the_channel_or_not_at_all(
    tmp_path: Path, store: SqlStore, script: str, agent_channel: int | None, first: Speaker, second: Speaker
) -> None:
    assert [speaker for speaker, _ in heard_from(tmp_path, store, script, agent_channel)] == [first, second]


def test_turns_stand_in_the_order_of_the_call_and_spans_without_words_are_left_out(
    tmp_path: Path, store: SqlStore
) -> None:
    script = "caller: one\ncaller: \nagent: two\ncaller: three"
    assert [text for _, text in heard_from(tmp_path, store, script, 1)] == ["one", "two", "three"]


def spans(*said: tuple[float, str, float, bool]) -> Sequence[HeardSpan]:
    """Spans of so many seconds, one after the other."""
    return [HeardSpan(Span(0.0, length), text, confidence, unclear) for length, text, confidence, unclear in said]


def test_hearing_is_averaged_over_words_and_doubt_over_seconds() -> None:
    """Three sure words and one unsure word; two of eight seconds are unclear; a span without words counts as speech."""
    heard = spans((4.0, "my sink leaks", 0.9, False), (2.0, "la", 0.1, True), (2.0, "", 0.0, False))
    hearing = judge_hearing(20.0, heard)

    assert (hearing.decoded_s, hearing.speech_s, hearing.words) == (20.0, 8.0, 4)
    assert hearing.mean_confidence == pytest.approx((3 * 0.9 + 0.1) / 4)
    assert hearing.unclear_share == pytest.approx(0.25)


def test_a_call_without_words_has_no_confidence_at_all() -> None:
    hearing = judge_hearing(20.0, [])
    assert (hearing.words, hearing.mean_confidence, hearing.unclear_share) == (0, None, 0.0)


def test_a_lead_is_transcribed_once_and_again_only_under_another_language_or_channel(
    tmp_path: Path, store: SqlStore
) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.night()
    key, transcript, reused = transcribe_lead(office.deps, LeadId("L1"))
    assert reused

    office.change("L1", a_lead(lead_id=LeadId("L1"), agent_channel=2))
    open_night(office.deps, office.source.uri, NOW)
    other_key, other, reused = transcribe_lead(office.deps, LeadId("L1"))
    assert not reused
    assert other_key != key
    assert [turn.speaker for turn in other.turns] == [turn.speaker for turn in transcript.turns][::-1]


def test_a_lead_that_was_not_fetched_cannot_be_transcribed(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    open_night(office.deps, office.source.uri, NOW)
    with pytest.raises(LeadFailure) as caught:
        transcribe_lead(office.deps, LeadId("L1"))
    assert caught.value.code == "not_fetched"


def test_silence_of_a_call_is_a_fact_of_the_transcript(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    transcript = hear(office.deps, sound(5), None, "en")
    assert transcript.turns == ()
    assert [fact.kind for fact in extract_facts(transcript, None, office.deps.places)] == [FactKind.NOTHING_SAID]
