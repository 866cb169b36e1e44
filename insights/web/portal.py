"""The client's pages: its own leads, asking for a review, answering what was asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AfterValidator

from insights.domain.accounts import May
from insights.domain.lead_life import LONGEST_TEXT
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.errors import InputError, MoveRefused, UnknownLead
from insights.pipeline.portal import own_lead, own_leads
from insights.pipeline.request import LARGEST_FILE, MOST_FILES, give_information, submit_request, withdraw_request
from insights.pipeline.viewing import note_access
from insights.web.addresses import LeadInPath
from insights.web.desk import Visitor, desk_of, page
from insights.web.visitors import may, may_post, plain_text

routes = APIRouter()
Client = Annotated[Visitor, Depends(may(May.OWN_LEADS))]
ClientSends = Annotated[Visitor, Depends(may_post(May.OWN_LEADS))]
Words = Annotated[str, Form(max_length=2 * LONGEST_TEXT), AfterValidator(plain_text)]


@routes.get("/my-leads", response_class=HTMLResponse)
def my_leads(request: Request, who: Client) -> Response:
    """A client's own leads."""
    desk = desk_of(request)
    return page(request, "my_leads.html", visitor=who, leads=own_leads(desk.deps, who.user.client_id, desk.now()))


@routes.get("/my-leads/{lead_id}", response_class=HTMLResponse)
def my_lead(
    request: Request, who: Client, lead_id: LeadInPath, sent: Annotated[str, Query(max_length=3)] = ""
) -> Response:
    """One of them, with its request's timeline."""
    return _lead(request, who, _own(request, who, lead_id), sent=bool(sent))


@routes.post("/my-leads/{lead_id}/request", response_class=HTMLResponse)
def ask_for_review(
    request: Request,
    who: ClientSends,
    lead_id: LeadInPath,
    reason: Annotated[str, Form(max_length=40)] = "",
    explanation: Words = "",
    files: list[UploadFile] | None = None,
) -> Response:
    """Ask for a review; what was typed comes back when it cannot be."""
    desk, lead = desk_of(request), _own(request, who, lead_id)
    try:
        if reason not in {code.value for code in Reason}:
            raise InputError("choose why the lead should not be paid for.")
        submit_request(desk.deps, lead, Reason(reason), explanation, _read(files), desk.now())
    except (MoveRefused, InputError) as refused:
        return _lead(request, who, lead, refusal=str(refused), typed=explanation, chosen=reason)
    return RedirectResponse(f"/my-leads/{lead}?sent=yes", 303)


@routes.post("/my-leads/{lead_id}/answer", response_class=HTMLResponse)
def answer_question(
    request: Request, who: ClientSends, lead_id: LeadInPath, text: Words = "", files: list[UploadFile] | None = None
) -> Response:
    """Answer what the reviewer asked."""
    desk, lead = desk_of(request), _own(request, who, lead_id)
    try:
        give_information(desk.deps, lead, text, _read(files), desk.now())
    except (MoveRefused, InputError) as refused:
        return _lead(request, who, lead, refusal=str(refused), typed=text)
    return RedirectResponse(f"/my-leads/{lead}?sent=yes", 303)


@routes.post("/my-leads/{lead_id}/withdraw", response_class=HTMLResponse)
def take_request_back(request: Request, who: ClientSends, lead_id: LeadInPath) -> Response:
    """Take the request back."""
    desk, lead = desk_of(request), _own(request, who, lead_id)
    try:
        withdraw_request(desk.deps, lead, "", desk.now())
    except MoveRefused as refused:
        return _lead(request, who, lead, refusal=str(refused))
    return RedirectResponse(f"/my-leads/{lead}?sent=yes", 303)


def _own(request: Request, who: Visitor, lead_id: str) -> LeadId:
    """The lead's id, where it is this client's. Raises UnknownLead, and notes who tried."""
    desk = desk_of(request)
    try:
        own_lead(desk.deps, who.user.client_id, LeadId(lead_id), desk.now())
    except UnknownLead:
        note_access(desk.deps, who.viewer(), "refused: not theirs", desk.now(), LeadId(lead_id))
        raise
    return LeadId(lead_id)


def _lead(
    request: Request,
    who: Visitor,
    lead_id: LeadId,
    refusal: str = "",
    typed: str = "",
    chosen: str = "",
    sent: bool = False,
) -> Response:
    desk = desk_of(request)
    found = own_lead(desk.deps, who.user.client_id, lead_id, desk.now())
    terms = {
        reason.value: desk.deps.policies.at(found.line.received_at, None).reasons[reason].help for reason in Reason
    }
    return page(
        request, "my_lead.html", 409 if refusal else 200, visitor=who, lead=found, refusal=refusal, typed=typed,
        chosen=chosen, sent=sent, help=terms, most_files=MOST_FILES,
    )  # fmt: skip


def _read(files: list[UploadFile] | None) -> dict[str, bytes]:
    """The files that were sent, each under a name of its own. Raises InputError."""
    found: dict[str, bytes] = {}
    for file in files or ():
        name = (file.filename or "").replace("\x00", "").encode("utf-8", "replace").decode()
        if not name:
            continue  # an empty field of the form
        if name in found:
            raise InputError(f"two files are called {name[:80]!r}.")
        if len(found) >= MOST_FILES:
            raise InputError(f"these are too many files: at most {MOST_FILES}.")
        found[name] = file.file.read(LARGEST_FILE + 1)
    return found
