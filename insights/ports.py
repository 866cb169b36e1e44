"""What the use cases need from the outside world. Each Protocol has one adapter (or more) and a ten-line fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from insights.domain.leads import CampaignId  # at run time as well: the store reads Failure's types

if TYPE_CHECKING:
    from datetime import date

    import numpy as np

    from insights.domain.alerts import Alert
    from insights.domain.campaigns import Campaign
    from insights.domain.facts import Places, ServiceMatcher
    from insights.domain.feed import Message
    from insights.domain.hearing import Doubt
    from insights.domain.intents import IntentScores
    from insights.domain.leads import FormContact, Lead
    from insights.domain.policy import PolicyBook
    from insights.domain.recordings import Derived, Span, StoredRecording
    from insights.domain.reliability import Reliability
    from insights.domain.scoring import LabelledTranscript
    from insights.domain.transcript import Sound, Transcript
    from insights.domain.verdicts import ContactCheck
    from insights.domain.weights_history import WeightsEvent
    from insights.ports_record import Store


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row of the source that could not be read: where it stands and why.

    ``reason`` quotes the row, for whoever mends it; ``fault`` says the same without its values, and may be kept.
    """

    where: str
    reason: str
    lead_id: str = ""
    fault: str = "it cannot be read"


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What a source holds tonight. ``leads`` name only campaigns that ``campaigns`` holds.

    ``complete_to``: every lead received before this instant was listed, where the source is asked for a period;
    ``stopped``: what ended the listing half-way, in words for the operator, empty where nothing did; ``calls``: the ids
    of all calls that a provider told, also of those that are no leads.
    """

    leads: tuple[Lead, ...]
    campaigns: dict[CampaignId, Campaign]
    quarantined: tuple[Quarantined, ...] = ()
    complete_to: datetime | None = None
    stopped: str = ""
    calls: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """Decoded sound: ``samples`` float32 ``[n_channels, n_samples]`` in -1..1 at ``sample_rate`` Hz (16,000).

    ``source_rate`` in Hz, ``codec`` and ``container`` are those of the file.
    """

    samples: np.ndarray[Any, np.dtype[np.float32]]
    sample_rate: int
    source_rate: int
    codec: str
    container: str

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def seconds(self) -> float:
        return float(self.samples.shape[1]) / self.sample_rate


@dataclass(frozen=True, slots=True)
class CallAudio:
    """A call to be played and drawn: ``path`` of a 16-bit PCM WAV file, its seconds and channels.

    ``waveform`` holds a row a channel: how loud the call is, 0..1, in stretches of equal length.
    """

    sha256: str
    path: Path
    seconds: float
    waveform: tuple[tuple[float, ...], ...]

    @property
    def channels(self) -> int:
        return len(self.waveform)


@dataclass(frozen=True, slots=True)
class Listening:
    """What is on a recording: stretches of speech ordered by start, and the other sounds between them."""

    speech: list[Span]
    sounds: tuple[Sound, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """One stretch of speech to be heard: float32 ``[n_samples]`` at 16,000 Hz.

    ``language`` is a code such as ``en``, empty where nobody knows; ``prompt`` holds words to expect.
    """

    samples: np.ndarray[Any, np.dtype[np.float32]]
    language: str = "en"
    prompt: str = ""

    @property
    def seconds(self) -> float:
        return self.samples.size / 16_000


@dataclass(frozen=True, slots=True)
class HeardClip:
    """Text of one clip, its ``confidence`` 0..1 (mean token probability) and why it is doubted, if it is.

    A ``confidence`` of NaN: the weights answered with no number.
    """

    text: str
    confidence: float
    doubt: Doubt | None = None


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, with an offset."""


class LeadSource(Protocol):
    """Where leads and recordings come from."""

    @property
    def uri(self) -> str: ...

    def listing(self, since: datetime | None = None) -> SourceListing:
        """The leads, all of them or, of a source that is asked for a period, those received since an instant.

        What a source told before it died half-way is listed, and ``stopped`` says so. Raises InputError,
        ConfigurationError or SourceUnavailable where it tells nothing that can be used.
        """

    def fetch(self, lead: Lead) -> bytes:
        """The recording's bytes; raises RecordingUnavailable."""


class RecordingStore(Protocol):
    """Recordings kept once under their SHA-256, each with what is made of it.

    Raises InputError for a name that is no SHA-256.
    """

    def keep(self, data: bytes) -> StoredRecording: ...

    def read(self, sha256: str) -> bytes:
        """The bytes; raises RecordingUnavailable when they are gone or no longer match their hash."""

    def holds(self, sha256: str) -> bool: ...
    def drop(self, sha256: str) -> None:
        """Delete it and all that was made of it; nothing happens where it is not there."""

    def derived(self, sha256: str, kind: Derived) -> Path | None:
        """Where something made of it lies; None where that was not made yet, or the recording itself is gone."""

    def keep_derived(self, sha256: str, kind: Derived, write: Callable[[BinaryIO], object]) -> Path:
        """Keep something made of it, whole or not at all; of two who keep the same at once the last one counts.

        ``write`` writes it to a file. Raises RecordingUnavailable when the recording was deleted meanwhile.
        """


class ListeningCopies(Protocol):
    """Calls as a browser can play and draw them."""

    def of(self, sha256: str) -> CallAudio:
        """The listening copy of a kept recording, made when it is first asked for.

        Raises RecordingUnavailable where the recording is gone, RecordingRejected where it is no sound.
        """


class AudioDecoder(Protocol):
    def decode(self, data: bytes) -> DecodedAudio:
        """Bytes of one recording to sound; raises RecordingRejected with a code."""


class SpeechFinder(Protocol):
    def listen(self, audio: DecodedAudio) -> Listening:
        """Speech on each channel, and what else is heard; ring tone, music, noise and silence are never speech."""


class SpeechEngine(Protocol):
    """A Whisper behind one face."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str:
        """Identity of the weights: a name and the start of their SHA-256, and the precision they work in."""

    @property
    def takes_prompt(self) -> bool:
        """Whether the weights know what to do with words to expect."""

    def hear(self, clips: Sequence[Clip]) -> list[HeardClip]:
        """The text of each clip, in the order given; clips of many calls may go together."""


class IntentModel(Protocol):
    @property
    def model(self) -> str: ...

    @property
    def reliability(self) -> Reliability:
        """What the model said of calls that it was not trained on."""

    def score(self, transcript: Transcript, campaign: Campaign | None, known_customer: bool) -> IntentScores:
        """Why this caller called, judged against what the client offers."""


class BillingSink(Protocol):
    """The operator's billing system."""

    def send(self, message: Message) -> None:
        """Tell it one message. Raises FeedUnavailable or FeedRefused."""

    def flush(self) -> None:
        """Make sure that what was sent is kept: before it, nothing counts as delivered. Raises FeedUnavailable."""

    def close(self) -> None: ...


class AlertChannel(Protocol):
    """A way to reach the operator; ``name`` says which in tables."""

    @property
    def name(self) -> str: ...

    def send(self, alert: Alert, at: datetime) -> None:
        """Tell an alert that was noticed at an instant, under its key. Raises ChannelDown or ChannelRefused."""

    def close(self) -> None: ...


class Holidays(Protocol):
    def closed(self, calendar: str, first_year: int, last_year: int) -> frozenset[date]:
        """The public holidays of a calendar such as ``US``, both years included. Raises ConfigurationError."""


class ContactChecker(Protocol):
    def check(self, form: FormContact) -> ContactCheck:
        """Whether a form's phone and e-mail can work."""


class Passwords(Protocol):
    """Hashes of passwords that are slow to guess."""

    def hashed(self, password: str) -> str: ...
    def right(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password of a hash; takes as long where there is none (None), and is False then."""


class Progress(Protocol):
    """Told about the night as it goes; shows it, or does not."""

    def stage(self, name: str, total: int) -> None: ...
    def step(self, name: str, lead_id: str, audio_s: float = 0.0) -> None: ...
    def failed(self, name: str, lead_id: str, code: str, transient: bool) -> None:
        """A lead failed in a stage, by the code of its failure; its words may be private and are not told here."""


@dataclass(frozen=True)
class Deps:
    """All outside things a use case may need, built once a process by bootstrap; models load when first asked for."""

    clock: Clock
    store: Store
    recordings: RecordingStore
    listening: ListeningCopies
    decoder: AudioDecoder
    finder: SpeechFinder
    places: Places
    services: ServiceMatcher
    contacts: ContactChecker
    holidays: Holidays
    attachments: RecordingStore
    policies: PolicyBook
    progress: Progress
    code_version: str
    speech: Callable[[], SpeechEngine]
    intent: Callable[[], IntentModel]
    source: Callable[[str], LeadSource]


class WeightsShelf(Protocol):
    """Keeps trained weights by the name of their model, and which of them are in force."""

    def folder(self, model: str) -> Path: ...

    def current(self) -> WeightsEvent | None:
        """What put the present weights in force; None while the shipped ones always were.

        Raises ConfigurationError when that cannot be read.
        """

    def history(self) -> list[WeightsEvent]:
        """Every event, oldest first."""

    def one_training(self) -> AbstractContextManager[None]:
        """Held while a training runs; raises TrainingFailed when another one does."""

    def keep(self, model: str, weights: Path, report: dict[str, Any]) -> None:
        """Keep a copy of a folder of weights with its report: whole or not at all, and not yet in force."""

    def reports(self) -> list[dict[str, Any]]:
        """The reports of all weights that are kept, oldest first."""

    def note(self, event: WeightsEvent) -> None:
        """Add an event to the history that puts nothing in force."""

    def promote(self, event: WeightsEvent, instead_of: WeightsEvent | None) -> bool:
        """Put weights in force in one step; False, and nothing done, when ``instead_of`` is not current any more."""

    def put_back(self, event: WeightsEvent) -> None:
        """Put weights in force in one step, whatever is current."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How a training runs; None leaves it to the training program. ``workers``: trainings at the same time."""

    epochs: int | None = None
    folds: int | None = None
    workers: int | None = None


class IntentTrainer(Protocol):
    def train(self, pool: Sequence[LabelledTranscript], options: TrainingOptions) -> Path:
        """Train on the seed and these calls; the folder of the new weights. Raises TrainingFailed.

        Stopped and asked again for the same, it goes on where it was.
        """

    def clean_up(self) -> None:
        """Throw away what the last training needs no more."""


@dataclass(frozen=True)
class LearnDeps:
    """What learning needs beside a night's parts. ``load`` reads weights, ``gold`` the labelled calls never trained on.

    ``least_new``: so many new decisions are worth a training. ``pinned``: the folder of weights that the operator set,
    which stay in force whatever is promoted.
    """

    deps: Deps
    shelf: WeightsShelf
    trainer: IntentTrainer
    load: Callable[[Path], IntentModel]
    gold: Callable[[], list[LabelledTranscript]]
    least_new: int
    pinned: Path | None = None
