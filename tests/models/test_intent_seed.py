"""The seed calls are fit to train and test on, and the validator would notice if they were not."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insights.domain.intents import Intent, Outcome
from insights.domain.transcript import Speaker
from models.intent.augment import Augmenter, Noise
from models.intent.dataset import (
    SETS,
    TEST_FILE,
    TRAIN_FILE,
    LabelledCall,
    call_of,
    read_calls,
    trade_family,
    trade_folds,
)
from models.intent.deciding import DecidingTurns
from models.intent.validate import validate

Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()]


TRAIN, TEST = rows(TRAIN_FILE), rows(TEST_FILE)


@pytest.mark.parametrize("sealed", [SETS["test"], SETS["robocalls"]], ids=lambda path: path.stem)
def test_the_seed_has_no_faults_and_nothing_leaks(sealed: Path) -> None:
    assert [str(fault) for fault in validate(TRAIN, rows(sealed))] == []


def faults_of(spoil: Callable[[list[Row], list[Row]], None]) -> list[str]:
    train, test = copy.deepcopy(TRAIN[:60]), copy.deepcopy(TEST)
    paired = {row["pair"] for row in train if row.get("pair")}
    whole = {pair for pair in paired if sum(row.get("pair") == pair for row in train) > 1}
    train = [row for row in train if not row.get("pair") or row["pair"] in whole]
    spoil(train, test)
    return [str(fault) for fault in validate(train, test)]


def _long(found: list[Row]) -> Row:
    return max((row for row in found if not row.get("pair")), key=lambda row: len(json.dumps(row["turns"])))


def _unknown_reason(train: list[Row], test: list[Row]) -> None:
    train[0]["label"]["reason"] = "spam"


def _outcome_on_a_non_billable_call(train: list[Row], test: list[Row]) -> None:
    next(row for row in train if not row["label"]["billable"])["label"]["outcome"] = "open"


def _billable_solicitor(train: list[Row], test: list[Row]) -> None:
    next(row for row in train if not row["label"]["billable"])["label"]["billable"] = True


def _doubled_id(train: list[Row], test: list[Row]) -> None:
    train[1]["id"] = train[0]["id"]


def _half_known_speakers(train: list[Row], test: list[Row]) -> None:
    agent_call = next(row for row in train if row["turns"][0]["speaker"] == "agent")
    agent_call["turns"][-1]["speaker"] = "unknown"


def _empty_turn(train: list[Row], test: list[Row]) -> None:
    train[0]["turns"][0]["text"] = " "


def _no_services(train: list[Row], test: list[Row]) -> None:
    del train[0]["campaign"]["services"]


def _short_zip(train: list[Row], test: list[Row]) -> None:
    train[0]["campaign"]["service_area"]["zips"] = ["7866"]


def _offered_and_not(train: list[Row], test: list[Row]) -> None:
    train[0]["campaign"]["not_offered"] = list(train[0]["campaign"]["services"])


def _lonely_pair(train: list[Row], test: list[Row]) -> None:
    train[0]["pair"] = "only-one-side"


def _pair_with_one_label(train: list[Row], test: list[Row]) -> None:
    pair = next(row["pair"] for row in train if row.get("pair"))
    first, *others = [row for row in train if row.get("pair") == pair]
    for row in others:
        row["label"] = dict(first["label"])


def _near_copy(train: list[Row], test: list[Row]) -> None:
    twin = copy.deepcopy(_long(train))
    twin["id"] = "twin-of-another"
    twin["turns"][0]["text"] = "A new beginning."
    train.append(twin)


def _test_story_in_training(train: list[Row], test: list[Row]) -> None:
    story = copy.deepcopy(_long(test))
    story["id"], story["campaign"] = "leaked-story", train[0]["campaign"]
    train.append(story)


def _test_trade_in_training(train: list[Row], test: list[Row]) -> None:
    train[0]["campaign"] = {**train[0]["campaign"], "trade": test[0]["campaign"]["trade"]}


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (_unknown_reason, "no labelled call"),
        (_outcome_on_a_non_billable_call, "no labelled call"),
        (_billable_solicitor, "no labelled call"),
        (_doubled_id, "stands 2 times"),
        (_half_known_speakers, "mono recording"),
        (_empty_turn, "every turn needs text"),
        (_no_services, "campaign lacks"),
        (_short_zip, "not five digits"),
        (_offered_and_not, "offered and not offered"),
        (_lonely_pair, "is missing"),
        (_pair_with_one_label, "same label"),
        (_near_copy, "near-copy"),
        (_test_story_in_training, "word triples with leaked-story"),
        (_test_trade_in_training, "also in training"),
    ],
)
def test_a_planted_fault_is_found(spoil: Callable[[list[Row], list[Row]], None], what: str) -> None:
    assert any(what in fault for fault in faults_of(spoil))


def test_a_part_of_the_seed_without_planted_faults_is_clean() -> None:
    assert faults_of(lambda train, test: None) == []


def test_folds_keep_trades_clients_and_pairs_whole() -> None:
    calls = read_calls(TRAIN_FILE)
    folds = trade_folds(calls, 4, seed=7)
    assert sorted(index for fold in folds for index in fold) == list(range(len(calls)))
    for key in (trade_family, lambda call: call.group, lambda call: call.pair):
        seen = [{key(calls[index]) for index in fold} - {""} for fold in folds]
        assert sum(map(len, seen)) == len(set.union(*seen))


def test_noise_is_the_same_for_the_same_seed_and_leaves_something_to_read() -> None:
    from random import Random

    calls = read_calls(TRAIN_FILE)[:80]
    augmenter = Augmenter(calls, Noise(), {})
    first, second = ([augmenter.noisy(call, rng) for call in calls] for rng in (Random(3), Random(3)))
    assert first == second
    assert all(call.transcript.words > 0 for call in first)
    assert any(noisy.transcript != call.transcript for noisy, call in zip(first, calls, strict=True))


def test_a_fragment_is_a_piece_of_what_one_voice_said() -> None:
    from random import Random

    calls = read_calls(TRAIN_FILE)[:400]
    augmenter = Augmenter(calls, only_fragments(), {})
    cut = 0
    for call in calls:
        noisy = augmenter.noisy(call, Random(call.call_id))
        voice = [turn.text for turn in call.transcript.turns if turn.speaker in (Speaker.CALLER, Speaker.UNKNOWN)]
        if noisy.transcript != call.transcript:
            cut += 1
            assert " ".join(turn.text for turn in noisy.transcript.turns) in " ".join(" ".join(voice).split())
            assert 12 <= noisy.transcript.words <= 80
            assert call.intent in (Intent.SOLICITOR, Intent.NEW_CUSTOMER)
    assert cut > 20


def only_fragments() -> Noise:
    return Noise(**dict.fromkeys(Noise.__dataclass_fields__, 0.0) | {"fragment": 1.0})


def test_the_turn_in_which_the_sides_of_a_pair_differ_decides() -> None:
    def side(call_id: str, reason: str, *said: str) -> LabelledCall:
        turns = [{"speaker": "caller", "text": text} for text in said]
        label = {"reason": reason, "outcome": "open" if reason == "new_customer" else None}
        return call_of({"id": call_id, "pair": "p1", "turns": turns, "label": label | {"billable": label["outcome"]}})

    bought = side("a", "previous_customer", "My sink leaks.", "You put that sink in for us last spring.", "Bye now.")
    new = side("b", "new_customer", "My sink leaks.", "Some handyman put it in, he has since retired.", "Bye now.")
    deciding = DecidingTurns([bought, new])
    assert deciding.of(bought) == [False, True, False]
    assert deciding.of(new.with_turns(new.transcript.turns[1:])) == [True, False]
    assert deciding.of(new.with_turns(new.transcript.turns[:1])) == [False]
    assert DecidingTurns([bought]).of(bought) == [], "a side alone says nothing"
    assert deciding.of(replace(bought, pair="")) == []


def test_the_corpus_is_large_and_even_enough() -> None:
    calls = [call for path in (TRAIN_FILE, SETS["test"], SETS["robocalls"]) for call in read_calls(path)]
    reasons = Counter(call.intent for call in calls)
    assert len(calls) >= 2000
    assert len({trade_family(call) for call in calls}) >= 25
    assert reasons.pop(Intent.NEW_CUSTOMER) >= 700
    assert min(reasons.values()) >= 150
    assert set(Outcome) == {call.outcome for call in calls} - {None}
    assert sum(bool(call.pair) for call in calls) >= len(calls) / 3, "sides of minimal pairs"


def test_no_sealed_call_comes_from_a_trade_that_training_knows_under_another_name() -> None:
    known = {trade_family(call) for call in read_calls(TRAIN_FILE)}
    assert not known & {trade_family(call) for name in ("test", "robocalls") for call in read_calls(SETS[name])}
