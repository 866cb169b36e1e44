"""Reads labelled calls (JSON Lines) and splits them by trade, so that nothing of a validation call was trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from insights.domain.campaigns import Campaign, CampaignId, ServiceArea
from insights.domain.intents import Intent, Outcome
from insights.domain.transcript import Speaker, Transcript, Turn

SEED = Path(__file__).parent / "seed"
TRAIN_FILE = SEED / "train.jsonl"
TEST_FILE = SEED / "test.jsonl"
HEARD_FILE = SEED / "heard.jsonl"
"""Calls of the training file as the project's own recogniser heard them spoken."""

SETS = {
    "test": TEST_FILE,
    "test_heard": SEED / "test_heard.jsonl",
    "robocalls": SEED / "robocalls.jsonl",
}
"""Sealed sets of trades that training never sees: mixed calls as they were written, the same as the project's own
recogniser heard them spoken, and recorded sales scripts and scams."""


class SeedFault(ValueError):
    """A line that is no labelled call; the message names file, line and fault."""


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """One call with its label. ``pair`` joins two calls that differ only in what decides; ``group`` is the client."""

    call_id: str
    transcript: Transcript
    campaign: Campaign | None
    known_customer: bool
    intent: Intent
    outcome: Outcome | None
    pair: str = ""
    group: str = ""

    def with_turns(self, turns: Iterable[Turn]) -> LabelledCall:
        return replace(self, transcript=Transcript(tuple(turns)))


def read_calls(path: Path) -> list[LabelledCall]:
    """All calls of a file. Raises SeedFault for the first line that cannot be read."""
    calls = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            calls.append(call_of(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as trouble:
            raise SeedFault(f"{path}, line {number}: {trouble!r}") from trouble
    return calls


def call_of(row: dict[str, Any]) -> LabelledCall:
    """One parsed line. Raises KeyError, TypeError or ValueError when the line is no labelled call."""
    label = row["label"]
    intent = Intent(label["reason"])
    outcome = Outcome(label["outcome"]) if label.get("outcome") else None
    if bool(label.get("billable", intent is Intent.NEW_CUSTOMER)) != (intent is Intent.NEW_CUSTOMER):
        raise ValueError(f"billable does not agree with {intent}")
    if (outcome is not None) != (intent is Intent.NEW_CUSTOMER):
        raise ValueError(f"{intent} with outcome {outcome}")
    campaign = campaign_of(row.get("campaign"))
    return LabelledCall(
        call_id=str(row["id"]),
        transcript=Transcript(turns_of(row["turns"])),
        campaign=campaign,
        known_customer=bool(row.get("known_customer", False)),
        intent=intent,
        outcome=outcome,
        pair=str(row.get("pair", "")),
        group=campaign.client if campaign else "",
    )


def turns_of(rows: Sequence[dict[str, Any]]) -> tuple[Turn, ...]:
    return tuple(
        Turn(Speaker(row.get("speaker", "unknown")), str(row["text"]), row.get("start"), row.get("end")) for row in rows
    )


def campaign_of(row: dict[str, Any] | None) -> Campaign | None:
    """The campaign of a line; clients of the seed are told apart by name, so the name gives the id."""
    if not row:
        return None
    area = row.get("service_area", {})
    return Campaign(
        campaign_id=CampaignId("c" + hashlib.sha256(str(row["client"]).encode()).hexdigest()[:10]),
        client=str(row["client"]),
        trade=str(row["trade"]),
        services=tuple(row.get("services", ())),
        not_offered=tuple(row.get("not_offered", ())),
        service_area=ServiceArea(
            tuple(area.get("cities", ())), tuple(area.get("zips", ())), str(area.get("state", ""))
        ),
    )


def heard_turns(path: Path) -> dict[str, list[tuple[Turn, ...]]]:
    """Recogniser transcripts by call id: every line that has an ``id`` and ``turns``; an id may come several times."""
    found: dict[str, list[tuple[Turn, ...]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            found.setdefault(str(row["id"]), []).append(turns_of(row["turns"]))
    return found


_FAMILIES = {
    "plumber": "plumbing",
    "hvac contractor": "hvac",
    "personal injury attorney": "personal injury law",
    "water and fire damage restoration": "water damage restoration",
    "windows": "windows and gutters",
    "gutter guards": "windows and gutters",
    "kitchen remodelling": "bathroom and kitchen remodelling",
    "concrete contractor": "concrete and paving",
    "accountant": "accountant and tax help",
    "tax help": "accountant and tax help",
    "daycare": "daycare and preschool",
    "landscaping": "landscaping and lawn care",
    "tile and grout": "flooring",
    "computer and phone repair": "it support for businesses",
    "mobile mechanic": "auto repair",
    "orthodontist": "dentist",
    "massage and acupuncture": "chiropractor",
    "physical therapy": "chiropractor",
    "accounting and payroll": "accountant and tax help",
    "attic and estate cleanout": "junk removal",
    "basement finishing": "bathroom and kitchen remodelling",
    "car detailing": "auto detailing",
    "catering": "wedding photography and catering",
    "charter bus": "limousine and airport shuttle",
    "college admissions coaching": "tutoring",
    "commercial printing": "sign shop and printing",
    "computer and it support": "it support for businesses",
    "couples counseling": "mental health counseling",
    "demolition contractor": "demolition",
    "denture clinic": "dentist",
    "divorce mediation": "family and divorce law",
    "drone surveying": "drone photography",
    "dryer vent cleaning": "air duct cleaning",
    "drywall and ceiling repair": "drywall repair",
    "dumpster rental": "junk removal",
    "educational testing": "tutoring",
    "egress window installation": "windows and gutters",
    "elder law": "estate and probate law",
    "event and portrait photography": "wedding photography and catering",
    "family law": "family and divorce law",
    "fingerprinting and drug testing": "drug testing and occupational health",
    "home medical equipment": "home health equipment",
    "in-home elder care": "senior home care",
    "in-home foot care nursing": "podiatrist",
    "landscape lighting": "outdoor lighting",
    "laser tattoo removal": "tattoo removal",
    "local and long-distance movers": "moving company",
    "managed it for businesses": "it support for businesses",
    "masonry and tuckpointing": "masonry",
    "mediation service": "family and divorce law",
    "medical transport": "wheelchair and dialysis transport",
    "medical weight loss clinic": "weight loss clinic",
    "mobile bartending": "wedding photography and catering",
    "mobile fleet washing": "auto detailing",
    "mosquito control": "pest control",
    "painting": "house painting",
    "paintless dent repair": "auto body and collision repair",
    "patent and trademark law": "patent law",
    "payroll bureau": "accountant and tax help",
    "pond and water feature service": "pond building",
    "preschool and daycare": "daycare and preschool",
    "printing and signs": "sign shop and printing",
    "public insurance adjuster": "public adjuster",
    "retaining walls and hardscape": "retaining walls",
    "roof snow removal": "snow removal",
    "solar water heater service": "solar panels",
    "standby generator installation": "generator installation",
    "stump grinding": "tree service",
    "title and escrow company": "title company",
    "transmission repair": "auto repair",
    "tutoring center": "tutoring",
    "tv mounting and antenna installation": "home theater installation",
    "water softener service": "well drilling and water treatment",
    "well drilling": "well drilling and water treatment",
    "wildlife removal": "pest control",
    "window replacement": "windows and gutters",
}
"""Trades that are the same business under another name, or so near that one would teach the other."""


def trade_family(call: LabelledCall) -> str:
    """The trade under which a call is held out; empty without a campaign."""
    trade = call.campaign.trade.strip().lower() if call.campaign else ""
    return _FAMILIES.get(trade, trade)


def trade_folds(calls: Sequence[LabelledCall], folds: int, seed: int) -> list[list[int]]:
    """Indices of the calls of each fold. Trades, clients and pairs stay whole; folds are about equal in size."""
    groups = _joined_groups(calls)
    rng = Random(seed)
    rng.shuffle(groups)
    groups.sort(key=len, reverse=True)
    parts: list[list[int]] = [[] for _ in range(folds)]
    for group in groups:
        min(parts, key=len).extend(group)
    return [sorted(part) for part in parts]


def _joined_groups(calls: Sequence[LabelledCall]) -> list[list[int]]:
    """Calls joined by trade, client or pair."""
    parent = list(range(len(calls)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    first: dict[tuple[str, str], int] = {}
    for index, call in enumerate(calls):
        for key in (("trade", trade_family(call)), ("client", call.group), ("pair", call.pair)):
            if key[1]:
                parent[root(index)] = root(first.setdefault(key, index))
    joined: dict[int, list[int]] = {}
    for index in range(len(calls)):
        joined.setdefault(root(index), []).append(index)
    return list(joined.values())


def file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
