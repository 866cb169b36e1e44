"""Keeps recordings on disk once each, under their SHA-256; written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from insights.domain.recordings import StoredRecording
from insights.errors import RecordingUnavailable


class DiskRecordingStore:
    """Files at ``root/ab/abcdef...``: our own names only, readable by the owner alone (mode 0600)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, data: bytes) -> StoredRecording:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not self.holds(sha256):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        return StoredRecording(sha256, len(data), str(path))

    def read(self, sha256: str) -> bytes:
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise RecordingUnavailable("its stored recording is gone.", code="recording_gone") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise RecordingUnavailable("its stored recording was changed on disk.", code="recording_changed")
        return data

    def holds(self, sha256: str) -> bool:
        """Whether the recording lies there unchanged; one that was changed is fetched and kept anew."""
        path = self._path(sha256)
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256

    def drop(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256
