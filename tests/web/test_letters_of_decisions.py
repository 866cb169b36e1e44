"""The letter that goes with a decision says what the decision says, whatever was written before."""

from __future__ import annotations

import html
import re

from builders import NOW
from review_desk import ReviewDesk

from insights.domain.billing import fold_ledger
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.pipeline.request import submit_request

_LETTER = re.compile(r'<textarea id="letter"[^>]*>(.*?)</textarea>', re.DOTALL)
_DRAFTED_FOR = re.compile(r'name="drafted_for" value="([^"]*)"')


def requested(desk: ReviewDesk) -> LeadId:
    lead_id = LeadId("L3")  # a pitch: proposed as a solicitor's
    submit_request(desk.office.deps, lead_id, Reason.SOLICITOR, "He sold something.", {}, NOW)
    return lead_id


def letter_on(page: str) -> str:
    found = _LETTER.search(page)
    assert found
    return html.unescape(found[1])


def letter_of(desk: ReviewDesk, lead_id: LeadId) -> str:
    with desk.office.store() as unit:
        decided = fold_ledger(lead_id, unit.entries(lead_id)).decided
    return decided.letter if decided else ""


def test_a_letter_left_as_drafted_is_drafted_anew_for_the_reason_that_is_chosen(desk: ReviewDesk) -> None:
    browser, lead_id = desk.signed_in("reviewer"), requested(desk)
    draft = letter_on(browser.get(f"/leads/{lead_id}"))
    browser.send(f"/leads/{lead_id}/decide", reason="new_customer", letter=draft)
    sent = letter_of(desk, lead_id)
    assert sent != draft
    assert "stays" in sent


def test_a_letter_that_somebody_wrote_in_never_goes_with_another_reason(desk: ReviewDesk) -> None:
    browser, lead_id = desk.signed_in("reviewer"), requested(desk)
    written = letter_on(browser.get(f"/leads/{lead_id}")) + "\nPS: thank you."
    refused = browser.http.post(
        f"/leads/{lead_id}/decide",
        data={"form_token": browser.form_token, "reason": "new_customer", "letter": written},
    )
    assert refused.status_code == 409
    assert letter_of(desk, lead_id) == ""
    assert "PS: thank you." in html.unescape(refused.text)
    found = _DRAFTED_FOR.search(refused.text)
    assert found
    mended = letter_on(refused.text) + "\nPS: thank you."
    browser.send(f"/leads/{lead_id}/decide", reason="new_customer", letter=mended, drafted_for=found[1])
    assert letter_of(desk, lead_id) == mended.replace("\r\n", "\n")


def test_a_letter_of_ones_own_goes_with_the_proposal_it_was_drafted_for(desk: ReviewDesk) -> None:
    browser, lead_id = desk.signed_in("reviewer"), requested(desk)
    browser.send(f"/leads/{lead_id}/decide", move="accept", letter="You are right, and sorry for that.")
    assert letter_of(desk, lead_id) == "You are right, and sorry for that."
