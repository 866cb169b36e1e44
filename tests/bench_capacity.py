"""What a call costs a night beside its sound: `python tests/bench_capacity.py [LEADS] [sqlite|postgresql]`.

A night of that many calls with everything outside replaced by fakes that take no time, so that what is left is the
record's own work: opening, the four stages one lead after the other (the most that a call can hold the lock of all
writers), closing, and what a call takes of memory and of the database. All in CPU seconds of this process, which other
work on the machine does not lengthen much; a PostgreSQL server's own are not among them.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from builders import NOW
from office import JOB, NEED, PITCH, Office, calls
from servers import a_server
from sqlalchemy import text

from insights.adapters.database import open_engine
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.pipeline.night import close_night, one_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE
from insights.pipeline.work import share_out

BATCH = 100


def database_bytes(store: SqlStore, kind: str) -> int:
    """The record's size on disk, indexes and all."""
    size = "select pg_database_size(current_database())"
    if kind == "sqlite":
        size = "select page_count * page_size from pragma_page_count(), pragma_page_size()"
    with store.engine.connect() as connection:
        return int(connection.execute(text(size)).scalar_one())


def main() -> None:
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "sqlite"
    with tempfile.TemporaryDirectory(prefix="bench-capacity-") as folder, ExitStack() as stack:
        address = f"sqlite:///{folder}/record.sqlite"
        if kind == "postgresql":
            address = stack.enter_context(stack.enter_context(a_server(Path(folder)))())
        store = SqlStore(open_engine(address))
        said = [NEED + "\ncaller: it leaks.\nagent: we come tomorrow." * 10, PITCH, NEED, JOB]
        office = Office(Path(folder), store, calls(**{f"L{n}": said[n % len(said)] for n in range(leads)}))
        empty, peak = database_bytes(store, kind), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with one_night(office.deps, this_process()):
            opened = time.process_time()
            night = open_night(office.deps, office.source.uri, NOW)
            share_out(office.deps, night)
            began = time.process_time()
            reports = [
                run_stage(office.deps, stage, night.source, night.ready[start : start + BATCH], NOW)
                for start in range(0, leads, BATCH)
                for stage in PIPELINE
            ]
            worked = time.process_time()
            summary = close_night(office.deps, night, reports)
            closed = time.process_time()
        assert summary.proposals_standing == leads
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
        print(f"{kind}, {leads} calls, each:")
        print(f"  open_s       {(began - opened) / leads:.4f}")
        print(f"  lock_s       {(worked - began) / leads:.4f} at most")
        print(f"  close_s      {(closed - worked) / leads:.4f}")
        print(f"  memory_kb    {grown / leads:.1f}")
        print(f"  database_kb  {(database_bytes(store, kind) - empty) / 1e3 / leads:.1f}")
        store.engine.dispose()


if __name__ == "__main__":
    main()
