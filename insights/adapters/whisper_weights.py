"""Finds Whisper weights by official name or path and checks them before they are opened."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.errors import ConfigurationError, ModelUnavailable, WeightsRejected

if TYPE_CHECKING:
    from whisper.model import Whisper

BUNDLED = Path("models/whisper/bundled.pt")
"""The checkpoint that ships with the project, relative to its root: for the demo and the tests."""

TWO_WAYS_OUT = """Either fetch them on a machine with a network \
(python -c "import whisper; whisper.load_model('{name}')") and give the file's path to --model, or use the small \
bundled checkpoint by its path (--model {bundled}; for demo and tests, not for real calls)."""


@dataclass(frozen=True, slots=True)
class LoadedWhisper:
    """A Whisper ready to decode, with ``identity``: its name and the start of its SHA-256.

    ``true_length``: its metadata says that it was trained on windows as long as the speech, not padded to 30 s.
    """

    model: Whisper
    identity: str
    true_length: bool = False


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_whisper(name_or_path: str, device: str = "cpu", download_root: Path | None = None) -> LoadedWhisper:
    """Load through ``whisper.load_model``: an official name (fetched on first use) or a checkpoint's path.

    A path's SHA-256 is compared with the metadata beside it (``NAME.json``) where there is any. Raises
    ModelUnavailable (the download cannot be had; never replaced by other weights), WeightsRejected (hash or layout),
    ConfigurationError (no such name or file).
    """
    check_name(name_or_path)
    if _is_path(name_or_path):
        return _from_file(Path(name_or_path), device)
    return _official(name_or_path, device, download_root)


def _is_path(name_or_path: str) -> bool:
    return name_or_path.endswith(".pt") or Path(name_or_path).is_file()


def check_name(name_or_path: str) -> None:
    """Raise ConfigurationError for what is neither a file nor an official name; opens and fetches nothing."""
    if _is_path(name_or_path):
        if not Path(name_or_path).is_file():
            raise ConfigurationError(
                f"the speech checkpoint {name_or_path} does not exist.",
                next_step="Give --model a file or an official name such as base.en.",
            )
        return
    import whisper

    if name_or_path not in whisper.available_models():
        known = ", ".join(whisper.available_models())
        raise ConfigurationError(
            f"there is no speech model {name_or_path!r}: neither a file nor an official name.",
            next_step=f"Official names are {known}.",
        )


def _from_file(path: Path, device: str) -> LoadedWhisper:
    sha256 = file_sha256(path)
    name, true_length, facts = path.stem, False, path.with_suffix(".json")
    if facts.is_file():
        told = json.loads(facts.read_text(encoding="utf-8"))
        name, true_length = str(told.get("name", name)), told.get("window") == "true_length"
        if told.get("sha256") != sha256:
            raise WeightsRejected(
                f"{path} is not the file its metadata describes (SHA-256 {sha256[:12]}...).",
                next_step=f"Restore it, or mend {facts}.",
            )
    import whisper

    try:
        model = whisper.load_model(str(path), device=device)
    except Exception as error:  # torch and pickle raise many kinds for a file that is no checkpoint
        raise WeightsRejected(
            f"{path} is no checkpoint in Whisper's layout ({type(error).__name__}).",
            next_step="It must hold 'dims' and 'model_state_dict', as whisper saves them.",
        ) from error
    return LoadedWhisper(model.eval(), f"{name}@{sha256[:12]}", true_length)


def _official(name: str, device: str, download_root: Path | None) -> LoadedWhisper:
    import whisper

    arguments: dict[str, Any] = {"download_root": str(download_root)} if download_root else {}
    try:
        model = whisper.load_model(name, device=device, **arguments)
    except (OSError, RuntimeError) as error:
        raise ModelUnavailable(
            f"the official weights of {name!r} could not be fetched ({type(error).__name__}: {error}).",
            next_step=TWO_WAYS_OUT.format(name=name, bundled=BUNDLED),
        ) from error
    sha256 = whisper._MODELS[name].split("/")[-2]  # the published address carries the hash that the download checks
    return LoadedWhisper(model.eval(), f"{name}@{sha256[:12]}")
