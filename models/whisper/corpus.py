"""Collects the texts to be spoken: turns of hand-written calls, their clauses recombined, generated sentences.

A twentieth of the calls, chosen by a hash of the call's id, is never spoken in training: their turns are the
held-out natural sentences of the evaluation. The output is JSON Lines, ``{"text": ..., "kind": ...}``, in an order
that is already mixed, so that any leading part of it is a fair corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from models.whisper.grammar import SentenceWriter
from models.whisper.spoken import as_spoken

REPOSITORY = Path(__file__).parents[2]
DEFAULT_TEXTS = REPOSITORY / "models" / "intent" / "seed"
WORK = Path("var/whisper-training")
MAX_WORDS = 24
HELD_OUT_SHARE = 20

# Share of each kind among the generated and natural texts of one pass.
SHARES = {
    "turn": 0.42,
    "clauses": 0.14,
    "salad": 0.17,
    "facts": 0.09,
    "names": 0.04,
    "caller": 0.07,
    "agent": 0.05,
    "greeting": 0.02,
}


def is_held_out(call_id: str) -> bool:
    """True for the twentieth of the calls that is kept for evaluation."""
    return int(hashlib.sha256(call_id.encode()).hexdigest(), 16) % HELD_OUT_SHARE == 0


def read_turns(paths: Iterable[Path]) -> tuple[list[str], list[str]]:
    """Spoken chunks of the calls in ``paths``: (for training, held out). A chunk has at most 24 words."""
    spoken: list[str] = []
    held_out: list[str] = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            if call.get("split", "train") != "train":
                continue
            target = held_out if is_held_out(str(call["id"])) else spoken
            for turn in call["turns"]:
                target.extend(chunks(turn["text"]))
    known = set(spoken)
    return spoken, [text for text in dict.fromkeys(held_out) if text not in known]


def chunks(turn: str) -> Iterator[str]:
    """Cut a turn at its punctuation into spoken chunks of at most 24 words each."""
    words: list[str] = []
    for clause in re.split(r"(?<=[.?!;,])\s+|\s+[-–—]+\s+", turn):
        spoken = as_spoken(clause).split()
        if words and len(words) + len(spoken) > MAX_WORDS:
            yield " ".join(words)
            words = []
        words.extend(spoken)
        while len(words) > MAX_WORDS:
            yield " ".join(words[:MAX_WORDS])
            words = words[MAX_WORDS:]
    if words:
        yield " ".join(words)


def recombine(turns: list[str], rng: Random) -> str:
    """The beginning of one turn and the end of another: natural words without the natural sentence."""
    first, second = rng.choice(turns).split(), rng.choice(turns).split()
    return " ".join(first[: rng.randint(1, 9)] + second[-rng.randint(1, 9) :])


def write_corpus(turns: list[str], count: int, seed: int) -> Iterator[dict[str, str]]:
    """Yield ``count`` mixed texts; without any turns their share goes to the generated kinds."""
    rng = Random(seed)
    writer = SentenceWriter(rng)
    kinds = [kind for kind in SHARES if turns or kind not in ("turn", "clauses")]
    weights = [SHARES[kind] for kind in kinds]
    queue: list[str] = []
    for _ in range(count):
        kind = rng.choices(kinds, weights)[0]
        if kind == "turn":
            if not queue:
                queue = rng.sample(turns, len(turns))
            text = queue.pop()
        elif kind == "clauses":
            text = recombine(turns, rng)
        elif kind == "salad":
            text = writer.salad()
        elif kind == "facts":
            text = writer.facts()
        elif kind == "names":
            text = writer.names()
        else:
            text = writer.sentence(kind)
        yield {"text": " ".join(text.split()[:MAX_WORDS]), "kind": kind}


def digit_sentences(count: int, seed: int) -> list[str]:
    """Phone numbers for the evaluation, from a random stream of their own."""
    writer = SentenceWriter(Random(f"digits-{seed}"))
    return [writer.phone() for _ in range(count)]


def main() -> None:
    """Write the training texts and the held-out texts of the small checkpoint."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.corpus", description=main.__doc__)
    parser.add_argument("--texts", type=Path, nargs="*", help="calls (default: models/intent/seed/train*.jsonl)")
    parser.add_argument("--count", type=int, default=40_000, help="texts to write")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other texts of the same kinds")
    parser.add_argument("--out", type=Path, default=WORK / "texts.jsonl")
    parser.add_argument("--held-out", type=Path, default=WORK / "held-out.json", help="texts for the evaluation")
    arguments = parser.parse_args()

    paths = arguments.texts if arguments.texts is not None else sorted(DEFAULT_TEXTS.glob("train*.jsonl"))
    turns, held_out = read_turns(paths)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", encoding="utf-8") as out:
        for item in write_corpus(turns, arguments.count, arguments.seed):
            out.write(json.dumps(item) + "\n")
    arguments.held_out.write_text(
        json.dumps({"natural": held_out, "digits": digit_sentences(200, 0)}, indent=1) + "\n", encoding="utf-8"
    )
    print(f"{arguments.count} texts from {len(turns)} chunks of {len(paths)} files; {len(held_out)} chunks held out")


if __name__ == "__main__":
    main()
