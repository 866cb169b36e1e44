"""Checks and exports the billing record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insights.domain.ledger import GENESIS, check_chain, fold_ledger
from insights.ports import Deps


def verify_record(deps: Deps) -> dict[str, Any]:
    """Faults of the hash chain, and the present state of every lead folded again from its entries."""
    with deps.store() as unit:
        entries = list(unit.entries())
    faults = [{"sequence": fault.sequence, "problem": fault.problem} for fault in check_chain(entries)]
    leads = {entry.lead_id for entry in entries}
    states: dict[str, int] = {}
    for lead_id in leads:
        state = fold_ledger(lead_id, (entry for entry in entries if entry.lead_id == lead_id)).state
        states[state] = states.get(state, 0) + 1
    return {
        "sound": not faults,
        "entries": len(entries),
        "leads": len(leads),
        "states": states,
        "head": entries[-1].sha256 if entries else GENESIS,
        "faults": faults,
    }


def export_record(deps: Deps) -> Iterator[dict[str, Any]]:
    """Every entry in order, as plain JSON."""
    with deps.store() as unit:
        for entry in unit.entries():
            yield {
                "sequence": entry.sequence,
                "key": entry.key,
                "lead_id": entry.lead_id,
                "kind": entry.kind.value,
                "at": entry.at.isoformat(),
                "actor": entry.actor,
                "body": entry.body,
                "previous": entry.previous,
                "sha256": entry.sha256,
            }
