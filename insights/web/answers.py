"""The letter that goes with a decision: drafted for the reason that is chosen, and never for another one."""

from __future__ import annotations

from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.letters import answer_letter
from insights.domain.reasons import Reason
from insights.errors import InputError
from insights.pipeline.lead_page import LeadPage


class LetterOfAnotherReason(InputError):
    """Somebody wrote in the letter and then chose a reason that it was not drafted for; ``draft`` is the one for it."""

    def __init__(self, draft: str, reason: Reason) -> None:
        told = reason.value.replace("_", " ")
        super().__init__(
            f"you wrote in the letter, and it was drafted for another reason than {told}. Its draft for {told} stands"
            " there now, below it what you wrote: mend it and choose again."
        )
        self.draft, self.reason = draft, reason


def drafted_letter(view: LeadPage, reason: Reason | None) -> str:
    """The answer to the client's request as it would be drafted for a reason, None: the proposed one; empty where
    neither is."""
    answer = Answer.ACCEPT if reason is None else Answer.OVERRIDE
    try:
        return answer_letter(view.lead, view.campaign, view.record, view.policy, Verdicted(answer, reason))
    except ValueError:
        return ""


def letter_for(view: LeadPage, reason: Reason | None, written: str, drafted_for: str) -> str:
    """The letter that goes along: what was written for this reason, else the draft for it.

    ``drafted_for``: the reason whose draft the page showed, empty: the proposed one. Raises LetterOfAnotherReason.
    """
    if not written.strip() or drafted_for == (reason.value if reason else ""):
        return written
    shown = Reason(drafted_for) if drafted_for in {code.value for code in Reason} else None
    draft = drafted_letter(view, reason)
    if written.split() == drafted_letter(view, shown).split():
        return draft
    raise LetterOfAnotherReason(draft, reason or Reason((view.record.proposal or {})["reason"]))
