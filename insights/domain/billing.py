"""The present state of one lead: a fold over its entries on the billing record. Nothing else knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from insights.domain.intents import Outcome
from insights.domain.leads import LeadId
from insights.domain.ledger import Entry, EntryKind, is_undoing
from insights.domain.money import Money
from insights.domain.reasons import Reason
from insights.domain.sealing import seals

NOTHING = Money.parse("0")
REVIEWER = "reviewer:"
"""How the names of people begin on the record; the policy decides under its own name."""


class LeadState(StrEnum):
    """Where a lead stands between its charge and the last word on it."""

    NOT_REVIEWED = "not_reviewed"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFORMATION_NEEDED = "information_needed"
    DECIDED = "decided"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Answer(StrEnum):
    """What a reviewer does with a proposal: takes it over, or says the right reason instead."""

    ACCEPT = "accept"
    OVERRIDE = "override"


class Result(StrEnum):
    """What a decision gives back of the charge: all, a part, nothing."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    DECLINED = "declined"


class Kept(StrEnum):
    """What is kept of a lead beside its entries, until it is deleted: its recording; all that was said and written."""

    AUDIO = "audio"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request to review a lead. ``key`` is its entry's; ``files`` as they stand in the entry."""

    key: str
    reason: Reason
    explanation: str
    at: datetime
    actor: str
    files: tuple[Mapping[str, Any], ...] = ()
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """A missing fact that the client was asked for; the clock of the request stands until it is given. ``files`` came
    with the answer, as they stand in its entry."""

    fact: str
    asked_at: datetime
    given_at: datetime | None = None
    given: str = ""
    files: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Money given back. ``left`` is what later reversals have not taken again."""

    key: str
    amount: Money
    left: Money
    at: datetime
    proactive: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A reviewer's word on a lead: the reason it has, and the outcome where the reviewer told one.

    ``proposal`` is the one that stood at that instant, None when a lead was decided before anything was proposed;
    ``letter`` what the client reads of it, empty when none was written; ``key`` is its entry's.
    """

    answer: Answer
    reason: Reason
    outcome: Outcome | None
    at: datetime
    actor: str
    proposal: Mapping[str, Any] | None
    result: Result | None = None
    note: str = ""
    letter: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What somebody else said of a decided lead without seeing the decision ``first``. Moves no money."""

    reason: Reason
    actor: str
    at: datetime
    agrees: bool
    first: Decided


@dataclass(frozen=True, slots=True)
class BillingRecord:
    """One lead: what was charged and given back, what is proposed, asked and decided.

    A proposal moves no money; ``credits`` only ever name the charge they correct. ``reviewer`` is who took the lead
    in hand, ``reviewing_since`` when; empty when nobody has; ``waiting_as`` is the state that it goes back to when it
    is put back. ``before`` is what stood before the decision that holds, without its own ``before``. ``reopened``: it
    may be decided again whatever its age. ``deleted`` says what is kept of the lead no more. ``counts`` number the
    entries by kind, ``last`` is the newest entry's sequence.
    """

    lead_id: LeadId
    state: LeadState = LeadState.NOT_REVIEWED
    charged: Money = NOTHING
    charge_key: str = ""
    credits: tuple[Credit, ...] = ()
    proposal: Mapping[str, Any] | None = None
    proposal_key: str = ""
    request: Request | None = None
    waits: tuple[Wait, ...] = ()
    reviewer: str = ""
    reviewing_since: datetime | None = None
    waiting_as: LeadState = LeadState.NOT_REVIEWED
    decided: Decided | None = None
    before: BillingRecord | None = None
    second_looks: tuple[SecondLook, ...] = ()
    expired_at: datetime | None = None
    reopened: bool = False
    reopened_at: datetime | None = None
    deleted: frozenset[Kept] = frozenset()
    counts: Mapping[EntryKind, int] = field(default_factory=Counter)
    last: int = 0

    @property
    def second_look(self) -> SecondLook | None:
        """The second look at the decision that holds."""
        last = self.second_looks[-1] if self.second_looks else None
        return last if last and last.first == self.decided else None

    @property
    def credited(self) -> Money:
        """What was given back and not taken again."""
        return sum((credit.left for credit in self.credits), Money.parse("0", self.charged.currency))

    @property
    def balance(self) -> Money:
        """What the client pays for the lead as things stand."""
        return self.charged - self.credited

    @property
    def clock_started_at(self) -> datetime | None:
        """When the client began to wait for the answer: at the request, or when it was reopened; None: no request."""
        if self.request is None or self.request.withdrawn:
            return None
        return max(self.request.at, self.reopened_at or self.request.at)

    @property
    def request_open(self) -> bool:
        """Whether the client waits for an answer."""
        return self.request is not None and not self.request.withdrawn and self.state is not LeadState.DECIDED

    @property
    def asked(self) -> bool:
        """Whether a fact that the client was asked for is still missing."""
        return bool(self.waits) and self.waits[-1].given_at is None


def fold_ledger(lead_id: LeadId, entries: Iterable[Entry]) -> BillingRecord:
    """The present state of a lead from its entries, oldest first; other leads' entries are passed over.

    The last proposal is the standing one and the last decision the one that holds; earlier ones stay on the record.
    """
    record = BillingRecord(lead_id)
    for entry in entries:
        if entry.lead_id == lead_id:
            record = fold_entry(record, entry)
    return record


def fold_entry(record: BillingRecord, entry: Entry) -> BillingRecord:
    """The state of a lead after one more of its entries."""
    folded = _FOLDS[entry.kind](record, entry)
    if Kept.WORDS in folded.deleted and entry.kind is not EntryKind.DELETION and any(seals(entry.chained)):
        folded = replace(folded, deleted=folded.deleted - {Kept.WORDS})  # there are new ones
    counts = Counter(record.counts)
    counts[entry.kind] += 1
    waiting_as = folded.waiting_as if folded.state in _NOT_WAITING else folded.state
    return replace(folded, waiting_as=waiting_as, counts=counts, last=entry.sequence)


_NOT_WAITING = frozenset({LeadState.IN_REVIEW, LeadState.INFORMATION_NEEDED, LeadState.DECIDED})
"""Somebody works on it, the client is waited for, or it is done: none of them is what it goes back to."""


def _charge(record: BillingRecord, entry: Entry) -> BillingRecord:
    return replace(record, charged=_money(entry), charge_key=entry.key)


def _proposal(record: BillingRecord, entry: Entry) -> BillingRecord:
    return replace(record, proposal=entry.body, proposal_key=entry.key)


def _request(record: BillingRecord, entry: Entry) -> BillingRecord:
    body = entry.body
    made = Request(
        entry.key, Reason(body["reason"]), body["explanation"], entry.at, entry.actor, tuple(body.get("files", ()))
    )
    return replace(record, state=LeadState.SUBMITTED, request=made, waits=())


def _review_started(record: BillingRecord, entry: Entry) -> BillingRecord:
    return replace(record, state=LeadState.IN_REVIEW, reviewer=entry.actor, reviewing_since=entry.at)


def _review_left(record: BillingRecord, entry: Entry) -> BillingRecord:
    """What came meanwhile, such as the client's request, stands."""
    state = record.state
    if state is LeadState.IN_REVIEW:
        state = LeadState.INFORMATION_NEEDED if record.asked else record.waiting_as
    return replace(record, state=state, reviewer="", reviewing_since=None)


def _information_asked(record: BillingRecord, entry: Entry) -> BillingRecord:
    waits = (*record.waits, Wait(entry.body["fact"], entry.at))
    return replace(record, state=LeadState.INFORMATION_NEEDED, waits=waits, reviewer="")


def _information_given(record: BillingRecord, entry: Entry) -> BillingRecord:
    """The review goes on where it was left; every fact that was still open counts as given."""
    text, files = entry.body["text"], tuple(entry.body.get("files", ()))
    waits = tuple(
        wait if wait.given_at else replace(wait, given_at=entry.at, given=text, files=files) for wait in record.waits
    )
    return replace(record, state=LeadState.IN_REVIEW, waits=waits)


def _decision(record: BillingRecord, entry: Entry) -> BillingRecord:
    body = entry.body
    told, result = body.get("outcome"), body.get("result")
    decided = Decided(
        Answer(body["answer"]),
        Reason(body["reason"]),
        Outcome(told) if told else None,
        entry.at,
        entry.actor,
        record.proposal,
        Result(result) if result else None,
        body.get("note", ""),
        body.get("letter", ""),
        entry.key,
    )
    before = replace(record, before=None)  # one step back is enough, and records must not grow
    return replace(record, state=LeadState.DECIDED, decided=decided, before=before, reviewer="", reopened=False)


def _credit(record: BillingRecord, entry: Entry) -> BillingRecord:
    money = _money(entry)
    made = Credit(entry.key, money, money, entry.at, bool(entry.body.get("proactive")))
    return replace(record, credits=(*record.credits, made))


def _reversal(record: BillingRecord, entry: Entry) -> BillingRecord:
    taken = _money(entry)
    credits = tuple(
        replace(credit, left=credit.left - taken) if credit.key == entry.body["corrects"] else credit
        for credit in record.credits
    )
    return replace(record, credits=credits)


def _expiry(record: BillingRecord, entry: Entry) -> BillingRecord:
    return replace(record, state=LeadState.EXPIRED, expired_at=entry.at)


def _withdrawal(record: BillingRecord, entry: Entry) -> BillingRecord:
    request = record.request and replace(record.request, withdrawn=True)
    return replace(record, state=LeadState.WITHDRAWN, request=request, reviewer="", waits=())


def _reopening(record: BillingRecord, entry: Entry) -> BillingRecord:
    before = record.before
    if is_undoing(entry) and before is not None:
        return replace(
            record,
            state=LeadState.IN_REVIEW,
            reviewer=entry.actor,
            reviewing_since=entry.at,
            decided=before.decided,
            reopened=before.reopened,
            before=None,
        )
    return replace(
        record, state=LeadState.REOPENED, reopened=True, reopened_at=entry.at, waits=(), reviewer="", before=None
    )


def _second_look(record: BillingRecord, entry: Entry) -> BillingRecord:
    body = entry.body
    assert record.decided is not None  # only decided leads are looked at again
    look = SecondLook(Reason(body["reason"]), entry.actor, entry.at, body["agrees"], record.decided)
    return replace(record, second_looks=(*record.second_looks, look))


def _deletion(record: BillingRecord, entry: Entry) -> BillingRecord:
    return replace(record, deleted=record.deleted | frozenset(Kept(part) for part in entry.body["what"]))


_FOLDS: Mapping[EntryKind, Callable[[BillingRecord, Entry], BillingRecord]] = {
    EntryKind.CHARGE: _charge,
    EntryKind.PROPOSAL: _proposal,
    EntryKind.REQUEST: _request,
    EntryKind.REVIEW_STARTED: _review_started,
    EntryKind.REVIEW_LEFT: _review_left,
    EntryKind.INFORMATION_ASKED: _information_asked,
    EntryKind.INFORMATION_GIVEN: _information_given,
    EntryKind.DECISION: _decision,
    EntryKind.CREDIT: _credit,
    EntryKind.REVERSAL: _reversal,
    EntryKind.EXPIRY: _expiry,
    EntryKind.WITHDRAWAL: _withdrawal,
    EntryKind.REOPENING: _reopening,
    EntryKind.SECOND_LOOK: _second_look,
    EntryKind.DELETION: _deletion,
}


def _money(entry: Entry) -> Money:
    return Money.parse(entry.body["amount"], entry.body["currency"])
