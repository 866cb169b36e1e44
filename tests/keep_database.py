"""Writes the database of today's program into tests/adapters/old_databases, for the programs to come:
``PYTHONPATH=.:tests python tests/keep_database.py``, before a migration is added."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from builders import NOW, a_lead
from fakes import ListedSource
from office import JOB, NEED, PITCH, Office, calls

from insights.adapters.database import open_engine
from insights.adapters.migrations import MIGRATIONS
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.pipeline.decide import record_decision
from insights.pipeline.request import submit_request

FOLDER = Path(__file__).parent / "adapters" / "old_databases"
LEFT_OUT = ("searchable", "reliabilities")
"""Tables kept without rows: an index that is made again, and a large measurement that no migration touches."""


def the_four_calls() -> ListedSource:
    """A customer, a pitch, a recording that is broken, and a call that nobody answered."""
    source = calls(L1=NEED, L2=PITCH, L3=JOB)
    source.leads.append(a_lead(lead_id=LeadId("L4"), answered=False))
    source.recordings["L3"] = b"broken"
    return source


def tables_of(path: Path) -> dict[str, Any]:
    """Every table of a SQLite database: columns (name, type, required, place in the key) and rows."""
    with closing(sqlite3.connect(path)) as connection:
        names = "select name from sqlite_master where type = 'table' and name not like 'transcript_words%' order by 1"
        found = {}
        for (name,) in connection.execute(names).fetchall():
            columns = [[c[1], c[2], bool(c[3]), c[5]] for c in connection.execute(f"pragma table_info({name})")]
            rows = [] if name in LEFT_OUT else [list(row) for row in connection.execute(f"select * from {name}")]
            found[name] = {"columns": columns, "rows": rows}
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.sqlite"
        engine = open_engine(f"sqlite:///{path}")
        office = Office(Path(folder), SqlStore(engine), the_four_calls())
        office.night()
        submit_request(office.deps, LeadId("L1"), Reason.PREVIOUS_CUSTOMER, "We did her drain in May.", {}, NOW)
        record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT, note="A pitch."), NOW)
        engine.dispose()
        kept = tables_of(path)
    target = FOLDER / f"{MIGRATIONS[-1][0]:02}.json"
    target.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
