"""Sets of small numbers as the bits of one integer: a hundred thousand are intersected and counted in microseconds.

A set never changes: ``&``, ``|`` and ``& ~`` make new ones. ``int.bit_count`` says how many it holds.
"""

from __future__ import annotations

from collections.abc import Iterable

_TRUTH = bytes.maketrans(b"01", b"\x00\x01")


def number_set(numbers: Iterable[int], size: int) -> int:
    """The set of some numbers, all of them less than ``size``."""
    bits = bytearray(size // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def members(numbers: int, size: int) -> bytes:
    """A byte for each number less than ``size``: 1 where the set holds it, else 0."""
    return f"{numbers:0{size}b}"[::-1].encode("ascii").translate(_TRUTH)


def first_of(numbers: int) -> int:
    """The least number of a set that is not empty."""
    return (numbers & -numbers).bit_length() - 1
