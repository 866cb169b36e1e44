"""Measures how well the business's channel is inferred (``insights.domain.speakers``) on calls with hidden speakers.

    python -m models.intent.speakers [FILE.jsonl ...]

Prints, for each file, how many two-party calls an inference is sure enough about, and how many of those it gets right.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from insights.domain.speakers import SURE_ENOUGH, infer_agent
from insights.domain.transcript import Speaker, Turn
from models.intent.dataset import TEST_FILE, TRAIN_FILE


def sides(call: dict[str, Any]) -> tuple[list[Turn], list[Turn]]:
    """The agent's turns and the caller's, in the order of the call, five seconds a turn."""
    parts: dict[str, list[Turn]] = {"agent": [], "caller": []}
    for number, turn in enumerate(call["turns"]):
        if turn["speaker"] in parts:
            parts[turn["speaker"]].append(Turn(Speaker.UNKNOWN, turn["text"], 5.0 * number, 5.0 * number + 5))
    return parts["agent"], parts["caller"]


def measure(path: Path) -> dict[str, float]:
    """Calls, share of them with a sure inference, and share of the sure ones that are right."""
    calls = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = [
        (channel == 1, confidence)
        for agent, caller, client in ((*sides(call), call["campaign"]["client"]) for call in calls)
        if agent and caller
        for channel, confidence in [infer_agent(agent, caller, client)]
    ]
    sure = [right for right, confidence in found if confidence >= SURE_ENOUGH]
    return {"calls": len(found), "sure": len(sure) / len(found), "right": sum(sure) / max(1, len(sure))}


def main() -> None:
    """Print the figures of the seed's files."""
    parser = argparse.ArgumentParser(prog="python -m models.intent.speakers", description=main.__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[TRAIN_FILE, TEST_FILE])
    for path in parser.parse_args().files:
        figures = measure(path)
        print(f"{path.name}: {figures['calls']:.0f} calls, sure of {figures['sure']:.1%}, right {figures['right']:.1%}")


if __name__ == "__main__":
    main()
