"""Passwords are kept as Argon2id hashes, each with a salt of its own."""

from __future__ import annotations

from insights.adapters.passwords import Argon2Passwords

PASSWORD = "correct horse battery staple"


def test_a_password_is_known_by_its_hash_alone() -> None:
    passwords = Argon2Passwords()
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first.startswith("$argon2id$") and first != second and PASSWORD not in first
    assert passwords.right(PASSWORD, first) and passwords.right(PASSWORD, second)
    assert not passwords.right(PASSWORD.upper(), first)


def test_nobody_has_a_password_that_is_right() -> None:
    passwords = Argon2Passwords()
    assert not passwords.right(PASSWORD, None)
    assert not passwords.right("a password that nobody has", None)


def test_odd_passwords_are_passwords_like_any_other() -> None:
    passwords = Argon2Passwords()
    for odd in ("pässwörd mit Umlaut", "x" * 200, "with\x00nothing inside"):
        assert passwords.right(odd, passwords.hashed(odd))
