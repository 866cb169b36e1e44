"""A waveform's background: who is heard on which channel, where one is held, and what rings or is still."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from builders import a_turn
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.shading import Shade, Stretch, stretches
from insights.domain.transcript import Sound, SoundKind, Speaker, Turn


def turn(who: str, start: float, end: float) -> Turn:
    return replace(a_turn(f"{who}: words"), start=start, end=end)


def test_a_call_on_one_channel_is_shaded_by_what_is_heard() -> None:
    said = [turn("ivr", 2, 6), turn("unknown", 10, 14), turn("unknown", 14, 15), turn("unknown", 20, 25)]
    heard = [
        Sound(SoundKind.RING, 0, 2),
        Sound(SoundKind.MUSIC, 6, 9),
        Sound(SoundKind.TONE, 9, 9.5),
        Sound(SoundKind.NOISE, 9.5, 10),
        Sound(SoundKind.SILENCE, 15, 20),
    ]
    assert stretches(said, heard, 22, 1) == [
        (0, Shade.RING, 0, 2),
        (0, Shade.HOLD, 2, 9),
        (0, Shade.TONE, 9, 9.5),
        (0, Shade.NOISE, 9.5, 10),
        (0, Shade.SPEECH, 10, 15),
        (0, Shade.SILENCE, 15, 20),
        (0, Shade.SPEECH, 20, 22),
    ]


def test_agent_menu_and_caller_are_shaded_on_their_own_channels() -> None:
    said = [turn("ivr", 0, 2), turn("agent", 2, 4), turn("caller", 3, 6)]
    assert stretches(said, [], 9, 2, agent_channel=2) == [
        (0, Shade.SPEECH, 3, 6),
        (1, Shade.HOLD, 0, 2),
        (1, Shade.SPEECH, 2, 4),
    ]
    assert stretches(said, [], 9, 2, agent_channel=1)[0] == (0, Shade.HOLD, 0, 2)


def test_where_nobody_knows_the_channel_both_are_shaded_but_for_what_they_are_heard_to_hold() -> None:
    said = [turn("agent", 0, 4), turn("unknown", 5, 8), turn("ivr", 8, 9)]
    assert stretches(said, [Sound(SoundKind.SILENCE, 0, 3, 1), Sound(SoundKind.MUSIC, 7, 9, 0)], 9, 2) == [
        (0, Shade.SPEECH, 0, 4),
        (0, Shade.SPEECH, 5, 7),
        (0, Shade.HOLD, 7, 9),
        (1, Shade.SILENCE, 0, 3),
        (1, Shade.SPEECH, 3, 4),
        (1, Shade.SPEECH, 5, 8),
        (1, Shade.HOLD, 8, 9),
    ]
    both = stretches([turn("unknown", 1, 2)], [Sound(SoundKind.SILENCE, 0, 2, 0)], 9, 2, agent_channel=1)
    assert [one.channel for one in both if one.kind is Shade.SPEECH] == [1]


def test_who_the_source_calls_the_agent_does_not_matter_on_one_channel() -> None:
    assert stretches([turn("caller", 1, 2)], [], 9, 1, agent_channel=1) == [(0, Shade.SPEECH, 1, 2)]


def test_where_two_things_are_told_of_a_moment_speech_is_seen() -> None:
    assert stretches([turn("unknown", 1, 3), turn("ivr", 2, 5)], [Sound(SoundKind.MUSIC, 0, 9)], 9, 1) == [
        (0, Shade.HOLD, 0, 1),
        (0, Shade.SPEECH, 1, 3),
        (0, Shade.HOLD, 3, 9),
    ]


def test_turns_without_times_and_sounds_of_channels_that_are_not_there_shade_nothing() -> None:
    untimed = [Turn(Speaker.CALLER, "words"), Turn(Speaker.CALLER, "words", 1.0)]
    assert stretches(untimed, [Sound(SoundKind.RING, 0, 2, 1)], 9, 1) == []
    assert stretches([turn("caller", 12, 14), turn("caller", 3, 3)], [Sound(SoundKind.RING, 5, 4)], 9, 1) == []
    assert stretches([turn("caller", 0, 3)], [], 0, 1) == []


instants = st.floats(-5, 30)


@given(
    st.lists(st.tuples(st.sampled_from([who.value for who in Speaker]), instants, instants), max_size=9),
    st.lists(st.tuples(st.sampled_from(SoundKind), instants, instants, st.integers(0, 2)), max_size=9),
    st.floats(0, 20),
    st.sampled_from([1, 2]),
    st.sampled_from([None, 1, 2]),
)
def test_the_stretches_of_a_channel_stand_in_order_and_inside_the_call(
    said: list[tuple[str, float, float]],
    heard: list[tuple[SoundKind, float, float, int]],
    seconds: float,
    channels: int,
    agent: int | None,
) -> None:
    shown = stretches([turn(*told) for told in said], [Sound(*told) for told in heard], seconds, channels, agent)
    for channel in range(channels):
        own = [one for one in shown if one.channel == channel]
        assert all(0 <= one.start < one.end <= seconds for one in own)
        assert all(before.end <= after.start for before, after in pairwise(own))
    assert shown == sorted(shown, key=lambda one: (one.channel, one.start))
    assert all(isinstance(one, Stretch) and one.channel < channels for one in shown)
