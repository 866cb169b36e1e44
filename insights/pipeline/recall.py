"""Makes a past proposal's case again from what is stored: no audio, no models, nobody listens."""

from __future__ import annotations

from insights.domain.leads import Lead
from insights.domain.ledger import Entry
from insights.domain.policy import Policy
from insights.domain.screening import screen
from insights.domain.verdicts import Case, ContactCheck, Versions
from insights.ports_record import UnitOfWork


def recall_case(unit: UnitOfWork, lead: Lead, entry: Entry, policy: Policy) -> Case | None:
    """The case that a proposal was made from, screened at the proposal's instant under ``policy``.

    None where a part of it is not stored: proposals of versions that kept less, and what retention has deleted.
    """
    campaign = unit.campaign(lead.campaign_id, lead.received_at)
    body = entry.body
    if campaign is None or "facts_key" not in body:
        return None
    told = Versions(**body["versions"])
    screening = screen(lead, campaign, policy, entry.at)
    if not body["facts_key"]:
        contact = ContactCheck(**body["contact"]) if body["contact"] else None
        return Case(lead, campaign, screening, told, contact=contact)
    transcript = unit.transcript(body["transcript_key"])
    if transcript is None or transcript.sha256 != body["transcript_sha256"]:
        return None
    scores, facts = unit.scores(body["scores_key"]), unit.facts(body["facts_key"])
    reliability = unit.reliability(told.intent)
    if scores is None or facts is None or reliability is None:
        return None
    return Case(
        lead,
        campaign,
        screening,
        told,
        transcript,
        scores,
        facts,
        audio_sha256=body["audio_sha256"],
        reliability=reliability,
    )
