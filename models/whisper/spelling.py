"""The part of Whisper's vocabulary that the small model learns: "spell, don't name".

With all 50,000 tokens nearly every word is one token, and a word that the small corpus lacks cannot be written.
Text that is encoded with the first thousand merges of the same vocabulary uses the same token ids and decodes to
the same letters, but every word, also an unseen one, is written in pieces that were heard often.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import tiktoken
import torch

from whisper.tokenizer import Tokenizer, get_tokenizer

BYTES = 256
TIMESTAMPS = 1501
SECONDS_PER_TIMESTAMP = 0.02


class Spelling:
    """Encodes text with few merges, and maps Whisper's token ids to the rows of a small table and back."""

    def __init__(self, merges: int = 1000) -> None:
        self.merges = merges
        self.whisper: Tokenizer = get_tokenizer(multilingual=False)
        ranks = self.whisper.encoding._mergeable_ranks
        self._encoding = tiktoken.Encoding(
            name=f"first-{merges}-merges",
            pat_str=self.whisper.encoding._pat_str,
            mergeable_ranks={piece: rank for piece, rank in ranks.items() if rank < BYTES + merges},
            special_tokens={},
        )
        texts = [rank for piece, rank in ranks.items() if rank < BYTES + merges and _is_plain(piece)]
        first = self.whisper.timestamp_begin
        specials = [self.whisper.eot, self.whisper.sot, self.whisper.no_speech, self.whisper.no_timestamps]
        self.text_count = len(texts)
        self.token_ids: list[int] = sorted(texts) + sorted(specials) + list(range(first, first + TIMESTAMPS))
        self._row = {token: row for row, token in enumerate(self.token_ids)}
        self.eot, self.sot = self._row[self.whisper.eot], self._row[self.whisper.sot]
        self.no_speech, self.no_timestamps = self._row[self.whisper.no_speech], self._row[self.whisper.no_timestamps]

    def __len__(self) -> int:
        return len(self.token_ids)

    @cached_property
    def index(self) -> torch.Tensor:
        """Whisper's token ids in the order of the small table's rows."""
        return torch.tensor(self.token_ids)

    def encode(self, text: str) -> list[list[int]]:
        """Rows of the table for each word of ``text``, in order."""
        return [[self._row[token] for token in self._encoding.encode(f" {word}")] for word in text.split()]

    def timestamp(self, seconds: float) -> int:
        """Row of the time stamp nearest to ``seconds`` (0 to 30)."""
        return self._row[self.whisper.timestamp_begin + min(TIMESTAMPS - 1, round(seconds / SECONDS_PER_TIMESTAMP))]

    def decode(self, rows: Sequence[int]) -> str:
        """Text of a row sequence, without special tokens."""
        text: str = self.whisper.decode([self.token_ids[row] for row in rows if row < self.text_count])
        return text.strip()


def _is_plain(piece: bytes) -> bool:
    return all(character in b" 'abcdefghijklmnopqrstuvwxyz" for character in piece)
