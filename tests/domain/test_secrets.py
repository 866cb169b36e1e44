"""Card, code, social security and bank numbers as people say them are gone; the numbers a verdict needs are not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from builders import a_turn
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.secrets import MASK, mask_secrets
from insights.domain.transcript import Speaker, Turn

DIALOGUES = {
    name: lines
    for name, *lines in (
        block.strip().removeprefix("# ").splitlines()
        for block in (Path(__file__).parent / "secret_dialogues.txt").read_text(encoding="utf-8").split("\n# ")
    )
}
"""Calls in which ``<...>`` must go and all else must stay."""
NOT_YET = {
    "one 03 agent repeats groups": "the month before a year goes as well",
    "one 21 a digit too few 12 digits": "twelve digits are taken as a bank's",
    "one 38 'dash' spoken": "the dashes between go as well",
    "one 42 house number after card": "the billing zip is told back as the service zip",
    "one 44 ebt / insurance member": "Medicare numbers are not promised",
    "one 67 expiry of a permit": "a gate's pin beside a card is taken for the card's",
    "two l dob/dl": "driving licences are not promised",
    "two w card number with 'to' 'for' homophones": "homophones inside a number are not read",
    "two zc cvv as 'security' only": "the question names no code",
    "two zh exp agent repeats other form": "a date told back in another form stays",
    "three 4 card + zip one breath": "a zip in one breath with the card goes as well",
}
"""What is known to go wrong, and how."""
SPEAKERS = {"A": Speaker.AGENT, "C": Speaker.CALLER, "U": Speaker.UNKNOWN}


def as_one(text: str) -> str:
    """Masks side by side are one."""
    return re.sub(r"(\[masked\][,\s]*)+", "[masked] ", text).strip()


@pytest.mark.parametrize("name", sorted(DIALOGUES.keys() - NOT_YET.keys()))
def test_a_call_keeps_what_a_verdict_needs_and_loses_what_nobody_may_keep(name: str) -> None:
    lines = [(SPEAKERS[line[0]], line[2:].strip()) for line in DIALOGUES[name]]
    told = mask_secrets([Turn(who, re.sub("[<>]", "", text)) for who, text in lines])
    wanted = [as_one(re.sub("<[^>]*>", MASK, text)) for _, text in lines]
    assert [as_one(turn.text) for turn in told] == wanted


def test_pieces_that_are_told_far_apart_are_no_number() -> None:
    call = ["agent: We take visa.", "caller: 4539 1488", *["caller: hold on"] * 9, "caller: 0343 6467"]
    assert masked(*call)[-1] == "0343 6467"


def test_a_question_that_is_not_answered_takes_nothing_else() -> None:
    call = ["caller: my visa is 4539 1488 0343 6467", "agent: and the expiration?", "caller: I don't have it here"]
    assert masked(*call) == [f"my visa is {MASK}", "and the expiration?", "I don't have it here"]


def test_what_is_known_to_go_wrong_is_known_by_name() -> None:
    assert NOT_YET.keys() < DIALOGUES.keys()


def test_talk_of_cards_costs_hardly_any_call_its_zip() -> None:
    """Telephones, house numbers and zips have the length of a card together, and one in ten the right check digit."""
    rng, lost = Random(9), 0
    for _ in range(300):
        phone = f"{rng.randint(201, 989)} {rng.randint(200, 999)} {rng.randint(0, 9999):04d}"
        zip_code = f"{rng.randint(10000, 99999)}"
        call = masked(
            "agent: We take all credit cards. What's the best number?",
            f"caller: {phone}",
            f"agent: {phone}. And the address?",
            f"caller: {rng.randint(100, 9999)} Oak Street",
            "agent: And your zip?",
            f"caller: {zip_code}",
            f"agent: It's ${rng.randint(49, 499)}, between {rng.randint(8, 11)} and {rng.randint(12, 16)}.",
        )
        lost += zip_code not in call[5]
    assert lost <= 15


def masked(*lines: str) -> list[str]:
    return [turn.text for turn in mask_secrets([a_turn(line) for line in lines])]


@pytest.mark.parametrize(
    "said",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "four one one one one one one one one one one one one one one one",
        "forty one eleven eleven eleven eleven eleven eleven eleven",
        "four one one one um one one one one one one one one one one one one",
        "378282246310005",
        "three seven eight two eight two two four six three one oh oh oh five",
    ],
)
def test_a_card_number_said_in_one_go_is_gone(said: str) -> None:
    (text,) = masked(f"caller: sure it's {said} okay")
    assert text == f"sure it's {MASK} okay"


def test_a_card_number_told_in_pieces_and_repeated_by_the_agent_is_gone_on_both_sides() -> None:
    call = masked(
        "agent: I can take that with a visa or mastercard, go ahead with the number.",
        "caller: okay it's four one one one",
        "agent: four one one one",
        "caller: one one one one",
        "agent: uh huh",
        "caller: one one one one and then one one one one",
        "agent: and the expiration?",
        "caller: oh nine twenty seven",
        "agent: and the three digits on the back?",
        "caller: seven three seven",
        "agent: seven three seven, perfect, we'll see you at two at 1406 Parkside, 78664.",
    )
    told = " ".join(call[1:10])
    assert not any(word in told for word in ("four", "one", "nine", "seven"))
    assert call[10] == f"{MASK}, perfect, we'll see you at two at 1406 Parkside, 78664."


def test_a_misheard_card_number_is_gone_where_it_was_asked_for() -> None:
    call = masked("agent: What's the card number?", "caller: 4111 1111 1111 1112")
    assert call[1] == MASK


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("agent: the last four of your social?", "caller: it's six seven eight nine"),
        ("agent: I need your social security number.", "caller: 078 05 1120"),
        ("agent: what's the routing number?", "caller: zero two one oh oh oh oh two one"),
        ("agent: and the account number?", "caller: 000123456789"),
        ("agent: card security code please", "caller: 123"),
        ("agent: and when does the card expire", "caller: 0927 I think"),
    ],
)
def test_what_was_asked_for_is_gone(question: str, answer: str) -> None:
    call = masked(question, answer)
    assert call[0] == question.removeprefix("agent: ")
    assert MASK in call[1]
    assert not any(mark.isdigit() for mark in call[1])
    assert not any(word in call[1] for word in ("six", "zero", "two"))


def test_a_social_security_number_that_nobody_asked_for_is_gone() -> None:
    assert masked("caller: my social is on there, 078-05-1120.")[0] == f"my social is on there, {MASK}."
    assert masked("caller: it says 078-05-1120 here")[0] == f"it says {MASK} here"


def test_two_finds_that_overlap_leave_one_mask() -> None:
    assert masked("agent: the account number?", "caller: 5 078-05-1120")[1] == MASK


NEEDED = [
    "caller: I'm at 1406 Parkside Circle, Round Rock, 78664.",
    "caller: seven eight six six four",
    "caller: call me back at 614 555 0142, or six one four five five five oh one seven seven",
    "agent: It's $89 for the visit and four hundred and twenty five for the heater.",
    "caller: Do you take credit cards? My number is 614 555 0142 and the zip is 43004.",
    "caller: the invoice is 4471 from march twenty twenty four",
    "caller: three bedrooms, two baths, built in 1987",
    "agent: between two and four on the 19th",
]


@pytest.mark.parametrize("line", NEEDED)
def test_numbers_that_a_verdict_needs_stay(line: str) -> None:
    assert masked(line) == [line.partition(": ")[2]]


def test_a_whole_call_without_secrets_stays_letter_for_letter() -> None:
    turns = tuple(a_turn(line) for line in NEEDED)
    assert mask_secrets(turns) == turns


def test_a_three_digit_code_is_only_a_secret_where_a_card_is_spoken_of() -> None:
    assert masked("agent: What's the gate's security code?", "caller: 4471 pound")[1] == "4471 pound"


@given(st.lists(st.text(max_size=60), max_size=8))
def test_nothing_breaks_it_and_masking_twice_is_masking_once(texts: list[str]) -> None:
    turns = mask_secrets([replace(a_turn("x"), text=text) for text in texts])
    assert mask_secrets(turns) == turns
