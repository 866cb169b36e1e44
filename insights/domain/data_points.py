"""The figures of a period: each with its numerator, its denominator and the leads behind it (definitions: DOMAIN.md).

A figure over nothing has no value. Money is never added over currencies: such a figure stands once for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from insights.domain.lead_summary import LeadSummary, is_billable, reason_of
from insights.domain.leads import LeadKind
from insights.domain.reasons import ALWAYS_BILLABLE, Reason
from insights.domain.scoring import calibration_error
from insights.domain.screening import ScreeningCode

SHARE, SECONDS, HOURS, COUNT = "share", "seconds", "hours", "count"
Lead = LeadSummary
Test = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. ``unit``: ``share``, ``seconds``, ``hours``, ``count`` or a currency; ``leads`` are those counted in
    the numerator, ``of`` how many the denominator counts (or adds up)."""

    name: str
    unit: str
    numerator: float
    denominator: float
    leads: tuple[str, ...]

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "value": None if self.value is None else round(self.value, 6),
            "numerator": round(self.numerator, 6),
            "denominator": round(self.denominator, 6),
            "leads": list(self.leads),
        }


def data_points(leads: Sequence[Lead]) -> list[Figure]:
    """All figures of some leads, in the order of a lead's life."""
    calls = [lead for lead in leads if lead.facts["kind"] == LeadKind.PHONE_CALL]
    answered = [lead for lead in calls if lead.facts["answered"]]
    return [
        Figure("leads", COUNT, len(leads), 1, _ids(leads)),
        _share("answer_rate", calls, lambda f: f["answered"]),
        _share("missed_rate", calls, lambda f: not f["answered"] and not f["voicemail"]),
        _share("voicemail_rate", calls, lambda f: f["voicemail"]),
        _mean("time_to_answer", SECONDS, answered, lambda f: f["ring_s"]),
        *(_of_audio(name, answered, key) for name, key in _SHARES.items()),
        *_outcomes(leads, answered),
        *_money(leads),
        *_reviews(leads),
        *_proposals(leads),
    ]


_SHARES = {
    "talk_share": "talk_s",
    "silence_share": "silence_s",
    "hold_share": "hold_s",
    "interruption_share": "overlap_s",
}


def _outcomes(leads: Sequence[Lead], answered: Sequence[Lead]) -> list[Figure]:
    billable = [lead for lead in answered if is_billable(lead.facts)]
    other = [lead for lead in leads if not is_billable(lead.facts)]
    return [
        _share("billable_rate", [lead for lead in leads if reason_of(lead.facts)], is_billable),
        *(
            _share(f"non_billable_mix:{reason}", other, _not_billable_as(reason))
            for reason in Reason
            if reason not in ALWAYS_BILLABLE
        ),
        _share("booked_rate", billable, is_booked),
    ]


def _not_billable_as(reason: Reason) -> Test:
    return lambda facts: not is_billable(facts) and reason_of(facts) is reason


def is_booked(facts: Mapping[str, Any]) -> bool:
    """Whether an appointment came of a lead: as decided, else, where nobody decided, as proposed."""
    told = facts["decided_outcome"] or ("" if facts["decided_reason"] else facts["outcome"])
    return bool(told == "appointment_booked")


def _money(leads: Sequence[Lead]) -> list[Figure]:
    figures = []
    for currency in sorted({lead.facts["currency"] for lead in leads}):
        own = [lead for lead in leads if lead.facts["currency"] == currency]
        paid = [lead for lead in own if balance(lead) > 0]
        booked = [lead for lead in paid if is_booked(lead.facts)]
        credited = [lead for lead in own if amount(lead, "credited")]
        net = _sum(own, "charged") - _sum(own, "credited")
        figures += [
            Figure("charged", currency, _sum(own, "charged"), 1, _ids(own)),
            Figure("credited", currency, _sum(own, "credited"), 1, _ids(credited)),
            Figure("cost_per_billable_lead", currency, net, len(paid), _ids(paid)),
            Figure("cost_per_booked_job", currency, net, len(booked), _ids(booked)),
            Figure(
                f"proactive_share_of_credits:{currency}",
                SHARE,
                _sum(own, "proactive"),
                _sum(own, "credited"),
                _ids(lead for lead in own if amount(lead, "proactive")),
            ),
            *_leaks(own, currency),
        ]
    return figures


def _leaks(leads: Sequence[Lead], currency: str) -> list[Figure]:
    """Money that a second person, not knowing the decision, would have moved the other way; of so many looked at."""
    twice = [lead for lead in leads if lead.facts["second_look_billable"] is not None]
    over = [lead for lead in twice if lead.facts["second_look_billable"] and amount(lead, "credited")]
    under = [lead for lead in twice if not lead.facts["second_look_billable"] and balance(lead)]
    return [
        Figure("over_credit_leakage", currency, _sum(over, "credited"), len(twice), _ids(over)),
        Figure("under_credit_leakage", currency, float(sum(map(balance, under))), len(twice), _ids(under)),
    ]


def answer_latency(answered: Sequence[Lead]) -> list[Figure]:
    """How long clients waited for their answers: the middle one, and the one that nine in ten were faster than."""
    told = sorted((lead for lead in answered if lead.facts["answered_h"] is not None), key=_answered)
    return [
        Figure(
            f"decision_latency:{name}", HOURS, _answered(told[at]) if told else 0.0, 1 if told else 0, _ids(told[at:])
        )
        for name, at in (("p50", len(told) // 2), ("p90", len(told) * 9 // 10))
    ]


def _answered(lead: Lead) -> float:
    return float(lead.facts["answered_h"])


def balance(lead: Lead) -> Decimal:
    """What stays charged of a lead."""
    return amount(lead, "charged") - amount(lead, "credited")


def _reviews(leads: Sequence[Lead]) -> list[Figure]:
    asked = [lead for lead in leads if lead.facts["requested_at"]]
    answered = [lead for lead in asked if lead.facts["result"]]
    spent = [(lead, lead.facts["review_s"]) for lead in leads if lead.facts["review_s"] is not None]
    waited = [lead for lead in leads if lead.facts["expirable"] or lead.facts["expired_unreviewed"] or _looked_at(lead)]
    proposed = [lead for lead in leads if lead.facts["proposed_at"]]
    return [
        _share("dispute_rate", leads, lambda f: f["requested_at"]),
        _share("win_rate", answered, lambda f: f["result"] != "declined"),
        *answer_latency(answered),
        _share("answered_in_time", [a for a in answered if a.facts["in_time"] is not None], lambda f: f["in_time"]),
        _share("expired_unreviewed", waited, lambda f: f["expired_unreviewed"]),
        Figure(
            "review_effort",
            SECONDS,
            median(seconds for _, seconds in spent) if spent else 0.0,
            1 if spent else 0,
            _ids(lead for lead, _ in spent),
        ),
        Figure("time_to_proposal", HOURS, sum(map(_hours_to_proposal, proposed)), len(proposed), _ids(proposed)),
    ]


def _looked_at(lead: Lead) -> bool:
    """Whether a lead that wanted a person got one."""
    return bool(lead.facts["decided_by"]) and bool(lead.facts["verdict"] != "billable")


def _hours_to_proposal(lead: Lead) -> float:
    return (datetime.fromisoformat(lead.facts["proposed_at"]) - lead.received_at).total_seconds() / 3600


def _proposals(leads: Sequence[Lead]) -> list[Figure]:
    """Proposals beside what people decided; what the policy accepted alone proves nothing.

    Precision counts who is right about the charge, recall who names the reason; coverage is over the calls that were to
    be heard, failed ones too.
    """
    heard = [lead for lead in leads if lead.facts["screening"] == ScreeningCode.READY]
    sure = [lead for lead in leads if lead.facts["verdict"] in ("billable", "non_billable")]
    decided = [lead for lead in leads if lead.facts["by_person"]]
    checked = [lead for lead in sure if lead.facts["by_person"]]
    figures = [
        _share("coverage", heard, lambda f: f["verdict"] in ("billable", "non_billable")),
        _share("precision", checked, is_right),
        _share("precision:non_billable", [c for c in checked if c.facts["verdict"] == "non_billable"], is_right),
        _share("override_rate", checked, lambda f: f["overridden"]),
        _calibration(checked),
    ]
    for reason in Reason:
        own = [lead for lead in checked if lead.facts["reason"] == reason]
        such = [lead for lead in decided if lead.facts["decided_reason"] == reason]
        if own or such:
            figures += [
                _share(f"precision:{reason}", own, is_right),
                _share(f"override_rate:{reason}", own, lambda f: f["overridden"]),
                _share(f"recall:{reason}", such, _proposed_as(reason)),
            ]
    return figures


def _proposed_as(reason: Reason) -> Test:
    return lambda facts: facts["verdict"] in ("billable", "non_billable") and facts["reason"] == reason


def is_right(facts: Mapping[str, Any]) -> bool:
    """Whether the proposal of a decided lead is right about the charge."""
    return bool((facts["verdict"] == "billable") == facts["decided_billable"])


def _calibration(checked: Sequence[Lead]) -> Figure:
    """Expected calibration error of being right about the charge."""
    told = [lead for lead in checked if lead.facts["charge_probability"] is not None]
    error = calibration_error([(lead.facts["charge_probability"], is_right(lead.facts)) for lead in told])
    return Figure("calibration_error", SHARE, error * len(told), len(told), _ids(told))


def _share(name: str, leads: Sequence[Lead], test: Test) -> Figure:
    found = [lead for lead in leads if test(lead.facts)]
    return Figure(name, SHARE, len(found), len(leads), _ids(found))


def _mean(name: str, unit: str, leads: Sequence[Lead], told: Test) -> Figure:
    known = [lead for lead in leads if told(lead.facts) is not None]
    return Figure(name, unit, sum(told(lead.facts) for lead in known), len(known), _ids(known))


def _of_audio(name: str, leads: Sequence[Lead], key: str) -> Figure:
    heard = [lead for lead in leads if lead.facts["shares"]]
    whole = sum(lead.facts["shares"]["audio_s"] for lead in heard)
    return Figure(name, SHARE, sum(lead.facts["shares"][key] for lead in heard), whole, _ids(heard))


def amount(lead: Lead, name: str) -> Decimal:
    """``charged``, ``credited`` or ``proactive`` (given back unasked), in the currency of the lead."""
    return Decimal(lead.facts[name])


def _sum(leads: Iterable[Lead], name: str) -> float:
    return float(sum((amount(lead, name) for lead in leads), Decimal(0)))


def _ids(leads: Iterable[Lead]) -> tuple[str, ...]:
    return tuple(lead.lead_id for lead in leads)


GROUPS: Mapping[str, Callable[[Lead], str]] = {
    "all": lambda lead: "all",
    "client": lambda lead: lead.facts["client_id"] or lead.facts["client"],
    "campaign": lambda lead: lead.campaign_id,
    "source": lambda lead: lead.facts["source"] or "unknown",
    "call": lambda lead: lead.lead_id,
}
"""What figures can be told by."""


def grouped(leads: Iterable[Lead], by: str) -> dict[str, list[Figure]]:
    """The figures of each group, by its name. Raises KeyError for a grouping that is none of ``GROUPS``."""
    name = GROUPS[by]
    groups: dict[str, list[Lead]] = {}
    for lead in leads:
        groups.setdefault(name(lead), []).append(lead)
    return {group: data_points(own) for group, own in sorted(groups.items())}
