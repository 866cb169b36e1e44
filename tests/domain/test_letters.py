"""The answer letter: what the client reads, and that nothing stands in it that the record does not hold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import a_campaign, a_charge, a_lead, a_proposal
from lives import ACCEPT, ANN, BOOKED, CLIENT, OVERRIDE, PITCH, POLICY, Lead, charged, eligible

from insights.domain import lead_life
from insights.domain.billing import Answer
from insights.domain.lead_life import LONGEST_TEXT, Verdicted
from insights.domain.ledger import Draft
from insights.domain.letters import answer_letter
from insights.domain.reasons import Reason
from insights.domain.sealing import DELETED

NEW = Verdicted(Answer.OVERRIDE, Reason.NEW_CUSTOMER)


def proposed(reason: str, *evidence: dict[str, Any], against: tuple[dict[str, Any], ...] = (), **more: Any) -> Draft:
    decision = "billable" if reason == "new_customer" else "non_billable"
    body = {"decision": decision, "reason": reason, "evidence": list(evidence), "against": list(against), **more}
    return replace(a_proposal(), body=body)


def quote(reason: str, words: str, start: float | None = 83.4) -> dict[str, Any]:
    return {"supports": reason, "turn": 1, "quote": words, "start": start, "end": None}


def letter(lead: Lead, draft: Verdicted | None = None, **received: Any) -> str:
    return answer_letter(a_lead(**received), a_campaign(), lead.now, POLICY, draft)


def test_the_letter_of_an_accepted_request_reads_well_from_top_to_bottom() -> None:
    heard = proposed(
        "previous_customer",
        quote("previous_customer", "you did our roof in May, call me at 614 555 0142"),
        audio_sha256="a" * 64,
        transcript_sha256="b" * 64,
    )
    lead = charged(heard)
    files = [{"name": "invoice.pdf", "sha256": "a" * 64, "bytes": 10}]
    explanation = "We did her roof."
    lead.do(lead_life.submit(lead.now, CLIENT, Reason.PREVIOUS_CUSTOMER, explanation, eligible(), POLICY, files))
    lead.do(lead_life.ask(lead.now, ANN, "Which invoice?", eligible(), POLICY))
    lead.do(lead_life.give(lead.now, CLIENT, "4471"))
    lead.do(lead.decide(ACCEPT))
    assert letter(lead) == (
        "Dear Blue Pipe Plumbing,\n"
        "\n"
        "Thank you for your request. We reviewed lead L-1, which you received on November 20, 2026.\n"
        "\n"
        "Our answer: we accept your request. The whole charge of $45.00 is given back.\n"
        "\n"
        "We found: previous customer. The rule: The caller's household or business has bought from this client"
        " before.\n"
        "At 1:23 of the call we heard: “you did our roof in May, call me at 555-0100”\n"
        "\n"
        "What was looked at:\n"
        "- your request and its explanation\n"
        "- the file that you sent\n"
        "- your answer to our question\n"
        "- the recording of the call\n"
        "- the transcript of the call\n"
        "- your campaign as it stood when the lead was received\n"
        "\n"
        "If you see it otherwise, write to us, name the lead and tell us what we have missed, such as an invoice or the"
        " place of the job. A decided lead can be looked at again.\n"
        "\n"
        "Kind regards,\n"
        "the review team"
    )


@pytest.mark.parametrize("asked", [True, False], ids=["asked", "unasked"])
@pytest.mark.parametrize(
    ("said", "answer", "unasked", "money"),
    [
        (OVERRIDE, "we accept your request.", "this lead should not be paid for.", "The whole charge of $45.00 is"),
        (
            replace(OVERRIDE, credit=Decimal("20")),
            "we accept your request in part.",
            "this lead should not be paid for in full.",
            "Of the charge of $45.00, $20.00 is given back in all; $25.00 stays.",
        ),
        (ACCEPT, "we cannot accept your request.", "this lead is to be paid for.", "The charge of $45.00 stays"),
    ],
    ids=["accepted", "partly", "declined"],
)
def test_the_draft_before_the_decision_is_the_letter_after_it(
    said: Verdicted, answer: str, unasked: str, money: str, asked: bool
) -> None:
    lead = charged(BOOKED)
    if asked:
        lead.do(lead.submit())
    draft = letter(lead, said)
    assert f"Our answer: {answer if asked else unasked} {money}" in draft
    assert ("Thank you" in draft, "your request" in draft) == (asked, asked)
    lead.do(lead.decide(said))
    assert letter(lead) == draft
    assert "ann" not in draft.split()


def test_a_client_who_named_another_reason_reads_both() -> None:
    lead = charged(BOOKED)
    lead.do(lead.submit(Reason.OUT_OF_AREA))
    assert "You named the reason: out of area.\nWe found: new customer." in letter(lead, ACCEPT)
    assert "You named" not in letter(lead, replace(ACCEPT, reason=Reason.OUT_OF_AREA))


def test_a_request_that_was_taken_back_is_not_answered() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    lead.do(lead_life.withdraw(lead.now, CLIENT))
    assert "your request" not in letter(lead, ACCEPT)


@pytest.mark.parametrize(
    ("proposal", "reason", "told"),
    [
        (
            proposed("solicitor", quote("solicitor", "a pitch", None)),
            Reason.SOLICITOR,
            "In the call we heard: “a pitch”",
        ),
        (
            proposed("solicitor", {"supports": "campaign_paused", "fact": "paused from 8:00 to 9:00", "source": "x"}),
            Reason.CAMPAIGN_PAUSED,
            "What decided: paused from 8:00 to 9:00",
        ),
        (
            proposed("new_customer", against=(quote("job_seeker", "are you\nhiring", 5.0),)),
            Reason.JOB_SEEKER,
            "At 0:05 of the call we heard: “are you hiring”",
        ),
        (
            proposed("solicitor", quote("solicitor", "mail me at jo@example.org", 3661)),
            Reason.SOLICITOR,
            "At 61:01 of the call we heard: “mail me at [e-mail]”",
        ),
    ],
    ids=["no time", "fact", "said against the proposal", "masked"],
)
def test_the_words_that_speak_for_the_decided_reason_are_quoted_else_its_fact(
    proposal: Draft, reason: Reason, told: str
) -> None:
    assert told in letter(charged(proposal), Verdicted(Answer.OVERRIDE, reason))


@pytest.mark.parametrize(
    "proposals",
    [
        [],
        [proposed("solicitor", quote("solicitor", "a pitch"))],
        [proposed("job_seeker", quote("job_seeker", DELETED))],
    ],
    ids=["nothing proposed", "other reason", "deleted"],
)
def test_a_letter_quotes_nothing_that_does_not_speak_for_its_reason(proposals: list[Draft]) -> None:
    told = letter(charged(*proposals), Verdicted(Answer.OVERRIDE, Reason.JOB_SEEKER))
    assert "we heard" not in told and "What decided" not in told
    assert ("What was looked at" in told) is bool(proposals), "only what the record names"
    assert "recording" not in told


def test_a_very_long_quote_is_cut() -> None:
    told = letter(charged(proposed("solicitor", quote("solicitor", "offer " * 10_000))), ACCEPT)
    assert "…”" in told and len(told) < LONGEST_TEXT


def test_money_that_was_given_back_before_and_is_charged_again_is_told() -> None:
    lead = charged(PITCH)
    lead.do(lead.decide(ACCEPT))
    lead.do(lead_life.reopen(lead.now, ANN, "The client hired her.", eligible()))
    draft = letter(lead, NEW)
    assert "The charge of $45.00 stays as it is. Of what was given back before, $45.00 is charged again." in draft
    lead.do(lead.decide(NEW))
    assert letter(lead) == draft
    lead.do(lead_life.reopen(lead.now, ANN, "Again.", eligible()))
    assert "charged again" not in letter(lead), "it is the earlier decision's letter"


@pytest.mark.parametrize(
    ("lead", "told"),
    [
        (Lead(a_charge(amount="0")), "The lead cost you nothing, and no money moves."),
        (Lead(), "The lead was not charged yet."),
    ],
    ids=["free", "not charged"],
)
def test_a_lead_that_cost_nothing_says_so(lead: Lead, told: str) -> None:
    assert told in letter(lead, OVERRIDE)


def test_several_files_and_answers_are_counted() -> None:
    lead = charged(PITCH)
    files = [{"name": name, "sha256": "a" * 64, "bytes": 1} for name in ("a", "b")]
    lead.do(lead_life.submit(lead.now, CLIENT, Reason.SOLICITOR, "A pitch.", eligible(), POLICY, files))
    for _ in range(2):
        lead.do(lead_life.ask(lead.now, ANN, "Which?", eligible(), POLICY))
        lead.do(lead_life.give(lead.now, CLIENT, "That."))
    told = letter(lead, ACCEPT)
    assert "- the 2 files that you sent\n- your answers to 2 questions\n" in told


def test_a_letter_needs_a_decision_or_a_reason() -> None:
    with pytest.raises(ValueError, match="only a draft"):
        letter(charged(PITCH))
    with pytest.raises(ValueError, match="needs a reason"):
        letter(charged(), ACCEPT)


def test_a_letter_goes_onto_the_record_as_it_was_drafted() -> None:
    lead = charged(PITCH)
    lead.do(lead.submit())
    draft = letter(lead, ACCEPT)
    decision, _ = lead.do(lead.decide(replace(ACCEPT, letter=draft)))
    assert decision.body["letter"] == draft


def test_a_client_without_a_name_is_still_greeted() -> None:
    assert answer_letter(a_lead(), a_campaign(client=""), charged(PITCH).now, POLICY, ACCEPT).startswith("Dear client,")
