"""The one place that picks real parts. Nothing connects or loads on import; models load when first asked for."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import stamina
from stamina.instrumentation import RetryDetails

from insights import __version__
from insights.errors import ConfigurationError, InsightsError, TrainingFailed
from insights.ports import (
    AlertChannel,
    BillingSink,
    Deps,
    IntentModel,
    LeadSource,
    LearnDeps,
    Progress,
    SpeechEngine,
    WeightsShelf,
)
from insights.settings import ROOT, SEED, SHIPPED_INTENT, Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from insights.adapters.caller_keys import CallerKeys

T = TypeVar("T")

# Waiting threads that spin cost more than they win as soon as two programs share the cores; read when torch loads.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _told_again(details: RetryDetails) -> None:
    """Standard output is for results, and a night that waits must not look like one that hangs."""
    what = getattr(details.caused_by, "message", details.caused_by)
    _to_stderr(f"call-insights: {what} Tried again in {details.wait_for:.1f} s.")


stamina.instrumentation.set_on_retry_hooks([_told_again])


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None: ...

    def step(self, name: str, lead_id: str, audio_s: float = 0.0) -> None: ...

    def failed(self, name: str, lead_id: str, code: str, transient: bool) -> None: ...


@dataclass
class _Once:
    """Builds a thing when first asked for, once a process, from whatever thread asks."""

    build: Callable[[], object]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _made: list[object] = field(default_factory=list)

    def __call__(self) -> object:
        with self._lock:
            if not self._made:
                self._made.append(self.build())
            return self._made[0]


def once(build: Callable[[], T]) -> Callable[[], T]:
    return _Once(build)  # type: ignore[return-value]


_current: list[Deps] = []
_learning: list[LearnDeps] = []


def use(settings: Settings, progress: Progress | None = None) -> Deps:
    """Build the parts for these settings and make them the process's current ones."""
    return adopt(build(settings, progress))


def adopt(deps: Deps) -> Deps:
    """Make these parts the process's current ones."""
    _current[:] = [deps]
    return deps


def current() -> Deps:
    """The process's parts; built from environment and file where nobody called ``use`` (a Prefect worker)."""
    return _current[0] if _current else use(load_settings())


def adopt_learning(parts: LearnDeps) -> LearnDeps:
    """Make these parts the process's current ones for learning."""
    _learning[:] = [parts]
    return parts


def learning() -> LearnDeps:
    """The process's parts for learning; built from environment and file where nobody adopted any (a Prefect worker)."""
    if _learning:
        return _learning[0]
    return adopt_learning(learn_deps(load_settings(), current(), _to_stderr))


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def build(settings: Settings, progress: Progress | None = None) -> Deps:
    """All real parts. Opens the database (and migrates it); raises ConfigurationError."""
    from insights.adapters.audio_decode import CagedDecoder
    from insights.adapters.caller_keys import KeyedSource, hash_plain_numbers
    from insights.adapters.contact_check import ContactCheckByPlan, resolves, unasked
    from insights.adapters.database import open_engine
    from insights.adapters.holiday_calendar import PublicHolidays
    from insights.adapters.listening_copies import KeptListeningCopies
    from insights.adapters.policy_files import load_policies
    from insights.adapters.recording_store import DiskRecordingStore
    from insights.adapters.service_matcher import MiniLmServiceMatcher
    from insights.adapters.speech_finder import SileroSpeechFinder
    from insights.adapters.store import SqlStore
    from insights.adapters.us_places import UsPlaces
    from insights.bootstrap_sources import lead_source

    policies = load_policies(settings.policies)
    engine = open_engine(settings.database)
    keys = once(lambda: known_callers(settings, engine))
    hash_plain_numbers(engine, keys)

    sources: dict[str, LeadSource] = {}
    one_at_a_time = threading.Lock()

    def source(uri: str) -> LeadSource:
        with one_at_a_time:  # the same for all of a process: a provider's wish for a pause is kept in its source
            if uri not in sources:
                opened = lead_source(settings, policies, uri, engine)
                refuse_demo_speech(settings, uri)
                sources[uri] = KeyedSource(opened, keys())
            return sources[uri]

    recordings, decoder = DiskRecordingStore(settings.recordings), CagedDecoder()
    return Deps(
        clock=SystemClock(),
        store=SqlStore(engine),
        recordings=recordings,
        listening=KeptListeningCopies(recordings, decoder),
        decoder=decoder,
        finder=SileroSpeechFinder(),
        places=UsPlaces(),
        services=MiniLmServiceMatcher(),
        contacts=ContactCheckByPlan(resolves if settings.resolve_domains else unasked),
        holidays=PublicHolidays(),
        attachments=DiskRecordingStore(settings.attachments),
        policies=policies,
        progress=night_log(settings, progress),
        code_version=__version__,
        speech=once(lambda: speech_engine(settings)),
        intent=once(lambda: intent_model(settings)),
        source=source,
    )


def night_log(settings: Settings, watcher: Progress | None) -> Progress:
    """Who is told how a night goes: a log where nobody watches, or where one is asked for beside whoever does."""
    if watcher is not None and settings.log_format == "auto":
        return watcher
    from insights.adapters.logs import NightLog

    return NightLog(watcher or Silent(), settings.log_format)


def known_callers(settings: Settings, engine: Engine | None = None) -> CallerKeys:
    """The key by which the record knows its callers: the setting's own, else that of its file, made for a record that
    knows nobody yet. Raises ConfigurationError for another key than the record's."""
    from insights.adapters.caller_keys import CallerKeys, has_key, with_the_same_key
    from insights.adapters.database import open_engine

    engine, given = engine or open_engine(settings.database), settings.caller_key.get_secret_value()
    made = CallerKeys(given.encode()) if given else CallerKeys.of_file(settings.caller_key_file, has_key(engine))
    return with_the_same_key(engine, made)


def forget_training(settings: Settings) -> None:
    """Throw away the calls that a training which failed left behind: they may be those of somebody who was deleted.

    One that runs throws them away itself when it is done.
    """
    from insights.adapters.training_child import forget_pool

    with suppress(TrainingFailed), weights_shelf(settings).one_training():
        forget_pool(settings.models / "training")


def speech_engine(settings: Settings) -> SpeechEngine:
    """Load the configured speech weights into the configured engine and let it hear a test clip.

    See ``find_checkpoint``, ``load_whisper`` and ``check_hears`` for what can go wrong.
    """
    from insights.adapters.speech_check import check_hears
    from insights.adapters.whisper_weights import find_checkpoint, load_whisper

    checkpoint = find_checkpoint(settings.speech_model)
    engine: SpeechEngine
    if settings.speech_engine == "whisper":
        from insights.adapters.whisper_engine import WhisperEngine

        engine = WhisperEngine(checkpoint, load_whisper(checkpoint, settings.speech_device))
    else:
        from insights.adapters.ctranslate2_engine import CTranslate2Engine

        engine = CTranslate2Engine(checkpoint, settings.speech_cache, settings.speech_device)
    check_hears(engine)
    return engine


def refuse_demo_speech(settings: Settings, uri: str) -> None:
    """Raise ConfigurationError where the bundled checkpoint would hear the calls of a real source unasked.

    It writes fluent sentences that nobody said; only the fixtures are made for it.
    """
    from insights.adapters.whisper_weights import is_demo

    fixtures = Path(uri.removeprefix("file://")).resolve() == ROOT / "fixtures/audio"
    if not settings.demo_speech and not fixtures and is_demo(settings.speech_model):
        raise ConfigurationError(
            f"{settings.speech_model} is the small bundled checkpoint, for the demo and the tests: not for real calls.",
            next_step="Give --model an official Whisper name such as turbo or the path of a checkpoint; to let the "
            "bundled one hear this source all the same, give --demo-speech or set CALL_INSIGHTS_DEMO_SPEECH=true.",
        )


def intent_model(settings: Settings) -> IntentModel:
    """The intent weights in force, checked by hash and labels: the operator's own, else the promoted, else the shipped.

    Raises ConfigurationError, ModelUnavailable or WeightsRejected. Promoted weights that cannot be used are an error
    that names the way back, because other weights than those that people believe in force must never judge.
    """
    if settings.intent_model is not None:
        return load_intent(settings.intent_model)
    from insights.adapters.weights_shelf import ROLL_BACK

    shelf = weights_shelf(settings)
    present = shelf.current()
    if present is None or present.model is None:
        return load_intent(SHIPPED_INTENT)
    try:
        return load_intent(shelf.folder(present.model))
    except InsightsError as error:
        raise ConfigurationError(
            f"the promoted intent weights {present.model} cannot be used: {error.message}", next_step=ROLL_BACK
        ) from error


def load_intent(folder: Path) -> IntentModel:
    """The intent weights of a folder, checked by hash and labels."""
    from insights.adapters.intent_model import SafetensorsIntentModel

    return SafetensorsIntentModel.load(folder)


def billing_sink(settings: Settings) -> BillingSink:
    """The operator's billing system, as the setting ``feed`` names it. Raises ConfigurationError."""
    from urllib.parse import parse_qs, unquote, urlsplit

    from insights.adapters.billing_sinks import FileDropSink, HttpBillingSink

    parts = urlsplit(settings.feed)
    if parts.scheme in ("http", "https"):
        return HttpBillingSink(settings.feed, settings.feed_secret.get_secret_value())
    kind = parse_qs(parts.query).get("format", ["jsonl"])[0]
    if parts.scheme != "file" or kind not in ("jsonl", "csv"):
        raise ConfigurationError(
            "the setting feed names no billing system.",
            next_step="Write https://..., file:///folder or file:///folder?format=csv.",
        )
    return FileDropSink(Path(unquote(parts.path)), kind)


def alert_channels(settings: Settings) -> list[AlertChannel]:
    """The operator's channels for alerts that are set; none is a list without any. Raises ConfigurationError."""
    from insights.adapters.alert_channels import EmailChannel, WebhookChannel

    channels: list[AlertChannel] = []
    if url := settings.alert_webhook.get_secret_value():
        channels.append(WebhookChannel(url, settings.alert_secret.get_secret_value()))
    if to := [address.strip() for address in settings.alert_email.split(",") if address.strip()]:
        channels.append(
            EmailChannel(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_from,
                to,
                user=settings.smtp_user,
                password=settings.smtp_password.get_secret_value(),
            )
        )
    return channels


def weights_shelf(settings: Settings) -> WeightsShelf:
    """Where trained weights are kept."""
    from insights.adapters.weights_shelf import DiskWeightsShelf

    return DiskWeightsShelf(settings.models)


def learn_deps(settings: Settings, deps: Deps, say: Callable[[str], None]) -> LearnDeps:
    """The parts for learning around a night's parts; ``say`` is told every line of the training program."""
    from insights.adapters.training_child import ChildTrainer
    from insights.adapters.transcript_rows import read_transcripts

    gold = (SEED / "test.jsonl", SEED / "robocalls.jsonl", *settings.gold)
    return LearnDeps(
        deps=deps,
        shelf=weights_shelf(settings),
        trainer=ChildTrainer(ROOT, settings.training_calls, settings.models / "training", say),
        load=load_intent,
        gold=lambda: [call for path in gold for call in read_transcripts(path, labelled=True)],
        least_new=settings.retrain_decisions,
        pinned=settings.intent_model,
    )
