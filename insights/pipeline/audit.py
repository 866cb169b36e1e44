"""Checks, exports and imports the billing record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from insights.domain.billing import BillingRecord, fold_entry
from insights.domain.feed import Delivery, delivered, is_told
from insights.domain.leads import LeadId
from insights.domain.ledger import GENESIS, Entry, EntryKind, check_chain, entry_row, words_in_chain
from insights.domain.rules import propose_verdict
from insights.domain.verdicts import verdict_body
from insights.domain.versions import told_sha256
from insights.errors import InputError, RecordBroken
from insights.pipeline.moves import write_summary
from insights.pipeline.recall import recall_case
from insights.ports import Deps


def verify_record(deps: Deps) -> dict[str, Any]:
    """Faults of the hash chain, proposals that do not follow from what is stored, and the state of every lead."""
    leads: dict[LeadId, BillingRecord] = {}
    proposals: list[Entry] = []
    head = Head()
    with deps.store(only_reads=True) as unit:
        faults = [
            {"sequence": fault.sequence, "problem": fault.problem}
            for fault in check_chain(_seen(unit.entries(), leads, proposals, head))
        ]
        last = unit.posted_last()
    if last is not None and last != (head.entries, head.sha256):
        faults.append(
            {"sequence": head.entries + 1, "problem": f"entry {last[0]} was written last: the record's end is missing"}
        )
    skipped = 0
    deps.progress.stage("verify", len(proposals))
    for entry in proposals:
        fault = _made_again(deps, entry)
        skipped += fault is None
        if fault:
            faults.append({"sequence": entry.sequence, "problem": fault})
        deps.progress.step("verify", entry.lead_id)
    states = Counter(record.state.value for record in leads.values())
    return {
        "sound": not faults,
        "entries": head.entries,
        "leads": len(leads),
        "states": dict(sorted(states.items())),
        "verdicts": {"made_again": len(proposals) - skipped, "not_compared": skipped},
        "head": head.sha256,
        "faults": faults,
    }


@dataclass(slots=True)
class Head:
    """The end of the chain so far."""

    entries: int = 0
    sha256: str = GENESIS


def _seen(
    entries: Iterable[Entry], leads: dict[LeadId, BillingRecord], proposals: list[Entry], head: Head
) -> Iterator[Entry]:
    """The entries, folded lead by lead as they pass: a record of years does not fit into memory twice."""
    for entry in entries:
        record = leads.get(entry.lead_id) or BillingRecord(entry.lead_id)
        leads[entry.lead_id] = fold_entry(record, entry)
        if entry.kind is EntryKind.PROPOSAL:
            proposals.append(entry)
        head.entries, head.sha256 = head.entries + 1, entry.sha256
        yield entry


def _made_again(deps: Deps, entry: Entry) -> str | None:
    """What is wrong with a proposal when the same code and policy make it again from what is stored; empty: nothing.

    None where it cannot be compared: it was made by other code, under a policy that is not here any more, parts of it
    are gone, or the source corrected its lead or campaign since.
    """
    with deps.store(only_reads=True) as unit:
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


def export_record(deps: Deps, with_words: bool) -> Iterator[dict[str, Any]]:
    """Every entry in order, as plain JSON; without the words that stand beside the chain it is still sound.

    Raises InputError at an entry of an older version, whose words cannot be left out.
    """
    with deps.store(only_reads=True) as unit:
        for entry in unit.entries():
            if not with_words and words_in_chain(entry):
                raise InputError(
                    f"entry {entry.sequence} is of an older version: its words cannot be left out.",
                    next_step="Only an operator may export this record (CALL_INSIGHTS_ROLE=operator).",
                )
            yield entry_row(entry if with_words else replace(entry, texts={}))


def import_record(deps: Deps, entries: Iterable[Entry], tell_billing: bool = False) -> dict[str, int]:
    """Write an exported record into this one, all of it or nothing; entries that stand here already are passed over.

    The billing system was told of them where they come from; ``tell_billing``: it is told again from here. Raises
    RecordBroken where the chain of the entries does not hold or does not go on from what stands here.
    """
    read = list(entries)
    if fault := next(check_chain(read), None):
        raise RecordBroken(f"the exported record is broken at entry {fault.sequence}: {fault.problem}.")
    now = deps.clock.now()
    written = list[Entry]()
    with deps.store() as unit:
        for entry in read:
            if not unit.restore(entry):
                continue
            written.append(entry)
            if is_told(entry) and not tell_billing:
                unit.put_delivery(delivered(Delivery(entry.sequence, entry.lead_id), now))
        for lead_id in dict.fromkeys(entry.lead_id for entry in written):
            if unit.lead(lead_id) is not None:  # a restored backup knows it: its row is older than its entries
                write_summary(deps, unit, lead_id)
        unit.commit()
    return {"entries": len(read), "written": len(written), "standing": len(read) - len(written)}
