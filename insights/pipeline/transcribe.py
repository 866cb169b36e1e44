"""Transcribe one recording: decode, find speech, hear each span, and say how well it could be heard."""

from __future__ import annotations

from collections.abc import Sequence

from insights.domain.leads import Lead, LeadId
from insights.domain.policy import HearingPolicy
from insights.domain.transcript import Hearing, Speaker, Transcript, Turn
from insights.domain.versions import transcript_key
from insights.errors import LeadFailure, RecordingRejected
from insights.ports import DecodedAudio, Deps, HeardSpan


def transcribe_lead(deps: Deps, lead_id: LeadId) -> tuple[str, Transcript, bool]:
    """The key and transcript of a fetched lead, and whether it was made before.

    Raises RecordingRejected for a recording that is no sound, silent by fault, or shorter than its call.
    """
    with deps.store() as unit:
        lead, sha256 = unit.lead(lead_id), unit.recording(lead_id)
        campaign = unit.campaign(lead.campaign_id) if lead else None
    if lead is None or campaign is None or sha256 is None:
        raise LeadFailure("its recording was not fetched.", code="not_fetched", lead_id=lead_id)
    engine = deps.speech()
    key = transcript_key(sha256, engine.name, engine.model, lead)
    with deps.store() as unit:
        found = unit.transcript(key)
    if found is not None:
        return key, found, True
    audio = deps.decoder.decode(deps.recordings.read(sha256))
    check_sound(audio, lead, deps.policies.at(lead.received_at, campaign.policy).hearing)
    transcript = hear(deps, audio, lead.agent_channel, lead.language or "en")
    with deps.store() as unit:
        unit.put_transcript(key, transcript)
        unit.commit()
    return key, transcript, False


def check_sound(audio: DecodedAudio, lead: Lead, policy: HearingPolicy) -> None:
    """Refuse a recording that is not the whole call: cut short, or digital silence.

    A cut recording or a dead recorder must not pass for a hangup, which is billable. A quiet line is never digitally
    silent, so only samples that are all but zero (within 4 steps of 16 bits) are the recorder's fault.
    """
    if lead.duration_s is not None:
        missing = lead.duration_s - audio.seconds
        if missing > policy.cut_short_s and missing > policy.cut_short_share * lead.duration_s:
            raise RecordingRejected(
                f"the recording holds {audio.seconds:.0f} s of a call of {lead.duration_s:.0f} s.",
                code="cut_short",
                lead_id=lead.lead_id,
                next_step="Ask the source for the whole recording.",
            )
    if float(abs(audio.samples).max(initial=0.0)) <= 4 / 32768:
        raise RecordingRejected(
            "the recording is digital silence: the recorder heard nothing, not even the line.",
            code="silent",
            lead_id=lead.lead_id,
            next_step="Check recording at the telephony provider.",
        )


def hear(deps: Deps, audio: DecodedAudio, agent_channel: int | None, language: str) -> Transcript:
    """The transcript of decoded sound. ``agent_channel`` is 1 or 2, None when nobody knows (speakers unknown)."""
    engine = deps.speech()
    spans = deps.finder.spans(audio)
    heard = engine.hear(audio, spans, language)
    turns = [
        Turn(
            _speaker(item.span.channel, audio.channels, agent_channel),
            item.text,
            round(item.span.start, 2),
            round(item.span.end, 2),
            round(item.confidence, 4),
            item.unclear,
        )
        for item in heard
        if item.text
    ]
    turns.sort(key=lambda turn: (turn.start or 0.0, turn.end or 0.0))
    return Transcript(tuple(turns), engine.name, engine.model, language, judge_hearing(audio.seconds, heard))


def judge_hearing(seconds: float, heard: Sequence[HeardSpan]) -> Hearing:
    """How well a recording was heard: confidence averaged over words, unclear share over seconds of speech."""
    speech = sum(item.span.seconds for item in heard)
    words = [(item.confidence, len(item.text.split())) for item in heard if item.text]
    count = sum(number for _, number in words)
    return Hearing(
        decoded_s=round(seconds, 2),
        speech_s=round(speech, 2),
        words=count,
        mean_confidence=round(sum(c * number for c, number in words) / count, 4) if count else None,
        unclear_share=round(sum(i.span.seconds for i in heard if i.unclear) / speech, 4) if speech else 0.0,
    )


def _speaker(channel: int, channels: int, agent_channel: int | None) -> Speaker:
    if channels != 2 or agent_channel is None:
        return Speaker.UNKNOWN
    return Speaker.AGENT if channel == agent_channel - 1 else Speaker.CALLER
