"""Other people's words stand beside the billing record's chain, not in it: deleted, they leave it whole.

In the chain each such text is replaced by its seal: the hash of the text and of a salt that nobody can guess. While
the text is kept, the seal proves that it is the one that was posted; when text and salt are gone, it tells nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DELETED = "[deleted]"
"""What is read where a text was deleted."""

_SEAL = "sealed"


@dataclass(frozen=True, slots=True)
class SealedText:
    """A text with its salt, as it is kept beside the chain."""

    salt: str
    text: str

    @property
    def seal(self) -> str:
        """SHA-256 over salt and text."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode(errors="surrogatepass")).hexdigest()


def sealed(
    body: Mapping[str, Any], names: frozenset[str], salt: Callable[[], str]
) -> tuple[Any, dict[str, SealedText]]:
    """The body with every text under one of ``names`` replaced by its seal, and these texts by their seals."""
    texts: dict[str, SealedText] = {}

    def inside(value: Any, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {key: inside(below, key) for key, below in value.items()}
        if isinstance(value, list | tuple):
            return [inside(below, name) for below in value]
        if name in names and isinstance(value, str) and value:
            kept = SealedText(salt(), value)
            texts[kept.seal] = kept
            return {_SEAL: kept.seal}
        return value

    return inside(body), texts


def opened(body: Any, texts: Mapping[str, SealedText]) -> Any:
    """The body with its texts in their places again, ``DELETED`` where they are gone."""
    if isinstance(body, Mapping):
        if set(body) == {_SEAL}:
            kept = texts.get(body[_SEAL])
            return kept.text if kept else DELETED
        return {key: opened(below, texts) for key, below in body.items()}
    if isinstance(body, list | tuple):
        return [opened(below, texts) for below in body]
    return body


def seals(body: Any) -> Iterator[Any]:
    """The seals in a body; in one that somebody else wrote they may be anything."""
    if isinstance(body, Mapping):
        if set(body) == {_SEAL}:
            yield body[_SEAL]
        else:
            for below in body.values():
                yield from seals(below)
    elif isinstance(body, list | tuple):
        for below in body:
            yield from seals(below)
