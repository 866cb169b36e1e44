"""The sound of a call and the files of a request: each reading noted, nothing served as it came from a stranger."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from insights.domain.accounts import May
from insights.domain.leads import LeadId
from insights.errors import InputError, RecordingRejected, RecordingUnavailable
from insights.pipeline.hear import call_audio
from insights.pipeline.moves import known_lead
from insights.pipeline.viewing import note_access
from insights.web.addresses import FileInPath, LeadInPath
from insights.web.desk import Visitor, desk_of
from insights.web.visitors import may

routes = APIRouter()
_NOTED_ANEW = timedelta(minutes=5)
_MOST_NOTED = 10_000
_RANGE = re.compile(r"bytes=([0-9]{1,15})?-([0-9]{1,15})?")


class HeardLately:
    """Who listened to which lead lately: a player asks for many parts of a call, which is one listening."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()

    def is_new(self, session: str, lead_id: str, now: datetime) -> bool:
        with self._lock:
            before = self._at.get((session, lead_id))
        return before is None or now < before or now - before > _NOTED_ANEW  # a clock may have been put back

    def note(self, session: str, lead_id: str, now: datetime) -> None:
        with self._lock:
            if len(self._at) >= _MOST_NOTED:
                self._at.clear()
            self._at[session, lead_id] = now


_heard = HeardLately()


@routes.get("/leads/{lead_id}/audio", response_class=FileResponse)
def listen(request: Request, who: Annotated[Visitor, Depends(may(May.LISTEN))], lead_id: LeadInPath) -> Response:
    """The listening copy of a call, whole or one part of it (``Range``). Raises UnknownLead, RecordingUnavailable."""
    desk = desk_of(request)
    try:
        audio = call_audio(desk.deps, LeadId(lead_id))
    except RecordingRejected as error:
        raise RecordingUnavailable(error.message, code=error.code, lead_id=lead_id) from None
    asked = request.headers.get("range")
    if asked is not None and not _is_one_part(asked.strip()):
        return Response(status_code=416, headers={"content-range": f"bytes */{audio.path.stat().st_size}"})
    if _heard.is_new(who.session.token_sha256, lead_id, desk.now()):
        note_access(desk.deps, who.viewer(), "listen", desk.now(), LeadId(lead_id))
    _heard.note(who.session.token_sha256, lead_id, desk.now())
    return FileResponse(audio.path, media_type="audio/wav", content_disposition_type="inline")


def _is_one_part(asked: str) -> bool:
    """Whether a ``Range`` asks for one part of the call, as every player does."""
    part = _RANGE.fullmatch(asked)
    first, last = part.groups() if part else (None, None)
    return bool(first or last) and not (first and last and int(first) > int(last))


@routes.get("/leads/{lead_id}/files/{sha256}", response_class=Response)
def read_file(
    request: Request, who: Annotated[Visitor, Depends(may(May.REVEAL))], lead_id: LeadInPath, sha256: FileInPath
) -> Response:
    """A file that the client sent with a request or an answer, to be saved: never shown as a page of ours."""
    desk = desk_of(request)
    with desk.deps.store(only_reads=True) as unit:
        known_lead(unit, LeadId(lead_id))
        files = {file["sha256"] for entry in unit.entries(LeadId(lead_id)) for file in entry.body.get("files", ())}
    if sha256 not in files:
        raise RecordingUnavailable("the client sent no such file about this lead.")
    try:
        data = desk.deps.attachments.read(sha256)
    except InputError:
        raise RecordingUnavailable("there is no such file.") from None
    note_access(desk.deps, who.viewer(), "file", desk.now(), LeadId(lead_id))
    headers = {"content-disposition": f'attachment; filename="{sha256[:12]}.bin"'}
    return Response(data, media_type="application/octet-stream", headers=headers)
