"""Gather what reviewers decided as lessons: each decided call with its transcript, its offer and its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from insights.domain.billing import Answer, Decided, fold_ledger
from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent, IntentScores, Outcome
from insights.domain.leads import Lead, LeadId, LeadKind
from insights.domain.lessons import Lesson, call_id_of
from insights.domain.scoring import Label, LabelledTranscript
from insights.domain.versions import scores_key
from insights.ports import Deps
from insights.ports_record import UnitOfWork


class PassedOver(StrEnum):
    """Why a decided lead teaches nothing."""

    NOT_HEARD = "not_heard"
    """A form, or decided from metadata: nothing was transcribed."""
    NO_INTENT = "no_intent"
    """The reason is not one that words tell, such as a paused campaign."""
    NOTHING_SAID = "nothing_said"
    OFFER_CHANGED = "offer_changed"
    """The campaign's offer or customer list is not the one that the lead was judged against."""


@dataclass(frozen=True)
class Decisions:
    """The decided leads of a billing record: those that teach, and how many do not, by why."""

    lessons: list[Lesson]
    passed_over: dict[str, int]


def gather_decisions(deps: Deps) -> Decisions:
    """Every decided lead, oldest first; the last decision on a lead is the one that counts.

    This is the place where other sources of labels join: whatever gives a lead a reviewer's label is a lesson.
    """
    lessons: list[Lesson] = []
    passed_over: Counter[PassedOver] = Counter()
    with deps.store() as unit:
        lead_ids = unit.lead_ids()
    for lead_id in lead_ids:
        with deps.store() as unit:  # one lead at a time: a long read would hold up whoever posts
            decided = fold_ledger(lead_id, unit.entries(lead_id)).decided
            lesson = None if decided is None else _lesson(unit, lead_id, decided)
        if isinstance(lesson, Lesson):
            lessons.append(lesson)
        elif lesson is not None:
            passed_over[lesson] += 1
    return Decisions(lessons, {why.value: count for why, count in sorted(passed_over.items())})


def _lesson(unit: UnitOfWork, lead_id: LeadId, decided: Decided) -> Lesson | PassedOver:
    """The transcript is the one that the proposal before the reviewer was made from, found by its content."""
    lead = unit.lead(lead_id)
    campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
    proposal = decided.proposal or {}
    transcript = unit.transcript_saying(proposal.get("transcript_sha256", ""))
    if lead is None or campaign is None or transcript is None or lead.kind is not LeadKind.PHONE_CALL:
        return PassedOver.NOT_HEARD
    if decided.reason.value not in {intent.value for intent in Intent}:
        return PassedOver.NO_INTENT
    if not any(turn.text.strip() and not turn.unclear for turn in transcript.turns):
        return PassedOver.NOTHING_SAID
    scores = _scores(unit, lead, campaign, proposal)
    if scores is None:
        return PassedOver.OFFER_CHANGED
    label = _label(decided, proposal, scores)
    known = campaign.knows(lead.caller_number)
    priced = replace(campaign, price=lead.price or campaign.price)
    call = LabelledTranscript(call_id_of(lead_id), transcript, priced, known, label)
    return Lesson(lead_id, lead.received_at, decided.at, decided.answer is Answer.OVERRIDE, call, label)


def _scores(unit: UnitOfWork, lead: Lead, campaign: Campaign, proposal: Mapping[str, Any]) -> IntentScores | None:
    """What the classifier said for the proposal; None when it was not asked about this offer.

    A proposal names the scores that it was made from, and their name follows from the offer and the customer list's
    answer at the lead's receipt: another name tells that the source corrected one of them since, and that the label
    may not fit any more.
    """
    known = campaign.knows(lead.caller_number)
    key = scores_key(proposal["transcript_sha256"], campaign, known, proposal["versions"]["intent"])
    return unit.scores(key) if proposal.get("scores_key") == key else None


def _label(decided: Decided, proposal: Mapping[str, Any], scores: IntentScores) -> Label:
    """The reviewer's reason. A new customer's outcome is the reviewer's, else the proposal's, else the classifier's."""
    intent = Intent(decided.reason.value)
    if intent is not Intent.NEW_CUSTOMER:
        return Label(False, intent, None)
    told = decided.outcome or (Outcome(proposal["outcome"]) if proposal.get("outcome") else scores.top_outcome)
    return Label(True, intent, told)
