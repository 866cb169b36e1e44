"""Transcribe recordings, the speech of many calls together, and say how well each could be heard."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from insights.domain.campaigns import Campaign
from insights.domain.leads import Lead, LeadId
from insights.domain.secrets import mask_secrets
from insights.domain.speakers import tell_speakers
from insights.domain.transcript import Hearing, Speaker, Transcript, Turn
from insights.domain.versions import transcript_key
from insights.domain.vocabulary import campaign_prompt
from insights.errors import LeadFailure, SpeechFailed
from insights.pipeline.listen import CallSound, Task, call_sound, made_ready
from insights.ports import Deps, HeardClip, SpeechEngine

HEARD_TOGETHER_S = 900.0
"""Seconds of speech that go to the engine in one go (58 MB): sorted by length they make full batches."""


BREAKDOWNS = (RuntimeError, ValueError, MemoryError)
"""What torch and CTranslate2 raise when they cannot go on; anything else is a fault of ours and is seen."""


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What became of one lead: its transcript and whether that stood already, or the failure."""

    lead_id: LeadId
    transcript: Transcript | None = None
    reused: bool = False
    failure: LeadFailure | None = None


@dataclass
class _Together:
    """Calls whose speech goes to the engine in one go."""

    calls: list[tuple[Task, CallSound]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, task: Task, sound: CallSound) -> bool:
        """Take one more; True when there is enough to begin."""
        self.calls.append((task, sound))
        self.seconds += sound.speech_s
        return self.seconds >= HEARD_TOGETHER_S


def transcribe_leads(deps: Deps, lead_ids: Sequence[LeadId]) -> Iterator[Transcribed]:
    """The transcripts of fetched leads, in the order in which they get done; each is stored before it is told.

    A lead that fails is told with its LeadFailure and the others go on: RecordingRejected for a recording that is no
    sound, silent by fault or shorter than its call, SpeechFailed where the engine broke on it.
    """
    tasks: dict[str, Task] = {}
    twins: dict[str, list[LeadId]] = {}
    for lead_id in lead_ids:
        try:
            task = _task(deps, lead_id)
        except LeadFailure as error:
            yield Transcribed(lead_id, failure=error)
            continue
        with deps.store(only_reads=True) as unit:
            found = unit.transcript(task.key)
        if found is not None:
            yield Transcribed(lead_id, found, reused=True)
        elif task.key in tasks:
            twins.setdefault(task.key, []).append(lead_id)
        else:
            tasks[task.key] = task
    for key, done in _worked(deps, list(tasks.values())):
        yield done
        for twin in twins.get(key, ()):
            yield replace(done, lead_id=twin, reused=done.failure is None)


def transcribe_recording(
    deps: Deps, recording: bytes, agent_channel: int | None = None, language: str = "en"
) -> tuple[CallSound, Transcript]:
    """A recording's sound and its transcript, outside of any night and of the record.

    Raises RecordingRejected and SpeechFailed.
    """
    sound = call_sound(deps, deps.decoder.decode(recording), language)
    return sound, transcribe_sound(deps.speech(), sound, agent_channel, language)


def transcribe_sound(
    engine: SpeechEngine, sound: CallSound, agent_channel: int | None, language: str, client: str = ""
) -> Transcript:
    """The transcript of one call's sound, outside of any night."""
    return _transcript(engine, sound, engine.hear(sound.clips), agent_channel, language, client)


def judge_hearing(seconds: float, heard: Iterable[tuple[float, HeardClip]]) -> Hearing:
    """How well a recording was heard: confidence averaged over words, unclear share over seconds of speech.

    ``heard`` pairs the seconds of each stretch of speech with what was heard in it.
    """
    stretches = list(heard)
    speech = sum(length for length, _ in stretches)
    words = [(item.confidence, len(item.text.split())) for _, item in stretches if item.text]
    count = sum(number for _, number in words)
    return Hearing(
        decoded_s=round(seconds, 2),
        speech_s=round(speech, 2),
        words=count,
        mean_confidence=round(sum(c * number for c, number in words) / count, 4) if count else None,
        unclear_share=round(sum(length for length, i in stretches if i.doubt) / speech, 4) if speech else 0.0,
    )


def key_of_transcript(engine: SpeechEngine, lead: Lead, campaign: Campaign, sha256: str) -> str:
    """The key under which the transcript of a lead's recording stands, whoever asks."""
    return transcript_key(sha256, engine.name, engine.model, lead, campaign.client, _prompt(engine, campaign))


def _prompt(engine: SpeechEngine, campaign: Campaign) -> str:
    return campaign_prompt(campaign) if engine.takes_prompt else ""


def _task(deps: Deps, lead_id: LeadId) -> Task:
    with deps.store(only_reads=True) as unit:
        lead, sha256 = unit.lead(lead_id), unit.recording(lead_id)
        campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
    if lead is None or campaign is None or sha256 is None:
        raise LeadFailure("its recording was not fetched.", code="not_fetched", lead_id=lead_id)
    engine = deps.speech()
    key = key_of_transcript(engine, lead, campaign, sha256)
    return Task(lead, campaign, sha256, key, _prompt(engine, campaign))


def _worked(deps: Deps, tasks: Sequence[Task]) -> Iterator[tuple[str, Transcribed]]:
    together = _Together()
    for task, sound in made_ready(deps, tasks):
        if isinstance(sound, LeadFailure):
            yield task.key, Transcribed(task.lead.lead_id, failure=sound)
        elif together.add(task, sound):
            yield from _heard(deps, together.calls)
            together = _Together()
    yield from _heard(deps, together.calls)


def _heard(deps: Deps, calls: Sequence[tuple[Task, CallSound]]) -> Iterator[tuple[str, Transcribed]]:
    engine = deps.speech()
    for (task, sound), heard in zip(calls, _hear_each(engine, [sound for _, sound in calls]), strict=True):
        lead = task.lead
        try:
            if isinstance(heard, LeadFailure):
                raise heard
            transcript = _transcript(engine, sound, heard, lead.agent_channel, task.language, task.campaign.client)
        except LeadFailure as error:
            yield task.key, Transcribed(lead.lead_id, failure=error)
            continue
        with deps.store() as unit:
            unit.put_transcript(task.key, transcript, task.sha256)
            unit.commit()
        yield task.key, Transcribed(lead.lead_id, transcript)


def _hear_each(engine: SpeechEngine, sounds: Sequence[CallSound]) -> Iterator[Sequence[HeardClip] | LeadFailure]:
    """The clips of all calls together; where that breaks the engine, call by call, so that one call spoils no other."""
    try:
        flat = iter(engine.hear([clip for sound in sounds for clip in sound.clips]))
    except Exception as error:
        if len(sounds) > 1:
            for sound in sounds:
                yield from _hear_each(engine, [sound])
            return
        if not isinstance(error, BREAKDOWNS):
            raise
        yield SpeechFailed(
            f"the speech engine broke on it ({type(error).__name__}: {str(error)[:120]}).",
            code="speech_broke",
            next_step="Try it again with --retry-failed; if it fails again, listen to the recording.",
        )
        return
    for sound in sounds:
        yield [next(flat) for _ in sound.clips]


def _transcript(
    engine: SpeechEngine,
    sound: CallSound,
    heard: Sequence[HeardClip],
    agent_channel: int | None,
    language: str,
    client: str,
) -> Transcript:
    if any(math.isnan(item.confidence) for item in heard):
        raise SpeechFailed("the speech model answered with no number.", code="speech_not_finite")
    said = sorted(
        (
            (
                span.channel,
                Turn(
                    Speaker.UNKNOWN,
                    item.text,
                    round(span.start, 2),
                    round(span.end, 2),
                    round(item.confidence, 4),
                    item.doubt is not None,
                ),
            )
            for span, item in zip(sound.spans, heard, strict=True)
            if item.text
        ),
        key=lambda pair: (pair[1].start or 0.0, pair[1].end or 0.0),
    )
    turns, speakers = tell_speakers(said, sound.channels, agent_channel, client)
    turns = mask_secrets(turns)  # before anything is kept, shown or quoted
    lengths = [span.seconds for span in sound.spans]
    hearing = judge_hearing(sound.seconds, zip(lengths, heard, strict=True))
    return Transcript(turns, engine.name, engine.model, language, hearing, sound.sounds, speakers)
