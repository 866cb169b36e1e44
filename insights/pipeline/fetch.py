"""Fetch one lead's recording from the source and keep it once, under its hash."""

from __future__ import annotations

from insights.domain.leads import LeadId
from insights.errors import UnknownLead
from insights.ports import Deps


def fetch_recording(deps: Deps, source_uri: str, lead_id: LeadId) -> tuple[str, bool]:
    """The recording's SHA-256, and whether it was kept already. Raises RecordingUnavailable or RecordingRejected."""
    with deps.store() as unit:
        lead, sha256 = unit.lead(lead_id), unit.recording(lead_id)
    if lead is None:
        raise UnknownLead(f"no lead {lead_id!r} is registered.", lead_id=lead_id)
    if sha256 is not None and deps.recordings.holds(sha256) and lead.recording_sha256.lower() in ("", sha256):
        return sha256, True
    kept = deps.recordings.keep(deps.source(source_uri).fetch(lead))
    with deps.store() as unit:
        unit.put_recording(lead_id, kept.sha256)
        unit.commit()
    return kept.sha256, False
