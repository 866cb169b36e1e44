"""What may stand in an address or a form of ours where a lead or a file is named; anything else is not looked up."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path, Query
from pydantic import StringConstraints

from insights.domain.leads import ID_FORM

LeadInPath = Annotated[str, Path(pattern=f"^{ID_FORM}$")]
LeadInQuery = Annotated[str, Query(pattern=f"^(?:{ID_FORM})?$")]
"""A lead, or empty: none."""
LeadsInForm = Annotated[list[Annotated[str, StringConstraints(pattern=f"^{ID_FORM}$")]] | None, Form(max_length=1000)]
FileInPath = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
