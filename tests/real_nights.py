"""Sources of short real calls for tests of long nights, and a Prefect server that can be killed and started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from short_calls import AUDIO, make_source, pieces

WHOLE = ("L-2133",)
BROKEN = ("L-2136", "L-2137")
METADATA = ("L-2138", "L-2139", "L-2140", "L-2142", "L-2143", "L-2145", "L-2146")
OTHERS = (*WHOLE, *BROKEN, *METADATA)
"""Leads of the fixtures: a whole short call, recordings that are none, and what no call is listened to for."""
PATIENCE_S = 300.0


def a_real_source(folder: Path, calls: int) -> Path:
    """Seconds of real speech as so many calls, no two alike; whole leads of the fixtures; two leads with one recording;
    a row that nobody can read. The policy of some campaigns accepts what lies in a pause."""
    folder.mkdir(parents=True)
    make_source(folder, calls, pieces())
    made = (folder / "leads.jsonl").read_text(encoding="utf-8").splitlines()
    fixtures = (AUDIO / "leads.jsonl").read_text(encoding="utf-8").splitlines()
    others = [line for line in fixtures if json.loads(line)["lead_id"] in OTHERS]
    for line in others:
        if name := json.loads(line).get("recording"):
            shutil.copy(AUDIO / name, folder / name)
    twin = json.dumps({**json.loads(made[0]), "lead_id": "TWIN"})
    bad = json.dumps({"lead_id": "BAD", "answered": "perhaps"})
    (folder / "leads.jsonl").write_text("\n".join([*made, *others, twin, bad]) + "\n", encoding="utf-8")
    accepts = {"reasons": ["campaign_paused"], "floor": 0.5, "daily_leads": 9, "daily_amount": 1000.0}
    offers = json.loads((AUDIO / "campaigns.json").read_text(encoding="utf-8"))
    told = [{**offer, "policy": {"auto_accept": accepts}} for offer in offers]
    (folder / "campaigns.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


class Prefect:
    """A Prefect server of its own on loopback."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._home = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self._port}/api"

    def start(self) -> None:
        words = ["server", "start", "--host", "127.0.0.1", "--port", str(self._port), "--no-ui", "--no-services"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *words],
            env={**os.environ, "PREFECT_HOME": str(self._home), "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        latest = time.monotonic() + PATIENCE_S
        while time.monotonic() < latest:
            try:
                if httpx.get(f"{self.api}/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError("Prefect's server does not start")

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def a_prefect_server(folder: Path) -> Iterator[Prefect]:
    server = Prefect(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
