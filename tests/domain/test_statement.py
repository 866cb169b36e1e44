"""A client's month: unasked credits with their words, credits on request, and what stayed charged."""

from __future__ import annotations

import json

from builders import NOW, a_charge, a_decision, a_lead, a_record, an_entry

from insights.domain.billing import fold_ledger
from insights.domain.leads import LeadId
from insights.domain.ledger import Draft, EntryKind
from insights.domain.statement import Told, statement

REQUEST = an_entry(EntryKind.REQUEST, {"reason": "job_seeker", "explanation": "He asked for a job."})
PITCH = an_entry(
    EntryKind.PROPOSAL,
    {
        "decision": "non_billable",
        "reason": "solicitor",
        "evidence": [
            {"supports": "solicitor", "quote": "call me back at 614 555 0142 about your listing"},
            {"supports": "solicitor", "fact": "a robocall", "source": "x"},
            {"supports": "job_seeker", "quote": "work"},
        ],
    },
)


def credit(amount: str, proactive: bool) -> Draft:
    body = {"amount": amount, "currency": "USD", "corrects": "charge:L-1", "proactive": proactive}
    return an_entry(EntryKind.CREDIT, body)


def told(*drafts: Draft) -> Told:
    return Told(a_lead(), fold_ledger(LeadId("L-1"), a_record(a_charge(), *drafts)), NOW)


UNASKED = told(PITCH, a_decision(reason="solicitor"), credit("45.00", True))
ASKED = told(REQUEST, a_decision(answer="override", reason="job_seeker"), credit("20.00", False))
KEPT = told(REQUEST, a_decision(answer="override", reason="new_customer", outcome="open", result="declined"))
OPEN = told(REQUEST)
PLAIN = told()


def test_money_is_told_by_what_moved_it() -> None:
    month = statement([UNASKED, ASKED, KEPT, OPEN, PLAIN])
    json.dumps(month)
    assert (month["leads"], month["charged"], month["given_back"], month["to_pay"]) == (
        5,
        {"USD": "225.00"},
        {"USD": "65.00"},
        {"USD": "160.00"},
    )
    assert [len(month[name]) for name in ("given_back_unasked", "given_back_on_request", "charged_after_review")] == [
        1,
        1,
        1,
    ]
    assert month["waiting"] == ["L-1"]


def test_an_unasked_credit_shows_the_words_that_decided_and_nobodys_number() -> None:
    (line,) = statement([UNASKED])["given_back_unasked"]
    assert line["because"] == ["call me back at 555-0100 about your listing", "a robocall"]
    assert (line["reason"], line["given_back"], line["asked"]) == ("solicitor", "45.00", None)


def test_what_stayed_charged_says_what_was_asked_and_what_it_is() -> None:
    (line,) = statement([KEPT])["charged_after_review"]
    assert (line["asked"], line["reason"], line["outcome"], line["because"]) == (
        "job_seeker",
        "new_customer",
        "open",
        [],
    )


def test_an_empty_month_is_empty() -> None:
    month = statement([])
    assert (month["leads"], month["charged"], month["given_back_unasked"]) == (0, {}, [])
