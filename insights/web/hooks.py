"""Webhooks of telephony providers: a signed one leaves a hint that a call was there, which no lead is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from insights.adapters.provider_hooks import CallRailHooks, HookReader, TwilioHooks
from insights.bootstrap_sources import given_secret
from insights.errors import DatabaseBusy
from insights.pipeline.hints import knows_source, note_hint
from insights.settings import Settings
from insights.web.desk import desk_of
from insights.web.security import HOOKS

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Hooks:
    """Who may tell: ``readers`` by the provider's name; none: there is no such page. ``planned``: the source of the
    scheduled night, known before any night listed it."""

    readers: Mapping[str, HookReader] = field(default_factory=dict)
    planned: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Hooks:
        """The providers whose secrets are set. Raises ConfigurationError."""
        readers: dict[str, HookReader] = {}
        if settings.callrail_signing_key.get_secret_value() or settings.callrail_signing_key_file:
            keys = given_secret(
                settings.callrail_signing_key, settings.callrail_signing_key_file, "callrail_signing_key"
            )
            readers["callrail"] = CallRailHooks(keys.replace(",", " ").split())
        if settings.public_url and (settings.twilio_token.get_secret_value() or settings.twilio_token_file):
            token = given_secret(settings.twilio_token, settings.twilio_token_file, "twilio_token")
            readers["twilio"] = TwilioHooks(token, settings.public_url)
        return cls(readers, settings.source.rstrip("/"))


@routes.post(HOOKS + "{provider}/{account}")
async def hook(request: Request, provider: str, account: str) -> Response:
    """Take a webhook: 204, whether it told anything new or not. Nobody who did not sign it learns more than that."""
    hooks: Hooks = request.app.state.hooks
    body = await request.body()
    reader = hooks.readers.get(provider)
    if reader is None:
        return PlainTextResponse("There is no such page.\n", 404)
    if not reader.is_signed(request.headers, _path(request), body):
        return PlainTextResponse("No.\n", 403)
    source, call = f"{provider}://{account}", reader.call(body)
    deps = desk_of(request).deps
    try:
        known = source == hooks.planned or await run_in_threadpool(knows_source, deps, source)
        if not known or (call is not None and call.account not in ("", account)):
            return PlainTextResponse("There is no such account.\n", 404)
        if call is not None:
            await run_in_threadpool(note_hint, deps, source, call.call_id, call.began)
    except DatabaseBusy:
        return PlainTextResponse("The database is busy.\n", 503)
    return Response(status_code=204)


def _path(request: Request) -> str:
    """Path and query as they were sent."""
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")
