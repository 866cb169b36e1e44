"""The filters of the queue: an address holds them all, and whatever it says is answered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.queue_filters import (
    CONFIDENCES,
    FACETS,
    ORDERS,
    REASONS,
    STATUSES,
    VERDICTS,
    QueueFilter,
    confidence_band,
)

NAMES = tuple(QueueFilter.__dataclass_fields__)
TYPED = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200)
FILTERS = st.builds(
    QueueFilter,
    status=st.sampled_from(STATUSES),
    client=TYPED,
    campaign=TYPED,
    trade=TYPED,
    verdict=st.sampled_from(("", *VERDICTS)),
    reason=st.sampled_from(("", *REASONS)),
    confidence=st.sampled_from(("", *CONFIDENCES)),
    source=TYPED,
    reviewer=TYPED,
    received_from=st.none() | st.dates(max_value=date(2026, 1, 1)),
    received_to=st.none() | st.dates(min_value=date(2026, 1, 1)),
    words=TYPED.map(lambda text: " ".join(text.split())),
    within_hours=st.none() | st.integers(1, 744),
    order=st.sampled_from(ORDERS),
    page=st.integers(1, 100_000),
)
ANYTHING = st.text() | st.sampled_from(["all", "stake", "2026-11-20", "2026-11-31", "1", "0", "²", "a\x00b", "x" * 300])


@given(FILTERS)
def test_the_address_of_a_page_holds_all_of_its_filters(filter: QueueFilter) -> None:
    again = QueueFilter.parse(filter.as_query())
    assert again == filter
    assert again.faults == ()


@given(st.dictionaries(st.sampled_from([*NAMES, "other"]), ANYTHING))
def test_whatever_an_address_says_is_answered_and_what_was_understood_can_be_written_again(
    query: dict[str, str],
) -> None:
    read = QueueFilter.parse(query)
    assert QueueFilter.parse(read.as_query()) == read
    "\n".join(read.faults).encode()  # can be shown


def test_the_plain_queue_has_a_plain_address() -> None:
    assert QueueFilter().as_query() == {}
    assert QueueFilter.parse({"status": "", "page": ""}) == QueueFilter()
    assert set(FACETS) < set(NAMES)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("status", "open", "status “open”: not known"),
        ("order", "'; drop table", "order “'; drop table”: not known"),
        ("client", "a\x00b", "client “a?b”: not readable text"),
        ("words", "x" * 201, f"words “{'x' * 40}…”: longer than 200 characters"),
        ("received_from", "2026-02-30", "received from “2026-02-30”: not a day such as 2026-11-20"),
        ("received_from", "20261120", "received from “20261120”: not a day such as 2026-11-20"),
        ("within_hours", "745", "within hours “745”: not a number from 1 to 744"),
        ("page", "-1", "page “-1”: not a number from 1 to 100000"),
        ("page", "٣", "page “٣”: not a number from 1 to 100000"),
    ],
)
def test_what_cannot_be_read_stays_as_it_was_and_is_told(name: str, text: str, fault: str) -> None:
    read = QueueFilter.parse({name: text, "verdict": "failed"})
    assert read == QueueFilter(verdict="failed")
    assert read.faults == (fault,)


def test_days_that_run_backwards_are_left_out() -> None:
    read = QueueFilter.parse({"received_from": "2026-11-20", "received_to": "2026-11-19"})
    assert read == QueueFilter()
    assert read.faults == ("received from 2026-11-20 to 2026-11-19: the first day comes after the last",)


def test_another_filter_begins_at_the_first_page() -> None:
    read = QueueFilter.parse({"page": "7", "trade": "plumbing", "order": "best"})
    assert read.but(client="K-1") == QueueFilter(trade="plumbing", client="K-1")
    assert read.but(page=8).page == 8
    assert read.but(client="K-1").faults == ()


@pytest.mark.parametrize(
    ("probability", "band"),
    [(None, "none"), (0.0, "low"), (0.599, "low"), (0.6, "middle"), (0.9, "middle"), (0.901, "high"), (1.0, "high")],
)
def test_probabilities_fall_into_bands(probability: Any, band: str) -> None:
    assert confidence_band(probability) == band
