"""The page of one lead, and what its script asks for between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from insights.domain.accounts import May
from insights.domain.billing import LeadState
from insights.domain.intents import Outcome
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.domain.shading import stretches
from insights.errors import LeadFailure, UnknownLead
from insights.pipeline.hear import call_audio, call_words
from insights.pipeline.lead_page import LeadPage, decided_in_words, lead_page, undo_until
from insights.pipeline.moves import standing
from insights.pipeline.queue_page import next_lead, previous_lead
from insights.ports import CallAudio
from insights.web.addresses import LeadInPath, LeadInQuery
from insights.web.answers import drafted_letter
from insights.web.context import Context, asked_context
from insights.web.desk import Desk, Visitor, desk_of, page
from insights.web.visitors import may, may_watch

routes = APIRouter()
Reader = Annotated[Visitor, Depends(may(May.SEE_LEADS))]
Watcher = Annotated[Visitor, Depends(may_watch(May.SEE_LEADS))]
Asked = Annotated[Context, Depends(asked_context)]

LETTERS = {
    Reason.NEW_CUSTOMER: "n",
    Reason.WRONG_NUMBER: "w",
    Reason.SOLICITOR: "s",
    Reason.JOB_SEEKER: "j",
    Reason.PREVIOUS_CUSTOMER: "p",
    Reason.DIRECT_REFERRAL: "r",
    Reason.OUT_OF_AREA: "a",
    Reason.SERVICE_NOT_OFFERED: "v",
    Reason.CAMPAIGN_PAUSED: "c",
    Reason.MISSED_CALL: "m",
    Reason.UNREACHABLE_CONTACT: "u",
}
"""The key of each reason while the reasons are open."""


@routes.get("/leads/{lead_id}", response_class=HTMLResponse)
def read_lead(
    request: Request,
    who: Reader,
    context: Asked,
    lead_id: LeadInPath,
    done: LeadInQuery = "",
    revealed: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """Everything that a decision needs, on one screen."""
    return lead_response(request, who, context, LeadId(lead_id), done=done, revealed=revealed == "yes")


def lead_response(
    request: Request,
    who: Visitor,
    context: Context,
    lead_id: LeadId,
    done: str = "",
    revealed: bool = False,
    status: int = 200,
    refusal: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page; ``typed`` are words that come back because a move was refused. Raises UnknownLead."""
    desk, now = desk_of(request), desk_of(request).now()
    view = lead_page(desk.deps, who.viewer(revealed), lead_id, now)
    audio, no_audio = _audio(desk, who, view)
    me = who.user.name
    proposal = view.record.proposal or {}
    return page(
        request,
        "lead.html",
        status,
        visitor=who,
        view=view,
        context=context,
        audio=audio,
        no_audio=no_audio,
        shading=_shading(desk, view, audio),
        done=done_with(desk, who, LeadId(done)) if done else None,
        previous=previous_lead(desk.queue, desk.deps, context.filter, lead_id, me, now),
        following=next_lead(desk.queue, desk.deps, context.filter, lead_id, me, now, context.skipped),
        may_accept=proposal.get("decision") in ("billable", "non_billable"),
        reasons=[(letter, reason.value, view.policy.billable(reason)) for reason, letter in LETTERS.items()],
        outcomes=[outcome.value for outcome in Outcome],
        letter=drafted_letter(view, None) if view.record.request_open else "",
        poorly_heard=view.policy.hearing.min_deciding_confidence,
        pause=view.campaign.paused_at(view.lead.received_at),
        revealed=revealed and who.user.may(May.REVEAL),
        refusal=refusal,
        typed={"note": "", "letter": "", "letter_for": "", "written": "", "fact": "", **(typed or {})},
    )


@routes.get("/leads/{lead_id}/standing")
def read_standing(request: Request, who: Watcher, lead_id: LeadInPath) -> dict[str, Any]:
    """The newest entry of a lead and who made it, for a page that watches."""
    desk = desk_of(request)
    with desk.deps.store(only_reads=True) as unit:
        found = standing(desk.deps, unit, LeadId(lead_id), desk.now())
        newest = [entry.actor for entry in unit.entries(LeadId(lead_id))][-1:]
    return {"last": found.record.last, "state": found.record.state.value, "by": (newest or [""])[0].partition(":")[2]}


def _audio(desk: Desk, who: Visitor, view: LeadPage) -> tuple[CallAudio | None, str]:
    """The call as it can be heard, or why it cannot."""
    if not view.lead.answered or view.lead.voicemail:
        return None, "Nobody took this call: there is nothing to hear."
    if not who.user.may(May.LISTEN):
        return None, f"As {who.user.role.value.replace('_', ' ')} you read calls and do not hear them."
    try:
        return call_audio(desk.deps, view.lead.lead_id), ""
    except LeadFailure as error:
        return None, f"This call cannot be heard: {error.message}"


def _shading(desk: Desk, view: LeadPage, audio: CallAudio | None) -> list[Any]:
    transcript = call_words(desk.deps, view.lead.lead_id) if audio else None
    if audio is None or transcript is None:
        return []
    return stretches(transcript.turns, transcript.sounds, audio.seconds, audio.channels, view.lead.agent_channel)


def done_with(desk: Desk, who: Visitor, lead_id: LeadId) -> dict[str, Any] | None:
    """What the visitor did with the lead before, and for how long it can be undone; None where it was nothing."""
    now, me = desk.now(), who.actor
    try:
        with desk.deps.store(only_reads=True) as unit:
            found = standing(desk.deps, unit, lead_id, now)
    except UnknownLead:
        return None
    last = undo_until(found.record, me, found.policy, now)
    if last is None and found.record.state is not LeadState.INFORMATION_NEEDED:
        return None
    seconds = (last - now).total_seconds() if last else 0
    return {
        "lead_id": lead_id,
        "words": decided_in_words(found.record),
        "undo": bool(last),
        "key": found.record.decided.key if found.record.decided else "",
        "seconds": round(seconds),
    }
