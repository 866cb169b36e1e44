"""Names a disk of ours that takes nothing any more; of what was to be written there nothing stays by half."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from insights.errors import DiskFull

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FAILED = (errno.EIO, errno.EROFS)


def disk_trouble(error: OSError, place: str) -> DiskFull | None:
    """What the error says of the disk of ``place`` (a folder, a file or a stream); None where it is another fault."""
    if error.errno in _FULL:
        return disk_full(place)
    if error.errno in _FAILED:
        return disk_failed(place, os.strerror(error.errno))
    return None


def disk_full(place: str) -> DiskFull:
    """There is no room at ``place``, or no more of what we may have there."""
    return DiskFull(
        f"the disk is full: {place} takes nothing any more.",
        code="disk_full",
        next_step="Make room there (call-insights doctor tells what is free), then give the same command again:"
        " what was finished is kept, and nothing counts as failed.",
    )


def disk_failed(place: str, says: str) -> DiskFull:
    """What lies at ``place`` cannot be written, and not for want of room."""
    return DiskFull(
        f"the disk of {place} cannot be written: {says}.",
        code="disk_failed",
        next_step="Look at the disk and how it is mounted, then give the same command again.",
    )


@contextmanager
def room_at(place: Path) -> Iterator[None]:
    """While something is written there. Raises DiskFull; other trouble passes as it is."""
    try:
        yield
    except OSError as error:
        if trouble := disk_trouble(error, str(place)):
            raise trouble from error
        raise
