"""Makes the corpus: collects the texts, and speaks them (``synthesis.py``). The same command goes on where it stopped.

Texts are turns of hand-written English calls, their clauses recombined, and generated sentences. They are split by
story before anything is spoken: of the stories that are told once a twentieth, chosen by a hash, is for measuring only;
of those that are told twice (the sides of a pair) both tellings are spoken. The texts are JSON Lines,
``{"text": ..., "kind": ...}``, in an order that is already mixed, so that any leading part of them is a fair corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from insights.domain.language import english_share
from models.whisper.grammar import SentenceWriter
from models.whisper.spoken import as_spoken
from models.whisper.synthesis import speak_corpus

REPOSITORY = Path(__file__).parents[2]
DEFAULT_CALLS = REPOSITORY / "models" / "intent" / "seed"
WORK = Path("var/whisper-training")
MAX_WORDS = 24
HELD_OUT_SHARE = 20
LEAST_ENGLISH = 0.2
"""Share of small English words: calls of the seed in other languages have less than 0.15, all others 0.24 and more."""

# Share of each kind among the generated and natural texts of one pass.
SHARES = {
    "turn": 0.41,
    "clauses": 0.14,
    "salad": 0.17,
    "facts": 0.09,
    "names": 0.04,
    "caller": 0.06,
    "agent": 0.05,
    "greeting": 0.02,
    "talk": 0.02,
}


@dataclass(frozen=True)
class Stories:
    """What the hand-written calls give: chunks for training, and the stories that are kept to measure with."""

    spoken: list[str]
    held_out: list[dict[str, Any]]

    @property
    def held_out_chunks(self) -> list[str]:
        """Each chunk of the held-out stories once, in order, without those that are also said in training."""
        known = set(self.spoken)
        found = (text for call in self.held_out for turn in call["turns"] for text in chunks(turn["text"]))
        return [text for text in dict.fromkeys(found) if text not in known]


def is_held_out(call: dict[str, Any]) -> bool:
    """True for a call whose story is kept to measure with."""
    return not call.get("pair") and int(hashlib.sha256(str(call["id"]).encode()).hexdigest(), 16) % HELD_OUT_SHARE == 0


def is_english(call: dict[str, Any]) -> bool:
    """False for a call in another language, which this checkpoint is not meant to hear."""
    words = [word for turn in call["turns"] for word in as_spoken(turn["text"]).split()]
    return english_share(words) >= LEAST_ENGLISH


def read_stories(paths: Iterable[Path] | None = None) -> Stories:
    """The English calls of these files; none given: those of the intent model's training seed."""
    found = Stories([], [])
    for path in paths or sorted(DEFAULT_CALLS.glob("train*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            if not is_english(call):
                continue
            if is_held_out(call):
                found.held_out.append(call)
            else:
                found.spoken.extend(text for turn in call["turns"] for text in chunks(turn["text"]))
    return found


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


def combinations(count: int, spoken: set[str]) -> list[str]:
    """Sentences of the known patterns with fillings that are not in ``spoken``, at least four words each."""
    writer = SentenceWriter(Random("held-out combinations"))
    kinds = ("caller", "agent", "greeting")
    return _unspoken(lambda: writer.sentence(writer.rng.choice(kinds)), count, spoken, shortest=4)


def digit_strings(count: int, spoken: set[str]) -> list[str]:
    """Phone numbers, zip codes and other digits that are not in ``spoken``."""
    return _unspoken(SentenceWriter(Random("held-out digits")).digits, count, spoken)


def _unspoken(write: Callable[[], str], count: int, spoken: set[str], shortest: int = 1) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        text = " ".join(write().split()[:MAX_WORDS])
        if text not in spoken and len(text.split()) >= shortest:
            found[text] = None
    return list(found)


def read_texts(paths: Iterable[Path]) -> set[str]:
    """All texts of corpora that were written."""
    return {json.loads(line)["text"] for path in paths for line in path.read_text(encoding="utf-8").splitlines()}


def main() -> None:
    """Write the texts of the small checkpoint's corpus and speak them into a pool of training shards."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.corpus", description=main.__doc__)
    parser.add_argument("--calls", type=Path, nargs="*", help="calls (default: models/intent/seed/train*.jsonl)")
    parser.add_argument("--count", type=int, default=40_000, help="texts to write")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other texts of the same kinds")
    parser.add_argument(
        "--texts", type=Path, default=WORK / "texts.jsonl", help="file of the texts; kept if it is there"
    )
    parser.add_argument("--pool", type=Path, default=WORK / "pool", help="folder of the shards")
    parser.add_argument("--workers", type=int, default=2, help="processes that speak, one core each; 0: texts only")
    options = parser.parse_args()

    options.texts.parent.mkdir(parents=True, exist_ok=True)
    if options.texts.exists():
        print(f"{options.texts} stands already and is kept; another corpus needs another --texts")
    else:
        stories = read_stories(options.calls)
        partial = options.texts.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as out:
            for item in write_corpus(stories.spoken, options.count, options.seed):
                out.write(json.dumps(item) + "\n")
        partial.replace(options.texts)
        held_out = f"{len(stories.held_out)} stories held out"
        print(f"{options.count} texts from {len(stories.spoken)} chunks of calls; {held_out}", flush=True)
    if options.workers:
        speak_corpus(options.texts, options.pool, options.workers)


if __name__ == "__main__":
    main()
