"""Make recordings ready to be heard: decode them, refuse what is not the whole call, cut out the speech."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from insights.domain.campaigns import Campaign
from insights.domain.leads import Lead
from insights.domain.policy import HearingPolicy
from insights.domain.recordings import Span
from insights.domain.transcript import Sound
from insights.errors import LeadFailure, RecordingRejected
from insights.ports import Clip, DecodedAudio, Deps

LISTENERS = 2
"""Recordings that are decoded and searched for speech side by side, while the engine hears earlier ones."""
AHEAD = 4
"""Calls made ready ahead of the engine: enough to keep it busy, few enough to hold in memory."""


@dataclass(frozen=True, slots=True)
class CallSound:
    """What of a recording is needed to transcribe it: its speech, cut out, and the facts of the whole."""

    seconds: float
    channels: int
    spans: tuple[Span, ...]
    clips: tuple[Clip, ...]
    sounds: tuple[Sound, ...]

    @property
    def speech_s(self) -> float:
        return sum(clip.seconds for clip in self.clips)


@dataclass(frozen=True, slots=True)
class Task:
    """One call to be transcribed: whose it is and what the engine may be told about it."""

    lead: Lead
    campaign: Campaign
    sha256: str
    key: str
    prompt: str

    @property
    def language(self) -> str:
        return self.lead.language or "en"


def made_ready(deps: Deps, tasks: Sequence[Task]) -> Iterator[tuple[Task, CallSound | LeadFailure]]:
    """Decode and search the calls, a few ahead of whoever asks for them, in their order."""
    pending: deque[tuple[Task, Future[CallSound | LeadFailure]]] = deque()
    waiting = iter(tasks)
    with ThreadPoolExecutor(LISTENERS) as pool:
        while True:
            for task in waiting:
                pending.append((task, pool.submit(_make_ready, deps, task)))
                if len(pending) >= AHEAD:
                    break
            if not pending:
                return
            ready, future = pending.popleft()
            yield ready, future.result()


def _make_ready(deps: Deps, task: Task) -> CallSound | LeadFailure:
    try:
        audio = deps.decoder.decode(deps.recordings.read(task.sha256))
        check_sound(audio, task.lead, deps.policies.at(task.lead.received_at, task.campaign.policy).hearing)
    except LeadFailure as error:
        return error
    return call_sound(deps, audio, task.language, task.prompt)


def call_sound(deps: Deps, audio: DecodedAudio, language: str, prompt: str = "") -> CallSound:
    """Find the speech of a decoded recording and cut it out; the recording itself is not needed any longer."""
    found = deps.finder.listen(audio)
    clips = tuple(_clip(audio, span, language, prompt) for span in found.speech)
    return CallSound(audio.seconds, audio.channels, tuple(found.speech), clips, found.sounds)


def _clip(audio: DecodedAudio, span: Span, language: str, prompt: str) -> Clip:
    first, last = int(span.start * audio.sample_rate), math.ceil(span.end * audio.sample_rate)
    return Clip(audio.samples[span.channel, first:last].copy(), language, prompt)


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
