"""Checks, exports and imports the billing record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from insights.domain.billing import fold_ledger
from insights.domain.leads import LeadId
from insights.domain.ledger import GENESIS, Entry, check_chain, entry_row
from insights.errors import RecordBroken
from insights.ports import Deps


def verify_record(deps: Deps) -> dict[str, Any]:
    """Faults of the hash chain, and the present state of every lead folded again from its entries."""
    with deps.store() as unit:
        entries = list(unit.entries())
    faults = [{"sequence": fault.sequence, "problem": fault.problem} for fault in check_chain(entries)]
    leads: dict[LeadId, list[Entry]] = {}
    for entry in entries:
        leads.setdefault(entry.lead_id, []).append(entry)
    states = Counter(fold_ledger(lead_id, own).state.value for lead_id, own in leads.items())
    return {
        "sound": not faults,
        "entries": len(entries),
        "leads": len(leads),
        "states": dict(sorted(states.items())),
        "head": entries[-1].sha256 if entries else GENESIS,
        "faults": faults,
    }


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
