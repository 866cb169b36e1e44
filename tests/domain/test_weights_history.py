"""The history of the weights: what rules, what came before it, and where the way back ends."""

from __future__ import annotations

from datetime import timedelta

from builders import NOW

from insights.domain.weights_history import (
    WeightsEvent,
    WeightsEventKind,
    in_force,
    previous_of,
    taught_until,
    way_back,
)

KINDS = {"+": WeightsEventKind.PROMOTED, "=": WeightsEventKind.KEPT, "<": WeightsEventKind.ROLLED_BACK}


def told(*lines: str) -> list[WeightsEvent]:
    """``"+B<-A"`` is B promoted over A, ``"=C<-B"`` C kept beside B, ``"<A"`` gone back to A; no name is shipped."""
    events = []
    for day, line in enumerate(lines):
        model, _, previous = line[1:].partition("<-")
        until = NOW + timedelta(days=day) if line[0] != "<" else None
        events.append(WeightsEvent(KINDS[line[0]], model or None, NOW, "a person", previous or None, until))
    return events


def test_before_anything_was_promoted_the_shipped_weights_rule() -> None:
    assert in_force([]) is None
    assert in_force(told("=A")) is None


def test_the_last_that_was_promoted_or_gone_back_to_rules() -> None:
    assert in_force(history := told("+A", "+B<-A", "=C<-B")) == history[1]
    assert in_force(history := told("+A", "+B<-A", "<A")) == history[2]


def test_the_way_back_leads_over_all_that_ruled_and_never_over_what_was_kept_beside() -> None:
    history = told("+A", "=X<-A", "+B<-A", "+C<-B")
    assert way_back("C", history) == ["C", "B", "A"]
    assert way_back(None, history) == []


def test_after_a_rollback_the_way_back_goes_on_where_it_was() -> None:
    history = told("+A", "+B<-A", "<A")
    assert previous_of("A", history) is None
    assert way_back("A", history) == ["A"]


def test_weights_that_replaced_each_other_in_turn_are_no_endless_way() -> None:
    assert way_back("B", told("+A", "+B<-A", "+A<-B")) == ["B", "A"]


def test_a_training_that_was_kept_beside_counts_as_one_and_a_rollback_does_not() -> None:
    assert taught_until([]) is None
    assert taught_until(told("+A", "=B<-A", "<")) == NOW + timedelta(days=1)
