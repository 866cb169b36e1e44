"""Looks for faults in the seed calls: form, codes, near-copies, and leaks from training into test.

    python -m models.intent.validate [--train FILE] [--test FILE]

Prints a line a fault; exit status 1 when there are any.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insights.domain.spoken_words import spoken_words
from models.intent.dataset import TEST_FILE, TRAIN_FILE, LabelledCall, call_of

NEAR_COPY = 0.6
"""Share of word triples that two calls may have in common; the sides of a minimal pair are alike on purpose."""

LEAK = 0.25
"""Share of word triples that a training call and a test call may have in common."""

STOCK_PHRASES = 25
"""Common word triples up to which two calls may just use the same stock phrases (greetings, robocall scripts)."""

LONG_TURN = 12
"""Words from which on a turn may stand only once outside its pair."""

_CAMPAIGN = {"client": str, "trade": str, "services": list, "not_offered": list, "service_area": dict}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the call and what is wrong with it."""

    call_id: str
    what: str

    def __str__(self) -> str:
        return f"{self.call_id}: {self.what}"


def validate(train: Sequence[dict[str, Any]], test: Sequence[dict[str, Any]]) -> list[Fault]:
    """All faults of the two sets of parsed lines."""
    faults: list[Fault] = []
    good: dict[str, list[LabelledCall]] = {"train": [], "test": []}
    for name, rows in (("train", train), ("test", test)):
        for number, row in enumerate(rows, start=1):
            own = list(_form_faults(row, f"{name} line {number}"))
            faults += own
            if not own:
                good[name].append(call_of(row))
    counted = Counter(call.call_id for calls in good.values() for call in calls)
    faults += [Fault(call_id, f"the id stands {count} times") for call_id, count in counted.items() if count > 1]
    for calls in good.values():
        faults += _pair_faults(calls)
        faults += _copy_faults(calls)
    return [*faults, *_leak_faults(good["train"], good["test"])]


def _form_faults(row: dict[str, Any], where: str) -> Iterator[Fault]:
    name = str(row.get("id") or where)
    try:
        call = call_of(row)
    except (ValueError, KeyError, TypeError, AttributeError) as trouble:
        yield Fault(name, f"no labelled call: {trouble!r}")
        return
    campaign = row.get("campaign")
    if not isinstance(campaign, dict) or any(type(campaign.get(key)) is not kind for key, kind in _CAMPAIGN.items()):
        yield Fault(name, "the campaign lacks client, trade, services, not_offered or service_area")
    elif call.campaign is not None:
        area = call.campaign.service_area
        if any(len(code) != 5 or not code.isdigit() for code in area.zips):
            yield Fault(name, f"zips that are not five digits: {area.zips}")
        if len(area.state) != 2 or not area.state.isupper():
            yield Fault(name, f"state {area.state!r} is not two letters")
        if both := set(map(spoken_words, call.campaign.services)) & set(map(spoken_words, call.campaign.not_offered)):
            yield Fault(name, f"offered and not offered at once: {sorted(both)}")
    if not call.transcript.turns or any(not turn.text.strip() for turn in call.transcript.turns):
        yield Fault(name, "a call needs turns, and every turn needs text")
    speakers = {str(turn.speaker) for turn in call.transcript.turns}
    if "unknown" in speakers and len(speakers) > 1:
        yield Fault(name, f"a mono recording knows no speakers, but this one has {sorted(speakers)}")


def _pair_faults(calls: Sequence[LabelledCall]) -> Iterator[Fault]:
    """A minimal pair is two calls on one story whose labels differ."""
    pairs: dict[str, list[LabelledCall]] = {}
    for call in calls:
        if call.pair:
            pairs.setdefault(call.pair, []).append(call)
    for pair, sides in pairs.items():
        if len(sides) < 2:
            yield Fault(sides[0].call_id, f"the other side of pair {pair} is missing")
        elif len({(side.intent, side.outcome) for side in sides}) < 2:
            yield Fault(sides[0].call_id, f"all sides of pair {pair} have the same label")


def _copy_faults(calls: Sequence[LabelledCall]) -> Iterator[Fault]:
    triples = [_triples(call) for call in calls]
    for first, second, share in _alike(triples, triples):
        one, two = calls[first], calls[second]
        if first < second and share >= NEAR_COPY and not (one.pair and one.pair == two.pair):
            yield Fault(two.call_id, f"near-copy of {one.call_id} ({share:.0%} of its word triples)")
    owner: dict[str, LabelledCall] = {}
    for call in calls:
        for turn in call.transcript.turns:
            text = spoken_words(turn.text)
            if len(text.split()) < LONG_TURN:
                continue
            other = owner.setdefault(text, call)
            if other is not call and not (call.pair and call.pair == other.pair):
                yield Fault(call.call_id, f"a long turn stands word for word in {other.call_id}: {text[:60]!r}")


def _leak_faults(train: Sequence[LabelledCall], test: Sequence[LabelledCall]) -> Iterator[Fault]:
    """Test calls come from trades and clients that training never saw, and share no story with it."""
    trades = {spoken_words(call.campaign.trade) for call in train if call.campaign}
    clients = {spoken_words(call.group) for call in train if call.group}
    for trade in sorted({spoken_words(call.campaign.trade) for call in test if call.campaign} & trades):
        yield Fault("test", f"the trade {trade!r} is also in training")
    for client in sorted({spoken_words(call.group) for call in test if call.group} & clients):
        yield Fault("test", f"the client {client!r} is also in training")
    for at, other, share in _alike([_triples(call) for call in test], [_triples(call) for call in train]):
        if share >= LEAK:
            yield Fault(test[at].call_id, f"shares {share:.0%} of its word triples with {train[other].call_id}")


def _triples(call: LabelledCall) -> frozenset[str]:
    words = " ".join(spoken_words(turn.text) for turn in call.transcript.turns).split()
    return frozenset(" ".join(words[at : at + 3]) for at in range(len(words) - 2))


def _alike(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, float]]:
    """Pairs of calls that share word triples: the share is taken of the shorter call; stock phrases do not count."""
    places: dict[str, list[int]] = {}
    for at, triples in enumerate(right):
        for triple in triples:
            places.setdefault(triple, []).append(at)
    for at, triples in enumerate(left):
        shared = Counter(other for triple in triples for other in places.get(triple, ()))
        for other, count in shared.items():
            if count > STOCK_PHRASES:
                yield at, other, count / min(len(triples), len(right[other]))


def main(arguments: Sequence[str] | None = None) -> int:
    about = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m models.intent.validate", description=about)
    parser.add_argument("--train", type=Path, default=TRAIN_FILE)
    parser.add_argument("--test", type=Path, default=TEST_FILE)
    options = parser.parse_args(arguments)
    try:
        train, test = _rows(options.train), _rows(options.test)
    except (OSError, ValueError) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    faults = validate(train, test)
    for fault in faults:
        print(fault)
    print(f"{len(train)} training calls, {len(test)} test calls, {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    raise SystemExit(main())
