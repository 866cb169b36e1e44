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
DEMO_NAME = "call-insights-telephone-en"
"""What its metadata calls it, and those of every version of it."""

TWO_WAYS_OUT = """Either fetch them on a machine with a network \
(python -c "import whisper; whisper.load_model('{name}')") and give the file's path to --model, or use the small \
bundled checkpoint by its path (--model {bundled}; for demo and tests, not for real calls)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Weights that were found and checked, not yet opened.

    ``where`` is an official name or a path. ``true_length``: its metadata says that it was trained on windows as long
    as the speech, not padded to 30 s. ``takes_prompt``: it can be given words to expect; a checkpoint whose training
    never showed it a prompt says ``"prompt": false`` in its metadata. ``demo``: it is the bundled one, or a copy.
    """

    where: str
    name: str
    sha256: str
    true_length: bool = False
    takes_prompt: bool = True
    demo: bool = False

    @property
    def identity(self) -> str:
        """Name and the start of the SHA-256, as transcripts carry it."""
        return f"{self.name}@{self.sha256[:12]}"


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_checkpoint(name_or_path: str) -> Checkpoint:
    """What a name or path stands for. A path's SHA-256 is compared with the metadata beside it (``NAME.json``).

    Raises ConfigurationError (no such name or file) and WeightsRejected (not the file its metadata describes).
    """
    check_name(name_or_path)
    if not _is_path(name_or_path):
        import whisper

        # The published address carries the hash that the download checks.
        return Checkpoint(name_or_path, name_or_path, whisper._MODELS[name_or_path].split("/")[-2])
    path = Path(name_or_path)
    sha256, facts = file_sha256(path), path.with_suffix(".json")
    if not facts.is_file():
        return Checkpoint(str(path), path.stem, sha256, demo=sha256 == _shipped_sha256())
    told = json.loads(facts.read_text(encoding="utf-8"))
    if told.get("sha256") != sha256:
        raise WeightsRejected(
            f"{path} is not the file its metadata describes (SHA-256 {sha256[:12]}...).",
            next_step=f"Restore it, or mend {facts}.",
        )
    return Checkpoint(
        str(path),
        str(told.get("name", path.stem)),
        sha256,
        true_length=told.get("window") == "true_length",
        takes_prompt=told.get("prompt", True) is True,
        demo=told.get("name") == DEMO_NAME,
    )


def is_demo(name_or_path: str) -> bool:
    """Whether this is the bundled checkpoint or a copy of it, under whatever name. Raises as ``find_checkpoint``."""
    return _is_path(name_or_path) and find_checkpoint(name_or_path).demo


def _shipped_sha256() -> str:
    facts = (Path(__file__).parents[2] / BUNDLED).with_suffix(".json")
    return str(json.loads(facts.read_text(encoding="utf-8"))["sha256"]) if facts.is_file() else ""


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


def _is_path(name_or_path: str) -> bool:
    return name_or_path.endswith(".pt") or Path(name_or_path).is_file()


def load_whisper(checkpoint: Checkpoint, device: str = "cpu", download_root: Path | None = None) -> Whisper:
    """Open through ``whisper.load_model``; official weights are fetched on first use.

    Raises ModelUnavailable (the download cannot be had; never replaced by other weights) and WeightsRejected (a file
    in another layout).
    """
    import whisper

    if _is_path(checkpoint.where):
        try:
            return whisper.load_model(checkpoint.where, device=device).eval()
        except Exception as error:  # torch and pickle raise many kinds for a file that is no checkpoint
            raise WeightsRejected(
                f"{checkpoint.where} is no checkpoint in Whisper's layout ({type(error).__name__}).",
                next_step="It must hold 'dims' and 'model_state_dict', as whisper saves them.",
            ) from error
    arguments: dict[str, Any] = {"download_root": str(download_root)} if download_root else {}
    try:
        return whisper.load_model(checkpoint.where, device=device, **arguments).eval()
    except (OSError, RuntimeError) as error:
        raise ModelUnavailable(
            f"the official weights of {checkpoint.where!r} could not be fetched ({type(error).__name__}: {error}).",
            next_step=TWO_WAYS_OUT.format(name=checkpoint.where, bundled=BUNDLED),
        ) from error
