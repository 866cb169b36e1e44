"""Transcribing: a cut or dead recording never passes for a hangup, and who speaks is told by the channel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import NOW, a_lead, a_policy
from fakes import ScriptDecoder
from office import JOB, NEED, PITCH, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.facts import FactKind, extract_facts
from insights.domain.hearing import Doubt
from insights.domain.leads import LeadId
from insights.domain.transcript import Speaker, SpeakersFrom
from insights.errors import RecordingRejected, SpeechFailed
from insights.pipeline.listen import call_sound, check_sound
from insights.pipeline.night import open_night
from insights.pipeline.transcribe import Transcribed, judge_hearing, transcribe_leads, transcribe_sound
from insights.ports import DecodedAudio, HeardClip

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
    sound = call_sound(office.deps, ScriptDecoder().decode(script.encode()), "en")
    transcript = transcribe_sound(office.engine, sound, agent_channel, "en")
    return [(turn.speaker, turn.text) for turn in transcript.turns]


MONO = "caller: Hi there.\ncaller: My sink leaks."


@pytest.mark.parametrize(
    ("script", "agent_channel", "first", "second"),
    [
        (NEED, 1, Speaker.AGENT, Speaker.CALLER),
        (NEED, 2, Speaker.CALLER, Speaker.AGENT),
        ("agent: hello\ncaller: hello", None, Speaker.UNKNOWN, Speaker.UNKNOWN),
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


def test_hearing_is_averaged_over_words_and_doubt_over_seconds() -> None:
    """Three sure words and one unsure word; two of eight seconds are unclear; a stretch without words is speech too."""
    heard = [
        (4.0, HeardClip("my sink leaks", 0.9)),
        (2.0, HeardClip("la", 0.1, Doubt.UNSURE)),
        (2.0, HeardClip("", 0.0)),
    ]
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
    first = transcribed(office, "L1")
    assert first.reused

    office.change("L1", a_lead(lead_id=LeadId("L1"), agent_channel=2))
    open_night(office.deps, office.source.uri, NOW)
    other = transcribed(office, "L1")
    assert not other.reused
    assert first.transcript is not None and other.transcript is not None
    assert [turn.speaker for turn in other.transcript.turns] == [turn.speaker for turn in first.transcript.turns][::-1]


def transcribed(office: Office, lead_id: str) -> Transcribed:
    (done,) = transcribe_leads(office.deps, [LeadId(lead_id)])
    return done


def test_a_lead_that_was_not_fetched_cannot_be_transcribed(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    open_night(office.deps, office.source.uri, NOW)
    failure = transcribed(office, "L1").failure
    assert failure is not None and failure.code == "not_fetched"


def test_a_call_that_breaks_the_engine_spoils_no_other_call(tmp_path: Path, store: SqlStore) -> None:
    """Their speech goes to the engine together; when it breaks, each call is tried alone."""
    office = Office(tmp_path, store, calls(L1=NEED, L2=JOB, L3=PITCH))
    office.engine.deaf_to = "hiring"
    summary = office.night()

    assert [(failure["lead_id"], failure["code"]) for failure in summary.failures] == [("L2", "speech_broke")]
    assert set(office.proposals()) == {"L1", "L3"}

    office.engine.deaf_to = ""
    assert office.night(retry_failed=True).failures == []


def test_weights_that_answer_with_no_number_fail_the_lead(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    sound = call_sound(office.deps, ScriptDecoder().decode(NEED.encode()), "en")
    office.engine.confidence = float("nan")
    with pytest.raises(SpeechFailed) as caught:
        transcribe_sound(office.engine, sound, 1, "en")
    assert caught.value.code == "speech_not_finite"


def test_the_engine_is_told_the_words_of_each_campaign_only_if_it_knows_what_to_do_with_them(
    tmp_path: Path, store: SqlStore
) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.night()
    assert all("drain cleaning" in prompt and "Columbus" in prompt for prompt in office.engine.prompts)
    assert office.engine.prompts

    unprompted = Office(tmp_path, store, calls(L2=NEED))
    unprompted.engine.takes_prompt = False
    unprompted.night()
    assert unprompted.engine.prompts == {""}


GREETED = """\
agent: Thanks for calling Blue Pipe Plumbing, how can I help you?
caller: I need my drain cleaned, do you come out?"""


@pytest.mark.parametrize("swapped", [False, True])
def test_who_is_the_business_is_inferred_with_a_stated_confidence_where_the_source_does_not_say(
    tmp_path: Path, store: SqlStore, swapped: bool
) -> None:
    office = Office(tmp_path, store, calls())
    audio = ScriptDecoder().decode(GREETED.encode())
    sound = call_sound(office.deps, audio, "en")
    if swapped:
        sound = replace(sound, spans=tuple(replace(span, channel=1 - span.channel) for span in sound.spans))
    transcript = transcribe_sound(office.engine, sound, None, "en", "Blue Pipe Plumbing")

    assert [turn.speaker for turn in transcript.turns] == [Speaker.AGENT, Speaker.CALLER]
    assert transcript.speakers.origin is SpeakersFrom.INFERRED
    assert 0.95 <= transcript.speakers.confidence < 1


def test_silence_of_a_call_is_a_fact_of_the_transcript(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    transcript = transcribe_sound(office.engine, call_sound(office.deps, sound(5), "en"), None, "en")
    assert transcript.turns == ()
    assert [fact.kind for fact in extract_facts(transcript, None, office.deps.places)] == [FactKind.NOTHING_SAID]
