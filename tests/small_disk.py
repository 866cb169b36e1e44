"""A disk that is really full: a small file system in a mount namespace of its own, gone with whoever holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent


def fill(disk: Path, leave_kb: int) -> None:
    """Leave so much room on a disk, whatever lies there."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    found = os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, found.f_bavail * found.f_frsize - leave_kb * 1024)))


class SmallDisk:
    """``folder`` is the disk for programs that ``run`` on it, ``seen`` for this process (SQLite does not find it)."""

    def __init__(self, holder: int, folder: Path, as_root: bool) -> None:
        self.folder, self.seen = folder, Path(f"/proc/{holder}/root{folder}")
        users = [] if as_root else [f"--user=/proc/{holder}/ns/user", "--preserve-credentials"]
        self._enter = ["nsenter", *users, f"--mount=/proc/{holder}/ns/mnt", "env", "-C"]

    def fill(self, leave_kb: int) -> None:
        fill(self.seen, leave_kb)

    def run(self, words: Sequence[str], folder: Path, **more: Any) -> subprocess.CompletedProcess[str]:
        """A program that sees the disk, started in a folder."""
        return subprocess.run([*self._enter, str(folder), *words], text=True, check=False, **more)

    def python(self, code: str, *words: str) -> Any:
        """What a program of ours, which knows the tests' helpers, prints last, as JSON."""
        begin = f"import sys\nsys.path.insert(0, {str(TESTS)!r})\n"
        done = self.run([sys.executable, "-c", begin + code, *words], TESTS.parent, stdout=subprocess.PIPE)
        assert done.returncode == 0
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def a_small_disk(folder: Path, size: str = "1m") -> Iterator[SmallDisk]:
    """Mount one at a folder that is made for it; skips the test where nobody may."""
    folder.mkdir()
    as_root = os.geteuid() == 0
    mounted = f'mount -t tmpfs -o size={size} none "$1" && echo mounted && exec cat'
    users = [] if as_root else ["--user", "--map-root-user"]
    holder = subprocess.Popen(
        ["unshare", *users, "--mount", "sh", "-c", mounted, "sh", str(folder)],
        stdin=subprocess.PIPE,  # its end is the holder's
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None and holder.stderr is not None
        if holder.stdout.readline() != "mounted\n":
            pytest.skip(f"this machine lets nobody mount a small disk: {holder.stderr.read().strip()}")
        yield SmallDisk(holder.pid, folder, as_root)
