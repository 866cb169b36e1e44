"""What a call was spent on: seconds of talk, of hold, of both talking at once, and of nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from insights.domain.transcript import SoundKind, Speaker, Transcript

Interval = tuple[float, float]


def call_shares(transcript: Transcript) -> dict[str, float]:
    """Seconds by kind, rounded to two decimals.

    ``audio_s`` the whole; ``talk_s`` somebody speaks; ``agent_s`` and ``caller_s`` who, where that is known;
    ``overlap_s`` two speak at once; ``hold_s`` music or a machine of the business, and nobody speaks; ``silence_s`` the
    rest. Turns without times say nothing.
    """
    spoken = [(t.start, t.end, t.speaker) for t in transcript.turns if t.start is not None and t.end is not None]
    people = [(start, end) for start, end, speaker in spoken if speaker is not Speaker.IVR]
    machine = [(start, end) for start, end, speaker in spoken if speaker is Speaker.IVR]
    music = [(sound.start, sound.end) for sound in transcript.sounds if sound.kind is SoundKind.MUSIC]
    talk, held = _joined(people), _joined([*people, *machine, *music])
    last = max((end for _, end, _ in spoken), default=0.0)
    audio = max(transcript.hearing.decoded_s if transcript.hearing else 0.0, last)
    by_speaker = {
        speaker: _seconds(_joined((start, end) for start, end, who in spoken if who is speaker)) for speaker in Speaker
    }
    each = [_joined((start, end) for start, end, who in spoken if who is speaker) for speaker in _PEOPLE]
    return {
        name: round(seconds, 2)
        for name, seconds in {
            "audio_s": audio,
            "talk_s": _seconds(talk),
            "agent_s": by_speaker[Speaker.AGENT],
            "caller_s": by_speaker[Speaker.CALLER],
            "overlap_s": sum(map(_seconds, each)) - _seconds(_joined(span for spans in each for span in spans)),
            "hold_s": _seconds(held) - _seconds(talk),
            "silence_s": max(0.0, audio - _seconds(held)),
        }.items()
    }


_PEOPLE = (Speaker.AGENT, Speaker.CALLER, Speaker.UNKNOWN)


def _joined(spans: Iterable[Interval]) -> list[Interval]:
    """The same stretches without overlaps, in order."""
    joined: list[Interval] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _seconds(spans: Sequence[Interval]) -> float:
    return sum(end - start for start, end in spans)
