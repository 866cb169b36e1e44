"""Classify one transcribed lead against what its campaign offers."""

from __future__ import annotations

from insights.domain.intents import IntentScores
from insights.domain.leads import LeadId
from insights.domain.versions import scores_key
from insights.errors import LeadFailure
from insights.pipeline.transcribe import key_of_transcript
from insights.ports import Deps


def classify_lead(deps: Deps, lead_id: LeadId) -> tuple[IntentScores, bool]:
    """The classifier's answer, and whether it was given before."""
    engine, model = deps.speech(), deps.intent()
    with deps.store(only_reads=True) as unit:
        lead, sha256 = unit.lead(lead_id), unit.recording(lead_id)
        campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
        known_as = key_of_transcript(engine, lead, campaign, sha256) if lead and campaign and sha256 else ""
        transcript = unit.transcript(known_as)
    if lead is None or campaign is None or transcript is None:
        raise LeadFailure("it was not transcribed.", code="not_transcribed", lead_id=lead_id)
    known = campaign.knows(lead.caller_number)
    key = scores_key(transcript.sha256, campaign, known, model.model)
    with deps.store(only_reads=True) as unit:
        found = unit.scores(key)
    if found is not None:
        return found, True
    scores = model.score(transcript, campaign, known)
    with deps.store() as unit:
        unit.put_scores(key, scores)
        unit.commit()
    return scores, False
