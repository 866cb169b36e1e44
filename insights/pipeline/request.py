"""The client's side of a review: ask for one, answer a question, take it back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from insights.domain import lead_life
from insights.domain.billing import BillingRecord
from insights.domain.lead_life import Move, Mover, Refusal
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.errors import InputError
from insights.pipeline.moves import Standing, make_move, standing
from insights.ports import Deps

MOST_FILES = 10
LARGEST_FILE = 10_000_000
"""Bytes of one file that a client may send along."""


def submit_request(
    deps: Deps, lead_id: LeadId, reason: Reason, explanation: str, files: Mapping[str, bytes], now: datetime
) -> BillingRecord:
    """Post the client's request. Files are kept by their hash before the entry names them, so none is ever missing, and
    only where the request is taken.

    Raises UnknownLead, InputError for files that are too many or too large, MoveRefused.
    """
    told = _described(files)

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.submit(found.record, by, reason, explanation, found.eligibility, found.policy, told)

    return make_move(deps, lead_id, _client(deps, lead_id, now), now, _keeping(deps, files, move))


def give_information(
    deps: Deps, lead_id: LeadId, text: str, files: Mapping[str, bytes], now: datetime
) -> BillingRecord:
    """Post the client's answer to what was asked. Raises as ``submit_request`` does."""
    told = _described(files)

    def move(found: Standing, by: Mover) -> Move:
        return lead_life.give(found.record, by, text, told)

    return make_move(deps, lead_id, _client(deps, lead_id, now), now, _keeping(deps, files, move))


def withdraw_request(deps: Deps, lead_id: LeadId, note: str, now: datetime) -> BillingRecord:
    """Take the client's request back. Raises UnknownLead, MoveRefused."""
    actor = _client(deps, lead_id, now)
    return make_move(deps, lead_id, actor, now, lambda found, by: lead_life.withdraw(found.record, by, note))


def _client(deps: Deps, lead_id: LeadId, now: datetime) -> str:
    with deps.store(only_reads=True) as unit:
        campaign = standing(deps, unit, lead_id, now).campaign
    return f"client:{campaign.client_id or campaign.campaign_id}"


def _keeping(
    deps: Deps, files: Mapping[str, bytes], move: Callable[[Standing, Mover], Move]
) -> Callable[[Standing, Mover], Move]:
    """The move, which keeps the files when it is made."""

    def made(found: Standing, by: Mover) -> Move:
        decided = move(found, by)
        if not isinstance(decided, Refusal):
            for data in files.values():
                deps.attachments.keep(data)
        return decided

    return made


def _described(files: Mapping[str, bytes]) -> Sequence[Mapping[str, Any]]:
    """The files as the entry names them. Raises InputError."""
    if len(files) > MOST_FILES:
        raise InputError(f"{len(files)} files are too many.", next_step=f"Send at most {MOST_FILES}.")
    for name, data in files.items():
        if len(data) > LARGEST_FILE:
            raise InputError(f"the file {name[:80]!r} is larger than {LARGEST_FILE // 1_000_000} MB.")
    return [
        {"name": name[:200], "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in files.items()
    ]
