"""What a reviewer does with a lead: take it, accept, override, ask, pass over, undo, reopen, accept many together."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AfterValidator

from insights.domain.accounts import May
from insights.domain.billing import Answer
from insights.domain.intents import Outcome
from insights.domain.lead_life import LONGEST_TEXT, Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.reasons import Reason
from insights.errors import InputError, MoveRefused
from insights.pipeline.accept import accept_together, alike_leads
from insights.pipeline.decide import ask_client, put_back, record_decision, reopen_lead, start_review, undo_decision
from insights.pipeline.lead_page import lead_page
from insights.pipeline.overview import rows_of
from insights.web.addresses import LeadInPath, LeadsInForm
from insights.web.answers import LetterOfAnotherReason, letter_for
from insights.web.context import Context, onwards, sent_context
from insights.web.desk import Visitor, desk_of, page
from insights.web.lead import lead_response
from insights.web.visitors import may, may_post, plain_text

routes = APIRouter()
_ONLY_LOOKED = (EntryKind.REVIEW_STARTED, EntryKind.REVIEW_LEFT)
Decides = Annotated[Visitor, Depends(may_post(May.DECIDE))]
Leads = Annotated[Visitor, Depends(may_post(May.LEAD_TRIAGE))]
Sent = Annotated[Context, Depends(sent_context)]
Words = Annotated[str, Form(max_length=2 * LONGEST_TEXT), AfterValidator(plain_text)]
Code = Annotated[str, Form(max_length=40)]


@routes.post("/leads/{lead_id}/take")
def take(request: Request, who: Decides, lead_id: LeadInPath) -> dict[str, Any]:
    """Take a lead in hand while it is looked at."""
    desk = desk_of(request)
    record = start_review(desk.deps, LeadId(lead_id), who.user.name, desk.now())
    return {"last": record.last}


@routes.post("/leads/{lead_id}/decide", response_class=HTMLResponse)
def decide(
    request: Request,
    who: Decides,
    context: Sent,
    lead_id: LeadInPath,
    move: Code = "",
    reason: Code = "",
    outcome: Code = "",
    seen: Annotated[int, Form(ge=0, le=2**53)] = 0,
    note: Words = "",
    letter: Words = "",
    drafted_for: Code = "",
) -> Response:
    """Accept the proposal, or say the right reason; then the next lead."""
    desk, lead = desk_of(request), LeadId(lead_id)
    try:
        said = _verdicted(request, who, lead, move, reason, outcome, note, letter, drafted_for)
        _record(request, who, lead, said, seen)
    except LetterOfAnotherReason as refused:
        typed = {"letter": refused.draft, "letter_for": refused.reason.value, "written": letter}
        return _lost(request, who, context, lead, refused, note=note, **typed)
    except (MoveRefused, InputError) as refused:
        return _lost(request, who, context, lead, refused, note=note, letter=letter, letter_for=drafted_for)
    return onwards(desk, who, context, lead, done=lead)


@routes.post("/leads/{lead_id}/ask", response_class=HTMLResponse)
def ask(request: Request, who: Decides, context: Sent, lead_id: LeadInPath, fact: Words = "") -> Response:
    """Ask the client for the one missing fact; then the next lead."""
    desk, lead = desk_of(request), LeadId(lead_id)
    try:
        ask_client(desk.deps, lead, who.user.name, fact, desk.now(), who.viewer())
    except MoveRefused as refused:
        return _lost(request, who, context, lead, refused, fact=fact)
    return onwards(desk, who, context, lead, done=lead)


@routes.post("/leads/{lead_id}/leave")
def leave(request: Request, who: Decides, lead_id: LeadInPath) -> dict[str, str]:
    """Put a lead back that was looked at and left undecided; nothing happens where it was not in this hand."""
    desk = desk_of(request)
    with suppress(MoveRefused):
        put_back(desk.deps, LeadId(lead_id), who.user.name, desk.now())
    return {"lead": "left"}


@routes.post("/leads/{lead_id}/skip")
def skip(request: Request, who: Decides, context: Sent, lead_id: LeadInPath) -> Response:
    """Leave a lead undecided, for others to take; then the next one."""
    desk, lead = desk_of(request), LeadId(lead_id)
    with suppress(MoveRefused):  # where it was not in this hand, there is nothing to put back
        put_back(desk.deps, lead, who.user.name, desk.now())
    return onwards(desk, who, context.past(lead), lead)


@routes.post("/leads/{lead_id}/undo", response_class=HTMLResponse)
def undo(
    request: Request,
    who: Decides,
    context: Sent,
    lead_id: LeadInPath,
    decision: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Take the decision that the page told of back, with its money, and show the lead again."""
    desk, lead = desk_of(request), LeadId(lead_id)
    try:
        undo_decision(desk.deps, lead, who.user.name, desk.now(), decision, who.viewer())
    except MoveRefused as refused:
        return _lost(request, who, context, lead, refused)
    return RedirectResponse(context.lead(lead), 303)


@routes.post("/leads/{lead_id}/reopen", response_class=HTMLResponse)
def reopen(request: Request, who: Leads, context: Sent, lead_id: LeadInPath, note: Words = "") -> Response:
    """Look at a closed lead again."""
    desk, lead = desk_of(request), LeadId(lead_id)
    try:
        reopen_lead(desk.deps, lead, who.user.name, note, desk.now(), who.viewer())
    except MoveRefused as refused:
        return _lost(request, who, context, lead, refused)
    return RedirectResponse(context.lead(lead), 303)


@routes.get("/leads/{lead_id}/alike", response_class=HTMLResponse)
def alike(request: Request, who: Annotated[Visitor, Depends(may(May.LEAD_TRIAGE))], lead_id: LeadInPath) -> Response:
    """The leads that may be accepted together with this one."""
    desk = desk_of(request)
    found = alike_leads(desk.deps, LeadId(lead_id), desk.now())
    return page(request, "alike.html", visitor=who, lead_id=lead_id, rows=rows_of(desk.deps, found), result=None)


@routes.post("/leads/{lead_id}/accept-together", response_class=HTMLResponse)
def accept_many(request: Request, who: Leads, lead_id: LeadInPath, others: LeadsInForm = None) -> Response:
    """Accept the proposals of a lead and of those like it in one go."""
    desk = desk_of(request)
    leads = [LeadId(lead_id), *map(LeadId, others or ())]
    done = accept_together(desk.deps, leads, who.user.name, desk.now(), who.viewer())
    return page(request, "alike.html", visitor=who, lead_id=lead_id, rows=[], result=done)


def _verdicted(
    request: Request,
    who: Visitor,
    lead: LeadId,
    move: str,
    reason: str,
    outcome: str,
    note: str,
    letter: str,
    drafted_for: str,
) -> Verdicted:
    """What the form says, with the letter for the reason that was chosen. Raises InputError."""
    if (move, bool(reason)) not in (("accept", False), ("", True)):
        raise InputError("the form says neither to accept nor which reason is right.")
    if (reason and reason not in {code.value for code in Reason}) or outcome not in {
        "",
        *(code.value for code in Outcome),
    }:
        raise InputError("the form names a reason or an outcome that is not known.")
    right = Reason(reason) if reason else None
    told = Outcome(outcome) if outcome and right is Reason.NEW_CUSTOMER else None
    if letter.strip():
        desk = desk_of(request)
        letter = letter_for(lead_page(desk.deps, who.viewer(), lead, desk.now()), right, letter, drafted_for)
    return Verdicted(Answer.OVERRIDE if right else Answer.ACCEPT, right, told, note=note, letter=letter)


def _record(request: Request, who: Visitor, lead: LeadId, said: Verdicted, seen: int) -> None:
    """Record the decision of somebody whose page showed the entry ``seen``. Raises MoveRefused."""
    desk, newest = desk_of(request), _seen(request, who, lead, seen)
    try:
        record_decision(desk.deps, lead, who.user.name, replace(said, seen=newest), desk.now(), who.viewer())
    except MoveRefused:
        after = _seen(request, who, lead, seen)
        if after == newest:
            raise
        # A quick key: the page's own taking of the lead came between the look and the decision.
        record_decision(desk.deps, lead, who.user.name, replace(said, seen=after), desk.now(), who.viewer())


def _seen(request: Request, who: Visitor, lead: LeadId, seen: int) -> int | None:
    """The entry that the visitor's page showed; the newest one where only their own taking or leaving of the
    lead came after."""
    with desk_of(request).deps.store(only_reads=True) as unit:
        later = [entry for entry in unit.entries(lead) if entry.sequence > seen]
    own = all(entry.actor == who.actor and entry.kind in _ONLY_LOOKED for entry in later)
    return later[-1].sequence if later and own else seen or None


def _lost(
    request: Request, who: Visitor, context: Context, lead: LeadId, refused: MoveRefused | InputError, **typed: str
) -> Response:
    """The lead as it stands now with why nothing was done, and what was typed: nobody types it twice."""
    return lead_response(request, who, context, lead, status=409, refusal=str(refused.message), typed=typed)
