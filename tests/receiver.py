"""A small billing system for the tests: a real server on loopback that honours keys and checks signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "between us"


class Receiver:
    """What it took, by key; ``answers`` are the statuses (and headers) it gives before it takes anything."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.told = 0
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.refuses: Callable[[dict[str, Any]], int | None] = lambda message: None
        self.url = ""

    def answer(self, headers: Any, body: bytes) -> tuple[int, dict[str, str]]:
        self.told += 1
        if self.answers:
            return self.answers.pop(0)
        at, _, digest = headers["Call-Insights-Signature"].removeprefix("t=").partition(",v1=")
        wanted = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(digest, wanted):
            return 401, {}
        message = json.loads(body)
        if refused := self.refuses(message):
            return refused, {}
        key = headers["Idempotency-Key"]
        if key not in self.taken:
            self.taken[key] = message
            self.order.append(key)
        return 200, {}


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.answer(self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/leads"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
