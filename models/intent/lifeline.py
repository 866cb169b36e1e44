"""Ends a training when the program that started it is gone, however it went: no orphan goes on writing weights."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Have this process ended when its parent ends (Linux ``prctl(2)``; elsewhere only the check of the present).

    ``parent``: the process id that the parent told of itself. Raises SystemExit when it is gone already.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit("the program that started this training has ended")
