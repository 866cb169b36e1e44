"""The operator's billing system: a signed HTTP endpoint, or files dropped into a folder."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from insights.adapters.public_addresses import is_here
from insights.adapters.request_pace import told_wait_s
from insights.errors import ConfigurationError, FeedRefused, FeedUnavailable

if TYPE_CHECKING:
    import httpx

    from insights.domain.feed import Message

SIGNATURE = "Call-Insights-Signature"
_ABOUT_THE_MESSAGE = frozenset({400, 413, 422})
_COLUMNS = ("key", "sequence", "lead_id", "kind", "at", "decision", "reason", "outcome", "probability", "result",
            "amount", "currency", "corrects")  # fmt: skip


def signature(secret: str, at: int, body: bytes) -> str:
    """``t=<unix seconds>,v1=<hex>``: HMAC-SHA256 over the time, a point and the body, so that no old message can be
    told again under a new time."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def one_client(timeout_s: float) -> httpx.Client:
    """A client for addresses that may hold a secret: it follows no redirect, asks no proxy and logs none of them."""
    import httpx

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)


class HttpBillingSink:
    """Posts each message as JSON with its key in ``Idempotency-Key``. Follows no redirect.

    Answers 2xx: taken. 400, 413 and 422: this message is refused. Anything else, a wrong secret or address and silence
    included, is about the receiver: tried again, no sooner than ``Retry-After`` says. Only https, but for a receiver on
    this machine.
    """

    def __init__(self, url: str, secret: str, timeout_s: float = 20.0, now: Callable[[], float] = time.time) -> None:
        if not secret:
            raise ConfigurationError(
                "the feed to billing has no secret to sign with.", next_step="Set CALL_INSIGHTS_FEED_SECRET."
            )
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts.hostname or "")):
            raise ConfigurationError("the feed to billing needs an https address.", next_step="See the setting feed.")
        self._url, self._secret, self._now = url, secret, now
        self._client = one_client(timeout_s)

    def send(self, message: Message) -> None:
        import httpx

        body = json.dumps(message.as_json(), ensure_ascii=False, sort_keys=True).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            SIGNATURE: signature(self._secret, int(self._now()), body),
        }
        try:
            answer = self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise FeedUnavailable(f"the billing system does not answer ({type(error).__name__}).") from None
        if answer.is_success:
            return
        if answer.status_code in _ABOUT_THE_MESSAGE:
            raise FeedRefused(f"the billing system refused the message ({answer.status_code}).")
        wait = told_wait_s(answer.headers.get("Retry-After", ""), self._now())
        raise FeedUnavailable(f"the billing system answered {answer.status_code}.", wait_s=wait)

    def flush(self) -> None: ...

    def close(self) -> None:
        self._client.close()


class FileDropSink:
    """Writes the messages of a run into files of a folder, each named by the entries it holds, whole or not at all.

    ``kind``: ``jsonl``, all that is told, or ``csv``, the columns of money and reasons.
    """

    def __init__(self, folder: Path, kind: str = "jsonl") -> None:
        self._folder, self._kind = folder, kind
        self._messages: list[Message] = []

    def send(self, message: Message) -> None:
        self._messages.append(message)

    def flush(self) -> None:
        if not self._messages:
            return
        rows = [message.as_json() for message in self._messages]
        first, last = rows[0]["sequence"], rows[-1]["sequence"]
        content = hashlib.sha256("\n".join(row["key"] for row in rows).encode()).hexdigest()[:8]
        path = self._folder / f"feed-{first:012d}-{last:012d}-{content}.{self._kind}"
        part = path.with_suffix(f".{self._kind}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8", newline="") as file:
                file.write(_csv(rows) if self._kind == "csv" else _lines(rows))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _synced(self._folder)
        except OSError as error:
            raise FeedUnavailable(f"the feed's folder cannot be written: {error.strerror}.") from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        self._messages.clear()

    def close(self) -> None: ...


def _synced(folder: Path) -> None:
    """What was renamed into a folder is there after a power cut only once the folder itself is written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
