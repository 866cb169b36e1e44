"""The intent model's second reader: counts of words and word pairs in a linear model (numpy only).

It has no idea of order or campaign, but it needs far fewer calls than the network to learn plain signs such as
"press one" or "are you hiring"; the two together are better than either.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from insights.adapters.intent_features import readable_words
from insights.domain.intents import Intent
from insights.domain.transcript import Transcript

BUCKETS = 2**16
"""Words and pairs are kept under a hash in this range, so that no vocabulary has to be stored."""

Array = np.ndarray[Any, np.dtype[np.float32]]


def word_counts(transcript: Transcript) -> Counter[int]:
    """How often each word and each pair of neighbouring words was said in the call, by bucket."""
    words = [word for turn in transcript.turns for word in readable_words(turn).split()]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    return Counter(zlib.crc32(item.encode()) % BUCKETS for item in [*words, *pairs])


def word_vector(counts: Counter[int], rarity: Array) -> tuple[list[int], Array]:
    """Buckets with their values: ``(1 + log count) * rarity``, scaled to length one; unknown buckets drop out."""
    known = [bucket for bucket in sorted(counts) if rarity[bucket] > 0]
    values = np.array([(1 + math.log(counts[bucket])) * rarity[bucket] for bucket in known], dtype=np.float32)
    length = float(np.sqrt((values**2).sum()))
    return known, values / length if length else values


@dataclass(frozen=True, slots=True)
class WordReader:
    """``rarity`` float32 ``[BUCKETS]`` (inverse document frequency, 0: unknown), ``weight`` ``[BUCKETS, 8]``,
    ``bias`` ``[8]``."""

    rarity: Array
    weight: Array
    bias: Array

    def __post_init__(self) -> None:
        wanted = ((BUCKETS,), (BUCKETS, len(Intent)), (len(Intent),))
        for name, array, shape in zip(("rarity", "weight", "bias"), self.arrays, wanted, strict=True):
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"words.{name} must be finite numbers of shape {shape}, not {array.shape}")

    @property
    def arrays(self) -> tuple[Array, Array, Array]:
        return self.rarity, self.weight, self.bias

    def logits(self, transcript: Transcript) -> Array:
        """Log probabilities of the eight intents ``[8]`` by the words alone."""
        buckets, values = word_vector(word_counts(transcript), self.rarity)
        raw = self.bias + (values @ self.weight[buckets] if buckets else 0)
        top = raw.max()
        return np.asarray(raw - top - np.log(np.exp(raw - top).sum()), dtype=np.float32)
