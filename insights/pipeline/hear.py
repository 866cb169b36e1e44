"""What a person hears and reads of a call: its listening copy, and the transcript that its verdict was made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from insights.domain.billing import BillingRecord, Kept, fold_ledger
from insights.domain.leads import LeadId
from insights.domain.transcript import Transcript
from insights.errors import LeadFailure, RecordingUnavailable
from insights.pipeline.moves import known_lead
from insights.ports import CallAudio, Deps
from insights.ports_record import UnitOfWork


def call_audio(deps: Deps, lead_id: LeadId) -> CallAudio:
    """The call as a browser can play and draw it; made when it is first asked for.

    Raises UnknownLead; RecordingUnavailable with the code ``not_fetched``, ``recording_deleted``, ``recording_gone`` or
    ``recording_changed``; RecordingRejected (see ``AudioDecoder``).
    """
    with deps.store(only_reads=True) as unit:
        record, sha256 = _record(unit, lead_id), unit.recording(lead_id)
    if Kept.AUDIO in record.deleted:
        raise RecordingUnavailable("its recording was deleted.", code="recording_deleted", lead_id=lead_id)
    if sha256 is None:
        raise RecordingUnavailable("its recording was never fetched.", code="not_fetched", lead_id=lead_id)
    try:
        return deps.listening.of(sha256)
    except LeadFailure as error:
        error.lead_id = lead_id
        raise


def call_words(deps: Deps, lead_id: LeadId) -> Transcript | None:
    """The transcript that the standing proposal was made from, else the newest of the lead's recording.

    None where there is none, and where the words were deleted. Raises UnknownLead.
    """
    with deps.store(only_reads=True) as unit:
        record = _record(unit, lead_id)
        if Kept.WORDS in record.deleted:
            return None
        judged = _judged_by(unit, record.proposal or {})
        if judged is not None:
            return judged
        sha256 = unit.recording(lead_id)
        return None if sha256 is None else unit.newest_transcript(sha256)


def _record(unit: UnitOfWork, lead_id: LeadId) -> BillingRecord:
    known_lead(unit, lead_id)
    return fold_ledger(lead_id, unit.entries(lead_id))


def _judged_by(unit: UnitOfWork, proposal: Mapping[str, Any]) -> Transcript | None:
    """By its key first: of calls in which nothing was said all transcripts say the same, but what is heard differs."""
    said = proposal.get("transcript_sha256", "")
    named = unit.transcript(proposal.get("transcript_key", ""))
    return named if named is not None and named.sha256 == said else unit.transcript_saying(said)
