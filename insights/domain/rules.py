"""The rules, in order: each looks at a case and decides it or passes it on. Read top to bottom to know why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from insights.domain.evidence import evidence_for, has_cue, supporting
from insights.domain.facts import FactKind
from insights.domain.intents import Intent, Outcome
from insights.domain.leads import LeadKind
from insights.domain.policy import Policy
from insights.domain.reasons import Reason
from insights.domain.screening import ScreeningCode
from insights.domain.transcript import Transcript
from insights.domain.verdicts import WOULD_CHANGE, Case, Decision, Evidence, Verdict
from insights.domain.weighing import most_probable, weigh


@dataclass(frozen=True, slots=True)
class Heard:
    """A case whose call was heard, with the probabilities and evidence that the rules about words share."""

    case: Case
    transcript: Transcript
    probabilities: Mapping[Intent, float]
    top: Intent
    evidence: tuple[Evidence, ...]
    against: tuple[Evidence, ...]
    outcome: Outcome
    supported: bool


def nobody_answered(case: Case, policy: Policy) -> Verdict | None:
    """A missed call or voicemail is always billable: there is no recording to investigate. Never for forms."""
    if case.screening is None or case.screening.code not in (ScreeningCode.MISSED, ScreeningCode.VOICEMAIL):
        return None
    field = "voicemail" if case.screening.code is ScreeningCode.VOICEMAIL else "answered"
    value = "yes" if field == "voicemail" else "no"
    return _from_metadata(
        case, policy, Reason.MISSED_CALL, "nobody_answered", f"{field}: {value}", f"source field {field}"
    )


def campaign_was_paused(case: Case, policy: Policy) -> Verdict | None:
    """A lead received while its campaign was paused is not charged. Not for missed calls, which come first."""
    if case.screening is None or case.screening.code is not ScreeningCode.CAMPAIGN_PAUSED:
        return None
    assert case.lead is not None and case.campaign is not None
    pause = case.campaign.paused_at(case.lead.received_at)
    assert pause is not None
    until = pause.end.isoformat() if pause.end else "further notice"
    fact = f"paused from {pause.start.isoformat()} until {until}; received {case.lead.received_at.isoformat()}"
    return _from_metadata(case, policy, Reason.CAMPAIGN_PAUSED, "campaign_was_paused", fact, "campaign history")


def form_contact_is_dead(case: Case, policy: Policy) -> Verdict | None:
    """A form lead whose phone and e-mail both cannot work is not charged; one that works is enough to be billable."""
    if case.lead is None or case.lead.kind is not LeadKind.FORM or case.contact is None:
        return None
    dead = not case.contact.phone_works and not case.contact.email_works
    reason = Reason.UNREACHABLE_CONTACT if dead else Reason.NEW_CUSTOMER
    verdict = _from_metadata(case, policy, reason, "form_contact_is_dead", case.contact.finding, "contact check")
    return verdict


MetadataRule = Callable[[Case, Policy], Verdict | None]
METADATA_RULES: tuple[MetadataRule, ...] = (nobody_answered, campaign_was_paused, form_contact_is_dead)
"""Rules that decide without listening."""


def nothing_was_said(heard: Heard, policy: Policy) -> Verdict | None:
    """Silence or a hangup on an answered call is a billable drop. Not when words were heard but refused as unclear.

    A recording that is shorter than its call never gets here: it is rejected as cut short before transcription.
    """
    said_nothing = heard.transcript.words == 0 and any(
        item.fact and item.source == "transcript" for item in heard.evidence
    )
    hearing = heard.transcript.hearing
    if not said_nothing or (hearing is not None and hearing.speech_s > policy.hearing.hangup_speech_s):
        return None
    return _verdict(heard, policy, "nothing_was_said", Decision.BILLABLE, outcome=Outcome.CALL_DROPPED)


def heard_too_badly(heard: Heard, policy: Policy) -> Verdict | None:
    """Words that may not have been said decide nothing. Not for facts from metadata, which need no ears."""
    if any(item.quote is None and item.source != "transcript" for item in heard.evidence):
        return None
    hearing, limits = heard.transcript.hearing, policy.hearing
    doubts = []
    if heard.transcript.words < limits.min_words and heard.top is not Intent.NEW_CUSTOMER:
        doubts.append(f"only {heard.transcript.words} words were heard (at least {limits.min_words} needed)")
    if hearing is not None:
        if hearing.mean_confidence is not None and hearing.mean_confidence < limits.min_confidence:
            doubts.append(
                f"the engine is unsure of its words ({hearing.mean_confidence:.2f} < {limits.min_confidence:.2f})"
            )
        if hearing.unclear_share > limits.max_unclear_share:
            doubts.append(f"{hearing.unclear_share:.0%} of the speech is unclear")
        if heard.transcript.words == 0 and hearing.speech_s > limits.hangup_speech_s:
            doubts.append(f"{hearing.speech_s:.0f} s of speech, but no words")
    return _verdict(heard, policy, "heard_too_badly", Decision.NEEDS_REVIEW, doubts=tuple(doubts)) if doubts else None


def reason_stands(heard: Heard, policy: Policy) -> Verdict | None:
    """A non-billable reason above its floor, with a quote; a higher floor when no fact but the model speaks for it.

    Does not apply to new customers, nor where the policy calls the reason billable.
    """
    reason = Reason.of(heard.top)
    if policy.billable(reason) or not heard.evidence:
        return None
    if heard.probabilities[heard.top] < _floor(heard, policy):
        return None
    return _verdict(heard, policy, "reason_stands", Decision.NON_BILLABLE)


def customer_stands(heard: Heard, policy: Policy) -> Verdict | None:
    """A new customer, or a reason this policy charges for, above its floor is billable."""
    if not policy.billable(Reason.of(heard.top)) or heard.probabilities[heard.top] < _floor(heard, policy):
        return None
    return _verdict(heard, policy, "customer_stands", Decision.BILLABLE)


def ask_a_person(heard: Heard, policy: Policy) -> Verdict:
    """What no rule decided goes to a person, with the most probable reason and what is missing."""
    reason, floor = Reason.of(heard.top), _floor(heard, policy)
    doubts = []
    if heard.probabilities[heard.top] < floor:
        doubts.append(f"{heard.probabilities[heard.top]:.2f} is below the floor of {floor:.2f} for {reason}")
    if not heard.evidence:
        doubts.append("no words can be quoted for it")
    return _verdict(heard, policy, "ask_a_person", Decision.NEEDS_REVIEW, doubts=tuple(doubts))


def _floor(heard: Heard, policy: Policy) -> float:
    """The probability the likeliest reason must reach: higher when no fact but the classifier speaks for it."""
    floors = policy.reasons[Reason.of(heard.top)]
    return floors.floor if heard.supported else floors.floor_without_fact


HeardRule = Callable[[Heard, Policy], Verdict | None]
HEARD_RULES: tuple[HeardRule, ...] = (nothing_was_said, heard_too_badly, reason_stands, customer_stands, ask_a_person)
"""Rules about what was heard; the last one always answers."""


def propose_verdict(case: Case, policy: Policy) -> Verdict | None:
    """The verdict of the first rule that decides; None for a lead that is not eligible or was not heard yet."""
    for rule in METADATA_RULES:
        verdict = rule(case, policy)
        if verdict is not None:
            return verdict
    if case.transcript is None or case.scores is None:
        return None
    heard = _listen(case, policy)
    return next(verdict for rule in HEARD_RULES if (verdict := rule(heard, policy)) is not None)


def _listen(case: Case, policy: Policy) -> Heard:
    transcript, scores = case.transcript, case.scores
    assert transcript is not None and scores is not None
    probabilities = weigh(scores, case.facts, policy)
    top = most_probable(probabilities)
    evidence = evidence_for(top, transcript, scores.turn_weights, case.facts)
    rival = most_probable({intent: p for intent, p in probabilities.items() if intent is not top})
    against = evidence_for(rival, transcript, scores.turn_weights, case.facts)
    quoted = evidence[0].quote if evidence else None
    against = tuple(item for item in against if item.quote is None or item.quote != quoted)
    if any(fact.kind is FactKind.NOTHING_SAID for fact in case.facts):
        outcome = Outcome.CALL_DROPPED
    else:
        outcome = scores.top_outcome
    supported = bool(supporting(top, case.facts)) or has_cue(top, evidence)
    return Heard(case, transcript, probabilities, top, evidence, against, outcome, supported)


def _verdict(
    heard: Heard,
    policy: Policy,
    rule: str,
    decision: Decision,
    *,
    outcome: Outcome | None = None,
    doubts: tuple[str, ...] = (),
) -> Verdict:
    reason = Reason.of(heard.top)
    case = heard.case
    return Verdict(
        decision=decision,
        reason=reason,
        outcome=(outcome or heard.outcome) if reason is Reason.NEW_CUSTOMER else None,
        probability=heard.probabilities[heard.top],
        rule=rule,
        would_change=WOULD_CHANGE[reason],
        versions=case.versions,
        evidence=heard.evidence,
        against=heard.against,
        doubts=doubts,
        probabilities=dict(heard.probabilities),
        audio_sha256=case.audio_sha256,
        transcript_sha256=heard.transcript.sha256,
    )


def _from_metadata(case: Case, policy: Policy, reason: Reason, rule: str, fact: str, source: str) -> Verdict:
    return Verdict(
        decision=Decision.BILLABLE if policy.billable(reason) else Decision.NON_BILLABLE,
        reason=reason,
        outcome=Outcome.OPEN if reason is Reason.NEW_CUSTOMER else None,
        probability=1.0,
        rule=rule,
        would_change=WOULD_CHANGE[reason],
        versions=case.versions,
        evidence=(Evidence(reason, fact=fact, source=source),),
    )
