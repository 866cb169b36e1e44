"""What a command of ``call-insights`` left, for tests that type commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status and both streams."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


def is_one_clear_line(ran: Ran, *says: str) -> None:
    assert ran.status == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.startswith("call-insights: ")
    assert ran.err.count("\n") == 1
    for words in says:
        assert words in ran.err
