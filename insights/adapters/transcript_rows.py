"""Reads and writes transcripts as JSON Lines, the form that ``classify``, ``evaluate`` and the training seed share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from insights.adapters.lead_rows import CampaignRow, plain_reason, text_only
from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent, Outcome
from insights.domain.masking import without_phone_numbers
from insights.domain.scoring import Label, LabelledTranscript
from insights.domain.transcript import Speaker, Transcript, Turn
from insights.errors import InputError

MAX_LINE = 20_000_000


class _TurnRow(BaseModel):
    speaker: Speaker = Speaker.UNKNOWN
    text: str = ""
    start: float | None = Field(None, ge=0, allow_inf_nan=False)
    end: float | None = Field(None, ge=0, allow_inf_nan=False)
    confidence: float | None = Field(None, ge=0, le=1)


class _LabelRow(BaseModel):
    billable: bool
    reason: Intent
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _agrees(self) -> _LabelRow:
        if self.billable != (self.reason is Intent.NEW_CUSTOMER):
            raise ValueError(f"billable {str(self.billable).lower()} does not go with reason {self.reason.value}")
        return self


class _TranscriptRow(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=200)
    campaign: CampaignRow | None = None
    known_customer: bool = False
    turns: list[_TurnRow]
    label: _LabelRow | None = None


def read_transcripts(path: Path, *, labelled: bool = False) -> list[LabelledTranscript]:
    """All records of a file. Raises InputError with the line and the field when anything has the wrong form."""
    return list(_records(path, labelled))


def _records(path: Path, labelled: bool) -> Iterator[LabelledTranscript]:
    found = False
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        if not line.strip():
            continue
        found = True
        where = f"{path} line {number}"
        try:
            row = _TranscriptRow.model_validate(text_only(json.loads(line)))
            campaign = row.campaign.campaign() if row.campaign else None
        except json.JSONDecodeError as error:
            raise InputError(f"{where} is not JSON: {error}.", next_step=_FORM) from None
        except RecursionError:
            raise InputError(f"{where} is nested too deeply.", next_step=_FORM) from None
        except ValueError as error:
            raise InputError(f"{where}: {plain_reason(error)}.", next_step=_FORM) from None
        if labelled and row.label is None:
            raise InputError(f"{where}: label is missing.", next_step="Only labelled transcripts can be evaluated.")
        if row.id in seen:
            raise InputError(f"{where}: id {row.id!r} stands on line {seen[row.id]} already.")
        seen[row.id] = number
        turns = tuple(Turn(t.speaker, t.text, t.start, t.end, t.confidence) for t in row.turns)
        label = Label(row.label.billable, row.label.reason, row.label.outcome) if row.label else None
        yield LabelledTranscript(row.id, Transcript(turns), campaign, row.known_customer, label)
    if not found:
        raise InputError(f"{path} holds no transcripts.", next_step=_FORM)


_FORM = 'Each line must be like {"id": "...", "turns": [{"speaker": "caller", "text": "..."}]}.'


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from enumerate(iter(lambda: file.readline(MAX_LINE), ""), 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {str(path)!r}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text: {error}.") from None


def write_transcripts(path: Path, calls: Iterable[LabelledTranscript]) -> None:
    """Labelled transcripts in the form of the training seed, a line a call.

    What a training has no use for stays out: text that failed the speech guards, prices, and phone numbers, whether on
    the client's list or said aloud.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for call in calls:
            file.write(json.dumps(_seed_row(call), ensure_ascii=False) + "\n")


def _seed_row(call: LabelledTranscript) -> dict[str, Any]:
    label = call.label
    return {
        "id": call.call_id,
        "campaign": _offer(call.campaign) if call.campaign else None,
        "known_customer": call.known_customer,
        "turns": [
            {
                "speaker": turn.speaker.value,
                "text": without_phone_numbers(turn.text),
                "start": turn.start,
                "end": turn.end,
            }
            for turn in call.transcript.turns
            if not turn.unclear
        ],
        "label": None
        if label is None
        else {
            "billable": label.billable,
            "reason": label.reason.value,
            "outcome": label.outcome.value if label.outcome else None,
        },
    }


def _offer(campaign: Campaign) -> dict[str, Any]:
    area = campaign.service_area
    return {
        "client": campaign.client,
        "trade": campaign.trade,
        "services": list(campaign.services),
        "not_offered": list(campaign.not_offered),
        "service_area": {"cities": list(area.cities), "zips": list(area.zips), "state": area.state},
    }


def transcript_json(recording: str, transcript: Transcript, duration_s: float | None, channels: int) -> dict[str, Any]:
    """One line of ``transcribe --json``."""
    hearing = transcript.hearing
    return {
        "recording": recording,
        "duration_s": duration_s,
        "decoded_s": hearing.decoded_s if hearing else None,
        "channels": channels,
        "language": transcript.language,
        "turns": [
            {
                "start": turn.start,
                "end": turn.end,
                "speaker": turn.speaker.value,
                "text": turn.text,
                "confidence": turn.confidence,
                **({"unclear": True} if turn.unclear else {}),
            }
            for turn in transcript.turns
        ],
        "quality": None
        if hearing is None
        else {
            "speech_s": hearing.speech_s,
            "words": hearing.words,
            "mean_confidence": hearing.mean_confidence,
            "unclear_share": hearing.unclear_share,
        },
        "speakers": {"from": transcript.speakers.origin.value, "confidence": transcript.speakers.confidence},
        "sounds": [
            {"kind": sound.kind.value, "start": sound.start, "end": sound.end, "channel": sound.channel}
            for sound in transcript.sounds
        ],
        "model": transcript.model,
        "engine": transcript.engine,
    }
