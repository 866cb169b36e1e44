"""Lines of the night on standard error, as JSON or for people: ids, stages and codes, no words of callers."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

from insights.ports import Progress

_MAY_STAND = ("timestamp", "level", "event", "stage", "lead_id", "code", "transient", "leads", "audio_s")
"""Nothing else is ever written, whoever logs."""
_LONGEST = 120


class NightLog:
    """Progress that is written down, and passed on to whoever else watches.

    ``form``: ``json``, ``plain``, or ``auto``: plain where the stream is a terminal. Every line has the event
    (``stage_begins``, ``lead_done``, ``lead_failed``), its time in UTC and its stage; those about a lead its id, those
    about a failure its code.
    """

    def __init__(self, watcher: Progress, form: str = "auto", stream: TextIO | None = None) -> None:
        out = stream or _StandardError()
        plain = form == "plain" or (form == "auto" and out.isatty())
        self._watcher = watcher
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(out),  # type: ignore[arg-type]
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _only_what_may_stand,
                _line if plain else structlog.processors.JSONRenderer(sort_keys=False),
            ],
            wrapper_class=structlog.BoundLogger,
        )

    def stage(self, name: str, total: int) -> None:
        self._log.info("stage_begins", stage=name, leads=total)
        self._watcher.stage(name, total)

    def step(self, name: str, lead_id: str, audio_s: float = 0.0) -> None:
        heard = {"audio_s": round(audio_s, 1)} if audio_s else {}
        self._log.info("lead_done", stage=name, lead_id=lead_id, **heard)
        self._watcher.step(name, lead_id, audio_s)

    def failed(self, name: str, lead_id: str, code: str, transient: bool) -> None:
        self._log.warning("lead_failed", stage=name, lead_id=lead_id, code=code, transient=transient)
        self._watcher.failed(name, lead_id, code, transient)


def nobody_reads(stream: TextIO) -> None:
    """Let all that is written to a standard stream from now on go nowhere, what waits in it included."""
    with suppress(OSError, ValueError):  # a stream in memory has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _StandardError:
    """Whatever standard error is when a line is written."""

    def write(self, text: str) -> int:
        try:
            return sys.stderr.write(text)
        except OSError:  # closed, or its disk is full: the record tells what the log does not, and the night goes on
            nobody_reads(sys.stderr)
            return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


def _only_what_may_stand(_logger: object, _method: str, told: MutableMapping[str, Any]) -> dict[str, Any]:
    """The fields that may stand, in their order; texts on one line and not endless, as ids come from others."""
    return {name: _short(told[name]) for name in _MAY_STAND if name in told}


def _short(value: Any) -> Any:
    return "".join(c if c.isprintable() else "?" for c in value)[:_LONGEST] if isinstance(value, str) else value


def _line(_logger: object, _method: str, told: MutableMapping[str, Any]) -> str:
    first = f"{told['timestamp']} {told['level']:<7} {told['event']}"
    return " ".join([first, *(f"{name}={told[name]}" for name in told if name not in ("timestamp", "level", "event"))])
