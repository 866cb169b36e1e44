"""What ``doctor`` looks at: settings with their origin, and every part the night leans on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.adapters.disk_space import disk_full
from insights.errors import InsightsError
from insights.settings import Settings, load_settings, origins, without_secrets

LEAST_FREE_GB = 2.0
LEAST_TO_BEGIN_GB = 0.05
"""With less no night begins; what fills the disk later ends it by name."""


def checkup(flags: dict[str, Any]) -> dict[str, Any]:
    """Settings with origins, and checks as ``{"name", "ok", "finding"}``. Raises ConfigurationError."""
    settings = load_settings(**flags)
    told = origins(flags)
    checks: dict[str, Callable[[Settings], str]] = {
        "database": _database,
        "migrations": _migrations,
        "last night": _last_night,
        "at work": _at_work,
        "alerts": _alerts,
        "disk": _disk,
        "decoder": _decoder,
        "speech finder": _finder,
        "speech model": _speech,
        "intent model": _intent,
        "policies": _policies,
    }
    if settings.source:
        checks["source"] = _source
    return {
        "settings": [
            {"name": name, "value": _shown(getattr(settings, name)), "origin": told[name]}
            for name in Settings.model_fields
        ],
        "checks": [_checked(name, check, settings) for name, check in checks.items()],
    }


def exit_status(report: dict[str, Any]) -> int:
    """0 when every check is well, otherwise the gravest: 2 for a wrong setting, 1 for a part that fails."""
    return max(int(check["status"]) for check in report["checks"])


def _shown(setting: object) -> str:
    """A setting in words. Addresses may carry a password; it is never printed."""
    value = ", ".join(map(str, setting)) if isinstance(setting, tuple) else "" if setting is None else str(setting)
    return without_secrets(value)


def _checked(name: str, check: Callable[[Settings], str], settings: Settings) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "status": 0, "finding": check(settings)}
    except InsightsError as error:
        return {"name": name, "ok": False, "status": error.exit_status, "finding": str(error)}


def _database(settings: Settings) -> str:
    from insights.adapters.database import check_pages, open_engine
    from insights.adapters.store import SqlStore

    engine = open_engine(settings.database)
    check_pages(engine)
    with SqlStore(engine)() as unit:
        return f"opens; {len(unit.lead_ids())} leads"


def _migrations(settings: Settings) -> str:
    from insights.adapters.database import open_engine
    from insights.adapters.store import SqlStore

    with SqlStore(open_engine(settings.database))(only_reads=True) as unit:
        applied, newest = unit.schema()
    if applied > newest:
        raise InsightsError(
            f"the database has migration {applied}, and this program knows only {newest}.",
            next_step="Use the newer program that made it.",
        )
    return f"{applied} of {newest}"


def _last_night(settings: Settings) -> str:
    """Too old only where a source is set: else nobody planned a night."""
    from insights.adapters.database import open_engine
    from insights.adapters.store import SqlStore
    from insights.domain.alert_rules import no_night

    now = datetime.now(UTC)
    with SqlStore(open_engine(settings.database))(only_reads=True) as unit:
        closed, at_work = unit.last_night_closed(), unit.night_at_work(now)
    if closed is None:
        return "none has closed on this record"
    for alert in no_night(closed, at_work, now) if settings.source else ():
        raise InsightsError(alert.headline, next_step=alert.next_step)
    return f"closed {(now - closed).total_seconds() / 3600:.1f} hours ago"


def _at_work(settings: Settings) -> str:
    """Whether a night is at work, and not by a clock that was ahead: such a one keeps others waiting."""
    from insights.adapters.database import open_engine
    from insights.adapters.store import SqlStore
    from insights.domain.screening import CLOCK_SKEW
    from insights.pipeline.night import LEASE
    from insights.ports_record import Lease

    now = datetime.now(UTC)
    with SqlStore(open_engine(settings.database))(only_reads=True) as unit:
        held, at_work = unit.lease(Lease.NIGHT), unit.night_at_work(now)
    if held is None or not at_work:
        return "no night is at work"
    owner, until = held
    if until > now + LEASE + CLOCK_SKEW:
        raise InsightsError(
            f"the night of {owner} holds the record until {until:%Y-%m-%d %H:%M} UTC, longer than any night may: the"
            " clock was ahead when it began, or has gone back since.",
            next_step=f"See that the clocks are right. If that night is dead, the next one that is turned away cuts its"
            f" time to {LEASE // timedelta(hours=1)} hours.",
        )
    return f"{owner}, since {until - LEASE:%Y-%m-%d %H:%M} UTC or before"


def _alerts(settings: Settings) -> str:
    """The channels as they are set, and whether they took what was to be told."""
    from insights.adapters.database import open_engine
    from insights.adapters.store import SqlStore
    from insights.bootstrap import alert_channels

    channels = ", ".join(channel.name for channel in alert_channels(settings))
    with SqlStore(open_engine(settings.database))(only_reads=True) as unit:
        untold, newest = unit.untold(), [one for one in unit.tellings(50) if one.told_at]
    for one in untold:
        if one.in_trouble:
            troubles = " ".join(f"{name}: {why}" for name, why in one.troubles.items())
            raise InsightsError(
                f"{len(untold)} alerts are not told. {troubles}", next_step="See call-insights alerts --send."
            )
    last = f"the last one told {newest[0].told_at:%Y-%m-%d %H:%M} UTC" if newest else "none told yet"
    return f"{channels or 'no channel: set alert_webhook or alert_email'}; {last}; {len(untold)} to be told"


def check_room(settings: Settings) -> None:
    """Raises DiskFull where a night would end before it began: Prefect does not start without room, nor says why."""
    for folder in _written_to(settings):
        if _free_gb(folder) < LEAST_TO_BEGIN_GB:
            raise disk_full(str(folder))


def _written_to(settings: Settings) -> list[Path]:
    """The folders that a night writes to: recordings, weights, the record where it is a file, Prefect's own files."""
    from insights.adapters.database import record_file

    folders = [settings.recordings, settings.speech_cache, Path(os.environ.get("PREFECT_HOME", "var/prefect"))]
    if record := record_file(settings.database):
        folders.append(record.parent)
    return [folder.absolute() for folder in folders]


def _free_gb(folder: Path) -> float:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / 1e9


def _disk(settings: Settings) -> str:
    free, folder = min((_free_gb(folder), str(folder)) for folder in _written_to(settings))
    if free < LEAST_FREE_GB:
        raise InsightsError(f"only {free:.1f} GB are free at {folder}.", next_step="A night needs room for recordings.")
    return f"{free:.0f} GB free"


def _decoder(settings: Settings) -> str:
    import av

    outside = shutil.which("ffmpeg")
    return f"PyAV {av.__version__} decodes; ffmpeg program {'at ' + outside if outside else 'absent and not needed'}"


def _finder(settings: Settings) -> str:
    import numpy as np

    from insights.adapters.speech_finder import SileroSpeechFinder
    from insights.ports import DecodedAudio

    hush = DecodedAudio(np.zeros((1, 16_000), np.float32), 16_000, 8_000, "pcm", "wav")
    found = SileroSpeechFinder().listen(hush).speech
    return "finds nothing in silence" if not found else "finds speech in silence"


def _speech(settings: Settings) -> str:
    from insights.adapters.whisper_weights import is_demo
    from insights.bootstrap import refuse_demo_speech, speech_engine

    engine = speech_engine(settings)
    if settings.source:
        refuse_demo_speech(settings, settings.source)
    small = " (the small bundled checkpoint: demo and tests only)" if is_demo(settings.speech_model) else ""
    return f"{engine.name}: {engine.model} hears the test clip{small}"


def _intent(settings: Settings) -> str:
    from insights.bootstrap import intent_model

    return intent_model(settings).model


def _policies(settings: Settings) -> str:
    from insights.adapters.policy_files import load_policies

    book = load_policies(settings.policies)
    return ", ".join(str(document["version"]) for document in book.documents)


def _source(settings: Settings) -> str:
    from insights.adapters.policy_files import load_policies
    from insights.bootstrap_sources import lead_source

    listing = lead_source(settings, load_policies(settings.policies), settings.source).listing()
    return f"{len(listing.leads)} leads, {len(listing.campaigns)} campaigns, {len(listing.quarantined)} bad rows"
