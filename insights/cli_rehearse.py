"""``nightly --dry-run``: what the night would do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from insights.cli_options import print_json

if TYPE_CHECKING:
    from insights.settings import Settings


def rehearse_night(settings: Settings, as_of: datetime | None, retry_failed: bool, as_json: bool) -> None:
    """Say what the night would do. Status 1 where rows cannot be read or the source stopped, as the night itself."""
    from insights import terminal
    from insights.adapters.database import open_to_read
    from insights.adapters.policy_files import load_policies
    from insights.adapters.store import SqlStore
    from insights.bootstrap_sources import lead_source
    from insights.pipeline.rehearse import rehearse
    from insights.terminal_night import source_troubles
    from insights.terminal_rehearsal import rehearsal_table

    policies, engine = load_policies(settings.policies), open_to_read(settings.database)
    try:
        source = lead_source(settings, policies, settings.source)
        now = as_of or datetime.now(UTC)
        told = rehearse(source, settings.source, SqlStore(engine), policies, now, retry_failed)
    finally:
        engine.dispose()
    if as_json:
        print_json(asdict(told))
    else:
        out = terminal.console()
        out.print(rehearsal_table(told))
        for line in source_troubles(told.quarantined, told.source_stopped):
            out.print(line)
    if told.quarantined or told.source_stopped:
        raise SystemExit(1)
