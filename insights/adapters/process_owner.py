"""Names the process that holds a lease, and tells whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_DEAD = "ZX"  # killed, but whoever started it has not looked yet: a container's first process may never look


def _started(pid: int) -> str:
    """The kernel's start time of a process (clock ticks since boot), so that a recycled pid is not taken for it."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "dead" if told[0] in _DEAD else told[19]
    except (OSError, IndexError):
        return "?"


def this_process() -> str:
    """``host/pid/start`` of this process."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def is_alive(owner: str) -> bool:
    """False only when the owner ran on this host and is gone; a process of another host is taken to be alive."""
    host, _, rest = owner.partition("/")
    pid, _, started = rest.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _started(int(pid)) == started
