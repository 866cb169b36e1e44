"""Asks a telephony provider over HTTP: JSON from its own address, recordings from addresses that it names.

What a provider answers is hostile input: every hop is checked, every answer has a size and a time. No message holds
a query, a key or words of the provider's.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import httpcore
import httpx

from insights.adapters.public_addresses import AddressRefused, CheckedNetwork, Resolve, is_here, resolved
from insights.adapters.recording_body import RecordingBody
from insights.adapters.request_pace import RequestBudget, backoff_s, told_wait_s
from insights.errors import ConfigurationError, RecordingUnavailable, SourceUnavailable

T = TypeVar("T")

TRIES = 4
MOST_REDIRECTS = 5
LONGEST_WAIT_S = 60.0
"""A provider that asks for a longer pause is left alone for tonight."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\S+?)(?::(\d{1,5}))?", re.ASCII)
_NEXT_NIGHT = "The next night tries again."


@dataclass(frozen=True)
class Provider:
    """Who is asked. ``base``: its address, ending before the paths; ``authorization``: the header's value;
    ``setting``: what to check when it turns us away; ``hosts``: where else recordings may lie: ``host``, ``host:port``
    or ``.domain`` for all hosts of a domain."""

    name: str
    base: str
    authorization: str = field(repr=False)
    setting: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Patience:
    """Seconds for one silence, one answer and one whole recording; the largest answer and recording in bytes."""

    silence_s: float = 20.0
    answer_s: float = 60.0
    recording_s: float = 600.0
    largest_answer: int = 50_000_000
    largest_recording: int = 200_000_000


class Trouble(Exception):
    """Why one request brought nothing. ``again``: another try may help, not before ``wait_s`` seconds."""

    def __init__(
        self, message: str, code: str, next_step: str = _NEXT_NIGHT, *, again: bool = False, wait_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.next_step, self.again, self.wait_s = message, code, next_step, again, wait_s


class ProviderHttp:
    """One provider's HTTP, by any thread. Only https, but for a provider on this machine, as tests have it."""

    def __init__(
        self,
        provider: Provider,
        budget: RequestBudget | None = None,
        patience: Patience | None = None,
        *,
        resolve: Resolve = resolved,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        try:
            self._base = httpx.URL(provider.base.rstrip("/") + "/")
        except (httpx.InvalidURL, UnicodeError):
            self._base = httpx.URL("")
        self._here = is_here(self._base.host)
        plain = not self._base.query and not self._base.userinfo
        if not (self._base.host and plain and self._base.scheme in (("https", "http") if self._here else ("https",))):
            raise ConfigurationError(
                f"the address of {provider.name} is no https address.", next_step=f"Check {provider.setting}."
            )
        if not provider.authorization.isprintable() or not provider.authorization.isascii():
            raise ConfigurationError(
                f"the key for {provider.name} holds characters that no key has.", next_step=f"Check {provider.setting}."
            )
        self._provider, self._budget, self._patience = provider, budget, patience or Patience()
        self._resolve, self._sleep, self._clock, self._now = resolve, sleep, clock, now
        self._shut_until = 0.0
        given = [_HOST.fullmatch(host.lower()) for host in provider.hosts]
        self._hosts = [(host[1], int(host[2] or 443)) for host in given if host]
        # Its lines at DEBUG hold the headers of answers, and those hold addresses with access keys.
        logging.getLogger("httpcore").setLevel(logging.INFO)

    def json(self, address: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at an address of the provider's own: a path under its base, ``/path`` or a whole address.

        Raises SourceUnavailable with the codes ``turned_away``, ``rate_limited``, ``quota_spent``, ``not_answering``,
        ``not_found``, ``bad_request``, ``refused`` and ``unreadable``.
        """
        try:
            url = self._address(address, self._base)
            if not self._is_own(url):
                raise self._unreadable("names a page that is not its own")
            url = url.copy_merge_params(dict(params)) if params else url
            told = json.loads(self._again(lambda: self._whole(url), None))
            if not isinstance(told, dict):
                raise self._unreadable("answered something else than an object")
            return told
        except Trouble as trouble:
            raise SourceUnavailable(trouble.message, code=trouble.code, next_step=trouble.next_step) from None
        except (ValueError, RecursionError):
            raise SourceUnavailable(
                f"{self._provider.name} answered something that is not JSON.", code="unreadable", next_step=_NEXT_NIGHT
            ) from None

    def download(self, address: str, *, auth: bool, params: Mapping[str, str] | None = None) -> bytes:
        """The recording at an address, wherever it leads by redirects that are allowed.

        ``auth``: say who we are, to the provider's own address and before any redirect away from it. Raises
        RecordingUnavailable with the codes of ``json`` (``recording_missing`` for ``not_found``), and
        ``address_refused``, ``recording_refused``, ``recording_too_large``, ``recording_cut`` and ``not_audio_yet``.
        """
        until = self._clock() + self._patience.recording_s
        body = RecordingBody(self._patience.largest_recording)
        try:
            url = self._address(address, self._base)
            url = url.copy_merge_params(dict(params)) if params else url
            self._again(lambda: self._more_of(url, auth, body, until), until)
            if problem := body.problem():
                raise Trouble(f"{self._provider.name} {problem[1]}.", problem[0])
        except Trouble as trouble:
            code = "recording_missing" if trouble.code == "not_found" else trouble.code
            raise RecordingUnavailable(trouble.message, code=code, next_step=trouble.next_step) from None
        return body.bytes()

    def _whole(self, url: httpx.URL) -> bytes:
        """The whole answer of one request, with no redirect."""
        data = bytearray()
        with self._asked(url, True, {}, self._clock() + self._patience.answer_s) as answer:
            self._judge(answer, own=True)
            for piece in answer.iter_stream():
                data += piece
                if len(data) > self._patience.largest_answer:
                    raise self._unreadable(f"answered more than {self._patience.largest_answer:,} bytes")
        return bytes(data)

    def _more_of(self, url: httpx.URL, auth: bool, body: RecordingBody, until: float) -> None:
        """One try to get what is missing of a recording; one that brings nothing more makes the next begin anew."""
        had = body.size
        try:
            with self._followed(url, auth, body.asks_for(), until) as answer:
                problem = body.begin(answer.status, _headers(answer))
                pieces = answer.iter_stream()
                while problem is None and (piece := next(pieces, None)) is not None:
                    problem = body.add(piece)
            problem = problem or body.end()
            if problem:
                code, words = problem
                raise Trouble(f"{self._provider.name} {words}.", code, again=code == "recording_cut")
        except Trouble:
            if body.size <= had:
                body.forget()
            raise

    @contextmanager
    def _followed(
        self, url: httpx.URL, auth: bool, headers: dict[str, str], until: float
    ) -> Iterator[httpcore.Response]:
        """The answer at the end of the redirects."""
        for _ in range(MOST_REDIRECTS + 1):
            self._check_host(url)
            own = self._is_own(url)
            auth = auth and own  # once away from the provider, never again
            with self._asked(url, auth, headers, until) as answer:
                if answer.status not in _REDIRECTS:
                    self._judge(answer, own)
                    yield answer
                    return
                url = self._address(_headers(answer).get("location", ""), url)
        raise Trouble(f"{self._provider.name} sends us in a circle.", "address_refused")

    @contextmanager
    def _asked(
        self, url: httpx.URL, auth: bool, headers: Mapping[str, str], until: float
    ) -> Iterator[httpcore.Response]:
        """One answer on a connection of its own, which goes to a checked address and is over in time."""
        name = self._provider.name
        if self._is_own(url):
            self._spend()
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port or _PORTS[url.scheme], target=url.raw_path
        )
        sent = [(b"Host", url.netloc), (b"User-Agent", b"call-insights"), (b"Accept-Encoding", b"identity")]
        sent += [(key.encode(), value.encode()) for key, value in headers.items()]
        if auth:
            sent.append((b"Authorization", self._provider.authorization.encode()))
        silences = dict.fromkeys(("connect", "read", "write", "pool"), self._patience.silence_s)
        network = CheckedNetwork(until, here_too=self._here, resolve=self._resolve, clock=self._clock)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=network) as pool,
                pool.stream("GET", target, headers=sent, extensions={"timeout": silences}) as answer,
            ):
                yield answer
        except AddressRefused:
            raise Trouble(f"{url.raw_host.decode()} leads to no public address.", "address_refused") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Trouble(
                f"{name} does not answer to the end ({type(error).__name__}).", "not_answering", again=True
            ) from None

    def _again(self, once: Callable[[], T], until: float | None) -> T:
        """One thing tried a few times, with growing and uneven pauses, or those that the provider asks for."""
        tried = 1
        while True:
            try:
                return once()
            except Trouble as trouble:
                wait_s = max(backoff_s(tried), trouble.wait_s or 0.0)
                late = until is not None and self._clock() + wait_s >= until
                if not trouble.again or tried >= TRIES or late:
                    raise
            self._sleep(wait_s)
            tried += 1

    def _spend(self) -> None:
        """Count a request to the provider. Raises Trouble where none may go now."""
        now = self._now()
        if now < self._shut_until:
            raise self._limited(self._shut_until - now)
        wait_s = self._budget.take() if self._budget else 0.0
        if wait_s:
            raise Trouble(
                f"the quota of requests to {self._provider.name} is spent for {wait_s / 60:.0f} minutes.", "quota_spent"
            )

    def _judge(self, answer: httpcore.Response, own: bool) -> None:
        """Nothing for a body, Trouble for any other answer. ``own``: it is the provider's own."""
        name, status = self._provider.name, answer.status
        if 200 <= status < 300:
            return
        wait_s = told_wait_s(_headers(answer).get("retry-after", ""), self._now())
        if status == 429 or (status >= 500 and (wait_s or 0) > LONGEST_WAIT_S):
            if wait_s is not None and wait_s > LONGEST_WAIT_S:
                self._shut_until = max(self._shut_until, self._now() + wait_s if own else 0.0)
                raise self._limited(wait_s)
            raise Trouble(f"{name} has had too many requests.", "rate_limited", again=True, wait_s=wait_s)
        if status >= 500:
            raise Trouble(f"{name} answered {status}.", "not_answering", again=True, wait_s=wait_s)
        if status in (401, 403) and own:
            raise Trouble(f"{name} turns us away ({status}).", "turned_away", f"Check {self._provider.setting}.")
        if status in (401, 403):
            raise Trouble(f"the address that {name} named refuses the recording ({status}).", "recording_refused")
        if status in (404, 410):
            raise Trouble(f"{name} has nothing at that address ({status}).", "not_found", "Ask the provider.")
        if status == 416:
            raise Trouble(f"{name} cannot go on where it was cut.", "recording_cut", again=True)
        code = "bad_request" if status == 400 else "refused"
        raise Trouble(f"{name} answered {status}.", code)

    def _address(self, told: str, seen_from: httpx.URL) -> httpx.URL:
        """An address as somebody told it. Raises Trouble for one that is none."""
        try:
            url = seen_from.join(told)
        except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
            url = httpx.URL("")
        if not told or url.scheme not in _PORTS or not url.host or url.userinfo:
            raise Trouble(f"{self._provider.name} names an address that is none.", "address_refused")
        return url

    def _check_host(self, url: httpx.URL) -> None:
        """Raises Trouble for an address that no recording may come from."""
        if self._is_own(url):
            return
        host, port = url.raw_host.decode(), url.port or _PORTS[url.scheme]
        if url.scheme == "https" or self._here:
            for name, its in self._hosts:
                if port == its and (host == name or (name.startswith(".") and host.endswith(name))):
                    return
        raise Trouble(
            f"the recording lies at {url.scheme}://{host}, which is not among the allowed hosts.",
            "address_refused",
            "If that is right, add the host to the setting recording_hosts.",
        )

    def _is_own(self, url: httpx.URL) -> bool:
        mine, its = self._base.port or _PORTS[self._base.scheme], url.port or _PORTS[url.scheme]
        return (url.scheme, url.host, its) == (self._base.scheme, self._base.host, mine)

    def _limited(self, wait_s: float) -> Trouble:
        return Trouble(f"{self._provider.name} wants no requests for {wait_s:,.0f} seconds.", "rate_limited")

    def _unreadable(self, what: str) -> Trouble:
        return Trouble(f"{self._provider.name} {what}.", "unreadable")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context(trust_env=False)


def _headers(answer: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}


@contextmanager
def for_lead(lead_id: str) -> Iterator[None]:
    """What happens to the provider while a recording is fetched is a failure of that lead, and passes."""
    try:
        yield
    except SourceUnavailable as error:
        code = "recording_missing" if error.code == "not_found" else error.code
        raise RecordingUnavailable(error.message, code=code, lead_id=lead_id, next_step=error.next_step) from None
    except RecordingUnavailable as error:
        error.lead_id = lead_id
        raise
