"""Who speaks: told by the source, inferred from what is said, or left unknown."""

from __future__ import annotations

import pytest

from insights.domain.speakers import MOST_SURE, SURE_ENOUGH, infer_agent, tell_speakers
from insights.domain.transcript import Speaker, SpeakersFrom, Turn

CLIENT = "Blue Pipe Plumbing"
BUSINESS = ("Blue Pipe, this is Dana, how can I help you?", "Okay, what's your address?")
CUSTOMER = ("Hi, my kitchen sink is backed up.", "I need somebody out here today, do you come to Dublin?")


def turns(*texts: str, start: float = 0.0) -> list[Turn]:
    return [Turn(Speaker.UNKNOWN, text, start + 4.0 * n, start + 4.0 * n + 3.0) for n, text in enumerate(texts)]


@pytest.mark.parametrize("business_first", [True, False])
def test_the_business_is_the_one_that_answers_and_offers_help_on_whichever_channel(business_first: bool) -> None:
    business, customer = turns(*BUSINESS), turns(*CUSTOMER, start=2.0)
    channel, confidence = infer_agent(*((business, customer) if business_first else (customer, business)), CLIENT)
    assert channel == (1 if business_first else 2)
    assert SURE_ENOUGH <= confidence <= MOST_SURE


def test_who_speaks_first_alone_is_not_enough() -> None:
    channel, confidence = infer_agent(turns("hello"), turns("hello", start=2.0), CLIENT)
    assert channel == 1
    assert 0.5 < confidence < SURE_ENOUGH


def test_two_silent_channels_tell_nothing() -> None:
    assert infer_agent([], [], CLIENT) == (1, 0.5)


def test_words_that_are_unclear_are_no_sign() -> None:
    unclear = [Turn(Speaker.UNKNOWN, BUSINESS[0], 5.0, 6.0, unclear=True)]
    _, sure = infer_agent(turns("hello"), unclear, "")
    assert sure < SURE_ENOUGH


CALL = [(0, turns(BUSINESS[0])[0]), (1, turns(CUSTOMER[1], start=4.0)[0])]


def test_the_source_is_believed_whatever_is_said() -> None:
    told, speakers = tell_speakers(CALL, 2, 2, CLIENT)
    assert [turn.speaker for turn in told] == [Speaker.CALLER, Speaker.AGENT]
    assert (speakers.origin, speakers.confidence) == (SpeakersFrom.SOURCE, 1.0)


def test_without_the_source_an_inference_that_is_sure_enough_names_the_speakers() -> None:
    told, speakers = tell_speakers(CALL, 2, None, CLIENT)
    assert [turn.speaker for turn in told] == [Speaker.AGENT, Speaker.CALLER]
    assert speakers.origin is SpeakersFrom.INFERRED and SURE_ENOUGH <= speakers.confidence < 1


@pytest.mark.parametrize(
    "call",
    [
        [(0, turns("hello")[0]), (1, turns("hello", start=2.0)[0])],
        [(0, turns(BUSINESS[0])[0])],  # the other side is silent
    ],
)
def test_a_weak_inference_leaves_the_speakers_unknown(call: list[tuple[int, Turn]]) -> None:
    told, speakers = tell_speakers(call, 2, None, CLIENT)
    assert {turn.speaker for turn in told} == {Speaker.UNKNOWN}
    assert (speakers.origin, speakers.confidence) == (SpeakersFrom.NOBODY, 0.0)


def test_one_channel_tells_nobody_apart_even_if_the_source_names_a_channel() -> None:
    told, speakers = tell_speakers([(0, turn) for _, turn in CALL], 1, 1, CLIENT)
    assert {turn.speaker for turn in told} == {Speaker.UNKNOWN}
    assert speakers.origin is SpeakersFrom.NOBODY


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for calling Blue Pipe. For service, press one.",
        "This call may be recorded for quality.",
        "Please stay on the line for the next available technician.",
        "You have reached the voicemail of Blue Pipe. Please leave a message after the tone.",
        "If you know your party's extension, dial it now.",
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_menus_queues_and_voicemail_of_the_business_are_machines(text: str, channels: int) -> None:
    told, _ = tell_speakers([(0, turns(text)[0])], channels, 1, CLIENT)
    assert told[0].speaker is Speaker.IVR


@pytest.mark.parametrize(
    "text",
    [
        "Press one to speak with a warranty specialist or press two to be removed from our list.",
        "Your car's factory warranty is about to expire. Press nine now.",
        "did they leave a message for me",
    ],
)
def test_a_robocall_is_not_the_machine_of_the_business(text: str) -> None:
    told, _ = tell_speakers([(0, turns(text)[0])], 1, None, CLIENT)
    assert told[0].speaker is Speaker.UNKNOWN


def test_a_machine_on_the_callers_side_stays_the_caller() -> None:
    told, _ = tell_speakers([(1, turns("Please stay on the line for the next available agent.")[0])], 2, 1, CLIENT)
    assert told[0].speaker is Speaker.CALLER
