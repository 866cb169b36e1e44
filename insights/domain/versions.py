"""Keys by content: the same audio, weights and options give the same key, so work is done once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from insights.domain.campaigns import Campaign
from insights.domain.leads import Lead
from insights.domain.verdicts import Versions

HEARING = "4"
"""Raised whenever decoding, turn finding or guards change what a transcript of the same audio says."""


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def transcript_key(audio_sha256: str, engine: str, model: str, lead: Lead, client: str = "", prompt: str = "") -> str:
    """Names a transcript by the audio and everything that decides what is heard in it and who is taken to speak.

    ``client`` helps to tell the speakers apart where the source does not; ``prompt`` holds the words to expect.
    """
    told = lead.agent_channel or client
    return _digest(audio_sha256, engine, model, lead.language, told, prompt, HEARING)


def scores_key(transcript_sha256: str, campaign: Campaign, known_customer: bool, model: str) -> str:
    """Names the classifier's answer by the transcript, the offer it was judged against, and the weights."""
    area = campaign.service_area
    offer = [
        campaign.client,
        campaign.trade,
        campaign.services,
        campaign.not_offered,
        area.cities,
        area.zips,
        area.state,
    ]
    return _digest(transcript_sha256, offer, known_customer, model)


def facts_key(scores_key: str, code_version: str) -> str:
    """Names the facts of a transcript and an offer by the answer to the same, and the code that found them."""
    return _digest("facts", scores_key, code_version)


def told_sha256(lead: Lead, campaign: Campaign) -> str:
    """Names what the source told of a lead and its campaign: another name tells that it was corrected since."""
    known, pause = campaign.knows(lead.caller_number), campaign.paused_at(lead.received_at)
    offer = replace(campaign, known_customers=frozenset(), pauses=())
    told = [asdict(replace(lead, caller_number="")), asdict(offer), known, pause and asdict(pause)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def proposal_key(lead: Lead, versions: Versions, audio_sha256: str) -> str:
    """One proposal a lead, recording and set of versions: posting it again changes nothing."""
    made_by = _digest(versions.code, versions.policy, versions.speech, versions.intent, audio_sha256)
    return f"proposal:{lead.lead_id}:{made_by[:16]}"


def proposal_key_again(key: str, made: int) -> str:
    """For a proposal that stood before, was followed by others and holds again, as after going back to older weights.

    ``made``: the lead's proposals so far, so that the same return is posted once.
    """
    return f"{key}:{made}"


def is_proposal_of(posted: str, key: str) -> bool:
    """Whether a posted key is the proposal named ``key``, for the first time or again."""
    return posted == key or posted.startswith(f"{key}:")


def charge_key(lead: Lead) -> str:
    return f"charge:{lead.lead_id}"
