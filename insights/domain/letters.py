"""The answer letter: what a client reads of the decision on its request, made only of what stands on the record.

Pure: from a decided record, or, before the decision, from what the reviewer is about to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from insights.domain.addresses import without_contacts
from insights.domain.billing import BillingRecord, Result
from insights.domain.campaigns import Campaign
from insights.domain.lead_life import Verdicted
from insights.domain.lead_money import owed, result_of
from insights.domain.leads import Lead
from insights.domain.money import Money
from insights.domain.policy import Policy
from insights.domain.reasons import Reason
from insights.domain.sealing import DELETED

_LONGEST_QUOTE = 400


def answer_letter(
    lead: Lead, campaign: Campaign, record: BillingRecord, policy: Policy, draft: Verdicted | None = None
) -> str:
    """The letter in plain text, for the decision that holds or, with ``draft``, for one that would be made now.

    Day of receipt in the client's time zone; the deciding words without addresses and phone numbers; no names of
    reviewers. A draft without a reason takes the proposed one. Raises ValueError where nothing is decided and no reason
    is told.
    """
    reason, proposal, back, before = _decision(record, policy, draft)
    result = result_of(back, record.charged, policy.billable(reason))
    day = lead.received_at.astimezone(ZoneInfo(campaign.time_zone))
    request = record.request if record.request and not record.request.withdrawn else None
    thanks = "thank you for your request. " if request else ""
    opening = f"{thanks}We reviewed lead {lead.lead_id}, which you received on {day:%B} {day.day}, {day.year}."
    why = [f"We found: {_name(reason)}. The rule: {policy.reasons[reason].help}"]
    if request and request.reason is not reason:
        why.insert(0, f"You named the reason: {_name(request.reason)}.")
    why += _because(proposal, reason)
    parts = [
        f"Dear {campaign.client or 'client'},",
        opening[0].upper() + opening[1:],
        f"Our answer: {_result(result, asked=request is not None)}. {_money(record, result, back, before)}",
        "\n".join(why),
    ]
    if looked_at := list(_looked_at(record, proposal, asked=request is not None)):
        parts.append("\n".join(["What was looked at:", *(f"- {part}" for part in looked_at)]))
    parts.append(
        "If you see it otherwise, write to us, name the lead and tell us what we have missed, such as an invoice or the"
        " place of the job. A decided lead can be looked at again."
    )
    parts.append("Kind regards,\nthe review team")
    return "\n\n".join(parts)


def _decision(
    record: BillingRecord, policy: Policy, draft: Verdicted | None
) -> tuple[Reason, Mapping[str, Any], Money, Money]:
    """The reason, the proposal before the reviewer, what is given back in all, and what was given back before."""
    if draft is not None:
        proposal = record.proposal or {}
        told = draft.reason or proposal.get("reason")
        if told is None:
            raise ValueError("nothing is proposed: the draft of a letter needs a reason")
        reason = Reason(told)
        return reason, proposal, owed(record.charged, policy.billable(reason), draft.credit), record.credited
    decided = record.decided
    if decided is None:
        raise ValueError("nothing is decided: only a draft of the letter can be written")
    before = record.before.credited if record.before else record.credited
    return decided.reason, decided.proposal or {}, record.credited, before


def _result(result: Result, *, asked: bool) -> str:
    return {
        Result.ACCEPTED: "we accept your request" if asked else "this lead should not be paid for",
        Result.PARTLY: "we accept your request in part" if asked else "this lead should not be paid for in full",
        Result.DECLINED: "we cannot accept your request" if asked else "this lead is to be paid for",
    }[result]


def _money(record: BillingRecord, result: Result, back: Money, before: Money) -> str:
    """What the decision does to the money."""
    charged = record.charged
    if not record.charge_key:
        return "The lead was not charged yet."
    if not charged.amount:
        return "The lead cost you nothing, and no money moves."
    money = {
        Result.ACCEPTED: f"The whole charge of {charged} is given back.",
        Result.PARTLY: f"Of the charge of {charged}, {back} is given back in all; {charged - back} stays.",
        Result.DECLINED: f"The charge of {charged} stays as it is.",
    }[result]
    again = f" Of what was given back before, {before - back} is charged again." if back.amount < before.amount else ""
    return money + again


def _because(proposal: Mapping[str, Any], reason: Reason) -> Iterator[str]:
    """The first words, else the first fact, that speak for the decided reason, whichever side they were proposed on."""
    items = [*proposal.get("evidence", ()), *proposal.get("against", ())]
    speaking = [item for item in items if item.get("supports") == reason.value]
    for name in ("quote", "fact"):
        for item in speaking:
            words = " ".join(without_contacts(item.get(name) or "").split())
            if words and words != DELETED:
                words = words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"
                yield f"{_when(item.get('start'))}: “{words}”" if name == "quote" else f"What decided: {words}"
                return


def _when(start: float | None) -> str:
    where = "In the call" if start is None else f"At {int(start // 60)}:{int(start % 60):02d} of the call"
    return f"{where} we heard"


def _looked_at(record: BillingRecord, proposal: Mapping[str, Any], *, asked: bool) -> Iterator[str]:
    """Only what the record names; that somebody listened again is not on it."""
    answers = sum(wait.given_at is not None for wait in record.waits)
    if asked:
        yield "your request and its explanation"
    if asked and record.request and (files := len(record.request.files)):
        yield f"the {files} files that you sent" if files > 1 else "the file that you sent"
    if answers:
        yield f"your answers to {answers} questions" if answers > 1 else "your answer to our question"
    if proposal.get("audio_sha256"):
        yield "the recording of the call"
    if proposal.get("transcript_sha256"):
        yield "the transcript of the call"
    if proposal:
        yield "your campaign as it stood when the lead was received"


def _name(reason: Reason) -> str:
    return reason.value.replace("_", " ")
