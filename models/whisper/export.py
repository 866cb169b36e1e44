"""Writes a checkpoint in Whisper's own layout: fp16, deflated, verified, with its metadata beside it.

The file is what ``torch.save({"dims": ..., "model_state_dict": ...})`` writes, packed again with deflate: the
rows of the token table that were never trained all hold the same vector, so they compress to almost nothing.
``whisper.load_model(path)`` and ``torch.load(path, weights_only=True)`` both read it unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import os
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

import whisper
from insights.adapters.whisper_weights import DEMO_NAME

HERE = Path(__file__).parent
MAX_BYTES = 30_000_000
CURVE_ROWS = 40


class ExportError(RuntimeError):
    """The written file is too large, or does not load as it was written."""


def deflate(source: bytes) -> bytes:
    """Pack a file written by ``torch.save`` (a stored zip) again with deflate; the entries stay byte-equal."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(source)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for entry in old.infolist():
            stamped = zipfile.ZipInfo(entry.filename, date_time=(1980, 1, 1, 0, 0, 0))
            stamped.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(stamped, old.read(entry.filename))
    return packed.getvalue()


def write_checkpoint(path: Path, dims: Mapping[str, int], state: Mapping[str, torch.Tensor]) -> str:
    """Write ``state`` (Whisper's ``state_dict``, any float type) in fp16 to ``path``; return its SHA-256.

    The file appears at once (temporary name, verified, then renamed), so a reader never sees half of it.
    Raises ExportError when it is over 30 MB or does not load back equal.
    """
    half = {name: tensor.detach().cpu().half().contiguous() for name, tensor in state.items()}
    buffer = io.BytesIO()
    torch.save({"dims": dict(dims), "model_state_dict": half}, buffer)
    data = deflate(buffer.getvalue())
    if len(data) > MAX_BYTES:
        raise ExportError(f"{path.name} would be {len(data) / 1e6:.1f} MB, over {MAX_BYTES / 1e6:.0f} MB")
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    verify(partial, half)
    os.replace(partial, path)
    return hashlib.sha256(data).hexdigest()


def verify(path: Path, expected: Mapping[str, torch.Tensor] | None = None) -> None:
    """Load ``path`` as plain weights and as a Whisper model; raise ExportError when either differs."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    if set(stored) != {"dims", "model_state_dict"}:
        raise ExportError(f"{path.name} holds {sorted(stored)}, not Whisper's layout")
    loaded = whisper.load_model(str(path), device="cpu").state_dict()
    for name, tensor in (expected or stored["model_state_dict"]).items():
        if not torch.equal(stored["model_state_dict"][name], tensor):
            raise ExportError(f"{path.name}: {name} was not stored as it was given")
        if not torch.equal(loaded[name].half(), tensor):
            raise ExportError(f"{path.name}: whisper.load_model reads {name} differently")


def write_metadata(path: Path, metadata: Mapping[str, Any]) -> None:
    """Write the JSON that stands beside a checkpoint, in one step."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(metadata, indent=2, sort_keys=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


def describe(
    checkpoint: Path, sha256: str, dims: Mapping[str, int], origin: str, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Collect what a reader of the repository should know about one exported file."""
    return {
        "name": DEMO_NAME,
        "file": checkpoint.name,
        "sha256": sha256,
        "bytes": checkpoint.stat().st_size,
        "date": datetime.now(UTC).date().isoformat(),
        "origin": origin,
        "dims": dict(dims),
        # Most of its training windows were as long as the speech: the engine need not pad them to 30 s.
        "window": "true_length",
        "prompt": False,
        **facts,
    }


def read_curve(run: Path) -> dict[str, list[dict[str, float]]]:
    """What the folder of a run tells of its course: losses (``curve.jsonl``) and error rates (``points.jsonl``) over
    hours of audio, at most 40 rows each; empty where there is no such file."""
    found: dict[str, list[dict[str, float]]] = {}
    for kind, name in (("losses", "curve.jsonl"), ("points", "points.jsonl")):
        path = run / name
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
        found[kind] = rows[:: math.ceil(len(rows) / CURVE_ROWS)] if rows else []
    return found


def main() -> None:
    """Export a checkpoint that is already in Whisper's layout, or a training checkpoint, as the bundled model."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.export", description=main.__doc__)
    parser.add_argument("source", type=Path, help="a training checkpoint (run.pt) or a file in Whisper's layout")
    parser.add_argument("--out", type=Path, default=HERE / "bundled.pt", help="file to write; metadata goes beside it")
    parser.add_argument("--origin", required=True, help="one sentence: where these weights come from")
    parser.add_argument("--metrics", type=Path, help="metrics.json of this checkpoint, copied into the metadata")
    parser.add_argument("--baseline", type=Path, help="metrics.json of the weights that the training started from")
    arguments = parser.parse_args()

    stored = torch.load(arguments.source, map_location="cpu", weights_only=True)
    facts: dict[str, Any] = dict(stored.get("facts", {}))
    for name in ("metrics", "baseline"):
        path: Path | None = getattr(arguments, name)
        if path is not None:
            facts[name] = json.loads(path.read_text(encoding="utf-8"))
    facts["curve"] = read_curve(arguments.source.parent)
    sha256 = write_checkpoint(arguments.out, stored["dims"], stored["model_state_dict"])
    write_metadata(
        arguments.out.with_suffix(".json"), describe(arguments.out, sha256, stored["dims"], arguments.origin, facts)
    )
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB, sha256 {sha256}")


if __name__ == "__main__":
    main()
