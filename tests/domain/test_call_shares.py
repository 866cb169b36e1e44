"""What a call was spent on: talk, hold, both at once, nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import a_hearing, a_transcript, a_turn
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.call_shares import call_shares
from insights.domain.transcript import Sound, SoundKind, Transcript, Turn


def turn(who: str, start: float, end: float) -> Turn:
    return replace(a_turn(f"{who}: words"), start=start, end=end)


def test_a_call_is_told_apart_into_talk_overlap_hold_and_silence() -> None:
    call = replace(
        a_transcript(turn("ivr", 0, 5), turn("agent", 10, 20), turn("caller", 18, 30), hearing=a_hearing(decoded_s=60)),
        sounds=(Sound(SoundKind.MUSIC, 28, 40), Sound(SoundKind.SILENCE, 40, 60), Sound(SoundKind.MUSIC, 3, 6)),
    )
    assert call_shares(call) == {
        "audio_s": 60,
        "talk_s": 20,
        "agent_s": 10,
        "caller_s": 12,
        "overlap_s": 2,
        "hold_s": 16,
        "silence_s": 24,
    }


def test_turns_without_times_say_nothing() -> None:
    assert set(call_shares(a_transcript(Turn(a_turn("x").speaker, "words"))).values()) == {0}


@given(st.lists(st.tuples(st.sampled_from(["agent", "caller", "ivr"]), st.floats(0, 90), st.floats(0, 30)), max_size=9))
def test_the_shares_make_up_the_whole(turns: list[tuple[str, float, float]]) -> None:
    call = Transcript(tuple(turn(who, start, start + length) for who, start, length in turns))
    shares = call_shares(call)
    whole = shares["talk_s"] + shares["hold_s"] + shares["silence_s"]
    assert whole == pytest.approx(shares["audio_s"], abs=0.05)
    assert all(seconds >= 0 for seconds in shares.values())
    assert shares["overlap_s"] <= shares["talk_s"] + 0.02
