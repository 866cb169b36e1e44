"""One lead's life, move by move: what client and reviewers do with it, in tests of moves, money and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from builders import NOW, a_campaign, a_charge, a_lead, a_policy, a_proposal, a_record, salt
from hypothesis import strategies as st

from insights.domain import lead_life
from insights.domain.billing import Answer, BillingRecord, fold_ledger
from insights.domain.lead_life import Move, Mover, Refusal, Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import Draft, Entry
from insights.domain.reasons import Reason
from insights.domain.screening import Eligibility, review_eligibility

LEAD = LeadId("L-1")
POLICY = a_policy()
ANN, BO, CLIENT = (Mover(name, NOW) for name in ("reviewer:ann", "reviewer:bo", "client:K-1"))
PITCH = replace(
    a_proposal(decision="non_billable"),
    body={
        "decision": "non_billable",
        "reason": "solicitor",
        "outcome": None,
        "evidence": [{"quote": "your google listing", "turn": 1}],
    },
)
BOOKED = replace(
    a_proposal(),
    body={"decision": "billable", "reason": "new_customer", "outcome": "appointment_booked", "evidence": []},
)
DOUBTFUL = replace(PITCH, body={**PITCH.body, "decision": "needs_review"})
OVERRIDE = Verdicted(Answer.OVERRIDE, Reason.PREVIOUS_CUSTOMER)
ACCEPT = Verdicted(Answer.ACCEPT)


def eligible(days_old: float = 1, **changes: Any) -> Eligibility:
    lead = a_lead(received_at=NOW - timedelta(days=days_old), **changes)
    return review_eligibility(lead, a_campaign(), POLICY, NOW)


Step = tuple[str, Mover, Reason, Decimal | None]
"""What somebody tries to do, who, with which reason and which amount to give back."""


class Lead:
    """One lead's entries, added to move by move."""

    def __init__(self, *drafts: Draft) -> None:
        self.entries: list[Entry] = a_record(*drafts)

    @property
    def now(self) -> BillingRecord:
        return fold_ledger(LEAD, self.entries)

    def do(self, move: Move) -> Sequence[Draft]:
        assert not isinstance(move, Refusal), move
        for draft in move:
            self.entries.append(draft.after(self.entries[-1] if self.entries else None, salt))
        return move

    def submit(self, reason: Reason = Reason.PREVIOUS_CUSTOMER, text: str = "We did her roof.") -> Move:
        return lead_life.submit(self.now, CLIENT, reason, text, eligible(), POLICY)

    def decide(self, said: Verdicted = OVERRIDE, by: Mover = ANN, days_old: float = 1) -> Move:
        return lead_life.decide(self.now, by, said, eligible(days_old), POLICY)

    def take(self, step: Step) -> Move:
        """One step of a random life, where it is open."""
        what, by, reason, amount = step
        record, found = self.now, eligible()
        moves = {
            "submit": lambda: self.submit(reason),
            "start": lambda: lead_life.start_review(record, by, found, POLICY),
            "ask": lambda: lead_life.ask(record, by, "Which?", found, POLICY),
            "give": lambda: lead_life.give(record, CLIENT, "That."),
            "withdraw": lambda: lead_life.withdraw(record, CLIENT),
            "accept": lambda: self.decide(replace(ACCEPT, credit=amount), by),
            "override": lambda: self.decide(Verdicted(Answer.OVERRIDE, reason, credit=amount), by),
            "reopen": lambda: lead_life.reopen(record, by, "again", found),
            "expire": lambda: lead_life.expire(record, Mover("clock", NOW)),
            "look again": lambda: lead_life.look_again(record, by, reason, POLICY),
            "take back": lambda: lead_life.take_back(record, by, POLICY),
            "put back": lambda: lead_life.put_back(record, by),
        }
        move = moves[what]()
        return move if isinstance(move, Refusal) else self.do(move)


def code(move: Move) -> str:
    assert isinstance(move, Refusal)
    assert move.message
    return move.code


def charged(*drafts: Draft) -> Lead:
    return Lead(a_charge(), *drafts)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["submit", "start", "ask", "give", "withdraw", "accept", "override", "reopen", "expire", "look again",
             "take back", "put back"]
        ),
        st.sampled_from([ANN, BO]),
        st.sampled_from(list(Reason)),
        st.one_of(st.none(), st.decimals("0", "60", places=2)),
    ),
    max_size=25,
)  # fmt: skip
"""Random lives."""
