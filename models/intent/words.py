"""Fits the word reader: a logistic regression over words and word pairs of clean and noisy copies of the calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from insights.adapters.intent_words import BUCKETS, WordReader, word_counts, word_vector
from insights.domain.intents import Intent
from models.intent.augment import Augmenter
from models.intent.dataset import LabelledCall


def fit_words(
    calls: Sequence[LabelledCall], augmenter: Augmenter, seed: int, copies: int = 3, strength: float = 10.0
) -> WordReader:
    """A word reader for these calls. Words that fewer than two calls know are left out."""
    known_in = Counter(bucket for call in calls for bucket in word_counts(call.transcript))
    rarity = np.zeros(BUCKETS, dtype=np.float32)
    for bucket, count in known_in.items():
        if count > 1:
            rarity[bucket] = np.log((1 + len(calls)) / (1 + count)) + 1
    rng = Random(f"{seed}-words")
    read = [*calls, *(augmenter.noisy(call, rng) for _ in range(copies) for call in calls)]
    rows = [word_vector(word_counts(call.transcript), rarity) for call in read]
    table = csr_matrix(
        (
            np.concatenate([values for _, values in rows]),
            [bucket for buckets, _ in rows for bucket in buckets],
            np.cumsum([0, *(len(buckets) for buckets, _ in rows)]),
        ),
        shape=(len(read), BUCKETS),
    )
    labels = [list(Intent).index(call.intent) for call in read]
    used = np.unique(table.indices)
    fitted = LogisticRegression(
        C=strength, solver="saga", tol=1e-2, max_iter=60, class_weight="balanced", random_state=seed
    ).fit(table[:, used], labels)
    weight = np.zeros((BUCKETS, len(Intent)), dtype=np.float32)
    weight[np.ix_(used, fitted.classes_)] = fitted.coef_.T
    bias = np.full(len(Intent), -10.0, dtype=np.float32)
    bias[fitted.classes_] = fitted.intercept_
    rarity = rarity.astype(np.float16).astype(np.float32)
    return WordReader(rarity, weight.astype(np.float16).astype(np.float32), bias)
