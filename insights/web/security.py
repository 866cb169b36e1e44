"""What every answer of the review app carries and every question must obey: headers, sizes, the same origin."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from insights.errors import DatabaseBusy

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing from elsewhere and nothing inline: what a caller said can be shown, never run."""
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_BROKEN = "Something broke here; it was noted. Look at the lead again before you repeat what you did.\n"
LARGEST_FORM = 200_000
"""Bytes of a form without files."""
LARGEST_WITH_FILES = 101_000_000
HOOKS = "/hooks/"
"""Where providers of telephony post to."""
LARGEST_HOOK = 1_000_000
"""Bytes: some tell a whole call, with its transcript."""
_ONLY_LOOK = ("GET", "HEAD", "OPTIONS")


class Guarded:
    """Middleware around the app; ``sends_files`` says whose form may be large, before anything of it is read."""

    def __init__(self, app: ASGIApp, sends_files: Callable[[Request], bool]) -> None:
        self._app, self._sends_files = app, sends_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if not scope["path"].startswith("/static/"):
                    headers["cache-control"] = "no-store"
            await send(message)

        if refusal := _refusal(scope) or await self._refusal_of_files(scope):
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, with_headers)
            return
        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            if not begun:  # told here, because what is further out knows nothing of our headers
                await PlainTextResponse(_BROKEN, 500)(scope, receive, with_headers)
            raise

    async def _refusal_of_files(self, scope: Scope) -> tuple[int, str] | None:
        """The same for a large form of somebody who has no files to send."""
        if scope["method"] in _ONLY_LOOK or int(Headers(scope=scope)["content-length"]) <= LARGEST_FORM:
            return None
        if scope["path"].startswith(HOOKS):
            return None
        try:
            known = await run_in_threadpool(self._sends_files, Request(scope))
        except DatabaseBusy as error:
            return 503, f"{error}\n"
        return None if known else (403, "Only a client who is signed in sends files. Sign in and send them again.\n")


def _refusal(scope: Scope) -> tuple[int, str] | None:
    """Status and words for a question that is not even looked at."""
    if scope["method"] in _ONLY_LOOK:
        return None
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not length.isdecimal():
        return 411, "Tell the length of what you send.\n"
    larger = {"/my-leads/": LARGEST_WITH_FILES, HOOKS: LARGEST_HOOK}
    if int(length) > next((most for path, most in larger.items() if scope["path"].startswith(path)), LARGEST_FORM):
        return 413, "That is more than this form takes.\n"
    origin = headers.get("origin")
    if origin is not None and _host(origin) != headers.get("host", ""):
        return 403, "This form was sent from another site.\n"
    return None


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
