"""The bytes of a recording as they come over HTTP: whole, within a size, gone on with where they were cut."""

from __future__ import annotations

import re
from collections.abc import Mapping

Problem = tuple[str, str]
"""A code and words that say what the provider did."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_PAGES = ("text/", "application/json", "application/xml", "application/xhtml", "application/problem+json")
_PAGE_BEGINS = (b"<", b"{", b"[")
_CUT: Problem = ("recording_cut", "sent the recording only in part")
_NOT_YET: Problem = ("not_audio_yet", "sent a page instead of a recording")


class RecordingBody:
    """What has come so far. The methods tell a Problem, or None where there is none."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._data = bytearray()
        self._length: int | None = None
        self._tag = ""

    @property
    def size(self) -> int:
        return len(self._data)

    def asks_for(self) -> dict[str, str]:
        """The headers that ask for the rest; none while the whole is wanted, or nobody knows how long that is."""
        if not self._data or self._length is None:
            return {}
        return {"Range": f"bytes={self.size}-", **({"If-Range": self._tag} if self._tag else {})}

    def begin(self, status: int, headers: Mapping[str, str]) -> Problem | None:
        """An answer begins: the whole, or the rest of what is here already."""
        if headers.get("content-encoding", "identity").lower() != "identity":
            return "unreadable", "sent the recording packed"
        if headers.get("content-type", "").strip().lower().startswith(_PAGES):
            return _NOT_YET
        if status == 206:
            return None if self._goes_on(headers) else _CUT
        if status != 200:
            return _NOT_YET
        self.forget()
        told, tag = headers.get("content-length", ""), headers.get("etag", "")
        self._length = int(told) if told.isascii() and told.isdecimal() else None
        self._tag = (
            tag if tag.startswith('"') and tag.isascii() and tag.isprintable() else ""
        )  # weak tags prove nothing
        return self._too_large() if (self._length or 0) > self._largest else None

    def add(self, piece: bytes) -> Problem | None:
        if self.size + len(piece) > self._largest:
            return self._too_large()
        self._data += piece
        return None

    def end(self) -> Problem | None:
        return _CUT if self._length is not None and self.size != self._length else None

    def problem(self) -> Problem | None:
        """Whether what came whole can be a recording: an empty answer or a page under its name can not."""
        begins = bytes(self._data[:200]).lstrip(b"\xef\xbb\xbf \t\r\n")
        return _NOT_YET if not begins or begins.startswith(_PAGE_BEGINS) else None

    def forget(self) -> None:
        """Begin anew."""
        self._data.clear()
        self._length, self._tag = None, ""

    def bytes(self) -> bytes:
        return bytes(self._data)

    def _goes_on(self, headers: Mapping[str, str]) -> bool:
        told = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
        same = not self._tag or headers.get("etag", self._tag) == self._tag
        return told is not None and same and (int(told[1]), int(told[3])) == (self.size, self._length)

    def _too_large(self) -> Problem:
        return "recording_too_large", f"sends a recording of more than {self._largest:,} bytes"
