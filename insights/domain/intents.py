"""What the text classifier can say: eight intents, seven outcomes, and a probability for each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """Why the caller called. The order after ``new_customer`` breaks ties between reasons (labelling guide, 10)."""

    NEW_CUSTOMER = "new_customer"
    WRONG_NUMBER = "wrong_number"
    SOLICITOR = "solicitor"
    JOB_SEEKER = "job_seeker"
    PREVIOUS_CUSTOMER = "previous_customer"
    DIRECT_REFERRAL = "direct_referral"
    OUT_OF_AREA = "out_of_area"
    SERVICE_NOT_OFFERED = "service_not_offered"


class Outcome(StrEnum):
    """The last state that a new customer's call reached (labelling guide, 11)."""

    APPOINTMENT_BOOKED = "appointment_booked"
    PRICE_SHOPPER = "price_shopper"
    CALL_DROPPED = "call_dropped"
    CHOSE_COMPETITOR = "chose_competitor"
    NO_PRICE_AGREEMENT = "no_price_agreement"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class IntentScores:
    """The classifier's answer for one call.

    ``probabilities`` are calibrated and sum to 1 over the eight intents; ``outcomes`` likewise over the seven
    outcomes, given that the caller is a new customer; ``turn_weights`` (one a turn, summing to 1) say which turns
    the classifier looked at; ``model`` names the weights that said so.
    """

    probabilities: Mapping[Intent, float]
    outcomes: Mapping[Outcome, float]
    turn_weights: tuple[float, ...]
    model: str

    def __post_init__(self) -> None:
        for name, table, labels in (("intent", self.probabilities, Intent), ("outcome", self.outcomes, Outcome)):
            if set(table) != set(labels):
                raise ValueError(f"{name} probabilities must name every {name} exactly once")
            if any(not math.isfinite(p) or p < 0 for p in table.values()) or abs(sum(table.values()) - 1) > 1e-3:
                raise ValueError(f"{name} probabilities must be finite, not negative and sum to 1")

    @property
    def top_outcome(self) -> Outcome:
        order = list(Outcome)
        return max(self.outcomes, key=lambda outcome: (self.outcomes[outcome], -order.index(outcome)))
