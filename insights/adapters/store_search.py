"""Finds leads by the words of their calls."""

from __future__ import annotations

from sqlalchemy import text

from insights.adapters.store_rows import Rows
from insights.adapters.word_index import asked_words, find_words
from insights.domain.leads import LeadId


class SearchRows(Rows):
    """Search; see the UnitOfWork port."""

    def leads_saying(self, words: str, limit: int) -> list[LeadId]:
        found = find_words(self._connection, words)
        if found is None:
            return []
        query = text(
            f"SELECT DISTINCT r.lead_id FROM ({found}) AS w JOIN searchable s ON s.number = w.number "  # noqa: S608 - our own words
            "JOIN transcript_recordings t ON t.key = s.key JOIN recordings r ON r.sha256 = t.audio_sha256 LIMIT :most"
        )
        told = {"words": asked_words(self._connection, words), "most": limit}
        return [LeadId(lead_id) for lead_id in self._connection.execute(query, told).scalars()]
