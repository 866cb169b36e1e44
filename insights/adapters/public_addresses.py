"""Connects to addresses of the public internet alone: the address that was checked is the one that is connected to."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

MOST_ADDRESSES = 4
"""So many addresses of one name are tried."""

_WORLD = ipaddress.ip_network("2000::/3")  # every public address of IPv6
_TUNNELS = (ipaddress.ip_network("2001::/23"), ipaddress.ip_network("2002::/16"))  # they carry an address of IPv4

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host name, in the order they are to be tried."""


class AddressRefused(Exception):
    """A name leads to no address that may be talked to."""


def is_here(host: str) -> bool:
    """Whether a host as a setting writes it is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet: nothing inner, nothing reserved, and no other in disguise."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        return found in _WORLD and found.is_global and not any(found in tunnel for tunnel in _TUNNELS)
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolved(host: str, port: int) -> list[str]:
    """What the system's resolver says. Raises OSError or UnicodeError."""
    told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in told))


class CheckedNetwork(httpcore.NetworkBackend):
    """The network for one request: public addresses only (``here_too``: this machine as well), and none of its reads
    and writes outlasts ``until``, an instant of ``clock``."""

    def __init__(
        self,
        until: float,
        *,
        here_too: bool = False,
        resolve: Resolve = resolved,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._until, self._here_too, self._resolve, self._clock = until, here_too, resolve, clock
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a checked address. Raises AddressRefused, or httpcore's ConnectError and ConnectTimeout."""
        try:
            told = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("the name has no address") from None
        allowed = [address for address in told if self._allowed(address)]
        if not allowed:
            raise AddressRefused
        trouble: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectTimeout()
        for address in allowed[:MOST_ADDRESSES]:
            left = self._until - self._clock()
            if left <= 0:
                break
            within = left if timeout is None else min(left, timeout)
            try:
                stream = self._network.connect_tcp(address, port, within, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
                continue
            return _TimedStream(stream, self._until, self._clock)
        raise trouble

    def _allowed(self, address: str) -> bool:
        return is_public(address) or (self._here_too and ipaddress.ip_address(address).is_loopback)


class _TimedStream(httpcore.NetworkStream):
    """A connection that is over at one instant, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, until: float, clock: Callable[[], float]) -> None:
        self._stream, self._until, self._clock = stream, until, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._within(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = self._within(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, within), self._until, self._clock)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _within(self, timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
        left = self._until - self._clock()
        if left <= 0:
            raise late
        return left if timeout is None else min(left, timeout)
