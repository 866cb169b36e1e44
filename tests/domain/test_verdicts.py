"""A verdict carries its reason, evidence and versions, and is refused when it says more than it can show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from builders import VERSIONS

from insights.domain.facts import Quote
from insights.domain.intents import Intent, Outcome
from insights.domain.reasons import Reason
from insights.domain.verdicts import Decision, Evidence, Verdict, verdict_body

QUOTE = Evidence(Reason.JOB_SEEKER, quote=Quote(2, "Are you hiring?", 4.0, 6.5))
FACT = Evidence(Reason.JOB_SEEKER, fact="answered: no", source="source field answered")
VERDICT = Verdict(
    decision=Decision.NON_BILLABLE,
    reason=Reason.JOB_SEEKER,
    outcome=None,
    probability=0.91,
    rule="reason_stands",
    would_change="a service wanted",
    versions=VERSIONS,
    evidence=(QUOTE,),
    against=(FACT,),
    probabilities={Intent.JOB_SEEKER: 0.91, Intent.NEW_CUSTOMER: 0.09},
    audio_sha256="a" * 64,
)


def test_no_quote_no_non_billable_verdict() -> None:
    with pytest.raises(ValueError, match="no quote, no verdict"):
        replace(VERDICT, evidence=())


@pytest.mark.parametrize("decision", [Decision.BILLABLE, Decision.NEEDS_REVIEW])
def test_a_verdict_that_credits_nothing_may_stand_without_words(decision: Decision) -> None:
    assert replace(VERDICT, decision=decision, evidence=()).decision is decision


@pytest.mark.parametrize("probability", [-0.01, 1.01, float("nan")])
def test_a_probability_lies_between_nought_and_one(probability: float) -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        replace(VERDICT, probability=probability)


def test_the_body_is_plain_json_with_words_times_facts_and_versions() -> None:
    body = json.loads(json.dumps(verdict_body(VERDICT)))
    assert body["evidence"] == [
        {"supports": "job_seeker", "turn": 2, "quote": "Are you hiring?", "start": 4.0, "end": 6.5}
    ]
    assert body["against"] == [{"supports": "job_seeker", "fact": "answered: no", "source": "source field answered"}]
    assert body["versions"] == {"code": "1.0", "policy": "test", "speech": "whisper-test", "intent": "intent-test"}
    assert (body["decision"], body["reason"], body["outcome"]) == ("non_billable", "job_seeker", None)
    assert body["audio_sha256"] == "a" * 64


@pytest.mark.parametrize(("outcome", "written"), [(None, None), (Outcome.PRICE_SHOPPER, "price_shopper")])
def test_the_outcome_is_written_as_its_code(outcome: Outcome | None, written: str | None) -> None:
    verdict: dict[str, Any] = verdict_body(replace(VERDICT, outcome=outcome))
    assert verdict["outcome"] == written
