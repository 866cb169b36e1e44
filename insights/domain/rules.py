"""The rules, in order: each looks at a case and decides it or passes it on. Read top to bottom to know why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from insights.domain.evidence import evidence_for
from insights.domain.facts import Fact, FactKind
from insights.domain.intents import Intent, Outcome
from insights.domain.language import english_share, not_said, words_of_people
from insights.domain.leads import LeadKind
from insights.domain.policy import Policy
from insights.domain.reasons import Reason
from insights.domain.reliability import chance_of
from insights.domain.screening import ScreeningCode
from insights.domain.transcript import Transcript
from insights.domain.verdicts import WOULD_CHANGE, Case, Decision, Evidence, Verdict
from insights.domain.weighing import SPEAKS_TO, fact_odds, most_probable, weigh

_FEWEST_TO_TELL = 4  # words from which on a language shows


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
    odds: Mapping[FactKind, float]
    chance: float
    floor: float | None


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
    """Silence or a hangup on an answered call is a billable drop. Not when words were heard but refused as unclear, nor
    when a fact such as a known number speaks for another reason.

    A recording that is shorter than its call never gets here: it is rejected as cut short before transcription.
    """
    said_nothing = heard.transcript.words == 0 and _nothing_said(heard)
    hearing = heard.transcript.hearing
    if not said_nothing or (hearing is not None and hearing.speech_s > policy.hearing.hangup_speech_s):
        return None
    if any(facts_disagree(heard, policy)):
        return None  # a known customer who hung up
    return _verdict(heard, "nothing_was_said", Decision.BILLABLE, outcome=Outcome.CALL_DROPPED)


# --- why a person decides: each yields its doubts, none where there is nothing to doubt ---


def heard_too_badly(heard: Heard, policy: Policy) -> Iterator[str]:
    """Words that may not have been said decide nothing. Not for facts from metadata, which need no ears."""
    if _needs_no_ears(heard):
        return
    hearing, limits = heard.transcript.hearing, policy.hearing
    words = len(words_of_people(heard.transcript))
    if words < limits.min_words and heard.top is not Intent.NEW_CUSTOMER:
        yield f"only {words} words were heard clearly (at least {limits.min_words} needed)"
    if words == 0 and heard.transcript.words > 0 and not _nothing_said(heard):
        yield "nothing that was written down can be read as words"
    if hearing is None:
        return
    if hearing.mean_confidence is not None and hearing.mean_confidence < limits.min_confidence:
        yield f"the engine is unsure of its words ({hearing.mean_confidence:.2f} < {limits.min_confidence:.2f})"
    if hearing.unclear_share > limits.max_unclear_share:
        yield f"{hearing.unclear_share:.0%} of the speech is unclear"
    if heard.transcript.words == 0 and hearing.speech_s > limits.hangup_speech_s:
        yield f"{hearing.speech_s:.0f} s of speech, but no words"


def not_in_english(heard: Heard, policy: Policy) -> Iterator[str]:
    """The classifier was trained on English alone. Not for too few words to tell, nor for facts from metadata."""
    words, least = words_of_people(heard.transcript), policy.hearing.min_english_share
    share = english_share(words)
    if len(words) >= _FEWEST_TO_TELL and share < least and not _needs_no_ears(heard):
        yield f"it does not read like English ({share:.0%} small English words, at least {least:.0%} expected)"


def no_telephone_call(heard: Heard, policy: Policy) -> Iterator[str]:
    """More words than can be read whole, or text that nobody says: whatever it is, a person should look at it."""
    words, most = heard.transcript.words, policy.hearing.max_words
    if words > most:
        yield f"{words} words are too many to be read whole (at most {most})"
    if text := not_said(heard.transcript):
        yield f"nobody says {text!r} on a telephone"


def deciding_words_unclear(heard: Heard, policy: Policy) -> Iterator[str]:
    """The words quoted for the reason may have been misheard. Not for facts from metadata."""
    quote = next((item.quote for item in heard.evidence if item.quote is not None), None)
    if quote is None or _needs_no_ears(heard):
        return
    confidence, least = heard.transcript.turns[quote.turn].confidence, policy.hearing.min_deciding_confidence
    if confidence is not None and confidence < least:
        yield f"the deciding words may be misheard ({confidence:.2f} < {least:.2f})"


def nothing_to_quote(heard: Heard, policy: Policy) -> Iterator[str]:
    """No quote and no metadata fact, no non-billable verdict."""
    if not heard.evidence and not policy.billable(Reason.of(heard.top)):
        yield "no words can be quoted for it"


def below_the_promise(heard: Heard, policy: Policy) -> Iterator[str]:
    """The classifier's answers to held-out calls were not right about the charge often enough at this probability."""
    reason, p = Reason.of(heard.top), heard.probabilities[heard.top]
    promised, least = policy.proposals.promised(policy.billable(reason)), policy.reasons[reason].floor
    if heard.floor is None:
        yield f"{reason} is not known to be right about the charge in {promised:.0%} of such calls"
    elif heard.chance < heard.floor:
        yield f"right about the charge with {heard.chance:.2f}, below the floor of {heard.floor:.2f} for {reason}"
    if p < least:
        yield f"{p:.2f} is below the policy's floor of {least:.2f} for {reason}"


def too_dear_to_be_wrong(heard: Heard, policy: Policy) -> Iterator[str]:
    """What being wrong about the charge is expected to cost is more than the policy tolerates, by the lead's price."""
    price = heard.case.price
    if price is None:
        return
    charged = policy.billable(Reason.of(heard.top))
    at_stake = float(price.amount) + (policy.proposals.dispute_cost if charged else 0.0)
    wrong = 1 - heard.chance
    if at_stake * wrong > policy.proposals.tolerated_loss:
        yield (
            f"a mistake is expected to cost {at_stake * wrong:.2f} ({wrong:.0%} of {at_stake:.2f}), "
            f"more than {policy.proposals.tolerated_loss:.2f}"
        )


def facts_disagree(heard: Heard, policy: Policy) -> Iterator[str]:
    """A strong fact speaks for the other side of the charge, or against the reason itself."""
    charged = policy.billable(Reason.of(heard.top))
    strong = policy.proposals.strong_odds
    told: dict[FactKind, Fact] = {}
    for fact in heard.case.facts:
        told.setdefault(fact.kind, fact)
    for kind, fact in told.items():
        odds, speaks_to = heard.odds.get(kind, 1.0), SPEAKS_TO.get(kind, heard.top)
        other_side = policy.billable(Reason.of(speaks_to)) != charged
        if (other_side and odds >= strong) or (speaks_to is heard.top and odds <= 1 / strong):
            yield f"a fact disagrees: {kind.value.replace('_', ' ')} ({fact.value})"


Doubting = Callable[[Heard, Policy], Iterator[str]]
DOUBTS: tuple[Doubting, ...] = (
    heard_too_badly,
    not_in_english,
    no_telephone_call,
    deciding_words_unclear,
    nothing_to_quote,
    below_the_promise,
    too_dear_to_be_wrong,
    facts_disagree,
)
"""Every reason to ask a person. Any one is enough; all are told."""


def ask_a_person(heard: Heard, policy: Policy) -> Verdict | None:
    """Where there is any doubt a person decides, told the most probable reason and every doubt."""
    doubts = tuple(doubt for doubting in DOUBTS for doubt in doubting(heard, policy))
    return _verdict(heard, "ask_a_person", Decision.NEEDS_REVIEW, doubts=doubts) if doubts else None


def reason_stands(heard: Heard, policy: Policy) -> Verdict | None:
    """A non-billable reason that nothing speaks against is proposed. Not where the policy calls the reason billable."""
    if policy.billable(Reason.of(heard.top)):
        return None
    return _verdict(heard, "reason_stands", Decision.NON_BILLABLE)


def customer_stands(heard: Heard, policy: Policy) -> Verdict:
    """A new customer, or a reason that this policy charges for, is billable."""
    return _verdict(heard, "customer_stands", Decision.BILLABLE)


HeardRule = Callable[[Heard, Policy], Verdict | None]
HEARD_RULES: tuple[HeardRule, ...] = (nothing_was_said, ask_a_person, reason_stands, customer_stands)
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
    odds = fact_odds(case.reliability, policy)
    probabilities = weigh(scores, case.facts, odds)
    top = most_probable(probabilities)
    evidence = evidence_for(top, transcript, scores.turn_weights, case.facts)
    rival = most_probable({intent: p for intent, p in probabilities.items() if intent is not top})
    quoted = evidence[0].quote if evidence else None
    against = evidence_for(rival, transcript, scores.turn_weights, case.facts, besides=quoted)
    if any(fact.kind is FactKind.NOTHING_SAID for fact in case.facts):
        outcome = Outcome.CALL_DROPPED
    else:
        outcome = scores.top_outcome
    charged = policy.billable(Reason.of(top))
    side = frozenset(intent for intent in Intent if policy.billable(Reason.of(intent)) == charged)
    floor = case.reliability.floor(top, side, policy.proposals.promised(charged), policy.proposals.confidence)
    chance = chance_of(probabilities.items(), side)
    return Heard(case, transcript, probabilities, top, evidence, against, outcome, odds, chance, floor)


def _nothing_said(heard: Heard) -> bool:
    return any(fact.kind is FactKind.NOTHING_SAID for fact in heard.case.facts)


def _needs_no_ears(heard: Heard) -> bool:
    """Whether a fact from metadata speaks for the reason."""
    return any(item.quote is None and item.source != "transcript" for item in heard.evidence)


def _verdict(
    heard: Heard,
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
        charge_probability=heard.chance,
        floor=heard.floor,
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
