"""The billing policy: versioned data that the rules read. Every threshold of the verdict stands here and nowhere else.

A policy is a document (shipped as TOML in ``insights/policies``) with an effective date; a client may override parts
of it. Code never decides what a reason is worth: it asks the policy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from insights.domain.facts import FactKind
from insights.domain.reasons import ALWAYS_BILLABLE, Reason


@dataclass(frozen=True, slots=True)
class ReasonPolicy:
    """What the policy says of one reason.

    ``floor``: no proposal below this probability (0..1), even where the promise of precision would allow it.
    ``help``: the public wording, as the clients read it.
    """

    billable: bool
    floor: float
    help: str


@dataclass(frozen=True, slots=True)
class ProposalPolicy:
    """What a proposal must keep, else a person is asked.

    ``precision`` and ``confidence`` (0..1): of all non-billable proposals at least this share is right about the
    charge, as the classifier's answers to held-out calls show with this confidence. ``precision_billable``: the same of
    billable ones, which leave the charge as it is. ``tolerated_loss``: what a proposal may be expected to cost by being
    wrong, in the lead's currency; a wrong charge costs ``dispute_cost`` beside the price.
    ``strong_odds``: a fact that changes the odds this many times and speaks against the charge is a disagreement.
    """

    precision: float
    precision_billable: float
    confidence: float
    tolerated_loss: float
    dispute_cost: float
    strong_odds: float

    def promised(self, charged: bool) -> float:
        """The precision promised of proposals on this side of the charge."""
        return self.precision_billable if charged else self.precision


@dataclass(frozen=True, slots=True)
class HearingPolicy:
    """How well a call must have been heard before its words count.

    ``min_words``: fewer recognised words are no conversation, more than ``max_words`` cannot be read whole.
    ``min_confidence``: mean word probability (0..1) below which no reason but the metadata's is proposed,
    ``min_deciding_confidence`` the same for the turn whose words are quoted for the reason. ``max_unclear_share``:
    share (0..1) of speech refused by the guards.
    ``min_english_share``: share of small English words (0..1) below which a call is not read as English.
    ``hangup_speech_s``: at most this much speech (seconds) is a hangup or silence.
    ``cut_short_s`` and ``cut_short_share``: a recording shorter than the source's duration by more than both (seconds,
    share 0..1) was cut, and a cut recording must not pass for a hangup.
    """

    min_words: int
    max_words: int
    min_confidence: float
    min_deciding_confidence: float
    max_unclear_share: float
    min_english_share: float
    hangup_speech_s: float
    cut_short_s: float
    cut_short_share: float


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How leads are reviewed.

    A client's request is answered within ``promise_business_days`` of the calendar ``holidays`` (``US``). A share
    ``second_look`` (0..1) of the decided leads is looked at again by somebody who does not see the first decision. At
    most ``bulk_leads`` are accepted together. A reviewer who took a lead in hand keeps it from others for ``hold``, and
    may take a decision back for as long as ``undo``.
    """

    promise_business_days: float
    holidays: str
    second_look: float
    bulk_leads: int
    hold: timedelta
    undo: timedelta


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """How long a lead's recording, and all that was said and written of it, are kept after its receipt."""

    keep_audio: timedelta = timedelta(days=400)
    keep_words: timedelta = timedelta(days=1100)


@dataclass(frozen=True, slots=True)
class AutoAccept:
    """Reasons whose non-billable proposals are accepted without a person, from the probability ``floor`` on; at most so
    many leads and so much money a day. Nothing by default."""

    reasons: tuple[Reason, ...] = ()
    floor: float = 1.0
    daily_leads: int = 0
    daily_amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules. ``fact_weights``: odds of facts, before those the classifier's calls show."""

    version: str
    effective_from: datetime
    review_window: timedelta
    balance_check: time
    hearing: HearingPolicy
    proposals: ProposalPolicy
    review: ReviewPolicy
    reasons: Mapping[Reason, ReasonPolicy]
    fact_weights: Mapping[str, float]
    auto_accept: AutoAccept = AutoAccept()
    privacy: PrivacyPolicy = PrivacyPolicy()
    overridden: tuple[str, ...] = ()

    def billable(self, reason: Reason) -> bool:
        return self.reasons[reason].billable

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> Policy:
        """Build and check a policy; ``overrides`` is a client's partial document of the same shape.

        Raises ValueError that names the key, the bad value and what is allowed.
        """
        merged = _merge(document, overrides or {})
        reader = _Reader(merged, "policy")
        effective = reader.text("effective_from")
        try:
            effective_from = datetime.fromisoformat(effective)
            balance_check = time.fromisoformat(reader.text("balance_check"))
        except ValueError as error:
            raise ValueError(f"policy: {error}") from None
        if effective_from.tzinfo is None:
            raise ValueError(f"policy.effective_from {effective!r} has no UTC offset")
        policy = cls(
            version=_named(reader.text("version"), overrides),
            effective_from=effective_from,
            review_window=timedelta(hours=reader.number("review_window_hours", low=1, high=24 * 366)),
            balance_check=balance_check,
            hearing=_hearing(reader.section("hearing")),
            proposals=_proposals(reader.section("proposals")),
            review=_review(reader.section("review")),
            reasons=_reasons(reader.section("reasons")),
            fact_weights=_weights(reader.section("fact_weights")),
            auto_accept=_auto_accept(reader.section("auto_accept")),
            privacy=_privacy(reader.section("privacy")) if "privacy" in merged else PrivacyPolicy(),
            overridden=tuple(sorted(_paths(overrides or {}))),
        )
        reader.done()
        return policy


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """All versions of the default policy; answers which one was in force, with a client's overrides applied."""

    documents: tuple[Mapping[str, Any], ...]
    _dates: tuple[datetime, ...] = field(init=False, repr=False)
    _built: dict[tuple[int, str], Policy] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.documents:
            raise ValueError("a policy book needs at least one policy")
        policies = [Policy.from_mapping(document) for document in self.documents]
        order = sorted(range(len(policies)), key=lambda index: policies[index].effective_from)
        if len({policy.version for policy in policies}) != len(policies):
            raise ValueError("two policies carry the same version")
        object.__setattr__(self, "documents", tuple(self.documents[index] for index in order))
        object.__setattr__(self, "_dates", tuple(policies[index].effective_from for index in order))

    def at(self, instant: datetime, overrides: Mapping[str, Any] | None = None) -> Policy:
        """The policy in force at an instant; before the first effective date, the first policy."""
        number = max(sum(date <= instant for date in self._dates) - 1, 0)
        key = (number, json.dumps(overrides or {}, sort_keys=True, default=str))
        if key not in self._built:  # every lead asks, and there are few policies and clients with overrides
            self._built[key] = Policy.from_mapping(self.documents[number], overrides)
        return self._built[key]


def _named(version: str, overrides: Mapping[str, Any] | None) -> str:
    """The version, with a mark of a client's overrides: other rules must never carry the same name."""
    if not overrides:
        return version
    content = json.dumps(overrides, sort_keys=True, ensure_ascii=False, default=str)
    return f"{version}+{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _paths(document: Mapping[str, Any], prefix: str = "") -> list[str]:
    paths: list[str] = []
    for key, value in document.items():
        paths += _paths(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [f"{prefix}{key}"]
    return paths


class _Reader:
    """Takes typed values out of a mapping and refuses keys that nobody asked for."""

    def __init__(self, mapping: Mapping[str, Any], path: str) -> None:
        self.mapping, self.path, self.seen = mapping, path, set[str]()

    def _get(self, key: str) -> Any:
        self.seen.add(key)
        if key not in self.mapping:
            raise ValueError(f"{self.path}.{key} is missing")
        return self.mapping[key]

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{self.path}.{key} is {value!r}, not a text")
        return value

    def number(self, key: str, *, low: float, high: float, default: float | None = None) -> float:
        """``default``: of a setting that older documents do not have."""
        if default is not None and key not in self.mapping:
            return default
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{self.path}.{key} is {value!r}, not a number from {low:g} to {high:g}")
        return float(value)

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if not isinstance(value, bool):
            raise ValueError(f"{self.path}.{key} is {value!r}, not true or false")
        return value

    def texts(self, key: str) -> Sequence[str]:
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"{self.path}.{key} is {value!r}, not a list of texts")
        return value

    def section(self, key: str) -> _Reader:
        value = self._get(key)
        if not isinstance(value, Mapping):
            raise ValueError(f"{self.path}.{key} is {value!r}, not a section")
        return _Reader(value, f"{self.path}.{key}")

    def done(self) -> None:
        unknown = sorted(set(self.mapping) - self.seen)
        if unknown:
            known = ", ".join(sorted(self.seen))
            raise ValueError(f"{self.path}.{unknown[0]} is not a policy setting; known here: {known}")


def _hearing(reader: _Reader) -> HearingPolicy:
    policy = HearingPolicy(
        min_words=int(reader.number("min_words", low=0, high=10_000)),
        max_words=int(reader.number("max_words", low=1, high=1_000_000)),
        min_confidence=reader.number("min_confidence", low=0, high=1),
        min_deciding_confidence=reader.number("min_deciding_confidence", low=0, high=1),
        max_unclear_share=reader.number("max_unclear_share", low=0, high=1),
        min_english_share=reader.number("min_english_share", low=0, high=1),
        hangup_speech_s=reader.number("hangup_speech_s", low=0, high=60),
        cut_short_s=reader.number("cut_short_s", low=0, high=3600),
        cut_short_share=reader.number("cut_short_share", low=0, high=1),
    )
    reader.done()
    return policy


def _proposals(reader: _Reader) -> ProposalPolicy:
    policy = ProposalPolicy(
        precision=reader.number("precision", low=0.5, high=0.999),
        precision_billable=reader.number("precision_billable", low=0.5, high=0.999),
        confidence=reader.number("confidence", low=0.5, high=0.999),
        tolerated_loss=reader.number("tolerated_loss", low=0, high=1_000_000),
        dispute_cost=reader.number("dispute_cost", low=0, high=1_000_000),
        strong_odds=reader.number("strong_odds", low=1, high=1000),
    )
    reader.done()
    return policy


def _review(reader: _Reader) -> ReviewPolicy:
    policy = ReviewPolicy(
        promise_business_days=reader.number("promise_business_days", low=0.5, high=60),
        holidays=reader.text("holidays"),
        second_look=reader.number("second_look", low=0, high=1),
        bulk_leads=int(reader.number("bulk_leads", low=1, high=10_000)),
        hold=timedelta(hours=reader.number("hold_hours", low=0.1, high=24 * 30)),
        undo=timedelta(seconds=reader.number("undo_seconds", low=0, high=3600, default=30)),
    )
    reader.done()
    return policy


def _reasons(reader: _Reader) -> dict[Reason, ReasonPolicy]:
    reasons: dict[Reason, ReasonPolicy] = {}
    for reason in Reason:
        below = reader.section(reason.value)
        reasons[reason] = ReasonPolicy(
            billable=below.flag("billable"),
            floor=below.number("floor", low=0, high=1),
            help=below.text("help"),
        )
        below.done()
        if reason in ALWAYS_BILLABLE and not reasons[reason].billable:
            raise ValueError(f"{below.path}.billable is false, but {reason} is always billable")
    reader.done()
    return reasons


def _weights(reader: _Reader) -> dict[str, float]:
    weights = {kind.value: reader.number(kind, low=0.001, high=1000) for kind in FactKind if kind in reader.mapping}
    reader.done()
    return weights


def _auto_accept(reader: _Reader) -> AutoAccept:
    try:
        reasons = tuple(Reason(code) for code in reader.texts("reasons"))
    except ValueError as error:
        raise ValueError(f"{reader.path}.reasons: {error}") from None
    accept = AutoAccept(
        reasons=reasons,
        floor=reader.number("floor", low=0, high=1),
        daily_leads=int(reader.number("daily_leads", low=0, high=1_000_000)),
        daily_amount=reader.number("daily_amount", low=0, high=100_000_000),
    )
    reader.done()
    return accept


def _privacy(reader: _Reader) -> PrivacyPolicy:
    days = {name: reader.number(name, low=1, high=36_600) for name in ("keep_audio_days", "keep_words_days")}
    if days["keep_words_days"] < days["keep_audio_days"]:
        raise ValueError(f"{reader.path}.keep_words_days is less than keep_audio_days, but a recording is words too")
    reader.done()
    return PrivacyPolicy(timedelta(days=days["keep_audio_days"]), timedelta(days=days["keep_words_days"]))


def policy_body(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON, in the shape of its document."""
    return {
        "version": policy.version,
        "effective_from": policy.effective_from.isoformat(),
        "review_window_hours": policy.review_window / timedelta(hours=1),
        "balance_check": policy.balance_check.isoformat(timespec="minutes"),
        "hearing": asdict(policy.hearing),
        "proposals": asdict(policy.proposals),
        "review": {
            "promise_business_days": policy.review.promise_business_days,
            "holidays": policy.review.holidays,
            "second_look": policy.review.second_look,
            "bulk_leads": policy.review.bulk_leads,
            "hold_hours": policy.review.hold / timedelta(hours=1),
            "undo_seconds": policy.review.undo / timedelta(seconds=1),
        },
        "fact_weights": dict(policy.fact_weights),
        "reasons": {reason.value: asdict(rules) for reason, rules in policy.reasons.items()},
        "auto_accept": {
            "reasons": [reason.value for reason in policy.auto_accept.reasons],
            "floor": policy.auto_accept.floor,
            "daily_leads": policy.auto_accept.daily_leads,
            "daily_amount": policy.auto_accept.daily_amount,
        },
        "privacy": {
            "keep_audio_days": policy.privacy.keep_audio / timedelta(days=1),
            "keep_words_days": policy.privacy.keep_words / timedelta(days=1),
        },
        "overridden": list(policy.overridden),
    }
