"""What ``doctor`` looks at: settings with their origin, and every part the night leans on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
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
    from insights.adapters.folder_source import FolderSource
    from insights.adapters.policy_files import load_policies

    listing = FolderSource(settings.source, load_policies(settings.policies)).listing()
    return f"{len(listing.leads)} leads, {len(listing.campaigns)} campaigns, {len(listing.quarantined)} bad rows"
