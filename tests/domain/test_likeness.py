"""One robocall, cut at both ends and heard a little differently each time, is the same script; other calls are not."""

from __future__ import annotations

from builders import a_transcript, a_turn

from insights.domain.likeness import same_script, word_runs

SCRIPT = (
    "hello this is an important message about your google business listing it is not verified and customers cannot "
    "find you press one now to speak to a specialist or press nine to be removed from our list"
)
HEARD = "important message about your google business listing it is not verify and customers cannot find you press"
OTHER = (
    "hi i am calling about the leak under my kitchen sink it started this morning and i need somebody to come today "
    "if you have anybody near dublin thank you"
)


def test_the_same_recording_is_known_again_though_it_was_cut_and_misheard() -> None:
    assert same_script(word_runs(a_transcript(SCRIPT)), word_runs(a_transcript(HEARD)))


def test_another_call_is_another() -> None:
    assert not same_script(word_runs(a_transcript(SCRIPT)), word_runs(a_transcript(OTHER)))


def test_what_the_business_says_in_all_its_calls_is_no_likeness() -> None:
    greeting = f"agent: {SCRIPT}"
    assert word_runs(a_transcript(greeting, "caller: hello")) == frozenset()


def test_a_few_words_tell_nothing() -> None:
    assert not same_script(word_runs(a_transcript("press one now")), word_runs(a_transcript("press one now")))


def test_what_was_not_heard_clearly_does_not_count() -> None:
    assert word_runs(a_transcript(a_turn(SCRIPT, unclear="circles"))) == frozenset()
