"""Services by meaning: the installed MiniLM encoder on a plumber's catalogue."""

from __future__ import annotations

import pytest
import torch
from builders import a_campaign

from insights.adapters.service_matcher import MiniLmServiceMatcher

PLUMBER = a_campaign(
    services=("drain cleaning", "water heater repair", "sewer line replacement", "toilet repair"),
    not_offered=("septic tank pumping", "swimming pool maintenance", "appliance repair"),
)


@pytest.fixture(scope="module")
def matcher() -> MiniLmServiceMatcher:
    return MiniLmServiceMatcher()


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("my toilets won't flush", "toilet repair"),
        ("can you empty out my septic", "septic tank pumping"),
        ("Do you guys take care of pools?", "swimming pool maintenance"),
        ("I think the boiler for the hot water is broken", "water heater repair"),
    ],
)
def test_a_need_is_matched_to_the_entry_it_means(matcher: MiniLmServiceMatcher, said: str, entry: str) -> None:
    assert matcher.match([said], PLUMBER) == (0, entry)


@pytest.mark.parametrize("said", ["I need somebody today, please.", "Can you hear me?", "How much do you charge?"])
def test_a_need_that_is_clearly_nearer_to_nothing_matches_nothing(matcher: MiniLmServiceMatcher, said: str) -> None:
    assert matcher.match([said], PLUMBER) is None


def test_what_lies_between_an_offered_and_an_unoffered_entry_matches_neither(matcher: MiniLmServiceMatcher) -> None:
    torn = a_campaign(services=("dishwasher repair",), not_offered=("dishwasher installation",))
    assert matcher.match(["do you do dishwashers"], torn) is None


def test_of_several_needs_the_last_clear_one_counts(matcher: MiniLmServiceMatcher) -> None:
    needs = ["Do you guys take care of pools?", "my toilets won't flush", "Can you come out?"]
    assert matcher.match(needs, PLUMBER) == (1, "toilet repair")


def test_nothing_said_or_nothing_in_the_catalogue_matches_nothing(matcher: MiniLmServiceMatcher) -> None:
    assert matcher.match([], PLUMBER) is None
    assert matcher.match(["my toilets won't flush"], a_campaign(services=(), not_offered=())) is None


def test_a_catalogue_with_one_side_only_still_matches(matcher: MiniLmServiceMatcher) -> None:
    assert matcher.match(["my toilets won't flush"], a_campaign(services=("toilet repair",), not_offered=())) == (
        0,
        "toilet repair",
    )


def test_a_campaigns_catalogue_is_encoded_once() -> None:
    seen: list[int] = []

    class Counting(MiniLmServiceMatcher):
        def _encode(self, texts: tuple[str, ...]) -> torch.Tensor:
            seen.append(len(texts))
            return super()._encode(texts)

    matcher = Counting()
    campaign = a_campaign(services=("gutter repair",), not_offered=("roof repair", "siding"))
    matcher.match(["do you fix gutters", "my gutters leak"], campaign)
    matcher.match(["do you fix gutters"], campaign)
    assert sorted(seen) == [1, 2, 3]
