"""What a reviewer hears and reads of a call, what is told where there is none, and that a deletion leaves no voice."""

from __future__ import annotations

import wave
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_hearing, a_transcript, an_entry
from office import JOB, NEED, PITCH, Office, calls
from servers import ON_BOTH

from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.recordings import Derived
from insights.domain.transcript import Transcript
from insights.errors import RecordingRejected, RecordingUnavailable, UnknownLead
from insights.pipeline.hear import call_audio, call_words
from insights.pipeline.purge import Order, purge_lead, purge_over_time

L1, L2, L3 = LeadId("L1"), LeadId("L2"), LeadId("L3")
BY = Order("operator:o", this_process())


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """A night with two calls and a missed one."""
    office = Office(tmp_path, store, calls(L1=PITCH, L2=JOB, L3=NEED))
    office.change("L3", replace(office.source.leads[2], answered=False, recording=""))
    office.night()
    return office


def voices(folder: Path) -> list[Path]:
    return [path for path in (folder / "recordings").rglob("*") if path.is_file()]


def refused(office: Office, lead_id: LeadId) -> str:
    with pytest.raises(RecordingUnavailable) as caught:
        call_audio(office.deps, lead_id)
    assert caught.value.lead_id == lead_id
    return caught.value.code


@ON_BOTH
def test_a_reviewer_hears_the_call_with_both_parties(office: Office) -> None:
    audio = call_audio(office.deps, L1)

    assert (audio.seconds, audio.channels) == (10.0, 2)
    assert all(0 <= height <= 1 for row in audio.waveform for height in row)
    with wave.open(str(audio.path)) as copy:
        assert (copy.getnchannels(), copy.getnframes() / copy.getframerate()) == (2, 10.0)
    with office.store() as unit:
        assert audio.sha256 == unit.recording(L1)
    assert call_audio(office.deps, L1) == audio


@ON_BOTH
def test_a_deletion_leaves_no_copy_of_a_voice(office: Office, tmp_path: Path) -> None:
    call_audio(office.deps, L1), call_audio(office.deps, L2)
    assert len(voices(tmp_path)) == 6
    purge_lead(office.deps, BY, L1, NOW)

    with office.store() as unit:
        kept = unit.recording(L2)
    assert {path.name[:64] for path in voices(tmp_path)} == {kept}
    assert refused(office, L1) == "recording_deleted"
    assert call_words(office.deps, L1) is None
    assert len(voices(tmp_path)) == 3, "asking for it brings nothing back"


def test_retention_takes_the_copies_with_the_recording_and_leaves_the_words(office: Office, tmp_path: Path) -> None:
    call_audio(office.deps, L1), call_audio(office.deps, L2)
    office.clock.instant = later = NOW + timedelta(days=402)
    purge_over_time(office.deps, BY, later)

    assert voices(tmp_path) == []
    assert refused(office, L1) == "recording_deleted"
    assert call_words(office.deps, L1) is not None


def test_of_a_recording_that_two_leads_share_one_stays_audible(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=PITCH))
    office.night()
    call_audio(office.deps, L1)
    purge_lead(office.deps, BY, L1, NOW)

    assert refused(office, L1) == "recording_deleted"
    assert call_words(office.deps, L1) is None
    assert call_audio(office.deps, L2).path.is_file()
    assert call_words(office.deps, L2) is not None


def test_what_cannot_be_heard_is_told_by_name(office: Office) -> None:
    assert refused(office, L3) == "not_fetched"
    with office.store() as unit:
        office.deps.recordings.drop(unit.recording(L2) or "")
    assert refused(office, L2) == "recording_gone"
    with pytest.raises(UnknownLead):
        call_audio(office.deps, LeadId("L9"))
    with pytest.raises(UnknownLead):
        call_words(office.deps, LeadId("L9"))


def test_a_copy_is_not_played_once_its_recording_is_gone(office: Office) -> None:
    sha256 = call_audio(office.deps, L1).sha256
    Path(office.deps.recordings.keep(PITCH.encode()).path).unlink()

    assert office.deps.recordings.derived(sha256, Derived.LISTENING_COPY) is None
    assert refused(office, L1) == "recording_gone"


def test_a_recording_that_is_no_sound_is_refused_for_its_lead(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()

    with pytest.raises(RecordingRejected) as caught:
        call_audio(office.deps, L1)
    assert (caught.value.code, caught.value.lead_id) == ("not_audio", L1)
    assert [path.name[64:] for path in voices(tmp_path)] == [""]
    assert call_words(office.deps, L1) is None


def said(transcript: Transcript | None) -> str:
    assert transcript is not None
    return " ".join(turn.text for turn in transcript.turns)


@ON_BOTH
def test_a_reviewer_reads_the_words_that_the_standing_proposal_was_made_from(office: Office) -> None:
    """A newer transcript of the recording, on which nothing was proposed yet, does not take its place."""
    with office.store() as unit:
        unit.put_transcript("newer", a_transcript("caller: Something else."), unit.recording(L1) or "")
        unit.commit()
    words = call_words(office.deps, L1)

    assert "google listing" in said(words)
    assert words is not None and words.sha256 == office.entries(EntryKind.PROPOSAL, L1)[-1].body["transcript_sha256"]


@ON_BOTH
def test_where_nothing_was_proposed_the_newest_words_of_the_recording_are_read(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()
    assert office.entries(EntryKind.PROPOSAL) == []
    with office.store() as unit:
        sha256 = unit.recording(L1) or ""
        for key in ("z", "m", "a"):
            unit.put_transcript(key, a_transcript(f"caller: Version {key}."), sha256)
        unit.put_transcript("other", a_transcript("caller: Another call."), "b" * 64)
        unit.commit()

    assert said(call_words(office.deps, L1)) == "Version a."


def test_a_missed_call_has_no_words(office: Office) -> None:
    assert call_words(office.deps, L3) is None


def proposed(office: Office, lead_id: LeadId, transcript: Transcript, **body: str) -> None:
    """Another proposal made from this transcript, kept under the proposal's key."""
    standing = office.entries(EntryKind.PROPOSAL, lead_id)[-1].body
    with office.store() as unit:
        unit.put_transcript(f"of-{lead_id}", transcript, unit.recording(lead_id) or "")
        told = {**standing, "transcript_sha256": transcript.sha256, "transcript_key": f"of-{lead_id}", **body}
        unit.post(an_entry(EntryKind.PROPOSAL, told, lead_id, actor="pipeline", key="again"))
        unit.commit()


def test_of_two_calls_in_which_nothing_was_said_each_keeps_its_own_hearing(office: Office) -> None:
    """All silent transcripts say the same; by that alone one call would be shown with the sounds of the other."""
    silent = {lead_id: a_transcript(hearing=a_hearing(decoded_s=s)) for lead_id, s in ((L1, 10.0), (L2, 20.0))}
    for lead_id, transcript in silent.items():
        proposed(office, lead_id, transcript)

    assert {lead_id: call_words(office.deps, lead_id) for lead_id in silent} == silent


def test_a_proposal_of_an_older_version_finds_its_words_by_what_they_say(office: Office) -> None:
    transcript = a_transcript("caller: I sell a google listing.")
    proposed(office, L1, transcript, transcript_key="")

    assert call_words(office.deps, L1) == transcript
