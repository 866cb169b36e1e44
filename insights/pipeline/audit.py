"""Checks, exports and imports the billing record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from insights.domain.billing import fold_ledger
from insights.domain.leads import LeadId
from insights.domain.ledger import GENESIS, Entry, EntryKind, check_chain, entry_row
from insights.domain.rules import propose_verdict
from insights.domain.verdicts import verdict_body
from insights.domain.versions import told_sha256
from insights.errors import RecordBroken
from insights.pipeline.recall import recall_case
from insights.ports import Deps


def verify_record(deps: Deps) -> dict[str, Any]:
    """Faults of the hash chain, proposals that do not follow from what is stored, and the state of every lead."""
    with deps.store() as unit:
        entries = list(unit.entries())
    faults = [{"sequence": fault.sequence, "problem": fault.problem} for fault in check_chain(entries)]
    leads: dict[LeadId, list[Entry]] = {}
    for entry in entries:
        leads.setdefault(entry.lead_id, []).append(entry)
    proposals = [(e, _made_again(deps, e)) for e in entries if e.kind is EntryKind.PROPOSAL]
    faults += [{"sequence": entry.sequence, "problem": fault} for entry, fault in proposals if fault]
    skipped = sum(fault is None for _, fault in proposals)
    states = Counter(fold_ledger(lead_id, own).state.value for lead_id, own in leads.items())
    return {
        "sound": not faults,
        "entries": len(entries),
        "leads": len(leads),
        "states": dict(sorted(states.items())),
        "verdicts": {"made_again": len(proposals) - skipped, "not_compared": skipped},
        "head": entries[-1].sha256 if entries else GENESIS,
        "faults": faults,
    }


def _made_again(deps: Deps, entry: Entry) -> str | None:
    """What is wrong with a proposal when the same code and policy make it again from what is stored; empty: nothing.

    None where it cannot be compared: it was made by other code, under a policy that is not here any more, parts of it
    are gone, or the source corrected its lead or campaign since.
    """
    with deps.store() as unit:
        lead = unit.lead(entry.lead_id)
        campaign = unit.campaign(lead.campaign_id, lead.received_at) if lead else None
        if lead is None or campaign is None or entry.body.get("versions", {}).get("code") != deps.code_version:
            return None
        policy = deps.policies.at(lead.received_at, campaign.policy)
        try:
            case = recall_case(unit, lead, entry, policy)
        except (ValueError, KeyError, TypeError):
            return "something stored of its lead cannot be read"
    if case is None or policy.version != case.versions.policy:
        return None
    if told_sha256(lead, campaign) != entry.body["told_sha256"]:
        return None
    verdict = propose_verdict(case, policy)
    again = verdict_body(verdict) if verdict else {"decision": None}
    changed = [name for name in again if again[name] != entry.body.get(name)]
    return f"does not follow from what is stored of its lead ({', '.join(sorted(changed))})" if changed else ""


def export_record(deps: Deps) -> Iterator[dict[str, Any]]:
    """Every entry in order, as plain JSON."""
    with deps.store() as unit:
        for entry in unit.entries():
            yield entry_row(entry)


def import_record(deps: Deps, entries: Iterable[Entry]) -> dict[str, int]:
    """Write an exported record into this one, all of it or nothing; entries that stand here already are passed over.

    Raises RecordBroken where the chain of the entries does not hold or does not go on from what stands here.
    """
    read = list(entries)
    if fault := next(check_chain(read), None):
        raise RecordBroken(f"the exported record is broken at entry {fault.sequence}: {fault.problem}.")
    with deps.store() as unit:
        written = sum(unit.restore(entry) for entry in read)
        unit.commit()
    return {"entries": len(read), "written": written, "standing": len(read) - written}
