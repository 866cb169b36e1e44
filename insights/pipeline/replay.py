"""What another policy would have proposed for the leads of a period, from stored facts alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from insights.domain.addresses import without_contacts
from insights.domain.billing import fold_ledger
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.policy import PolicyBook
from insights.domain.replay import Replayed, compare
from insights.domain.rules import propose_verdict
from insights.domain.verdicts import Verdict
from insights.pipeline.recall import recall_case
from insights.ports import Deps


def replay_policy(
    deps: Deps, policies: PolicyBook, received_from: datetime | None, received_to: datetime | None
) -> dict[str, Any]:
    """Compare the standing proposals of a period with those that ``policies`` would have made; clients' overrides hold.

    ``not_recalled`` counts the proposals whose parts are not stored.
    """
    missing: list[LeadId] = []
    report = compare(_replayed(deps, policies, received_from, received_to, missing))
    return {**report, "not_recalled": len(missing)}


def _replayed(
    deps: Deps,
    policies: PolicyBook,
    received_from: datetime | None,
    received_to: datetime | None,
    missing: list[LeadId],
) -> Iterator[Replayed]:
    with deps.store(only_reads=True) as unit:
        lead_ids = unit.lead_ids(received_from, received_to)
    deps.progress.stage("replay", len(lead_ids))
    for lead_id in lead_ids:
        deps.progress.step("replay", lead_id)
        with deps.store(only_reads=True) as unit:  # one lead at a time: a long read would hold up whoever posts
            lead, entries = unit.lead(lead_id), list(unit.entries(lead_id))
            proposals = [entry for entry in entries if entry.kind is EntryKind.PROPOSAL]
            campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
            if lead is None or campaign is None or not proposals:
                continue
            policy = policies.at(lead.received_at, campaign.policy)
            in_force = deps.policies.at(lead.received_at, campaign.policy)
            case = recall_case(unit, lead, proposals[-1], policy)
        verdict = propose_verdict(case, policy) if case else None
        if verdict is None:
            missing.append(lead_id)
            continue
        record, stood = fold_ledger(lead_id, entries), proposals[-1].body
        decided = record.decided
        yield Replayed(
            lead_id=lead_id,
            client=campaign.client,
            received_at=lead.received_at,
            price=record.charged,
            was=(stood["decision"], stood["reason"]),
            now=(verdict.decision.value, verdict.reason.value),
            decided_billable=None if decided is None else in_force.billable(decided.reason),
            decided=decided.reason if decided else None,
            because=_because(verdict),
        )


def _because(verdict: Verdict) -> str:
    first = next(iter(verdict.evidence), None)
    words = "" if first is None else first.quote.text if first.quote else first.fact
    return without_contacts("; ".join(part for part in (words, *verdict.doubts) if part))
