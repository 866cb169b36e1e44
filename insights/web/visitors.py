"""Who may ask for a page: signs people in and out, and checks their role and their form's token."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AfterValidator

from insights.domain.accounts import LONGEST_PASSWORD, May, Role
from insights.errors import SignInRefused
from insights.pipeline.accounts import sign_in, sign_out, signed_in
from insights.web.desk import Visitor, desk_of, page

COOKIE = "__Host-call-insights"
"""Browsers keep a cookie of such a name only when it is secure and of this host alone."""


LONGEST_BACK = 2000
"""Characters of the address to go back to."""


class NotSignedIn(Exception):
    """Nobody is signed in, or the session has ended."""


class NotAllowed(Exception):
    """The visitor's role may not do that, or the form is not one of ours."""


def plain_text(text: str) -> str:
    """The text of a form's field. Raises ValueError for characters that no database keeps."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds characters that are no text")
    return text


def visitor(request: Request) -> Visitor:
    """Who is signed in, and now used the session. Raises NotSignedIn."""
    return _visitor(request, renew=True)


def watcher(request: Request) -> Visitor:
    """Who is signed in, when nobody need be there: what a page asks by itself keeps no session alive.

    Raises NotSignedIn.
    """
    return _visitor(request, renew=False)


def _visitor(request: Request, *, renew: bool) -> Visitor:
    desk = desk_of(request)
    found = signed_in(desk.deps, request.cookies.get(COOKIE, ""), desk.now(), renew=renew)
    if found is None:
        raise NotSignedIn
    return Visitor(*found)


def sends_files(request: Request) -> bool:
    """Whether this is a client who is signed in: nobody else sends files."""
    try:
        return watcher(request).user.may(May.OWN_LEADS)
    except NotSignedIn:
        return False


Signed = Annotated[Visitor, Depends(visitor)]
Watches = Annotated[Visitor, Depends(watcher)]


def may(what: May) -> Callable[..., Visitor]:
    """A dependency: somebody whose role may do this. Raises NotAllowed."""

    def allowed(who: Signed) -> Visitor:
        if not who.user.may(what):
            raise NotAllowed
        return who

    return allowed


def may_watch(what: May) -> Callable[..., Visitor]:
    """A dependency: the same, for what a page asks by itself. Raises NotAllowed."""

    def allowed(who: Watches) -> Visitor:
        if not who.user.may(what):
            raise NotAllowed
        return who

    return allowed


def may_post(what: May) -> Callable[..., Visitor]:
    """A dependency: somebody whose role may do this, with a form that we gave out in this session.

    Raises NotAllowed.
    """

    def allowed(who: Signed, form_token: Annotated[str, Form(max_length=100)] = "") -> Visitor:
        if not who.user.may(what) or not _ours(who, form_token):
            raise NotAllowed
        return who

    return allowed


def _ours(who: Visitor, form_token: str) -> bool:
    return secrets.compare_digest(form_token.encode("utf-8", "replace"), who.session.form_token.encode())


routes = APIRouter()


@routes.get("/", include_in_schema=False)
def home(who: Signed) -> Response:
    return RedirectResponse("/my-leads" if who.user.role is Role.CLIENT else "/queue", 303)


@routes.get("/sign-in", response_class=HTMLResponse)
def sign_in_page(request: Request, back: Annotated[str, Query(max_length=LONGEST_BACK)] = "") -> Response:
    """The page to sign in."""
    return page(request, "sign_in.html", back=_own_page(back), name="", refusal="")


@routes.post("/sign-in", response_class=HTMLResponse)
def sign_in_now(
    request: Request,
    name: Annotated[str, Form(max_length=100), AfterValidator(plain_text)] = "",
    password: Annotated[str, Form(max_length=LONGEST_PASSWORD + 1), AfterValidator(plain_text)] = "",
    back: Annotated[str, Form(max_length=LONGEST_BACK)] = "",
) -> Response:
    """Begin a session; a new one each time, so that nobody can plant one."""
    desk = desk_of(request)
    address = request.client.host if request.client else ""
    try:
        token = sign_in(desk.deps, desk.passwords, name, password, address, desk.now())
    except SignInRefused as refused:
        status = 429 if refused.code == "wait" else 401
        told = f"{refused.message} {refused.next_step}".strip()
        return page(request, "sign_in.html", status, back=_own_page(back), name=name, refusal=told)
    sign_out(desk.deps, request.cookies.get(COOKIE, ""))  # the browser's session before this one
    answer = RedirectResponse(_own_page(back) or "/", 303)
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="lax", path="/")
    return answer


@routes.post("/sign-out")
def sign_out_now(request: Request, who: Signed, form_token: Annotated[str, Form(max_length=100)] = "") -> Response:
    """End the session, here and on the server."""
    if not _ours(who, form_token):
        raise NotAllowed
    sign_out(desk_of(request).deps, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _own_page(address: str) -> str:
    """The address, where it is a page of ours; nobody is sent elsewhere."""
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if own and "\\" not in address else ""
