"""Side-cars: a file ``<name>.json`` beside each recording ``<name>.wav`` that tells of its call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

from insights.adapters.bucket_files import ListedFile
from insights.adapters.bucket_rows import json_row

MAX_SIDECAR_BYTES = 1_000_000
AUDIO = (
    ".wav", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".flac", ".amr", ".gsm", ".wma", ".webm",
    ".3gp", ".aif", ".aiff", ".au", ".ulaw", ".alaw",
)  # fmt: skip
"""How names of recordings end, in small or capital letters."""


def is_recording(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in AUDIO


def is_sidecar(name: str) -> bool:
    """``campaigns.json`` is none, nor what begins with a point: tools write such names while they copy."""
    path = PurePosixPath(name)
    return path.suffix.lower() == ".json" and name != "campaigns.json" and not path.name.startswith(".")


class Pairs:
    """Which recording lies beside which side-car: ``call.json`` or ``call.wav.json`` beside ``call.wav``.

    Of several recordings with one name the first by ``AUDIO`` is the call's. A side-car without one tells of a call
    that has no recording (yet).
    """

    def __init__(self, files: Iterable[ListedFile]) -> None:
        self.sidecars: dict[str, ListedFile] = {}
        self.recordings: dict[str, ListedFile] = {}
        for file in files:
            if is_sidecar(file.name):
                self.sidecars[file.name] = file
            elif is_recording(file.name) and not PurePosixPath(file.name).name.startswith("."):
                self.recordings[file.name] = file
        beside: dict[str, list[str]] = {}
        for name in self.recordings:
            for stem in (name, name.rpartition(".")[0]):
                beside.setdefault(stem, []).append(name)
        self._beside = {
            sidecar: sorted(found, key=lambda name: AUDIO.index(PurePosixPath(name).suffix.lower()))
            for sidecar in self.sidecars
            if (found := beside.get(sidecar.rpartition(".")[0]))
        }

    def recording(self, sidecar: str) -> str:
        """The recording's name; empty where there is none."""
        return self._beside.get(sidecar, [""])[0]

    def files(self, sidecar: str) -> Iterator[ListedFile]:
        """The side-car and its recording: either may be new."""
        yield self.sidecars[sidecar]
        if recording := self.recording(sidecar):
            yield self.recordings[recording]

    def alone(self) -> list[str]:
        """Recordings that no side-car tells of."""
        told: Collection[str] = {name for names in self._beside.values() for name in names}
        return [name for name in self.recordings if name not in told]


def size_fault(size: int | None) -> str:
    """Why a file of so many bytes is not even read; empty where it is, or where nobody told its size."""
    if size == 0:
        return "empty"
    return f"larger than {MAX_SIDECAR_BYTES:,} bytes" if size is not None and size > MAX_SIDECAR_BYTES else ""


def sidecar_row(data: bytes, recording: str) -> dict[str, object] | str:
    """The row of one side-car; a text that says why where it is none. The recording beside it is the call's, whatever
    name it had where it was made."""
    try:
        row = json_row(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "not UTF-8 text"
    if isinstance(row, str) or not recording:
        return row
    return {**{key: value for key, value in row.items() if key != "audio_uri"}, "recording": recording}
