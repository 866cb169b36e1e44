"""Hashes and checks passwords with Argon2id, by pwdlib's recommended parameters."""

from __future__ import annotations

from pwdlib import PasswordHash


class Argon2Passwords:
    """See the port ``Passwords``."""

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._nobodys = self._hasher.hash("a password that nobody has")

    def hashed(self, password: str) -> str:
        return self._hasher.hash(password)

    def right(self, password: str, hashed: str | None) -> bool:
        known = self._hasher.verify(password, hashed or self._nobodys)
        return known and hashed is not None
