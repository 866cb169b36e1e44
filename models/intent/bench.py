"""How fast calls are judged, and in how much memory: `python -m models.intent.bench`.

Two hundred calls of two hundred words, made of the sealed test calls, are judged one by one as `call-insights classify`
judges them. Beside it, in the same run, the plain MiniLM encoder reads the same words: the ratio says what windows,
heads, word counts, facts and rules cost on top, and can be compared between machines as the seconds cannot.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, cycle

import torch

from insights import __version__
from insights.adapters.intent_model import SafetensorsIntentModel
from insights.adapters.intent_network import NetworkConfig, load_encoder
from insights.adapters.policy_files import load_policies
from insights.adapters.service_matcher import MiniLmServiceMatcher
from insights.adapters.us_places import UsPlaces
from insights.domain.spoken_words import spoken_words
from insights.domain.transcript import Transcript, Turn
from insights.pipeline.predict import judge
from models.intent.dataset import SEED, TEST_FILE, LabelledCall, read_calls


def calls_of_length(words: int) -> Iterator[LabelledCall]:
    """Test calls without end, each filled up with the turns of the next ones to just ``words`` words."""
    stock = read_calls(TEST_FILE)
    turns = cycle(turn for call in stock for turn in call.transcript.turns)
    for call in cycle(stock):
        kept: list[Turn] = []
        room = words
        for turn in chain(call.transcript.turns, turns):
            said = turn.text.split()[:room]
            kept.append(Turn(turn.speaker, " ".join(said)))
            room -= len(said)
            if room <= 0:
                break
        yield call.with_turns(kept)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.intent.bench", description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--words", type=int, default=200, help="words a call")
    options = parser.parse_args(arguments)
    made = calls_of_length(options.words)
    calls = [next(made) for _ in range(options.calls)]
    model, services, places = SafetensorsIntentModel.load(SEED.parent / "weights"), MiniLmServiceMatcher(), UsPlaces()
    policy = load_policies().at(datetime.now(UTC))

    def classify(call: LabelledCall) -> None:
        judge(call.transcript, call.campaign, False, model, places, policy, __version__, services)

    classify(calls[0])  # gazetteer and encoder are loaded before the clock starts
    took = _seconds(lambda: [classify(call) for call in calls])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20

    encoder, tokenizer = load_encoder(NetworkConfig().encoder)
    encoder.eval()

    def encode(transcript: Transcript) -> None:
        text = " ".join(spoken_words(turn.text) for turn in transcript.turns)
        with torch.inference_mode():
            encoder(**tokenizer(text, truncation=True, max_length=512, return_tensors="pt"))

    encode(calls[0].transcript)
    plain = _seconds(lambda: [encode(call.transcript) for call in calls])
    print(f"{options.calls} calls of {options.words} words, {torch.get_num_threads()} threads, one by one, after load")
    print(f"judged in {took:.1f} s ({took / options.calls * 1000:.0f} ms a call); most memory {memory:.2f} GB")
    print(f"plain encoder over the same words: {plain:.1f} s; ours takes {took / plain:.2f} times as long")
    return 0


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
