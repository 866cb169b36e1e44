"""Evidence: the strongest words for a reason, quoted letter for letter, never from a machine or an unclear turn."""

from __future__ import annotations

import pytest
from builders import a_campaign, a_transcript, a_turn
from fakes import FewPlaces
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.evidence import evidence_for, supporting
from insights.domain.facts import Fact, FactKind, extract_facts
from insights.domain.intents import Intent
from insights.domain.reasons import Reason
from insights.domain.transcript import Speaker, Transcript, Turn


def found(transcript: Transcript) -> tuple[Fact, ...]:
    return extract_facts(transcript, a_campaign(), FewPlaces())


def quoted(intent: Intent, transcript: Transcript, weights: tuple[float, ...] = ()) -> str | None:
    evidence = evidence_for(intent, transcript, weights, found(transcript))
    return next((item.quote.text for item in evidence if item.quote), None)


@pytest.mark.parametrize(
    ("intent", "said", "quote"),
    [
        (Intent.WRONG_NUMBER, "Hi there. I must have dialed wrong. Sorry.", "I must have dialed wrong."),
        (Intent.SOLICITOR, "Hello. We can fix your Google listing. Free.", "We can fix your Google listing."),
        (Intent.JOB_SEEKER, "Good day. Are you hiring? I can start.", "Are you hiring?"),
        (Intent.PREVIOUS_CUSTOMER, "Hi. You installed our heater. It drips.", "You installed our heater."),
        (Intent.DIRECT_REFERRAL, "Yes. My brother-in-law recommended you. So.", "My brother-in-law recommended you."),
        (Intent.OUT_OF_AREA, "Right. The house is in Macon. Still ok?", "The house is in Macon."),
        (Intent.SERVICE_NOT_OFFERED, "Hi. Do you pump septic tanks? No?", "Do you pump septic tanks?"),
        (Intent.NEW_CUSTOMER, "Hello. I need a plumber. Today.", "I need a plumber."),
    ],
)
def test_the_sentence_that_says_the_reason_is_quoted(intent: Intent, said: str, quote: str) -> None:
    assert quoted(intent, a_transcript("agent: Blue Pipe.", said)) == quote


def test_the_classifiers_attention_decides_between_turns_without_a_cue() -> None:
    call = a_transcript("Alpha.", "Beta.", "Gamma.")
    assert quoted(Intent.WRONG_NUMBER, call, (0.1, 0.8, 0.1)) == "Beta."


def test_of_equally_strong_turns_the_first_is_quoted() -> None:
    assert quoted(Intent.WRONG_NUMBER, a_transcript("Alpha.", "Beta.", "Gamma.")) == "Alpha."


def test_words_that_name_the_reason_beat_a_little_attention() -> None:
    assert quoted(Intent.JOB_SEEKER, a_transcript("Alpha.", "Are you hiring?"), (0.55, 0.45)) == "Are you hiring?"


def test_a_fact_found_in_a_turn_beats_a_phrase_in_another() -> None:
    call = a_transcript("What is your zip code policy?", "It is 30301.")
    assert quoted(Intent.OUT_OF_AREA, call) == "It is 30301."


def test_the_caller_is_quoted_before_an_agent_who_says_the_same() -> None:
    call = a_transcript("agent: Are you hiring?", "caller: Are you hiring?")
    evidence = evidence_for(Intent.JOB_SEEKER, call, (), ())
    assert evidence[0].quote is not None
    assert evidence[0].quote.turn == 1


def test_attention_for_fewer_turns_than_there_are_leaves_the_rest_without() -> None:
    assert quoted(Intent.WRONG_NUMBER, a_transcript("Alpha.", "Beta."), (0.3,)) == "Alpha."


@pytest.mark.parametrize(
    "turn",
    [
        a_turn("ivr: Are you hiring?"),
        a_turn("caller: Are you hiring?", unclear=True),
        a_turn("caller:  ", text="  "),
    ],
    ids=["a machine", "unclear", "empty"],
)
def test_what_nobody_clearly_said_is_never_quoted(turn: Turn) -> None:
    assert evidence_for(Intent.JOB_SEEKER, a_transcript(turn), (1.0,), ()) == ()


def test_a_fact_of_metadata_stands_beside_the_best_quote() -> None:
    known = Fact(FactKind.KNOWN_CUSTOMER, "the number is known", source="customer list")
    quote, fact = evidence_for(Intent.PREVIOUS_CUSTOMER, a_transcript("It is me again."), (), (known,))
    assert quote.quote is not None
    assert quote.supports is fact.supports is Reason.PREVIOUS_CUSTOMER
    assert (fact.fact, fact.source, fact.quote) == ("the number is known", "customer list", None)


def test_a_fact_supports_only_its_own_reason() -> None:
    outside = Fact(FactKind.ZIP_OUTSIDE_AREA, "30301")
    assert supporting(Intent.OUT_OF_AREA, (outside,)) == [outside]
    assert supporting(Intent.SOLICITOR, (outside,)) == []


LINES = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            "hi . ? Are you hiring my neighbor gave me your number in Macon Georgia 30301 again İ \u212a".split()
        ),
        max_size=60,
    ).map(" ".join),
)
TURNS = st.builds(Turn, st.sampled_from(Speaker), LINES, unclear=st.booleans())


@given(st.lists(TURNS, max_size=8), st.sampled_from(Intent), st.lists(st.floats(0, 1), max_size=8))
def test_every_quote_is_a_substring_of_a_clear_turn_of_a_person(
    turns: list[Turn], intent: Intent, weights: list[float]
) -> None:
    transcript = Transcript(tuple(turns))
    for item in evidence_for(intent, transcript, weights, found(transcript)):
        if item.quote is None:
            assert item.fact and item.source
            continue
        turn = turns[item.quote.turn]
        assert item.quote.text and item.quote.text in turn.text
        assert not turn.unclear
        assert turn.speaker is not Speaker.IVR
