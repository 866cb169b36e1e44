"""A client asks for a review, the reviewer answers, and the client reads the letter."""

from __future__ import annotations

import re

from browsing import Windows, in_my_hand, press_and_follow, record_of
from playwright.sync_api import expect
from review_desk import ReviewDesk

from insights.domain.billing import LeadState

INVOICE = b"%PDF-1.4 paid"


def test_a_request_goes_there_and_its_answer_back(windows: Windows, desk: ReviewDesk) -> None:
    client = windows.open("pipes")
    client.get_by_role("row", name="L2").get_by_role("link", name="Ask for a review").click()
    client.get_by_role("radio", name="previous customer").check()
    client.fill("#explanation", "Mrs Doe <b>is</b> with us since 2019.")
    client.set_input_files("#files", {"name": "invoice 2019.pdf", "mimeType": "application/pdf", "buffer": INVOICE})
    client.get_by_role("button", name="Ask for a review").click()
    expect(client.get_by_role("status")).to_contain_text("That is on the record.")
    timeline = client.locator("ol.timeline li")
    expect(timeline.filter(has_text="Mrs Doe <b>is</b> with us")).to_have_count(1)
    asked_steps = timeline.count()

    reviewer = windows.open("reviewer", "/leads/L2")
    in_my_hand(reviewer)
    request = reviewer.locator(".request")
    expect(request).to_contain_text("previous customer")
    expect(request).to_contain_text("Mrs Doe <b>is</b> with us since 2019.")
    with reviewer.expect_download() as download:
        request.get_by_role("link", name="invoice 2019.pdf").click()
    assert download.value.path().read_bytes() == INVOICE
    reviewer.keyboard.press("m")
    reviewer.keyboard.press("Tab")
    expect(reviewer.locator("#letter")).to_be_focused()
    signed = "Kind regards, the review desk."
    reviewer.fill("#letter", f"{reviewer.input_value('#letter')}\n\n{signed}")
    reviewer.keyboard.press("Escape")
    reviewer.keyboard.press("o")
    windows.refusals = {409}
    press_and_follow(reviewer, "p")  # the letter was drafted for the proposal: it comes anew, with what was written
    expect(reviewer.get_by_role("alert")).to_contain_text("Its draft for previous customer stands there now")
    expect(reviewer.locator("#written")).to_have_value(re.compile(re.escape(signed)))
    reviewer.fill("#letter", f"{reviewer.input_value('#letter')}\n\n{signed}")
    reviewer.keyboard.press("Escape")
    reviewer.keyboard.press("o")
    press_and_follow(reviewer, "p")
    record = record_of(desk, "L2")
    assert record.state is LeadState.DECIDED
    assert record.balance.amount == 0

    client.reload()
    expect(client.locator(".letter")).to_contain_text("Kind regards, the review desk.")
    expect(client.get_by_role("definition").filter(has_text="given back")).to_contain_text("$45.00 given back")
    assert timeline.count() > asked_steps
    client.goto("/my-leads")
    expect(client.get_by_role("row", name="L2").get_by_role("cell").nth(4)).to_have_text("$45.00")


def test_what_the_reviewer_asks_is_answered_and_the_lead_waits_again(windows: Windows, desk: ReviewDesk) -> None:
    client = windows.open("pipes", "/my-leads/L3")
    client.get_by_role("radio", name="solicitor").check()
    client.fill("#explanation", "They sell listings.")
    client.get_by_role("button", name="Ask for a review").click()
    reviewer = windows.open("reviewer", "/leads/L3")
    in_my_hand(reviewer)
    reviewer.keyboard.press("i")
    reviewer.fill("#fact", "Did they call before?")
    press_and_follow(reviewer, "Control+Enter")

    client.goto("/my-leads")
    expect(client.get_by_role("status")).to_contain_text("We asked you something about L3")
    client.get_by_role("link", name="Answer").click()
    expect(client.get_by_text("“Did they call before?”").first).to_be_visible()
    client.fill("#text", "Twice this month.")
    client.reload()
    expect(client.locator("#text")).to_have_value("Twice this month.")
    client.get_by_role("button", name="Send the answer").click()
    expect(client.get_by_role("status")).to_contain_text("That is on the record.")
    reviewer.goto("/leads/L3")
    expect(reviewer.locator(".request")).to_contain_text("Twice this month.")
    expect(reviewer.locator("[data-key=a]")).to_be_visible()


def test_another_clients_lead_is_no_page_for_it(windows: Windows) -> None:
    windows.refusals = {403, 404}
    stranger = windows.open("strangers", "/my-leads/L2")
    expect(stranger.locator("main")).not_to_contain_text("Charged")
    stranger.goto("/leads/L2")
    expect(stranger.locator("h1")).to_contain_text("Your role may not do that")
