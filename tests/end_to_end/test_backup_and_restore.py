"""The commands of docs/operations.md, as they stand there: a backup while others write, everything lost, a restore.

Nothing that was decided or deleted after the backup is lost with it, because the record was exported since.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from builders import NOW
from office import JOB, LENIENT, NEED, PITCH, PLUMBER, Office, calls
from servers import server_programs

from insights.adapters.caller_keys import CallerKeys, with_the_same_key
from insights.adapters.database import open_engine
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.reasons import Reason
from insights.pipeline.audit import verify_record
from insights.pipeline.decide import record_decision
from insights.pipeline.purge import Order, purge_lead
from insights.pipeline.request import submit_request
from insights.pipeline.story import explain

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BLOCKS = dict(re.findall(r"^```bash ([\w-]+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
BIN = Path(sys.executable).parent
NUMBER = "+16145550114"
SAYS = b"google listing"
FOR_EVER = {**LENIENT, "privacy": {"keep_audio_days": 36_500, "keep_words_days": 36_500}}
"""Whatever year these tests run in, nothing is too old."""

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from builders import a_charge
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
engine = open_engine(sys.argv[1])
count = 0
while not Path("stop").exists():
    with SqlStore(engine)() as unit:
        unit.post(a_charge(f"W-{count}"))
        unit.commit()
    count += 1
    print(count, flush=True)
engine.dispose()
"""


class Operator:
    """Somebody at a terminal in the working folder, who types what the page says."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.places = {name: folder / name.lower() for name in ("BACKUP", "FILES", "KEYS")}

    def types(self, *blocks: str) -> str:
        """The page's blocks with these names; what they printed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(BLOCKS[name] for name in blocks)],
            cwd=self.folder,
            env={
                **os.environ,
                **{name: str(path) for name, path in self.places.items()},
                "CALL_INSIGHTS_DATABASE": self.database,
                "PATH": f"{server_programs()}:{BIN}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def somebody_writes(self) -> Iterator[subprocess.Popen[str]]:
        """Another process posts entries as fast as it can, until the end."""
        words = [sys.executable, "-c", WRITER, self.database, str(Path(__file__).parents[1])]
        with subprocess.Popen(words, cwd=self.folder, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            try:
                yield writer
            finally:
                (self.folder / "stop").touch()
                writer.stdout.read()
        assert writer.returncode == 0


@pytest.fixture
def operator(database: str, tmp_path: Path) -> Operator:
    """Where the page has the SQLite file, or a PostgreSQL database."""
    return Operator(tmp_path, database if database.startswith("postgresql") else "sqlite:///var/call-insights.sqlite")


@pytest.fixture
def office(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A night with a customer, a pitch of a caller who will want to be deleted, and a job seeker."""
    monkeypatch.chdir(operator.folder)
    engine = open_engine(operator.database)
    keys = with_the_same_key(engine, CallerKeys.of_file(Path("var/caller.key")))
    source = calls(L1=NEED, L2=PITCH, L3=JOB)
    source.campaigns = [replace(PLUMBER, policy=FOR_EVER)]
    source.leads = [keys.lead(replace(lead, caller_number=NUMBER)) for lead in source.leads]
    office = Office(Path("var"), SqlStore(engine), source)
    office.night()
    submit_request(
        office.deps, LeadId("L2"), Reason.SOLICITOR, "A google listing.", {"a.txt": b"a google listing"}, NOW
    )
    yield office
    engine.dispose()


@contextmanager
def put_back(operator: Operator, office: Office) -> Iterator[Office]:
    """The same office over what stands in the working folder now."""
    engine = open_engine(operator.database)
    yield Office(Path("var"), SqlStore(engine), office.source)
    engine.dispose()


def lose_everything(operator: Operator) -> None:
    shutil.rmtree(operator.folder / "var")
    if operator.database.startswith("postgresql"):
        with psycopg.connect(operator.database, autocommit=True) as connection:
            connection.execute("drop schema public cascade")
            connection.execute("create schema public")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_a_record_that_was_lost_is_there_again_with_what_was_decided_and_deleted_since(
    operator: Operator, office: Office
) -> None:
    kind = "postgresql" if operator.database.startswith("postgresql") else "sqlite"
    with operator.somebody_writes() as writer:
        operator.types("backup-key", f"backup-{kind}", "backup-files")
        assert writer.poll() is None, "it wrote all the while"
    copied = operator.places["BACKUP"] / ("record.dump" if kind == "postgresql" else "record.sqlite")
    assert copied.stat().st_mode & 0o077 == 0

    record_decision(office.deps, LeadId("L1"), "ann", Verdicted(Answer.ACCEPT), NOW)
    purge_lead(office.deps, Order("operator:o", this_process()), LeadId("L2"), NOW)
    operator.types("backup-record")
    before = verify_record(office.deps)
    office.store.engine.dispose()
    assert before["sound"] and before["states"]["decided"] == 1

    lose_everything(operator)
    operator.types("restore-files", f"restore-{kind}")
    with put_back(operator, office) as old:
        found = verify_record(old.deps)
        assert found["sound"] and 0 < found["entries"] < before["entries"], "the record as it stood at one moment"
        assert holders(operator.folder / "var"), "what was deleted is back"

    assert "holds" in operator.types("after-restore")
    with put_back(operator, office) as restored:
        assert verify_record(restored.deps) == before
        assert holders(operator.folder / "var") == []
        story = explain(restored.deps, LeadId("L2"), NOW)
        assert "google" not in str(story) and story["money"]["charged"] == "45.00"
        keys = with_the_same_key(restored.store.engine, CallerKeys.of_file(Path("var/caller.key"), must_exist=True))
        with restored.store(only_reads=True) as unit:
            assert sorted(unit.leads_of_caller(keys.hashed(NUMBER))) == ["L1", "L3"]


def holders(folder: Path) -> list[str]:
    """Files that hold what the deleted caller said."""
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and SAYS in path.read_bytes()]


def test_every_block_of_the_page_is_typed_here() -> None:
    typed = re.findall(r"\"((?:backup|restore|after)-[\w{}-]+)\"", Path(__file__).read_text(encoding="utf-8"))
    names = {name.replace("{kind}", kind) for name in typed for kind in ("sqlite", "postgresql")}
    assert set(BLOCKS) == names
