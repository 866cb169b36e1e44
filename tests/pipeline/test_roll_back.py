"""The way back: one call puts the weights in force that were there before, whatever is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import NOW
from school import PHRASES, TAUGHT, School

from insights.adapters.store import SqlStore
from insights.domain.weights_history import WeightsEventKind
from insights.errors import ConfigurationError, InputError
from insights.pipeline.learn import Order, learn
from insights.pipeline.learn_words import weights_markdown
from insights.pipeline.roll_back import WentBack, list_weights, roll_back

MODELS = ("first", "second", "third")


@pytest.fixture
def school(tmp_path: Path, store: SqlStore) -> School:
    """Three models, promoted one after the other."""
    school = School(tmp_path, store)
    for name in MODELS:
        school.models[name] = PHRASES
        school.trainer.next_model = name
        school.decide(TAUGHT[0])
        assert learn(school.parts, Order("a person"))["promoted"]
    return school


def back(school: School) -> WentBack:
    return roll_back(school.shelf, school.load, NOW, "somebody")


def test_each_rollback_goes_back_by_one_and_ends_at_the_shipped_weights(school: School) -> None:
    assert back(school) == WentBack("third", "second", ())
    assert back(school) == WentBack("second", "first", ())
    assert back(school) == WentBack("first", None, ())
    assert school.state() == (None, ["promoted"] * 3 + ["rolled_back"] * 3)
    with pytest.raises(InputError, match="the shipped weights are in force: there is nothing to go back from"):
        back(school)


def test_where_nothing_was_ever_promoted_there_is_nothing_to_go_back_from(tmp_path: Path, store: SqlStore) -> None:
    school = School(tmp_path, store)
    with pytest.raises(InputError, match="nothing to go back from"):
        back(school)
    assert school.state() == (None, [])


def test_a_rollback_says_who_and_when_and_keeps_the_way_further_back(school: School) -> None:
    back(school)
    event = school.shelf.current()
    assert event is not None
    assert (event.kind, event.model, event.at, event.by, event.previous) == (
        WeightsEventKind.ROLLED_BACK,
        "second",
        NOW,
        "somebody",
        "first",
    )


def test_weights_that_cannot_be_loaded_are_passed_over_on_the_way(school: School) -> None:
    (school.shelf.folder("second") / "model.txt").unlink()
    assert back(school) == WentBack("third", "first", ("second",))


def test_where_no_earlier_weights_load_the_shipped_ones_remain(school: School) -> None:
    for name in ("first", "second"):
        (school.shelf.folder(name) / "model.txt").write_text("rubbish")
    assert back(school) == WentBack("third", None, ("second", "first"))


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"model": "../../elsewhere"}'])
def test_a_damaged_current_json_is_an_error_that_names_the_way_back_and_the_way_back_works(
    school: School, damage: str
) -> None:
    path = school.shelf.folder("third").parent / "current.json"
    path.write_text(damage)
    for look in (school.shelf.current, lambda: learn(school.parts, Order("a person"))):
        with pytest.raises(ConfigurationError, match="call-insights train --rollback"):
            look()
    assert back(school) == WentBack("third", "second", ())
    assert school.state()[0] == "second"


def test_with_current_json_and_history_both_lost_the_shipped_weights_remain(school: School) -> None:
    folder = school.shelf.folder("third").parent
    (folder / "current.json").write_text("{")
    (folder / "history.jsonl").unlink()
    assert back(school) == WentBack(None, None, ())
    assert school.state() == (None, ["rolled_back"])


def test_all_weights_are_listed_with_what_was_said_of_them(school: School) -> None:
    school.trainer.next_model = "worse"
    school.decide(TAUGHT[0])
    learn(school.parts, Order("the flow"))
    back(school)
    listing = list_weights(school.shelf)

    assert [(item["model"], item["passed"], item["in_force"]) for item in listing] == [
        ("first", True, False),
        ("second", True, True),
        ("third", True, False),
        ("worse", False, False),
    ]
    assert (listing[3]["by"], listing[3]["pool"]) == ("the flow", 1)
    text = weights_markdown(listing)
    assert text.count("**in force**") == 1
    assert "The shipped weights are in force." not in text


def test_the_list_says_when_the_shipped_weights_are_in_force(school: School) -> None:
    for _ in MODELS:
        back(school)
    assert weights_markdown(list_weights(school.shelf)).endswith("The shipped weights are in force.\n")
    assert weights_markdown([]) == "Nothing was trained yet: the shipped weights are in force.\n"
