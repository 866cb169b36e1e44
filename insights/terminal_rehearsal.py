"""What a dry run of the night prints."""

from __future__ import annotations

from rich.table import Table

from insights.pipeline.rehearse import Rehearsal
from insights.terminal import counts, plain


def rehearsal_table(told: Rehearsal) -> Table:
    """What the night would do, in numbers."""
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]dry run[/]", f"{plain(told.source)} as of {told.as_of}: nothing was written")
    if told.asked_since:
        table.add_row("[bold]asked since[/]", told.asked_since)
    table.add_row("[bold]leads seen[/]", str(told.leads_seen))
    table.add_row("[bold]screening[/]", counts(told.by_screening))
    table.add_row("[bold]to fetch[/]", f"{told.to_fetch} recordings")
    table.add_row("[bold]to hear[/]", f"{told.to_hear} calls, {_audio(told)}")
    table.add_row("[bold]work[/]", _work(told))
    table.add_row("[bold]proposed already[/]", str(told.proposed))
    table.add_row("[bold]decided already[/]", str(told.decided))
    if told.failed_before:
        table.add_row("[bold]failed for good[/]", f"{told.failed_before}, left alone without --retry-failed")
    if told.deleted:
        table.add_row("[bold]deleted[/]", f"{told.deleted}, passed over")
    return table


def _audio(told: Rehearsal) -> str:
    length = f"{told.audio_s / 60:.1f} minutes by the source's own word"
    return length + (f"; of {told.unknown_length} it does not tell the length" if told.unknown_length else "")


def _work(told: Rehearsal) -> str:
    if told.work_s is None:
        return "no night here has heard anything yet that would tell how long it takes"
    return f"about {told.work_s / 60:.0f} minutes of one worker, at the speed of the last nights"
