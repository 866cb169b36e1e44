"""What the use cases need from the database: one transaction on leads, results and the billing record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from insights.domain.leads import CampaignId, LeadId  # at run time as well: the store reads Failure's types
from insights.ports_watch import WatchedRecord

if TYPE_CHECKING:
    from insights.domain.accounts import Session, User
    from insights.domain.campaigns import Campaign
    from insights.domain.facts import Fact
    from insights.domain.feed import Delivery
    from insights.domain.hints import Hint
    from insights.domain.intents import IntentScores
    from insights.domain.lead_summary import LeadSummary
    from insights.domain.leads import Lead
    from insights.domain.ledger import Draft, Entry, EntryKind
    from insights.domain.reliability import Reliability
    from insights.domain.screening import Screening
    from insights.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a lead could not be worked, by name; ``transient`` ones are tried again the next night."""

    lead_id: LeadId
    stage: str
    code: str
    message: str
    transient: bool
    at: datetime


class Waiting(NamedTuple):
    """Of a lead that a person should look at, what its place in the queue is made of."""

    lead_id: LeadId
    campaign_id: CampaignId
    still_open: bool
    worth: float
    expires_at: datetime
    due_at: datetime | None


class QueueRow(NamedTuple):
    """What the review app keeps in memory of a lead, to filter, count and order its queue; see ``LeadSummary``.

    ``verdict`` is ``failed`` or ``none`` where nothing is proposed; ``reason`` what was decided, else proposed;
    ``reviewer`` who has it in hand (``reviewing_since`` is set), else who decided it, as on the record; ``version``
    grows with every change of any lead's row.
    """

    lead_id: LeadId
    campaign_id: CampaignId
    client_id: str
    trade: str
    source: str
    state: str
    waits: bool
    still_open: bool
    worth: float
    received_at: datetime
    expires_at: datetime
    due_at: datetime | None
    verdict: str
    reason: str
    probability: float | None
    reviewer: str
    reviewing_since: datetime | None
    version: int


class NightNote(NamedTuple):
    """A night that was closed: the instant it worked at, and its summary as JSON (without its table's rows)."""

    as_of: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody looked at private words: of one lead, or of all (``lead_id`` empty). ``what`` is the verb."""

    at: datetime
    who: str
    role: str
    what: str
    lead_id: LeadId


class Claimed(NamedTuple):
    """A lead that a worker has in hand for the running night; ``tries`` counts the workers who had it, this one
    included."""

    lead_id: LeadId
    source: str
    as_of: datetime
    tries: int


class Lease(IntEnum):
    """Work that only one process at a time may do on a database."""

    NIGHT = 1
    FEED = 2


class UnitOfWork(WatchedRecord, Protocol):
    """One transaction. Leaving the ``with`` block without ``commit`` rolls back."""

    def __enter__(self) -> UnitOfWork: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...

    # leads and campaigns, as the source told them
    def put_campaign(self, campaign: Campaign, seen_at: datetime) -> None:
        """Keep a campaign as the source tells it now; a new version only where something changed."""

    def campaign(self, campaign_id: CampaignId, at: datetime) -> Campaign | None:
        """The campaign as it was at an instant: all its facts are looked up as of a lead's receipt."""

    def put_lead(self, lead: Lead, source: str) -> None: ...
    def lead(self, lead_id: LeadId) -> Lead | None: ...
    def lead_ids(self, received_from: datetime | None = None, received_to: datetime | None = None) -> list[LeadId]:
        """Leads in the order of their receipt, those of a period (its end excluded) or all."""

    # what was found out about a lead
    def put_screening(self, screening: Screening) -> None: ...
    def screening(self, lead_id: LeadId) -> Screening | None: ...
    def put_recording(self, lead_id: LeadId, sha256: str) -> None: ...
    def recording(self, lead_id: LeadId) -> str | None:
        """SHA-256 of the lead's recording, once fetched."""

    def put_failure(self, failure: Failure) -> None: ...
    def failure(self, lead_id: LeadId) -> Failure | None: ...
    def clear_failure(self, lead_id: LeadId) -> None: ...

    # results, keyed by the content they were made from
    def put_transcript(self, key: str, transcript: Transcript, audio_sha256: str = "") -> None:
        """Keep a transcript, and of which recording it was made."""

    def transcript(self, key: str) -> Transcript | None: ...
    def transcript_saying(self, sha256: str) -> Transcript | None:
        """The transcript whose content has this hash: the one a verdict names."""

    def newest_transcript(self, audio_sha256: str) -> Transcript | None:
        """Of the transcripts of a recording the one that was kept last."""

    def put_scores(self, key: str, scores: IntentScores) -> None: ...
    def scores(self, key: str) -> IntentScores | None: ...

    def put_facts(self, key: str, facts: tuple[Fact, ...]) -> None: ...
    def facts(self, key: str) -> tuple[Fact, ...] | None: ...
    def put_reliability(self, model: str, reliability: Reliability) -> None:
        """Keep what a model said of held-out calls, once; its name stands for it."""

    def reliability(self, model: str) -> Reliability | None: ...

    # the billing record
    def post(self, draft: Draft) -> bool:
        """Append an entry; False, and nothing written, when one with its key stands already."""

    def restore(self, entry: Entry) -> bool:
        """Write an entry of an exported record at the end of this one; False when it stands here already.

        Raises RecordBroken when another entry stands in its place, or it does not follow from the last one.
        """

    def posted_last(self) -> tuple[int, str] | None:
        """Sequence and hash of the entry that was written last; None on a record that never noted it."""

    def entries(self, lead_id: LeadId | None = None) -> Iterator[Entry]:
        """The record in order, all of it or one lead's part."""

    def entries_of(self, kinds: Collection[EntryKind]) -> Iterator[Entry]:
        """The entries of some kinds, in order."""

    def newest_entries_of(self, actor: str) -> Iterator[Entry]:
        """The entries that one actor posted, the newest first."""

    # leads in one row
    def put_summary(self, summary: LeadSummary) -> None: ...
    def summary(self, lead_id: LeadId) -> LeadSummary | None: ...
    def summaries_of(self, lead_ids: Collection[LeadId]) -> dict[LeadId, LeadSummary]: ...
    def leads_without_summary(self) -> list[LeadId]: ...
    def expirable(self, now: datetime) -> list[LeadId]:
        """The leads that wait for a person although their review window has passed."""

    def waiting(self, now: datetime) -> Iterator[Waiting]:
        """The leads that a person should look at, and whose window has not passed, without their facts."""

    def summaries(self, received_from: datetime | None, received_to: datetime | None) -> Iterator[LeadSummary]:
        """The rows of the leads of a period, in the order of their receipt."""

    def newest_version(self) -> int:
        """The version of the row that changed last; 0 where there is none."""

    def summaries_of_client(self, client_id: str, received_from: datetime) -> Iterator[LeadSummary]:
        """The rows of one client's leads received from an instant on, the newest first."""

    def queue_rows(self, after: int, received_from: datetime) -> Iterator[QueueRow]:
        """The rows that changed after a version, in the order of their change; after version 0 only those of leads that
        wait or were received from an instant on."""

    def row_version(self, lead_id: LeadId) -> int:
        """The version of a lead's row; 0 where it has none."""

    def put_night(self, as_of: datetime, body: Mapping[str, Any], closed_at: datetime) -> None: ...
    def nights(self, limit: int) -> list[NightNote]:
        """The newest nights first."""

    def leads_saying(self, words: str, limit: int) -> list[LeadId]:
        """Leads in whose calls all these words were said; the last one may be the beginning of a word."""

    # accounts of the review app
    def put_user(self, user: User) -> None: ...
    def user(self, name: str) -> User | None: ...
    def users(self) -> list[User]: ...
    def put_session(self, session: Session) -> None: ...
    def session(self, token_sha256: str) -> Session | None: ...
    def end_session(self, token_sha256: str) -> None: ...
    def end_sessions_of(self, name: str) -> None: ...
    def end_old_sessions(self, seen_until: datetime, made_until: datetime) -> None:
        """End the sessions that were last used, or begun, at these instants or before."""

    def note_sign_in_failure(self, name: str, address: str, at: datetime) -> None: ...
    def forget_sign_in_failures(self, before: datetime) -> None: ...
    def sign_in_failures(self, name: str, address: str, since: datetime) -> tuple[int, int]:
        """Wrong passwords since an instant: those for a name, and those from a network address."""

    def put_view(self, owner: str, name: str, query: str) -> None:
        """Save filters of the queue under a name of the owner's."""

    def drop_view(self, owner: str, name: str) -> None: ...
    def views(self, owner: str) -> dict[str, str]: ...

    # whose call it is, what is deleted of it, who looked at it
    def leads_of_caller(self, caller: str, before: datetime | None = None, limit: int | None = None) -> list[LeadId]:
        """The leads of one caller, by the keyed hash of the number, the newest first; those received before an instant,
        at most so many."""

    def leads_with_recording(self, sha256: str) -> list[LeadId]: ...
    def is_deleted(self, lead_id: LeadId) -> bool:
        """Whether anything of a lead was deleted: it is never fetched or registered again."""

    def drop_texts(self, lead_id: LeadId) -> None:
        """Delete the words that stand beside the lead's entries."""

    def drop_heard(self, audio_sha256: str, keys: Collection[str]) -> None:
        """Delete every transcript of a recording, and those of these keys."""

    def drop_facts(self, keys: Collection[str]) -> None: ...
    def note_access(self, access: Access) -> None: ...
    def accesses(self, lead_id: LeadId | None, since: datetime | None, newest: int | None = None) -> Iterator[Access]:
        """Who looked at a lead (or at all of them together), oldest first; at any lead, where none is named.

        Of many only the ``newest``, where a number is given.
        """

    def count_accesses(self, lead_id: LeadId | None, since: datetime | None) -> int:
        """How many ``accesses`` there are."""

    # switches
    def switch(self, name: str) -> bool:
        """Whether a switch is on; one that nobody touched is."""

    def put_switch(self, name: str, on: bool, by: str, at: datetime) -> None: ...

    # the feed to billing
    def undelivered(self, kinds: Collection[EntryKind]) -> Iterator[tuple[Entry, Delivery | None]]:
        """Entries of these kinds that were not delivered yet, in order, with what became of them so far."""

    def put_delivery(self, delivery: Delivery) -> None: ...

    # one at a time
    def take_lease(self, lease: Lease, owner: str, now: datetime, until: datetime) -> str | None:
        """Take a lease; the name of the living owner when somebody else holds it.

        One that ends later than the asker's own would was taken by a clock that was ahead: it is cut to ``until``.
        """

    def lease(self, lease: Lease) -> tuple[str, datetime] | None:
        """Who took a lease last and until when, whether or not they live; None where it was given back."""

    def end_lease(self, lease: Lease, owner: str) -> None: ...

    # the running night, shared by many workers
    def put_work(self, source: str, as_of: datetime, lead_ids: Sequence[LeadId], now: datetime) -> None:
        """The leads that the night has to work, the first ones first, instead of whatever stood there; of a lead that
        stood there too, how many workers ended with it is kept."""

    def claim_work(self, owner: str, now: datetime, until: datetime, limit: int, alone_from: int) -> list[Claimed]:
        """Take leads that nobody has in hand, or only somebody who is gone or held them for too long. A lead that this
        would be the ``alone_from``-th worker for is taken alone, and only where there are no others.

        Hands of a clock that was ahead are cut to ``until``, like leases.
        """

    def work_free(self, now: datetime) -> int:
        """How many leads ``claim_work`` would find."""

    def keep_work(self, owner: str, until: datetime) -> None:
        """Hold what one has in hand for longer."""

    def give_back_work(self, owner: str, lead_ids: Collection[LeadId]) -> None:
        """Take one's hands off leads that were not worked: it counts as no try."""

    def finish_work(self, owner: str, lead_ids: Collection[LeadId], report: Mapping[str, Any]) -> None:
        """Take leads that one has in hand off the night's work, and tell what was done; nothing where one has none."""

    def work_left(self) -> int:
        """How many leads the night still has to work, in somebody's hand or not."""

    def work_reports(self) -> list[Mapping[str, Any]]:
        """What all workers told of the running night."""

    # how far a source was listed
    def source_cursor(self, source: str) -> datetime | None:
        """Every lead that a source received before this instant was listed; None for a source that never told."""

    def put_source_cursor(self, source: str, until: datetime) -> None: ...

    # what webhooks hinted at
    def put_hint(self, source: str, hint: Hint) -> None:
        """Keep that a source's provider told of a call; nothing happens where it did before."""

    def open_hints(self, source: str) -> list[Hint]:
        """The hints that are not settled, oldest first."""

    def settle_hints(self, source: str, call_ids: Sequence[LeadId]) -> None: ...
    def forget_hints(self, source: str, before: datetime) -> None:
        """Delete the settled hints that came before an instant."""


class Store(Protocol):
    """Opens transactions on the database."""

    def __call__(self, only_reads: bool = False, beside: bool = False) -> UnitOfWork:
        """A transaction; one that only reads sees one state and holds up nobody. Raises DatabaseBusy.

        ``beside``: it writes no entry and reads none, so that it need not wait for those who do.
        """

    def wipe(self) -> bool:
        """Make sure that what was deleted does not lie in the database's files any more; False when somebody who reads
        keeps it from that for now."""
