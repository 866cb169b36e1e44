"""Prefect's server as a command needs it: one that does not answer is told by name, one of our own ends when we do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
from prefect.client.base import ServerType
from prefect.client.orchestration import get_client
from prefect.server.api.server import SubprocessASGIServer

from insights.errors import InsightsError

_GUARD: Final = """
import os, select, signal, sys
server = os.pidfd_open(int(sys.argv[1]))
if server not in select.select([server, 0], [], [])[0]:
    signal.pidfd_send_signal(server, signal.SIGTERM)
"""


class PrefectGone(InsightsError):
    """Prefect's server does not start, or answers no more (exit status 1)."""


@contextmanager
def prefect_at_hand() -> Iterator[None]:
    """While a command runs flows: the server of PREFECT_API_URL, else one of our own. Raises PrefectGone.

    A night that is killed cannot stop its own server, so a guard does.
    """
    try:
        client = get_client(sync_client=True)
    except RuntimeError as error:  # our own did not start
        raise _gone(str(error)) from None
    if client.server_type is ServerType.EPHEMERAL:
        started = SubprocessASGIServer().server_process
        assert started is not None
        _end_with_us(started.pid)
    if (trouble := client.api_healthcheck()) is not None:
        raise _gone(f"{client.api_url} does not answer: {trouble}")
    try:
        yield
    except httpx.HTTPError as error:
        if not _asked(error).startswith(str(client.api_url)):
            raise
        raise _gone(f"{client.api_url} answers no more: {error}") from None


def _end_with_us(pid: int) -> None:
    """Have a guard end a process when this one is gone, however it went: it holds the other end of a pipe of ours."""
    theirs, _ours = os.pipe()
    quiet = [(os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)]
    words = [sys.executable, "-I", "-S", "-c", _GUARD, str(pid)]
    os.posix_spawn(
        sys.executable, words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, theirs, 0), *quiet], setsid=True
    )
    os.close(theirs)


def _asked(error: httpx.HTTPError) -> str:
    try:
        return str(error.request.url)
    except RuntimeError:  # it asked for nothing
        return ""


def _gone(why: str) -> PrefectGone:
    return PrefectGone(
        f"Prefect's server is gone: {' '.join(why.split()).rstrip('.')}.",
        next_step="What was finished is kept; the same command goes on. A server that PREFECT_API_URL names must run.",
    )
