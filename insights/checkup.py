"""What ``doctor`` looks at: settings with their origin, and every part the night leans on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.errors import InsightsError
from insights.settings import Settings, load_settings, origins

LEAST_FREE_GB = 2.0


def checkup(flags: dict[str, Any]) -> dict[str, Any]:
    """Settings with origins, and checks as ``{"name", "ok", "finding"}``. Raises ConfigurationError."""
    settings = load_settings(**flags)
    told = origins(flags)
    checks: dict[str, Callable[[Settings], str]] = {
        "database": _database,
        "migrations": _migrations,
        "last night": _last_night,
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
    if "@" in value and "://" in value:
        from sqlalchemy.engine import make_url

        return make_url(value).render_as_string(hide_password=True)
    return value


def _checked(name: str, check: Callable[[Settings], str], settings: Settings) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "status": 0, "finding": check(settings)}
    except InsightsError as error:
        return {"name": name, "ok": False, "status": error.exit_status, "finding": str(error)}


def _database(settings: Settings) -> str:
    from insights.adapters.database import open_engine
    from insights.adapters.store import SqlStore

    with SqlStore(open_engine(settings.database))() as unit:
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
        nights, at_work = unit.nights(1), unit.night_at_work(now)
    if not nights:
        return "none has closed on this record"
    for alert in no_night(nights[0].as_of, at_work, now) if settings.source else ():
        raise InsightsError(alert.headline, next_step=alert.next_step)
    return f"{(now - nights[0].as_of).total_seconds() / 3600:.1f} hours ago"


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


def _disk(settings: Settings) -> str:
    folder = settings.recordings.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
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
    from insights.bootstrap import speech_engine

    engine = speech_engine(settings)
    small = " (the small bundled checkpoint: demo and tests only)" if _bundled(settings) else ""
    return f"{engine.name}: {engine.model} hears the test clip{small}"


def _bundled(settings: Settings) -> bool:
    from insights.adapters.whisper_weights import BUNDLED

    return Path(settings.speech_model).as_posix().endswith(BUNDLED.as_posix())


def _intent(settings: Settings) -> str:
    from insights.bootstrap import intent_model

    return intent_model(settings).model


def _policies(settings: Settings) -> str:
    from insights.adapters.policy_files import load_policies

    book = load_policies(settings.policies)
    return ", ".join(str(document["version"]) for document in book.documents)


def _source(settings: Settings) -> str:
    from insights.adapters.policy_files import load_policies
    from insights.bootstrap import lead_source

    listing = lead_source(settings, load_policies(settings.policies), settings.source).listing()
    return f"{len(listing.leads)} leads, {len(listing.campaigns)} campaigns, {len(listing.quarantined)} bad rows"
