"""A small office for tests of nights and flows: a real database and recording store, fakes for everything outside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from builders import NOW, a_campaign, a_lead, all_floors
from fakes import (
    FewPlaces,
    LineFinder,
    ListedSource,
    NoHolidays,
    NotedProgress,
    PhraseMatcher,
    PhraseModel,
    ScriptDecoder,
    ScriptReader,
    StoppedClock,
)

from insights.adapters.contact_check import ContactCheckByPlan
from insights.adapters.listening_copies import KeptListeningCopies
from insights.adapters.policy_files import load_policies
from insights.adapters.process_owner import this_process
from insights.adapters.recording_store import DiskRecordingStore
from insights.adapters.store import SqlStore
from insights.domain.intents import Intent
from insights.domain.leads import Lead, LeadId
from insights.domain.ledger import Entry, EntryKind
from insights.pipeline.night import NightSummary, close_night, one_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE
from insights.ports import Deps
from insights.ports_record import Failure

LENIENT: dict[str, Any] = {**all_floors(0.5), "hearing": {"min_words": 1, "min_confidence": 0.1}}
"""A client's policy under which what the fakes say is enough, whatever the default policy asks for."""

PLUMBER = a_campaign(policy=LENIENT)
NEED = "agent: Blue Pipe Plumbing.\ncaller: I need my drain cleaned, can you come out?"
PITCH = "agent: Blue Pipe Plumbing.\ncaller: I can get your google listing to the top."
JOB = "agent: Blue Pipe Plumbing.\ncaller: Are you hiring apprentices?"


def calls(**scripts: str) -> ListedSource:
    """A source of ready calls: ``calls(L1=NEED, L2=PITCH)`` lists the leads L1 and L2."""
    leads = [a_lead(lead_id=LeadId(name), recording=f"{name}.wav", agent_channel=1) for name in scripts]
    return ListedSource(leads, [PLUMBER], {name: script.encode() for name, script in scripts.items()})


class Office:
    """Everything a night needs; run again with another Office on the same folder, it is the next process."""

    def __init__(self, folder: Path, store: SqlStore, source: ListedSource) -> None:
        self.store, self.source = store, source
        self.clock, self.engine, self.progress = StoppedClock(NOW), ScriptReader(), NotedProgress()
        self.model = PhraseModel({"google listing": Intent.SOLICITOR, "hiring": Intent.JOB_SEEKER})
        recordings, decoder = DiskRecordingStore(folder / "recordings"), ScriptDecoder()
        self.deps = Deps(
            clock=self.clock,
            store=store,
            recordings=recordings,
            listening=KeptListeningCopies(recordings, decoder),
            decoder=decoder,
            finder=LineFinder(),
            places=FewPlaces(),
            services=PhraseMatcher(),
            contacts=ContactCheckByPlan(),
            holidays=NoHolidays(),
            attachments=DiskRecordingStore(folder / "attachments"),
            policies=load_policies(),
            progress=self.progress,
            code_version="1.0",
            speech=lambda: self.engine,
            intent=lambda: self.model,
            source=lambda uri: self.source,
        )

    def night(self, as_of: datetime = NOW, *, retry_failed: bool = False) -> NightSummary:
        """One whole night, as the flow runs it."""
        self.clock.instant = as_of
        with one_night(self.deps, this_process()):
            night = open_night(self.deps, self.source.uri, as_of, retry_failed)
            reports = [run_stage(self.deps, stage, night.source, night.ready, as_of) for stage in PIPELINE]
            return close_night(self.deps, night, reports)

    def entries(self, kind: EntryKind, lead_id: str | None = None) -> list[Entry]:
        with self.store() as unit:
            found = list(unit.entries(LeadId(lead_id) if lead_id else None))
        return [entry for entry in found if entry.kind is kind]

    def proposals(self) -> dict[str, tuple[str, str]]:
        """The standing proposals: lead to decision and reason."""
        return {e.lead_id: (e.body["decision"], e.body["reason"]) for e in self.entries(EntryKind.PROPOSAL)}

    def failure(self, lead_id: str) -> Failure | None:
        with self.store() as unit:
            return unit.failure(LeadId(lead_id))

    def change(self, lead_id: str, lead: Lead) -> None:
        """The source tells another row for a lead."""
        self.source.leads = [lead if old.lead_id == lead_id else old for old in self.source.leads]
