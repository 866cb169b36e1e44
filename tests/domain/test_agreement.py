"""Agreement of reviewers: kappa by hand-made tables, and a lot that nobody can choose."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.domain.agreement import Pair, agreement_report, cohens_kappa, drawn_for_second_look
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason

COHEN = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        (COHEN, 0.4),
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "b"), ("b", "a")], -1.0),
        ([("a", "a")] * 3, None),
        ([], None),
    ],
    ids=["textbook", "full", "opposite", "one label", "none"],
)
def test_kappa_is_agreement_beyond_chance(pairs: list[tuple[str, str]], kappa: float | None) -> None:
    assert cohens_kappa(pairs) == (None if kappa is None else pytest.approx(kappa))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_never_leaves_its_range_and_knows_no_first_and_second(pairs: list[tuple[str, str]]) -> None:
    kappa = cohens_kappa(pairs)
    assert kappa is None or -1 <= kappa <= 1 + 1e-9
    turned = cohens_kappa([(b, a) for a, b in pairs])
    assert turned == (None if kappa is None else pytest.approx(kappa))


def test_the_report_tells_reviewers_reasons_and_the_leads_they_differ_on() -> None:
    new, sold, job = Reason.NEW_CUSTOMER, Reason.SOLICITOR, Reason.JOB_SEEKER
    told = [("ann", new, new), ("ann", sold, sold), ("ann", sold, new), ("bo", new, new), ("bo", job, job)]
    pairs = [Pair(LeadId(f"L-{n}"), who, "cy", one, two) for n, (who, one, two) in enumerate(told)]
    report = agreement_report(pairs)
    json.dumps(report)
    assert (report["all"]["pairs"], report["all"]["agreed"], report["all"]["apart"]) == (5, 4, ["L-2"])
    assert report["by_reviewer"]["ann"]["apart"] == ["L-2"]
    assert report["by_reviewer"]["bo"]["kappa"] == 1
    assert (report["by_reason"]["solicitor"]["pairs"], report["by_reason"]["solicitor"]["agreed"]) == (2, 1)
    assert report["by_reason"]["job_seeker"]["kappa"] == 1
    assert list(report["by_reason"]) == ["new_customer", "solicitor", "job_seeker"]


def test_a_reason_that_everybody_gives_has_no_kappa() -> None:
    pairs = [Pair(LeadId("L-1"), "ann", "bo", Reason.SOLICITOR, Reason.SOLICITOR)]
    assert agreement_report(pairs)["by_reason"]["solicitor"]["kappa"] is None


def test_a_share_of_the_leads_is_drawn_and_always_the_same_ones() -> None:
    ids = [LeadId(f"L-{number}") for number in range(4000)]
    drawn = [lead_id for lead_id in ids if drawn_for_second_look(lead_id, 0.05)]
    assert 0.03 < len(drawn) / len(ids) < 0.07
    assert set(drawn) <= {lead_id for lead_id in ids if drawn_for_second_look(lead_id, 0.2)}
    assert not any(drawn_for_second_look(lead_id, 0) for lead_id in ids)
    assert all(drawn_for_second_look(lead_id, 1) for lead_id in ids)
