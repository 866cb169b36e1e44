"""Loads the policy documents that ship with the package, or those of a folder of the operator's own."""

from __future__ import annotations

import tomllib
from pathlib import Path

from insights.domain.policy import PolicyBook
from insights.errors import ConfigurationError

SHIPPED = Path(__file__).resolve().parent.parent / "policies"


def load_policies(folder: Path = SHIPPED) -> PolicyBook:
    """Every ``*.toml`` of a folder as one book; raises ConfigurationError that names the file and the key."""
    documents = []
    for path in sorted(folder.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            PolicyBook((document,))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path}: {error}.", next_step="Compare it with the shipped policy.") from None
        documents.append(document)
    if not documents:
        raise ConfigurationError(
            f"{folder} holds no policy (*.toml).", next_step="Leave the setting out for the default."
        )
    try:
        return PolicyBook(tuple(documents))
    except ValueError as error:
        raise ConfigurationError(f"{folder}: {error}.") from None
