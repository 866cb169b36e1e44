"""Facts: each with a quote of its turn or a source, none from what nobody clearly said."""

from __future__ import annotations

import pytest
from builders import a_campaign, a_transcript, a_turn
from fakes import FewPlaces
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.campaigns import Campaign
from insights.domain.facts import Fact, FactKind, extract_facts, quote_around
from insights.domain.transcript import Turn


def facts(*lines: str | Turn, campaign: Campaign | None = None) -> tuple[Fact, ...]:
    return extract_facts(a_transcript(*lines), campaign or a_campaign(), FewPlaces())


def of_kind(kind: FactKind, *lines: str | Turn) -> list[str]:
    return [fact.value for fact in facts(*lines) if fact.kind is kind]


@pytest.mark.parametrize(
    ("kind", "said", "quoted"),
    [
        (FactKind.REFERRAL_NAMED, "Hi. My neighbor sent me. Are you free?", "My neighbor sent me."),
        (FactKind.EARLIER_BUSINESS_NAMED, "Hi. You guys fixed our sink. Now?", "You guys fixed our sink."),
        (FactKind.PRICE_NAMED, "So it would be ninety dollars. Fine?", "So it would be ninety dollars."),
        (FactKind.PRICE_NAMED, "Is it $150? Good.", "Is it $150?"),
        (FactKind.BOOKING_NAMED, "Great. You're all set for Monday. Bye.", "You're all set for Monday."),
    ],
)  # fmt: skip
def test_what_was_found_is_quoted_with_its_sentence_and_nothing_more(kind: FactKind, said: str, quoted: str) -> None:
    (fact,) = [fact for fact in facts(said) if fact.kind is kind]
    assert fact.quote is not None
    assert fact.quote.text == quoted


@pytest.mark.parametrize("kind", [FactKind.REFERRAL_NAMED, FactKind.EARLIER_BUSINESS_NAMED])
def test_agents_do_not_say_who_sent_the_caller_or_what_they_bought(kind: FactKind) -> None:
    said = "agent: Did my neighbor give you our number, or was it under warranty, who told you to call?"
    assert of_kind(kind, said) == []


def test_a_booking_counts_whoever_says_it() -> None:
    assert of_kind(FactKind.BOOKING_NAMED, "agent: You're all set.") == ["you're all set"]


def test_a_quote_carries_its_turn_and_its_seconds() -> None:
    (fact,) = facts("agent: Hello?", "It's in Macon.")
    assert fact.quote is not None
    assert (fact.quote.turn, fact.quote.start, fact.quote.end) == (1, 5.0, 8.0)


@pytest.mark.parametrize(
    "lines",
    [(), ("caller:  ",), ("ivr: Press one for Macon, Georgia.",)],
    ids=["no turns", "an empty turn", "only a machine"],
)
def test_a_call_without_a_human_word_is_found_silent(lines: tuple[str, ...]) -> None:
    assert [(f.kind, f.source) for f in facts(*lines)] == [(FactKind.NOTHING_SAID, "transcript")]


def test_unclear_words_say_nothing_but_they_are_no_silence() -> None:
    assert facts(a_turn("I'm in Macon and my neighbor gave me your number.", unclear=True)) == ()


def test_a_number_the_client_knows_is_a_fact_with_its_source() -> None:
    (fact,) = extract_facts(a_transcript("Hello."), None, FewPlaces(), known_customer="the client's customer list")
    assert (fact.kind, fact.source, fact.quote) == (FactKind.KNOWN_CUSTOMER, "the client's customer list", None)


def test_without_a_campaign_there_is_no_inside_and_no_outside() -> None:
    assert extract_facts(a_transcript("I'm in Macon, 30301."), None, FewPlaces()) == ()


LONG = "word " * 50 + "my neighbor gave me your number " + "more " * 50


@pytest.mark.parametrize("said", [LONG, LONG + "end.", "my neighbor gave me your number " + "and " * 60])
def test_a_long_sentence_is_cut_around_the_words_that_matter(said: str) -> None:
    (fact,) = [fact for fact in facts(said) if fact.kind is FactKind.REFERRAL_NAMED]
    assert fact.quote is not None
    assert "my neighbor gave me your number" in fact.quote.text
    assert len(fact.quote.text.split()) <= 30


@given(st.text(min_size=1).filter(str.strip), st.data())
def test_a_quote_around_any_words_is_letter_for_letter_from_the_turn(text: str, data: st.DataObject) -> None:
    words = [n for n, letter in enumerate(text) if not letter.isspace()]
    start = data.draw(st.sampled_from(words))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = quote_around(0, a_turn("x", text=text), start, end)
    assert quote.text.strip()
    assert quote.text in text


PHRASES = st.sampled_from(
    [
        "my neighbor gave me your number", "you came out last year", "I'm in", "Macon", "Columbus,", "Georgia", "OH",
        "St. Marys", "43215", "three oh three oh one", "double", "septic tank pumping", "drains cleaned", "$45.",
        "ninety dollars",
        "see you Monday", "hello", "?", "!", ".", "İstanbul", "\u212aitchen", "  ", "\n", "ninety " * 40,
    ]
)  # fmt: skip


@given(st.lists(st.one_of(PHRASES, st.text(max_size=20)), max_size=12).map(" ".join))
def test_every_fact_quotes_words_that_stand_in_its_turn(said: str) -> None:
    campaign = a_campaign(services=("drain cleaning", "kitchen repair"))
    for fact in facts(a_turn("x", text=said), campaign=campaign):
        assert fact.source or (fact.quote is not None and fact.quote.text and fact.quote.text in said)


@pytest.mark.parametrize("said", ["İİİİİİ we're in Columbus", "My \u212aitchen needs a repair."])
def test_letters_that_change_their_length_or_kind_in_lower_case_break_nothing(said: str) -> None:
    campaign = a_campaign(services=("kitchen repair",))
    assert all(fact.quote and fact.quote.text in said for fact in facts(said, campaign=campaign))
