"""What one puts into a folder or bucket of leads, and an S3 server for tests: another process on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "of-the-tests",
    "AWS_SECRET_ACCESS_KEY": "nobody's",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",  # a server that is gone stays gone
    "AWS_EC2_METADATA_DISABLED": "true",
}

CAMPAIGN = {"campaign_id": "C-1", "client_id": "K-1", "client": "Copperline Plumbing", "trade": "plumbing",
            "services": ["drain cleaning"], "price": "65.00", "time_zone": "America/Chicago"}  # fmt: skip


def a_row(lead_id: str = "L-1", **changes: Any) -> dict[str, Any]:
    """An answered call as a row or side-car tells it."""
    told = {
        "lead_id": lead_id,
        "campaign_id": "C-1",
        "received_at": "2026-11-19T08:12:40-06:00",
        "answered": True,
        "recording_enabled": True,
    }
    return {**told, **changes}


def lay(folder: Path, files: Mapping[str, Any]) -> Path:
    """Puts files into a folder beside a ``campaigns.json``: bytes and text as they are, anything else as JSON."""
    for name, told in {"campaigns.json": [CAMPAIGN], **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(told))
    return folder


def _bytes(told: Any) -> bytes:
    if isinstance(told, bytes):
        return told
    return told.encode() if isinstance(told, str) else json.dumps(told).encode()


class S3Server:
    """``address`` of a running server; ``kill`` ends it as a power cut does."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self._process, self.address = process, address

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def knows_nobody(self, is_so: bool) -> None:
        """Whether every request is turned away for want of an account."""
        httpx.post(f"{self.address}/moto-api/reset-auth", content="0" if is_so else "inf").raise_for_status()


@contextmanager
def an_s3_server(page: int = 1000) -> Iterator[S3Server]:
    """A server whose lists of objects come ``page`` names at a time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
        env={**os.environ, **CREDENTIALS, "MOTO_S3_DEFAULT_MAX_KEYS": str(page), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)), None)
        assert found is not None, "the S3 server did not start"
        yield S3Server(process, found.group())
    finally:
        process.kill()
        process.communicate()


@contextmanager
def at(address: str) -> Iterator[None]:
    """``s3://`` means this server, as the environment of an operator would say it."""
    from s3fs import S3FileSystem

    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": address}.items():
            environment.setenv(name, value)
        S3FileSystem.clear_instance_cache()  # one made for another server
        yield
        S3FileSystem.clear_instance_cache()


def fill(bucket: str, files: Mapping[str, Any]) -> None:
    """Makes the bucket and puts the files into it, as ``lay`` does with a folder."""
    import fsspec

    fs = fsspec.filesystem("s3")
    fs.mkdir(bucket)
    fs.pipe({f"{bucket}/{name}": _bytes(told) for name, told in {"campaigns.json": [CAMPAIGN], **files}.items()})
