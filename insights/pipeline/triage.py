"""The way of one lead; read this first: screen, fetch, transcribe, classify, facts, verdict, billing record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from insights.domain.call_shares import call_shares
from insights.domain.facts import extract_facts
from insights.domain.leads import LeadId
from insights.domain.ledger import Draft, Entry, EntryKind
from insights.domain.rules import propose_verdict
from insights.domain.screening import ScreeningCode
from insights.domain.verdicts import Case, Versions, verdict_body
from insights.domain.versions import (
    facts_key,
    is_proposal_of,
    proposal_key,
    proposal_key_again,
    scores_key,
    told_sha256,
)
from insights.errors import LeadFailure
from insights.pipeline.classify import classify_lead
from insights.pipeline.fetch import fetch_recordings
from insights.pipeline.moves import post_all
from insights.pipeline.transcribe import key_of_transcript, transcribe_leads
from insights.ports import Deps
from insights.ports_record import UnitOfWork

ACTOR = "pipeline"


class Posted(StrEnum):
    """What became of a lead's proposal."""

    NEW = "new"
    STANDING = "standing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """What one stage did with one lead: whether the result stood already, seconds of audio, proposals posted."""

    reused: bool = False
    audio_s: float = 0.0
    posted: int = 0


Outcome = tuple[LeadId, Step | LeadFailure]
Stage = Callable[[Deps, str, Sequence[LeadId], datetime], Iterator[Outcome]]
"""One stage over a batch: what was done with each lead, told as it gets done, every lead once."""


def one_by_one(work: Callable[[Deps, str, LeadId, datetime], Step]) -> Stage:
    """A stage that works lead by lead; a lead's failure is told in its place."""

    def stage(deps: Deps, source_uri: str, lead_ids: Sequence[LeadId], as_of: datetime) -> Iterator[Outcome]:
        for lead_id in lead_ids:
            try:
                yield lead_id, work(deps, source_uri, lead_id, as_of)
            except LeadFailure as error:
                yield lead_id, error

    return stage


def fetch(deps: Deps, source_uri: str, lead_ids: Sequence[LeadId], as_of: datetime) -> Iterator[Outcome]:
    for lead_id, done in fetch_recordings(deps, source_uri, lead_ids):
        yield lead_id, done if isinstance(done, LeadFailure) else Step(done)


def transcribe(deps: Deps, source_uri: str, lead_ids: Sequence[LeadId], as_of: datetime) -> Iterator[Outcome]:
    for done in transcribe_leads(deps, lead_ids):
        if done.failure is not None:
            yield done.lead_id, done.failure
        else:
            hearing = done.transcript.hearing if done.transcript else None
            yield done.lead_id, Step(done.reused, hearing.decoded_s if hearing else 0.0)


def classify(deps: Deps, source_uri: str, lead_id: LeadId, as_of: datetime) -> Step:
    _, reused = classify_lead(deps, lead_id)
    return Step(reused)


def propose_and_post(deps: Deps, source_uri: str, lead_id: LeadId, as_of: datetime) -> Step:
    with deps.store() as unit:
        posted = propose(deps, unit, lead_id, as_of)
        unit.commit()
    return Step(posted is Posted.STANDING, posted=int(posted is Posted.NEW))


PIPELINE: dict[str, Stage] = {
    "fetch": fetch,
    "transcribe": transcribe,
    "classify": one_by_one(classify),
    "propose": one_by_one(propose_and_post),
}
"""The stages of a ready lead, in order. Each is free to run again."""


def propose(deps: Deps, unit: UnitOfWork, lead_id: LeadId, as_of: datetime) -> Posted:
    """Gather the case, decide it, post the verdict as a proposal within the caller's transaction."""
    case = gather_case(deps, unit, lead_id)
    assert case.lead is not None and case.campaign is not None
    verdict = propose_verdict(case, deps.policies.at(case.lead.received_at, case.campaign.policy))
    if verdict is None:
        return Posted.NONE
    key = proposal_key(case.lead, case.versions, case.audio_sha256)
    kept = _kept(unit, case)
    made = [entry for entry in unit.entries(lead_id) if entry.kind is EntryKind.PROPOSAL]
    if made and is_proposal_of(made[-1].key, key) and _made_from(made[-1], kept, verdict.transcript_sha256):
        return Posted.STANDING
    draft = Draft(
        key=proposal_key_again(key, len(made)) if any(is_proposal_of(one.key, key) for one in made) else key,
        lead_id=lead_id,
        kind=EntryKind.PROPOSAL,
        at=as_of,
        actor=ACTOR,
        body={**verdict_body(verdict), **kept},
    )
    return Posted.NEW if post_all(deps, unit, [draft]) else Posted.STANDING


def _made_from(standing: Entry, kept: Mapping[str, Any], transcript_sha256: str) -> bool:
    """Whether the source told and the recording said the same when the standing proposal was made."""
    told = standing.body.get("told_sha256", kept["told_sha256"])  # older proposals do not say
    return (told, standing.body["transcript_sha256"]) == (kept["told_sha256"], transcript_sha256)


def _kept(unit: UnitOfWork, case: Case) -> dict[str, Any]:
    """Where everything lies that the verdict was made from, so that it can be made again without listening."""
    assert case.lead is not None and case.campaign is not None
    kept = {
        "told_sha256": told_sha256(case.lead, case.campaign),
        "contact": case.contact and asdict(case.contact),
        "scores_key": "",
        "facts_key": "",
        "transcript_key": case.transcript_key,
        "shares": case.transcript and call_shares(case.transcript),
    }
    if case.transcript is not None:
        unit.put_reliability(case.versions.intent, case.reliability)
        answered = _scores_key(case)
        kept |= {"scores_key": answered, "facts_key": facts_key(answered, case.versions.code)}
    return kept


def _scores_key(case: Case) -> str:
    """Which answer of the classifier, to which offer, the verdict was made from."""
    assert case.lead is not None and case.campaign is not None and case.transcript is not None
    known = case.campaign.knows(case.lead.caller_number)
    return scores_key(case.transcript.sha256, case.campaign, known, case.versions.intent)


def gather_case(deps: Deps, unit: UnitOfWork, lead_id: LeadId) -> Case:
    """All that is known of a lead. Only ready leads bring a transcript; metadata leads load no model."""
    lead, screening = unit.lead(lead_id), unit.screening(lead_id)
    campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
    if lead is None or campaign is None or screening is None:
        raise LeadFailure("it was never screened.", code="not_screened", lead_id=lead_id)
    policy = deps.policies.at(lead.received_at, campaign.policy)
    if screening.code is not ScreeningCode.READY:
        contact = deps.contacts.check(lead.form) if screening.code is ScreeningCode.FORM else None
        versions = Versions(deps.code_version, policy.version)
        return Case(lead, campaign, screening, versions, contact=contact)
    engine, model = deps.speech(), deps.intent()
    versions = Versions(deps.code_version, policy.version, engine.model, model.model)
    sha256 = unit.recording(lead_id) or ""
    heard_as = key_of_transcript(engine, lead, campaign, sha256)
    transcript = unit.transcript(heard_as)
    if transcript is None:
        raise LeadFailure("it was not transcribed.", code="not_transcribed", lead_id=lead_id)
    known = campaign.knows(lead.caller_number)
    answered = scores_key(transcript.sha256, campaign, known, model.model)
    scores = unit.scores(answered)
    if scores is None:
        raise LeadFailure("it was not classified.", code="not_classified", lead_id=lead_id)
    found = facts_key(answered, deps.code_version)
    facts = unit.facts(found)
    if facts is None:
        source = "the client's customer list" if known else ""
        facts = extract_facts(transcript, campaign, deps.places, source, deps.services)
        unit.put_facts(found, facts)
    return Case(
        lead,
        campaign,
        screening,
        versions,
        transcript,
        scores,
        facts,
        audio_sha256=sha256,
        transcript_key=heard_as,
        reliability=model.reliability,
    )
