"""Evidence: the words of the call that speak for a reason, and the strongest that speak against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from insights.domain.cues import INTENT_CUES
from insights.domain.facts import Fact, FactKind, Quote, quote_around
from insights.domain.intents import Intent
from insights.domain.reasons import Reason
from insights.domain.transcript import Speaker, Transcript
from insights.domain.verdicts import Evidence

FACTS_FOR: Mapping[Intent, frozenset[FactKind]] = {
    Intent.NEW_CUSTOMER: frozenset({FactKind.OFFERED_SERVICE_NAMED, FactKind.PLACE_INSIDE_AREA, FactKind.NOTHING_SAID}),
    Intent.PREVIOUS_CUSTOMER: frozenset({FactKind.KNOWN_CUSTOMER, FactKind.EARLIER_BUSINESS_NAMED}),
    Intent.DIRECT_REFERRAL: frozenset({FactKind.REFERRAL_NAMED}),
    Intent.OUT_OF_AREA: frozenset({FactKind.ZIP_OUTSIDE_AREA, FactKind.CITY_OUTSIDE_AREA}),
    Intent.SERVICE_NOT_OFFERED: frozenset({FactKind.UNOFFERED_SERVICE_NAMED}),
    Intent.JOB_SEEKER: frozenset({FactKind.EMPLOYMENT_NAMED}),
    Intent.SOLICITOR: frozenset({FactKind.SELLING_NAMED}),
    Intent.WRONG_NUMBER: frozenset({FactKind.WRONG_PARTY_NAMED}),
}
_CUE, _FACT, _AGENT = 0.15, 0.25, -0.1  # what a cue, a fact's quote and the agent's mouth add to a turn's weight


def supporting(intent: Intent, facts: Sequence[Fact]) -> list[Fact]:
    """The facts found that speak for an intent."""
    return [fact for fact in facts if fact.kind in FACTS_FOR.get(intent, frozenset())]


def evidence_for(
    intent: Intent,
    transcript: Transcript,
    turn_weights: Sequence[float],
    facts: Sequence[Fact],
    besides: Quote | None = None,
) -> tuple[Evidence, ...]:
    """Best first: the strongest quote for an intent, then metadata facts that speak for it. Never quotes ``besides``.

    A turn's strength is the classifier's attention, plus a little for a phrase or fact that names the reason, less for
    an agent's words. Unclear turns and machine greetings are never quoted. Empty when nothing can be quoted.
    """
    found = supporting(intent, facts)
    reason = Reason.of(intent)
    evidence = [Evidence(reason, fact=fact.value, source=fact.source) for fact in found if fact.quote is None]
    quotes = {fact.quote.turn: fact.quote for fact in reversed(found) if fact.quote is not None}
    best: tuple[float, Quote] | None = None
    for index, turn in enumerate(transcript.turns):
        if turn.unclear or not turn.text.strip() or turn.speaker is Speaker.IVR:
            continue
        cue = INTENT_CUES[intent].search(turn.text)
        strength = turn_weights[index] if index < len(turn_weights) else 0.0
        strength += (_CUE if cue else 0) + (_FACT if index in quotes else 0)
        strength += _AGENT if turn.speaker is Speaker.AGENT else 0
        if best is None or strength > best[0]:
            span = cue.span() if cue else (0, len(turn.text))
            quote = quotes.get(index) or quote_around(index, turn, *span)
            if quote != besides:
                best = (strength, quote)
    if best is not None:
        evidence.insert(0, Evidence(reason, quote=best[1]))
    return tuple(evidence)
