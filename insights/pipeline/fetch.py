"""Fetch leads' recordings from the source and keep each once, under its hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from insights.domain.leads import LeadId
from insights.errors import LeadFailure, RecordingUnavailable, UnknownLead
from insights.ports import Deps

NOT_ANSWERING = "not_answering"
"""Code of a failure that is the whole source's: it would be the same for every lead."""
GIVE_UP = 3
"""After so many leads in a row for which the source did not answer, it is not asked for the rest of a batch: each try
takes a dead bucket 10 seconds, and a night of thousands would last for days."""


def fetch_recordings(
    deps: Deps, source_uri: str, lead_ids: Sequence[LeadId]
) -> Iterator[tuple[LeadId, bool | LeadFailure]]:
    """Of each lead whether its recording was kept already, or why there is none."""
    silent = 0
    for lead_id in lead_ids:
        try:
            _, reused = fetch_recording(deps, source_uri, lead_id, ask=silent < GIVE_UP)
        except LeadFailure as error:
            silent = silent + 1 if error.code == NOT_ANSWERING else 0
            yield lead_id, error
        else:
            silent = silent if reused else 0
            yield lead_id, reused


def fetch_recording(deps: Deps, source_uri: str, lead_id: LeadId, ask: bool = True) -> tuple[str, bool]:
    """The recording's SHA-256, and whether it was kept already. Raises RecordingUnavailable or RecordingRejected.

    Without ``ask`` only one that is kept is found.
    """
    with deps.store(only_reads=True) as unit:
        lead, sha256 = unit.lead(lead_id), unit.recording(lead_id)
    if lead is None:
        raise UnknownLead(f"no lead {lead_id!r} is registered.", lead_id=lead_id)
    if sha256 is not None and deps.recordings.holds(sha256) and lead.recording_sha256.lower() in ("", sha256):
        return sha256, True
    if not ask:
        raise RecordingUnavailable(
            "the source was not asked for it: just before it did not answer for others.",
            code=NOT_ANSWERING,
            next_step="The next night tries again.",
        )
    kept = deps.recordings.keep(deps.source(source_uri).fetch(lead))
    with deps.store() as unit:
        unit.put_recording(lead_id, kept.sha256)
        unit.commit()
    return kept.sha256, False
