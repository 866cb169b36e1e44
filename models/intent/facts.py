"""How often each kind of fact is found, and how often the label agrees: `python -m models.intent.facts FILE...`.

A fact that speaks to a reason is right when the call's label is that reason; a place inside the area or an offered
service when the label is not the reason that they speak against. Bookings, cancellations and competitors are held
against the outcomes of new customers. A label names one reason only: a call with another one may hold the fact too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from insights.adapters.service_matcher import MiniLmServiceMatcher
from insights.adapters.us_places import UsPlaces
from insights.domain.facts import Fact, FactKind, extract_facts
from insights.domain.intents import Intent, Outcome
from insights.domain.scoring import wilson
from insights.domain.weighing import SPEAKS_TO
from insights.errors import InsightsError
from models.intent.dataset import TRAIN_FILE, LabelledCall, SeedFault, heard_turns, read_calls

Found = list[tuple[LabelledCall, tuple[Fact, ...]]]

AGAINST = {
    FactKind.PLACE_INSIDE_AREA: Intent.OUT_OF_AREA,
    FactKind.OFFERED_SERVICE_NAMED: Intent.SERVICE_NOT_OFFERED,
}
TELLS_OUTCOME = {
    FactKind.BOOKING_NAMED: Outcome.APPOINTMENT_BOOKED,
    FactKind.CANCELLATION_NAMED: Outcome.APPOINTMENT_CANCELLED,
    FactKind.COMPETITOR_NAMED: Outcome.CHOSE_COMPETITOR,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One kind: ``calls`` with it, of these ``judged`` against a label and ``right``; ``recall`` is the share of the
    calls with the agreeing label that hold it. None where labels say nothing of the kind."""

    kind: str
    calls: int
    judged: int
    right: int
    precision: float | None
    interval: tuple[float, float] | None
    recall: float | None


def agrees(kind: FactKind) -> Callable[[LabelledCall], bool | None] | None:
    """Whether a call's label agrees with the kind, None for calls that cannot tell; None for kinds without labels."""
    if kind in AGAINST:
        return lambda call: call.intent is not AGAINST[kind]
    if kind in TELLS_OUTCOME:
        return lambda call: call.outcome is TELLS_OUTCOME[kind] if call.outcome else None
    if kind in SPEAKS_TO:
        return lambda call: call.intent is SPEAKS_TO[kind]
    return None


def measure(found: Found) -> list[Figures]:
    """The figures of every kind that occurs, in the order of the kinds."""
    return [figures for kind in FactKind if (figures := _figures(kind, found)).calls]


def _figures(kind: FactKind, found: Found) -> Figures:
    holding = [call for call, facts in found if any(fact.kind is kind for fact in facts)]
    right = agrees(kind)
    if right is None:
        return Figures(kind.value, len(holding), 0, 0, None, None, None)
    told = [answer for call in holding if (answer := right(call)) is not None]
    wanted = sum(right(call) is True for call, _ in found)
    hits = sum(told)
    precision = hits / len(told) if told else None
    return Figures(
        kind.value, len(holding), len(told), hits, precision, wilson(hits, len(told)), hits / wanted if wanted else None
    )


def find(calls: Sequence[LabelledCall]) -> Found:
    """The facts of every call, found as the pipeline finds them."""
    places, matcher = UsPlaces(), MiniLmServiceMatcher()
    return [(call, extract_facts(call.transcript, call.campaign, places, services=matcher)) for call in calls]


def quotes(found: Found, kind: FactKind) -> Iterator[str]:
    """A line a fact: whether the label agrees, the label, the call, the value and the quote."""
    right = agrees(kind)
    for call, facts in found:
        for fact in facts:
            if fact.kind is kind:
                mark = {True: "+", False: "-", None: " "}[right(call) if right else None]
                label = call.outcome if kind in TELLS_OUTCOME and call.outcome else call.intent
                said = fact.quote.text if fact.quote else fact.source
                yield f"{mark} {label.value:20} {call.call_id:18} {fact.value} | {said}"


def readable(rows: Sequence[Figures]) -> str:
    lines = [f"{'kind':26} {'calls':>5} {'right':>5} {'precision':>9}  {'95 %':13} {'recall':>6}"]
    for row in rows:
        if row.precision is None or row.interval is None or row.recall is None:
            lines.append(f"{row.kind:26} {row.calls:5}")
        else:
            low, high = row.interval
            share = f"{row.precision:9.3f}  {low:.3f}-{high:.3f}  {row.recall:6.3f}"
            lines.append(f"{row.kind:26} {row.calls:5} {row.right:5} {share}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m models.intent.facts",
        description=__doc__,
        epilog="Example: python -m models.intent.facts models/intent/seed/train.jsonl --show referral_named",
    )
    parser.add_argument("files", type=Path, nargs="*", default=[TRAIN_FILE], help="labelled calls, JSON Lines")
    parser.add_argument("--heard", type=Path, help="judge these recogniser transcripts of the same ids instead")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--show", choices=[kind.value for kind in FactKind], metavar="KIND", help="list its quotes")
    options = parser.parse_args(arguments)
    try:
        calls = [call for file in options.files for call in read_calls(file)]
        if options.heard:
            heard = heard_turns(options.heard)
            calls = [call.with_turns(heard[call.call_id][0]) for call in calls if call.call_id in heard]
        found = find(calls)
    except (InsightsError, SeedFault, OSError) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    if options.show:
        print(*quotes(found, FactKind(options.show)), sep="\n")
    elif options.json:
        print(json.dumps({"calls": len(calls), "facts": [asdict(row) for row in measure(found)]}))
    else:
        print(f"{len(calls)} calls of {', '.join(map(str, options.files))}\n\n{readable(measure(found))}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
