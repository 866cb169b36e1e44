"""How far reviewers agree: Cohen's kappa over leads that two people judged apart, and which leads are drawn for it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from insights.domain.leads import LeadId
from insights.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Pair:
    """One lead judged twice: by ``first``, and without seeing that by ``second``."""

    lead_id: LeadId
    first: str
    second: str
    first_reason: Reason
    second_reason: Reason


def drawn_for_second_look(lead_id: LeadId, share: float) -> bool:
    """Whether a lead belongs to the share (0..1) that is judged twice. By its name, so that nobody can choose."""
    lot = int(hashlib.sha256(f"second look:{lead_id}".encode()).hexdigest()[:8], 16)
    return lot < share * 2**32


def cohens_kappa(pairs: Sequence[tuple[object, object]]) -> float | None:
    """Agreement beyond chance (Cohen 1960): 1 is full, 0 no more than chance; None where chance alone would agree
    fully or there is nothing to compare."""
    if not pairs:
        return None
    count = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    seen = sum(one == other for one, other in pairs) / count
    chance = sum(first[label] * second[label] for label in first) / count**2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def agreement_report(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Agreement over all reasons, by reviewer (whose decisions were looked at again), and by reason (that one against
    all others); each with its count and the leads that two people judged differently."""

    def told(some: Sequence[Pair], labels: Sequence[tuple[object, object]]) -> dict[str, Any]:
        kappa = cohens_kappa(labels)
        return {
            "pairs": len(some),
            "agreed": sum(one == other for one, other in labels),
            "kappa": None if kappa is None else round(kappa, 4),
            "apart": [pair.lead_id for pair, (one, other) in zip(some, labels, strict=True) if one != other],
        }

    def reasons(some: Sequence[Pair]) -> list[tuple[object, object]]:
        return [(pair.first_reason, pair.second_reason) for pair in some]

    present = {reason for pair in pairs for reason in (pair.first_reason, pair.second_reason)}
    return {
        "all": told(pairs, reasons(pairs)),
        "by_reviewer": {
            reviewer: told(own, reasons(own))
            for reviewer in sorted({pair.first for pair in pairs})
            if (own := [pair for pair in pairs if pair.first == reviewer])
        },
        "by_reason": {
            reason.value: told(
                [p for p in pairs if reason in (p.first_reason, p.second_reason)],
                [
                    (p.first_reason is reason, p.second_reason is reason)
                    for p in pairs
                    if reason in (p.first_reason, p.second_reason)
                ],
            )
            | {"kappa": _rounded(cohens_kappa([(p.first_reason is reason, p.second_reason is reason) for p in pairs]))}
            for reason in Reason
            if reason in present
        },
    }


def _rounded(kappa: float | None) -> float | None:
    return None if kappa is None else round(kappa, 4)
