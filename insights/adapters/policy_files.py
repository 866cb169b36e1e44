"""Loads the policy documents that ship with the package, or those of a folder of the operator's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from insights.domain.policy import PolicyBook
from insights.errors import ConfigurationError

SHIPPED = Path(__file__).resolve().parent.parent / "policies"


def load_policy(path: Path) -> PolicyBook:
    """One document as a book of its own, in force for all time. Raises ConfigurationError that names file and key."""
    try:
        return PolicyBook((tomllib.loads(path.read_text(encoding="utf-8")),))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}.", next_step="Compare it with the shipped policy.") from None


def load_policies(folder: Path = SHIPPED) -> PolicyBook:
    """Every ``*.toml`` of a folder as one book; raises ConfigurationError that names the file and the key."""
    documents: list[Mapping[str, Any]] = []
    for path in sorted(folder.glob("*.toml")):
        documents += load_policy(path).documents
    if not documents:
        raise ConfigurationError(
            f"{folder} holds no policy (*.toml).", next_step="Leave the setting out for the default."
        )
    try:
        return PolicyBook(tuple(documents))
    except ValueError as error:
        raise ConfigurationError(f"{folder}: {error}.") from None
