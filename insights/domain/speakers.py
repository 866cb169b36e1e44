"""Decides who speaks where the source does not say: which channel is the business, and which turns a machine reads.

The business answers, names itself and offers help; the caller says what is wrong and what he wants. Machines of the
business (menus, queues, voicemail) are told by their set phrases.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from insights.domain.transcript import Speaker, Speakers, SpeakersFrom, Turn

SURE_ENOUGH = 0.95
"""Below this an inference is not used, and the speakers stay unknown."""

_ANSWERS = re.compile(
    r"\b(?:(?:thank you|thanks) for (?:calling|holding)|how (?:can|may) i (?:help|assist|direct)|how can we help"
    r"|what can i do for you|(?:can|could|may) i (?:get|have|take|grab) (?:your|a|the) (?:name|number|phone|address|zip"
    r"|callback|call back)|what(?:'s| is) (?:your|the) (?:name|address|zip|number|callback)|what (?:city|town|part of)"
    r"|we (?:can|could) (?:come|get|have|send|do|be)|(?:let me|i'll) (?:check|look|transfer|see if)"
    r"|we're (?:open|booked)|our (?:schedule|technician|tech|guys|office|minimum|trip)"
    r"|we (?:don't|do not|do) (?:do|offer|service|cover)"
    r"|you(?:'re| are) all set|anything else i can)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:i(?:'m| am) calling|i (?:need|wanted|was wondering|was looking|saw|found|got your)|i(?:'m| am) looking for"
    r"|i have (?:a|an|some|this)|(?:do|can|are|could) you (?:guys|all|folks|do|come|offer|take|have|give)"
    r"|how much (?:do|is|would)"
    r"|my (?:name|husband|wife|mom|mother|landlord|house|roof|sink|toilet|car|basement|kitchen|yard|tooth|son|daughter)"
    r"|is this (?:the|a)|(?:can|could) (?:somebody|someone))\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"\b(?:for (?:sales|service|billing|english|new|existing|emergenc|appointments|an estimate|a free|our|repair"
    r"|the front|all else|everything else|anything else)\w*[^.]{0,30}(?:press|stay on the line)"
    r"|if (?:this is|you are an?|you know your)[^.]{0,60}(?:press|dial)|para español"
    r"|(?:this|your) call (?:may|will) be (?:recorded|monitored)|calls? (?:may be|are) recorded"
    r"|your call is (?:very )?important to us|(?:stay|remain) on the line[^.]{0,30}(?:next|first) available"
    r"|(?:thank you for calling|you(?:'ve| have) reached)[^.]{0,50}\.? ?(?:please )?(?:stay on the line|press)"
    r"|(?:hold for )?the next available (?:representative|agent|technician|specialist|team member|person)"
    r"|please (?:leave|record) (?:a|your) (?:brief |detailed )?message"
    r"|leave your name and (?:a |your )?(?:phone )?number"
    r"|(?:after|at) the (?:tone|beep)|you(?:'ve| have) reached (?:the )?(?:voicemail|voice mail|mailbox)"
    r"|(?:is|are) not available to take your call|our (?:office|business) hours are|menu options have changed)\b",
    re.IGNORECASE,
)

MOST_SURE = 0.99
"""Calls exist whose words all point the wrong way, so an inference is never certain."""
_FIRST = 1.3
_ANSWER = 1.4
_ASK = 1.5
_NAME = 3.0
_MOST = 3
"""Cues of one kind beyond this many say nothing more."""


def infer_agent(first: Sequence[Turn], second: Sequence[Turn], client: str) -> tuple[int, float]:
    """Which of two channels (1 or 2) is the business, and how sure that is (0.5 to 0.99).

    ``first`` and ``second`` are the turns of the channels. The weights are log odds, fitted on labelled calls whose
    speakers were hidden (``models.intent.speakers`` measures them).
    """
    odds = _evidence(first, client) - _evidence(second, client)
    begin, other = _begins(first), _begins(second)
    if begin != other:
        odds += _FIRST if begin < other else -_FIRST
    return (1 if odds >= 0 else 2), min(MOST_SURE, 1 / (1 + math.exp(-abs(odds))))


def _begins(turns: Sequence[Turn]) -> float:
    return min((turn.start for turn in turns if turn.start is not None), default=math.inf)


def _evidence(turns: Sequence[Turn], client: str) -> float:
    text = " ".join(turn.text for turn in turns if not turn.unclear)
    named = bool(turns) and client != "" and _names(" ".join(turn.text for turn in turns[:2]), client)
    return (
        _ANSWER * min(_MOST, len(_ANSWERS.findall(text))) - _ASK * min(_MOST, len(_ASKS.findall(text))) + _NAME * named
    )


def _names(text: str, client: str) -> bool:
    """Whether a greeting holds the client's first two words, the way businesses answer."""
    words = re.findall(r"[a-z]+", client.lower())[:2]
    said = re.findall(r"[a-z]+", text.lower())
    return bool(words) and any(said[at : at + len(words)] == words for at in range(len(said)))


def tell_speakers(
    turns: Sequence[tuple[int, Turn]], channels: int, agent_channel: int | None, client: str
) -> tuple[tuple[Turn, ...], Speakers]:
    """Turns with their speakers, and how these are known. ``turns`` come with their channel (0-based).

    ``agent_channel`` (1 or 2) is what the source says; it counts for recordings of two channels only. One channel alone
    tells nobody apart: its speakers stay unknown, but for the machines.
    """
    speakers = Speakers()
    if channels == 2 and agent_channel is not None:
        speakers = Speakers(SpeakersFrom.SOURCE, 1.0)
    elif channels == 2:
        parts = [[turn for channel, turn in turns if channel == number] for number in (0, 1)]
        agent, confidence = infer_agent(parts[0], parts[1], client)
        if all(parts) and confidence >= SURE_ENOUGH:
            agent_channel, speakers = agent, Speakers(SpeakersFrom.INFERRED, round(confidence, 4))
    told = [_told(channel, turn, agent_channel if speakers.confidence else None) for channel, turn in turns]
    return tuple(told), speakers


def _told(channel: int, turn: Turn, agent_channel: int | None) -> Turn:
    speaker = Speaker.UNKNOWN
    if agent_channel is not None:
        speaker = Speaker.AGENT if channel == agent_channel - 1 else Speaker.CALLER
    if speaker is not Speaker.CALLER and _MACHINE.search(turn.text):
        speaker = Speaker.IVR
    return replace(turn, speaker=speaker)
