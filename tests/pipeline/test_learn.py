"""Learning from decisions: a candidate that is no worse takes over, any other is kept beside, nothing by halves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from office import JOB, NEED, PITCH
from school import REPLAYED, TAUGHT, School, gold

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.adapters.transcript_rows import write_transcripts
from insights.adapters.weights_shelf import DiskWeightsShelf
from insights.domain.intents import Intent
from insights.domain.weights_history import WeightsEvent, WeightsEventKind
from insights.errors import ConfigurationError, NotEnoughDecisions, TrainingFailed
from insights.pipeline.learn import Order, gather_pool, learn
from insights.pipeline.learn_words import MOST_CHANGES, report_markdown
from insights.ports import IntentModel, TrainingOptions

ASKED = Order(by="a person")


@pytest.fixture
def school(tmp_path: Path, store: SqlStore) -> School:
    """Six decided pitches that a training may read, and two that judge it."""
    school = School(tmp_path, store, dict.fromkeys([*TAUGHT[:6], *REPLAYED[:2]], PITCH))
    school.decide_all()
    return school


def test_a_candidate_that_is_no_worse_is_promoted_with_its_report(school: School) -> None:
    report = learn(school.parts, ASKED)

    assert (report["promoted"], report["settled"]) == (True, "promoted")
    assert (report["current"], report["candidate"]) == ("phrases-1", "new-1")
    assert report["figures"]["gold"]["candidate"]["calls"] == 30
    assert report["figures"]["replay"]["candidate"]["calls"] == 2
    assert school.state() == ("new-1", ["promoted"])
    kept = json.loads((school.shelf.folder("new-1") / "report.json").read_text())
    assert kept == {name: body for name, body in json.loads(json.dumps(report)).items() if name in kept}
    assert set(report) - set(kept) == {"promoted", "settled"}
    assert school.trainer.cleaned == 1


def test_the_training_reads_the_overrides_and_never_the_leads_of_the_replay(school: School) -> None:
    learn(school.parts, Order("a person", training=TrainingOptions(1, 2, 3)))
    (pool,) = school.trainer.pools
    assert [call.call_id for call in pool] == sorted(f"lead:{name}" for name in TAUGHT[:6])
    assert school.trainer.options == [TrainingOptions(epochs=1, folds=2, workers=3)]


def test_a_candidate_that_is_worse_at_a_reason_is_kept_beside_with_the_report(school: School) -> None:
    school.trainer.next_model = "worse"
    report = learn(school.parts, ASKED)

    assert (report["promoted"], report["settled"]) == (False, "kept beside: it did not pass")
    assert "recall of solicitor on gold 1.00 -> 0.00 (10 lost, 0 won" in report["conclusion"]
    assert school.state() == (None, ["kept"])
    assert school.load(school.shelf.folder("worse")).model == "worse"


def test_a_candidate_that_is_worse_on_the_replay_alone_is_kept_beside(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store, {TAUGHT[0]: PITCH, **dict.fromkeys(REPLAYED[:6], PITCH)})
    school.decide_all()
    school.gold = [call for call in gold() if call.label and call.label.reason is Intent.NEW_CUSTOMER]
    school.trainer.next_model = "worse"
    report = learn(school.parts, ASKED)

    assert not report["promoted"]
    assert {item["calls"] for item in report["comparisons"] if item["worse"]} == {"replay"}
    assert {change["id"] for change in report["changed"]} == {f"lead:{name}" for name in REPLAYED[:6]}


def test_the_replay_is_judged_by_the_reviewers_labels(tmp_path: Path, store: SqlStore) -> None:
    """What the office's model calls a pitch was wrong six times; a candidate that sees that is no worse but better."""
    school = School(tmp_path, store, {TAUGHT[0]: PITCH, **dict.fromkeys(REPLAYED[:6], PITCH)})
    for lead in school.office.source.leads:
        school.decide(lead.lead_id, "override", "wrong_number")
    school.gold = [call for call in gold() if call.label and call.label.reason is Intent.NEW_CUSTOMER]
    school.trainer.next_model = "worse"
    report = learn(school.parts, ASKED)

    assert report["promoted"]
    figures = report["figures"]["replay"]
    assert (figures["current"]["accuracy"], figures["candidate"]["accuracy"]) == (0.0, 1.0)


def test_asked_to_keep_it_beside_a_candidate_that_passes_is_not_promoted(school: School) -> None:
    report = learn(school.parts, Order("a person", keep=True))
    assert (report["passed"], report["settled"]) == (True, "kept beside, as asked")
    assert school.state() == (None, ["kept"])


def test_the_next_training_is_compared_with_what_the_last_one_promoted(school: School) -> None:
    learn(school.parts, ASKED)
    school.office.model.model = "new-1"  # as the next process loads it
    school.decide(TAUGHT[0], reason="job_seeker")
    school.trainer.next_model = "new-2"
    report = learn(school.parts, ASKED)

    assert (report["current"], report["candidate"]) == ("new-1", "new-2")
    current = school.shelf.current()
    assert current is not None
    assert (current.model, current.previous, current.by) == ("new-2", "new-1", "a person")
    assert current.decided_until == NOW + timedelta(minutes=9)


def test_without_a_decision_there_is_nothing_to_learn_from(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store)
    with pytest.raises(NotEnoughDecisions, match="no decided call"):
        learn(school.parts, ASKED)
    assert school.trainer.pools == []
    assert school.state() == (None, [])


def test_too_few_new_decisions_train_nothing(school: School) -> None:
    school.least_new = 9
    with pytest.raises(NotEnoughDecisions, match=r"8 new decisions since the last training.*at least 9"):
        learn(school.parts, ASKED)
    school.least_new = 8
    assert learn(school.parts, ASKED)["promoted"]


def test_decisions_that_a_training_knew_are_new_no_more_whatever_became_of_it(school: School) -> None:
    school.trainer.next_model = "worse"
    learn(school.parts, ASKED)
    with pytest.raises(NotEnoughDecisions, match="0 new decisions"):
        learn(school.parts, ASKED)
    school.decide(TAUGHT[0])
    assert gather_pool(school.parts, school.gold).new == 1


def test_decisions_on_leads_of_the_replay_alone_leave_nothing_to_train_on(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store, dict.fromkeys(REPLAYED[:3], PITCH))
    school.decide_all()
    with pytest.raises(NotEnoughDecisions, match="0 calls to train on"):
        learn(school.parts, ASKED)


def test_a_call_that_an_operator_put_into_the_gold_set_is_not_trained_on(school: School) -> None:
    sealed = f"lead:{TAUGHT[0]}"
    school.gold = [*gold(1), *(lesson.call for lesson in gather_pool(school.parts, []).lessons[:1])]
    assert school.gold[-1].call_id == sealed
    learn(school.parts, ASKED)
    assert sealed not in {call.call_id for call in school.trainer.pools[0]}


def test_a_training_that_fails_changes_nothing_and_keeps_its_workshop(school: School) -> None:
    school.trainer.breaks = True
    with pytest.raises(TrainingFailed):
        learn(school.parts, ASKED)
    assert school.state() == (None, [])
    assert school.trainer.cleaned == 0
    school.trainer.breaks = False
    assert learn(school.parts, ASKED)["promoted"], "the same decisions are still new"


def test_weights_that_cannot_be_loaded_are_a_failed_training(school: School) -> None:
    del school.models["new-1"]
    with pytest.raises(TrainingFailed, match=r"cannot be used: .*model\.txt is damaged"):
        learn(school.parts, ASKED)
    assert school.shelf.reports() == []


def test_a_training_that_gives_the_weights_in_force_must_not_go_round_in_a_circle(school: School) -> None:
    """Promoted over themselves, the way back would lead to themselves."""
    school.office.model.model = "new-1"
    with pytest.raises(TrainingFailed, match="the very weights that are in force"):
        learn(school.parts, ASKED)
    assert school.state() == (None, [])


def test_weights_that_the_operator_set_are_not_replaced(school: School) -> None:
    school.pinned = Path("own/weights")
    with pytest.raises(ConfigurationError, match="intent_model names own/weights"):
        learn(school.parts, ASKED)
    assert school.trainer.pools == []
    assert not learn(school.parts, Order("a person", keep=True))["promoted"]


def test_a_candidate_is_not_promoted_over_weights_that_it_was_not_compared_with(school: School) -> None:
    """Somebody goes back while the training runs: there was a reason for it."""
    event = WeightsEvent(WeightsEventKind.ROLLED_BACK, None, NOW, "somebody else")

    def meddle(folder: Path) -> IntentModel:
        school.shelf.put_back(event)
        return school.load(folder)

    report = learn(replace(school.parts, load=meddle), ASKED)
    assert (report["passed"], report["promoted"]) == (True, False)
    assert report["settled"] == "kept beside: other weights were put in force meanwhile"
    assert school.shelf.current() == event


def test_only_one_training_runs_at_a_time(school: School) -> None:
    with school.shelf.one_training(), pytest.raises(TrainingFailed, match="another training runs"):
        learn(school.parts, ASKED)
    assert learn(school.parts, ASKED)["promoted"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from school import School
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.adapters.weights_shelf import DiskWeightsShelf
from insights.pipeline.learn import Order, learn

class Stumbling(DiskWeightsShelf):
    def promote(self, event, instead_of):
        os.kill(os.getpid(), signal.SIGKILL)

school = School(Path(sys.argv[1]), SqlStore(open_engine(sys.argv[2])))
school.decide_all()
school.shelf = Stumbling(Path(sys.argv[1]) / "models")
learn(school.parts, Order("a person"))
"""


def test_killed_between_keeping_the_weights_and_promoting_them_nothing_is_in_force_and_the_next_call_goes_on(
    tmp_path: Path, database: str
) -> None:
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), database, tests], timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL

    shelf = DiskWeightsShelf(tmp_path / "models")
    assert (shelf.current(), shelf.history()) == (None, [])
    assert [report["candidate"] for report in shelf.reports()] == ["new-1"]
    engine = open_engine(database)
    school = School(tmp_path, SqlStore(engine))
    school.office.clock.instant = NOW + timedelta(hours=1)
    assert learn(school.parts, ASKED)["promoted"], "nothing holds the lock, and the decisions are still new"
    engine.dispose()


def test_the_same_decisions_give_the_same_pool_to_the_byte(tmp_path: Path) -> None:
    """Whenever they were made, and in whatever order: a training that was stopped can only go on with the same pool."""
    names, written = TAUGHT[:40], []
    for folder, order in ((tmp_path / "a", names), (tmp_path / "b", names[::-1])):
        folder.mkdir()
        engine = open_engine(f"sqlite:///{folder}/record.sqlite")
        school = School(folder, SqlStore(engine), dict.fromkeys(names, PITCH))
        for name in order:
            school.decide(name, "override" if name in names[:3] else "accept", "solicitor")
        pool = gather_pool(school.parts, school.gold)
        write_transcripts(folder / "pool.jsonl", [lesson.call for lesson in pool.lessons])
        written.append((folder / "pool.jsonl").read_bytes())
        engine.dispose()
    assert written[0] == written[1]
    assert written[0].count(b"\n") == 3 + 20, "the overrides, and the least number of acceptances"


def test_progress_is_told_call_by_call(school: School) -> None:
    learn(school.parts, ASKED)
    progress = school.office.progress
    assert (progress.stages["gold"], progress.stages["replay"]) == (30, 2)
    assert sum(name == "gold" for name, _ in progress.steps) == 30


def test_the_pool_is_told_in_numbers_without_a_word_that_was_said(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store, {TAUGHT[0]: PITCH, TAUGHT[1]: JOB, TAUGHT[2]: NEED, REPLAYED[0]: PITCH})
    school.decide(TAUGHT[0], "override", "previous_customer")
    school.decide(TAUGHT[1], "accept", "job_seeker")
    school.decide(TAUGHT[2], "override", "campaign_paused")
    school.decide(REPLAYED[0], "accept", "solicitor")
    pool = gather_pool(school.parts, school.gold).as_dict()

    assert pool == {
        "decided": 3,
        "new": 3,
        "pool": {
            "calls": 2,
            "overrides": 1,
            "by_reason": {
                "job_seeker": {"overrides": 0, "accepted": 1},
                "previous_customer": {"overrides": 1, "accepted": 0},
            },
        },
        "replay": {"calls": 1, "overrides": 0, "by_reason": {"solicitor": {"overrides": 0, "accepted": 1}}},
        "passed_over": {"no_intent": 1},
        "leads": sorted(TAUGHT[:2]),
    }


def test_people_read_what_a_training_came_to(school: School) -> None:
    school.trainer.next_model = "worse"
    school.gold = gold(MOST_CHANGES + 1)
    text = report_markdown(learn(school.parts, ASKED))

    assert text.startswith("**kept beside: it did not pass** worse stays beside phrases-1: ")
    assert "8 decided calls, 8 of them new since the last training. 6 join the training (6 overrides)" in text
    assert "| solicitor | 6 | 0 |" in text
    assert "| gold | recall | solicitor | 21 | 1.00 | 0.00 | 21 | 0 | 0.000 | **worse** |" in text
    assert "| gold | recall | job_seeker | 21 | 1.00 | 1.00 | 0 | 0 | 1.000 |  |" in text
    assert f"## Verdicts that differ (the first {MOST_CHANGES} of 23)" in text
    assert "google listing" not in text


def test_a_promotion_reads_as_one(school: School) -> None:
    text = report_markdown(learn(school.parts, ASKED))
    assert text.startswith("**promoted** new-1 may take over from phrases-1: on 30 gold and 2 replayed calls")
    assert "## Verdicts that differ" not in text
