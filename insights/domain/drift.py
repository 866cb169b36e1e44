"""Whether a count, a share or a mix of today differs from the usual one by more than chance, in plain statistics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist, median

from insights.domain.scoring import wilson


def usual_count(known: Sequence[int]) -> tuple[float, float]:
    """The median of counts, and how far they usually stray from it.

    The spread is 1.4826 times the median absolute deviation, which is the standard deviation where counts are normal
    and forgives single wild days (Hampel, 1974), and never less than chance alone makes of such a count (its root).
    """
    middle = float(median(known))
    stray = float(median(abs(count - middle) for count in known))
    return middle, max(1.4826 * stray, math.sqrt(middle), 1.0)


def far_above(hits: int, of: int, usual_hits: int, usual_of: int, z: float) -> bool:
    """Whether a share lies above the usual one whatever chance did to both: their Wilson intervals do not touch."""
    return wilson(hits, of, z)[0] > wilson(usual_hits, usual_of, z)[1]


def population_stability(now: Mapping[str, int], usual: Mapping[str, int]) -> float:
    """The population stability index of two mixes: the sum of (p - q) ln(p / q) over their classes; 0 for equal ones.

    Rule of thumb: below 0.1 stable, above 0.25 another population (N. Siddiqi, Credit Risk Scorecards, 2006). Half a
    lead is added to each class, because the logarithm of an empty one has no value.
    """
    return sum(stability_parts(now, usual).values())


def stability_parts(now: Mapping[str, int], usual: Mapping[str, int]) -> dict[str, float]:
    """What each class adds to the index."""
    classes = sorted(now.keys() | usual.keys())
    total_now, total_usual = (sum(mix.values()) + len(classes) / 2 for mix in (now, usual))
    shares = {
        name: ((now.get(name, 0) + 0.5) / total_now, (usual.get(name, 0) + 0.5) / total_usual) for name in classes
    }
    return {name: (p - q) * math.log(p / q) for name, (p, q) in shares.items()}


def stability_by_chance(classes: int, of: int, usual_of: int, confidence: float) -> float:
    """The index that two samples of one population stay below with this probability.

    It is distributed like (1/n + 1/m) chi-square with one degree of freedom less than there are classes (B. Yurdakul,
    Statistical Properties of Population Stability Index, 2018); the quantile is that of Wilson and Hilferty (1931).
    """
    free = max(1, classes - 1)
    z = NormalDist().inv_cdf(confidence)
    quantile = free * (1 - 2 / (9 * free) + z * math.sqrt(2 / (9 * free))) ** 3
    return (1 / of + 1 / usual_of) * quantile
